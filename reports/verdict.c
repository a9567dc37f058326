/* SPDX-License-Identifier: Apache-2.0 */
/* verdict.c - what the run comes to, in the same words in every report for people. */
#include <string.h>

#include "reports/terminal.h"
#include "reports/words.h"

void hg_put_server(struct hg_buf *out, const struct hg_run_target *t)
{
    bool v6 = strchr(t->host, ':') != NULL;

    hg_buf_puts(out, t->server[0] ? t->server : t->engine);
    if (t->host[0] != '\0') {
        hg_buf_printf(out, v6 ? " at [%s]" : " at %s", t->host);
        if (t->port > 0) {
            hg_buf_printf(out, ":%lld", t->port);
        }
    }
    if (t->dialled[0] != '\0') {
        hg_buf_printf(out, ", dialled at %s", t->dialled);
    }
}

void hg_put_vantage(struct hg_buf *out, const struct hg_run *run)
{
    if (strcmp(run->vantage, "tunnel") == 0) {
        hg_buf_puts(out, "seen through a tunnel, ");
    } else if (run->vantage[0] != '\0') {
        hg_buf_printf(out, "seen from %s, ", run->vantage);
    }
}

void hg_put_exit_status(struct hg_buf *out, const struct hg_run *run)
{
    static const struct {
        int status;
        const char *text;
    } meanings[] = {
        { 0,   "nothing that closes the gate failed or is unknown"               },
        { 1,   "at least one failure closes the gate"                            },
        { 3,   "nothing failed, but what closes the gate could not be looked at" },
        { 5,   "nothing is known"                                                },
        { 70,  "headgate itself had trouble, so not everything is known"         },
        { 130, "interrupted, so not everything is known"                         },
    };

    hg_buf_printf(out, "Exit status %d", run->exit_status);
    for (size_t i = 0; i < HG_COUNT(meanings); i++) {
        if (meanings[i].status == run->exit_status) {
            hg_buf_printf(out, ": %s", meanings[i].text);
        }
    }
    hg_buf_putc(out, '.');
}

struct closing {
    size_t fails[HG_SEVERITIES], failed, unknown, waiting;
};

static struct closing add_up(const struct hg_run *run)
{
    struct closing c = { 0 };

    for (size_t i = 0; i < run->n_findings; i++) {
        const struct hg_finding *f = &run->findings[i];

        if (f->closes_gate && f->verdict == HG_FAIL) {
            c.fails[f->severity]++;
            c.failed++;
        } else if (f->closes_gate && f->verdict == HG_UNKNOWN) {
            c.unknown += f->waits_on[0] == '\0';
            c.waiting += f->waits_on[0] != '\0';
        }
    }
    return c;
}

static void say_failures(struct hg_buf *out, const struct closing *c)
{
    const char *between = " (";

    hg_page_count(out, c->failed, "failure", "failures");
    for (int s = HG_BLOCKER; s >= HG_INFO; s--) {
        if (c->fails[s] > 0) {
            hg_buf_printf(out, "%s%zu %s", between, c->fails[s],
                          hg_severity_name((enum hg_severity)s));
            between = ", ";
        }
    }
    hg_buf_putc(out, ')');
}

/* Why exit status 5. */
static const char *nothing_known(const struct hg_run *run)
{
    for (size_t i = 0; i < run->n_targets; i++) {
        if (strcmp(run->targets[i].engine, "plan") != 0) {
            return "what was selected needs --prove";
        }
    }
    return run->n_targets > 0 ? "only the plan's waivers were looked at"
                              : "nothing was selected";
}

bool hg_put_verdict(struct hg_buf *out, const struct hg_run *run, size_t n_faults)
{
    struct closing c = add_up(run);
    size_t before = out->len;

    if (run->exit_status == 0 && c.failed + c.unknown + c.waiting + n_faults == 0) {
        return true;
    }
    if (c.failed > 0) {
        say_failures(out, &c);
    }
    if (c.unknown > 0) {
        hg_buf_printf(out, "%s%zu unknown", out->len > before ? ", " : "", c.unknown);
    }
    if (c.waiting > 0) {
        hg_buf_printf(out, "%s%zu waiting", out->len > before ? ", " : "", c.waiting);
    }
    if (run->interrupted) {
        hg_buf_printf(out, "%sinterrupted", out->len > before ? ", " : "");
    } else if (n_faults > 0) {
        hg_buf_puts(out, out->len > before ? ", " : "");
        hg_page_count(out, n_faults, "fault of ours", "faults of ours");
    } else if (out->len == before) {
        hg_buf_puts(out, run->exit_status == 5 ? nothing_known(run) : "see the exit status");
    }
    return false;
}

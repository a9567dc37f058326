/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/diff.h"

#include <string.h>

#include "reports/terminal.h"

#define NAMES_SHOWN 20

const struct hg_diff_writer *const hg_diff_writers[] = {
    &hg_diff_terminal,
    &hg_diff_markdown,
    &hg_diff_json,
    NULL,
};

const struct hg_diff_writer *hg_diff_writer_find(const char *name)
{
    for (size_t i = 0; hg_diff_writers[i] != NULL; i++) {
        if (strcmp(hg_diff_writers[i]->name, name) == 0) {
            return hg_diff_writers[i];
        }
    }
    return NULL;
}

const char *hg_diff_then(const struct hg_difference *d)
{
    static const char *const words[HG_VERDICTS] = { "passed", "did not apply", "waived",
                                                    "unknown", "failed" };

    return d->was ? words[d->was->verdict] : "not looked at";
}

void hg_put_diff_run(struct hg_buf *out, const struct hg_run *run)
{
    hg_buf_printf(out, "%s, %s, level %s, fails on %s%s, %s", run->name, run->started_at,
                  run->level, hg_severity_name(run->fail_on),
                  run->fail_on == HG_BLOCKER ? "" : " and worse",
                  run->exit_status == 0 ? "open" : "closed");
    hg_buf_puts(out, run->interrupted ? ", interrupted" : "");
    if (run->n_errors > 0) {
        hg_buf_puts(out, ", with ");
        hg_page_count(out, run->n_errors, "fault of ours", "faults of ours");
    }
}

static void put_targets(struct hg_buf *out, const char *what, const struct hg_run_target **list,
                        size_t n)
{
    if (n == 0) {
        return;
    }
    hg_buf_puts(out, what);
    for (size_t i = 0; i < n && i < NAMES_SHOWN; i++) {
        hg_buf_printf(out, "%s %s", i > 0 ? "," : "", list[i]->id);
    }
    if (n > NAMES_SHOWN) {
        hg_buf_printf(out, " and %zu more", n - NAMES_SHOWN);
    }
    hg_buf_puts(out, ".\n");
}

void hg_put_diff_notes(struct hg_buf *out, const struct hg_diff *diff)
{
    const struct hg_run *was = diff->was, *now = diff->now;

    if (strcmp(was->name, now->name) != 0) {
        hg_buf_puts(out, "These are different plans.\n");
    } else if (strcmp(was->plan_digest, now->plan_digest) != 0) {
        hg_buf_puts(out, "The plan was changed in between.\n");
    }
    if (strcmp(was->level, now->level) != 0) {
        hg_buf_printf(out, "The levels differ: %s then, %s now.\n", was->level, now->level);
    }
    if (strcmp(was->version, now->version) != 0) {
        hg_buf_printf(out, "Another headgate: %s then, %s now.\n", was->version, now->version);
    }
    put_targets(out, "Targets that were not there then:", diff->came, diff->n_came);
    put_targets(out, "Targets that are no longer looked at:", diff->went, diff->n_went);
    if (diff->n_appeared > 0) {
        hg_page_count(out, diff->n_appeared, "finding is", "findings are");
        hg_buf_puts(out, " of checks on targets that were not looked at then.\n");
    }
}

void hg_put_diff_status(struct hg_buf *out, const struct hg_diff *diff)
{
    hg_buf_printf(out, "Exit status %d: %s.", diff->exit_status,
                  diff->exit_status == 0   ? "nothing that closes the gate is new or worse"
                  : diff->exit_status == 1 ? "a failure that closes the gate is new or worse"
                                           : "no failure that closes the gate is new, but what "
                                             "closes it is unknown or no longer looked at");
}

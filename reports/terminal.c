/* SPDX-License-Identifier: Apache-2.0 */
/* terminal.c - for a person at two in the morning: what is wrong, on which target, why it
 * matters, and the statement that mends it. Failures first; one cause, one line. */
#include <jansson.h>
#include <string.h>

#include "base/text.h"
#include "reports/escape.h"
#include "reports/words.h"
#include "reports/writer.h"

enum colour { PLAIN, BOLD, DIM, RED, YELLOW, GREEN };

struct page {
    struct hg_buf *out;
    const struct hg_run *run;
    const struct hg_look *look;
};

static void colour(const struct page *p, enum colour c)
{
    static const char *const codes[] = { "0", "1", "2", "1;31", "1;33", "1;32" };

    if (p->look->colour) {
        hg_buf_printf(p->out, "\033[%sm", codes[c]);
    }
}

static void said(const struct page *p, enum colour c, const char *text)
{
    colour(p, c);
    hg_put_plain(p->out, text, false);
    colour(p, PLAIN);
}

/* Words wrapped at the width: the first line goes on at `column`, the others are indented. */
static void flow(const struct page *p, size_t column, size_t indent, const char *text)
{
    struct hg_buf clean = { 0 };
    size_t width = p->look->width;
    const char *w;

    hg_put_plain(&clean, text, false);
    w = hg_buf_text(&clean);
    for (bool first = true; *w != '\0'; first = false) {
        size_t len = strcspn(w, " ");
        struct hg_buf word = { 0 };
        size_t wide;

        hg_buf_put(&word, w, len);
        wide = hg_text_width(hg_buf_text(&word));
        if (!first && width > 0 && column + 1 + wide > width) {
            hg_buf_printf(p->out, "\n%*s", (int)indent, "");
            column = indent;
        } else if (!first) {
            hg_buf_putc(p->out, ' ');
            column++;
        }
        hg_buf_puts(p->out, hg_buf_text(&word));
        column += wide;
        hg_buf_done(&word);
        w += len;
        w += strspn(w, " ");
    }
    hg_buf_putc(p->out, '\n');
    hg_buf_done(&clean);
}

static void wrapped(const struct page *p, const char *lead, size_t indent, const char *text)
{
    hg_buf_puts(p->out, lead);
    flow(p, hg_text_width(lead), indent, text);
}

/* A statement is never wrapped or cut: it is there to be pasted. */
static void statement(const struct page *p, const char *text)
{
    struct hg_buf clean = { 0 };

    hg_put_plain(&clean, text, true);
    for (const char *line = hg_buf_text(&clean); *line != '\0';) {
        size_t len = strcspn(line, "\n");

        hg_buf_printf(p->out, "        %.*s\n", (int)len, line);
        line += len + (line[len] == '\n');
    }
    hg_buf_done(&clean);
}

static size_t waiting_on(const struct page *p, const struct hg_finding *cause)
{
    size_t n = 0;

    for (size_t i = 0; i < p->run->n_findings; i++) {
        const struct hg_finding *f = &p->run->findings[i];

        n += strcmp(f->target, cause->target) == 0 && strcmp(f->waits_on, cause->check) == 0;
    }
    return n;
}

static void offenders(const struct page *p, const struct hg_finding *f)
{
    size_t n = json_array_size(f->offenders);

    if (n < 4) {
        return; /* the sentence names up to three */
    }
    for (size_t i = 0; i < n && i < 5; i++) {
        hg_buf_puts(p->out, "      - ");
        hg_put_plain(p->out, json_string_value(json_array_get(f->offenders, i)), false);
        hg_buf_putc(p->out, '\n');
    }
    if (f->n_offenders > 5) {
        hg_buf_printf(p->out, "      - and %zu more\n", f->n_offenders - 5);
    }
}

static void fix(const struct page *p, const struct hg_finding *f)
{
    struct hg_buf line = { 0 };

    if (f->fix_text[0] == '\0' && f->fix_statement[0] == '\0') {
        return;
    }
    hg_buf_puts(&line, f->fix_text);
    if (f->fix_effect[0] != '\0') {
        hg_buf_printf(&line, " (%s, by %s)", f->fix_effect, f->fix_who);
    }
    wrapped(p, "    fix ", 8, hg_buf_text(&line));
    statement(p, f->fix_statement);
    if (f->fix_incomplete) {
        hg_buf_puts(p->out, "        (fill in what stands in <...>)\n");
    }
    hg_buf_done(&line);
}

static void finding(const struct page *p, const struct hg_finding *f)
{
    size_t waiting = waiting_on(p, f);
    enum colour c = f->verdict == HG_FAIL && f->closes_gate ? RED
                    : f->verdict == HG_UNKNOWN              ? YELLOW
                                                            : BOLD;

    hg_buf_puts(p->out, "  ");
    said(p, c, f->verdict == HG_UNKNOWN ? "unknown" : "FAIL");
    hg_buf_printf(p->out, " %s ", hg_severity_name(f->severity));
    said(p, BOLD, f->check);
    hg_buf_putc(p->out, '\n');
    wrapped(p, "    ", 4, f->sentence);
    offenders(p, f);
    if (f->why[0] != '\0') {
        wrapped(p, "    why ", 8, f->why);
    }
    fix(p, f);
    if (waiting > 0) {
        hg_buf_printf(p->out, "    %zu other check%s wait%s for this\n", waiting,
                      waiting == 1 ? "" : "s", waiting == 1 ? "s" : "");
    }
}

/* 0: fails that close the gate; 1: unknowns; 2: fails below the gate. -1: not in a section. */
static int section_of(const struct hg_finding *f)
{
    if (f->waits_on[0] != '\0') {
        return -1;
    }
    return f->verdict == HG_FAIL ? (f->closes_gate ? 0 : 2) : f->verdict == HG_UNKNOWN ? 1 : -1;
}

static bool section(const struct page *p, const struct hg_run_target *t, int which)
{
    bool any = false;

    for (int severity = HG_BLOCKER; severity >= HG_INFO; severity--) {
        for (size_t i = hg_next_of(p->run, t, 0); i < p->run->n_findings;
             i = hg_next_of(p->run, t, i + 1)) {
            const struct hg_finding *f = &p->run->findings[i];

            if ((int)f->severity == severity && section_of(f) == which) {
                if (!any && which == 2) {
                    said(p, DIM, "  below the gate:");
                    hg_buf_putc(p->out, '\n');
                }
                finding(p, f);
                any = true;
            }
        }
    }
    return any;
}

static void also(const struct page *p, const struct hg_run_target *t, enum hg_verdict verdict,
                 const char *label)
{
    for (size_t i = hg_next_of(p->run, t, 0); i < p->run->n_findings;
         i = hg_next_of(p->run, t, i + 1)) {
        const struct hg_finding *f = &p->run->findings[i];
        struct hg_buf lead = { 0 };

        if (f->verdict != verdict || (verdict != HG_WAIVED && !p->look->verbose)) {
            continue;
        }
        hg_buf_printf(&lead, "  %s ", label);
        hg_put_plain(&lead, f->check, false);
        hg_buf_puts(&lead, verdict == HG_PASS ? "" : ": ");
        wrapped(p, hg_buf_text(&lead), 6,
                verdict == HG_WAIVED ? f->waiver
                : verdict == HG_PASS ? ""
                                     : f->sentence);
        hg_buf_done(&lead);
    }
}

static void tally(const struct page *p, const struct hg_run_target *t)
{
    size_t n[HG_VERDICTS] = { 0 }, waiting = 0;
    static const char *const words[] = { "passed", "skipped", "waived", "unknown", "failed" };
    bool any = false;

    for (size_t i = hg_next_of(p->run, t, 0); i < p->run->n_findings;
         i = hg_next_of(p->run, t, i + 1)) {
        bool waits = p->run->findings[i].waits_on[0] != '\0';

        waiting += waits;
        n[p->run->findings[i].verdict] += !waits;
    }
    hg_buf_puts(p->out, "  ");
    for (int v = HG_VERDICTS - 1; v >= 0; v--) {
        if (n[v] > 0) {
            hg_buf_printf(p->out, "%s%zu %s", any ? ", " : "", n[v], words[v]);
            any = true;
        }
    }
    if (waiting > 0) {
        hg_buf_printf(p->out, "%s%zu waiting", any ? ", " : "", waiting);
    }
    hg_buf_putc(p->out, '\n');
}

static void target(const struct page *p, const struct hg_run_target *t)
{
    struct hg_buf line = { 0 };
    size_t i;
    json_t *item;

    said(p, BOLD, t->id);
    hg_buf_printf(&line, ": %s", t->server[0] ? t->server : t->engine);
    if (t->account[0] != '\0') {
        hg_buf_printf(&line, " as %s", t->account);
    }
    if (t->host[0] != '\0') {
        hg_buf_printf(&line, " at %s:%lld", t->host, t->port);
    }
    hg_buf_printf(&line, " (%lld ms)", t->ms);
    flow(p, hg_text_width(t->id), 4, hg_buf_text(&line));
    hg_buf_done(&line);
    json_array_foreach (t->errors, i, item) {
        said(p, RED, "  headgate itself: ");
        flow(p, strlen("  headgate itself: "), 4, json_string_value(item));
    }
    section(p, t, 0);
    section(p, t, 1);
    section(p, t, 2);
    also(p, t, HG_WAIVED, "waived");
    also(p, t, HG_SKIP, "skipped");
    also(p, t, HG_PASS, "passed");
    tally(p, t);
    hg_buf_putc(p->out, '\n');
}

static void closing(const struct page *p)
{
    const struct hg_run *run = p->run;
    size_t fails[HG_SEVERITIES] = { 0 }, all = 0, unknown = 0, waiting = 0;
    struct hg_buf line = { 0 };

    for (size_t i = 0; i < run->n_findings; i++) {
        const struct hg_finding *f = &run->findings[i];

        if (f->closes_gate) {
            all += f->verdict == HG_FAIL;
            fails[f->severity] += f->verdict == HG_FAIL;
            unknown += f->verdict == HG_UNKNOWN && f->waits_on[0] == '\0';
            waiting += f->waits_on[0] != '\0';
        }
    }
    if (run->exit_status == 0) {
        said(p, GREEN, "The gate is OPEN.");
        hg_buf_putc(p->out, '\n');
        return;
    }
    if (run->exit_status == 5) {
        said(p, RED, "Nothing was selected.");
        hg_buf_putc(p->out, '\n');
        return;
    }
    said(p, RED, "The gate is CLOSED");
    if (all > 0) {
        bool any = false;

        hg_buf_printf(&line, ": %zu failure%s (", all, all == 1 ? "" : "s");
        for (int s = HG_BLOCKER; s >= HG_INFO; s--) {
            if (fails[s] > 0) {
                hg_buf_printf(&line, "%s%zu %s", any ? ", " : "", fails[s],
                              hg_severity_name((enum hg_severity)s));
                any = true;
            }
        }
        hg_buf_putc(&line, ')');
    }
    if (unknown > 0) {
        hg_buf_printf(&line, "%s %zu unknown", all > 0 ? "," : ":", unknown);
    }
    if (waiting > 0) {
        hg_buf_printf(&line, "%s %zu waiting for these", all + unknown > 0 ? "," : ":",
                      waiting);
    }
    hg_buf_puts(&line, run->interrupted ? "; interrupted." : ".");
    flow(p, strlen("The gate is CLOSED"), 2, hg_buf_text(&line));
    hg_buf_done(&line);
    if (run->exit_status == 70) {
        hg_buf_puts(p->out, "headgate itself had trouble (above).\n");
    }
}

static void write(struct hg_buf *out, const struct hg_run *run, const struct hg_look *look)
{
    struct page p = { out, run, look };
    struct hg_buf line = { 0 };

    hg_buf_printf(&line, "%s (level %s, %s)", run->name, run->level, run->started_at);
    wrapped(&p, "", 2, hg_buf_text(&line));
    hg_buf_putc(out, '\n');
    for (size_t i = 0; i < run->n_targets; i++) {
        target(&p, &run->targets[i]);
    }
    closing(&p);
    hg_buf_done(&line);
}

const struct hg_writer hg_writer_terminal = {
    .name = "terminal",
    .summary = "for people: failures first, with their fix",
    .extension = "txt",
    .write = write,
};

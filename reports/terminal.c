/* SPDX-License-Identifier: Apache-2.0 */
/* terminal.c - for a person at two in the morning: what is wrong, on which target, why it
 * matters, and the statement that mends it. Failures first; one cause, one line. */
#include "reports/terminal.h"

#include <jansson.h>
#include <string.h>

#include "base/text.h"
#include "reports/escape.h"
#include "reports/todo.h"
#include "reports/words.h"

#define OFFENDERS_SHOWN 5
#define CHANGES_SHOWN   10

static void heading(const struct hg_page *p, enum hg_ink ink, const char *text)
{
    hg_buf_putc(p->out, '\n');
    hg_page_ink(p, ink, text);
    hg_buf_putc(p->out, '\n');
}

/* ---- the top: which run, which servers ---- */

static void describe(struct hg_buf *out, const struct hg_run_target *t)
{
    long long ms = t->ms > 0 ? t->ms : 0;

    hg_put_server(out, t);
    if (t->account[0] != '\0') {
        hg_buf_printf(out, " as %s", t->account);
    }
    if (strcmp(t->engine, "plan") != 0) { /* no probe examines it */
        hg_buf_printf(out, ", %lld.%03lld s", ms / 1000, ms % 1000);
    }
    hg_put_attempts(out, t);
}

static void top(const struct hg_page *p, const struct hg_sections *sections)
{
    const struct hg_run *run = p->run;
    struct hg_buf line = { 0 };
    size_t widest = 0;

    hg_page_ink(p, HG_BOLD, "headgate");
    hg_buf_puts(p->out, "  ");
    hg_page_flow(p, 10, 10, run->name);
    hg_buf_printf(&line, "%s, level %s, ", run->started_at, run->level);
    hg_put_vantage(&line, run);
    hg_buf_printf(&line, "fails on %s%s, headgate %s", hg_severity_name(run->fail_on),
                  run->fail_on == HG_BLOCKER ? "" : " and worse", run->version);
    hg_buf_puts(p->out, "          ");
    hg_page_flow(p, 10, 10, hg_buf_text(&line));
    hg_buf_puts(p->out, run->n_targets > 0 ? "\n" : "");
    for (size_t i = 0; i < sections->n; i++) {
        size_t wide = hg_text_width(sections->list[i].name);

        widest = wide > widest && wide <= 24 ? wide : widest;
    }
    for (size_t i = 0; i < sections->n; i++) {
        const struct hg_section *s = &sections->list[i];
        size_t wide = hg_text_width(s->name), pad = wide < widest ? widest - wide : 0;

        if (s->of_run) {
            continue;
        }
        hg_buf_clear(&line);
        if (s->target != NULL) {
            describe(&line, s->target);
        }
        hg_buf_puts(p->out, "  ");
        hg_page_ink(p, HG_BOLD, s->name);
        hg_buf_printf(p->out, "%*s", (int)pad + 2, "");
        hg_page_flow(p, wide + pad + 4, widest + 4,
                     s->target ? hg_buf_text(&line) : "not described in this run");
    }
    hg_buf_done(&line);
}

/* ---- what is wrong ---- */

static void offenders(const struct hg_page *p, const struct hg_finding *f)
{
    size_t listed = json_array_size(f->offenders);
    size_t all = f->n_offenders > listed ? f->n_offenders : listed;
    size_t shown = listed < OFFENDERS_SHOWN ? listed : OFFENDERS_SHOWN;

    for (size_t i = 0; i < shown; i++) {
        hg_page_field(p, i == 0 ? "which" : "",
                      json_string_value(json_array_get(f->offenders, i)));
    }
    if (all > shown) {
        struct hg_buf more = { 0 };

        hg_buf_printf(&more, "and %zu more", all - shown);
        hg_page_field(p, "", hg_buf_text(&more));
        hg_buf_done(&more);
    }
}

static void fix(const struct hg_page *p, const struct hg_finding *f)
{
    struct hg_buf text = { 0 };

    hg_put_fix(&text, f);
    hg_page_field(p, "fix", hg_buf_text(&text));
    if (f->fix_incomplete) {
        hg_page_field(p, "",
                      "Fill in what stands in <...>, or repeat it for what is not named.");
    }
    if (f->fix_statement[0] != '\0') {
        hg_buf_putc(p->out, '\n');
        hg_page_verbatim(p, f->fix_statement);
    }
    hg_buf_done(&text);
}

static void sources(const struct hg_page *p, const struct hg_finding *f)
{
    size_t i;
    json_t *item;

    if (!p->look->verbose) {
        return;
    }
    json_array_foreach (f->refs, i, item) {
        hg_page_field(p, i == 0 ? "see" : "", json_string_value(item));
    }
    json_array_foreach (f->evidence, i, item) {
        hg_page_field(p, i == 0 ? "from" : "", json_string_value(item));
    }
}

static void waiting(const struct hg_page *p, const struct hg_cause *c)
{
    struct hg_buf text = { 0 };

    if (c->waiting > 0) {
        hg_page_count(&text, c->waiting, "check waits on this", "checks wait on this");
        hg_page_field(p, "waiting", hg_buf_text(&text));
    }
    hg_buf_done(&text);
}

/* "  BLOCKER  what is wrong", and everything about it below. */
static void tag(const struct hg_page *p, enum hg_ink ink, enum hg_severity severity)
{
    static const char *const tags[] = { "INFO", "MINOR", "MAJOR", "BLOCKER" };

    hg_buf_puts(p->out, "\n  ");
    hg_page_ink(p, ink, tags[severity]);
    hg_buf_printf(p->out, "%*s", (int)(HG_PAGE_INDENT - 2 - strlen(tags[severity])), "");
}

static void cause(const struct hg_page *p, const struct hg_cause *c, enum hg_ink ink)
{
    const struct hg_finding *f = c->finding;
    struct hg_buf text = { 0 };

    tag(p, ink, c->stands_in ? c->severity : f->severity);
    if (c->stands_in) {
        hg_page_count(&text, c->waiting, "check waits on ", "checks wait on ");
        hg_buf_puts(&text, f->waits_on);
        hg_page_flow(p, HG_PAGE_INDENT, HG_PAGE_INDENT, hg_buf_text(&text));
        hg_page_field(p, "first", f->check);
        hg_page_field(p, "", f->sentence);
    } else {
        hg_page_flow(p, HG_PAGE_INDENT, HG_PAGE_INDENT, f->sentence);
        hg_page_field(p, "check", f->check);
        hg_put_change(&text, p->run, f);
        hg_page_field(p, "change", hg_buf_text(&text));
        hg_page_field(p, "expected", f->expected);
        hg_page_field(p, "found", f->actual);
        offenders(p, f);
        waiting(p, c);
        hg_page_field(p, "waiver", f->waiver); /* one that has expired */
        hg_page_field(p, "why", f->why);
        fix(p, f);
        sources(p, f);
    }
    hg_buf_done(&text);
}

static void causes_of(const struct hg_page *p, const struct hg_causes *causes,
                      enum hg_verdict verdict, bool closes, const char *title)
{
    enum hg_ink ink = !closes ? HG_BOLD : verdict == HG_FAIL ? HG_RED : HG_YELLOW;
    const struct hg_section *section = NULL;

    for (size_t i = 0; i < causes->n; i++) {
        const struct hg_cause *c = &causes->list[i];

        if (c->finding->verdict != verdict || c->closes != closes) {
            continue;
        }
        if (section == NULL) {
            heading(p, ink, title);
        }
        if (section != c->section) {
            section = c->section;
            hg_buf_putc(p->out, '\n');
            hg_page_ink(p, HG_BOLD, section->name);
            hg_buf_putc(p->out, '\n');
        }
        cause(p, c, ink);
    }
}

/* ---- what is not wrong, or not the server's fault ---- */

static void faults(const struct hg_page *p, const struct hg_sections *sections)
{
    if (sections->n_faults > 0) {
        heading(p, HG_RED, "WHAT HEADGATE ITSELF COULD NOT DO");
    }
    for (size_t i = 0; i < sections->n; i++) {
        const struct hg_section *s = &sections->list[i];

        for (size_t j = 0; j < s->n_faults; j++) {
            struct hg_buf line = { 0 };

            if (!s->of_run) {
                hg_buf_printf(&line, "%s: ", s->name);
            }
            hg_buf_puts(&line, s->faults[j]);
            hg_buf_puts(p->out, "  ");
            hg_page_flow(p, 2, 4, hg_buf_text(&line));
            hg_buf_done(&line);
        }
    }
}

static void listed(const struct hg_page *p, const struct hg_sections *sections,
                   enum hg_verdict verdict, const char *title)
{
    const struct hg_section *section = NULL;

    for (size_t i = 0; i < sections->n; i++) {
        const struct hg_section *s = &sections->list[i];

        for (size_t j = 0; j < s->n_findings; j++) {
            const struct hg_finding *f = s->findings[j];

            if (f->verdict != verdict) {
                continue;
            }
            if (section == NULL) {
                heading(p, HG_BOLD, title);
            }
            if (section != s) {
                section = s;
                hg_buf_putc(p->out, '\n');
                hg_page_ink(p, HG_BOLD, s->name);
                hg_buf_putc(p->out, '\n');
            }
            tag(p, HG_BOLD, f->severity);
            hg_page_flow(p, HG_PAGE_INDENT, HG_PAGE_INDENT, f->sentence);
            hg_page_field(p, "check", f->check);
            hg_page_field(p, "waived", f->waiver);
            if (p->look->verbose) {
                hg_page_field(p, "found", f->actual);
                hg_page_field(p, "why", f->why);
                sources(p, f);
            }
        }
    }
}

/* ---- the verdict ---- */

static void what_it_means(const struct hg_page *p)
{
    struct hg_buf line = { 0 };

    hg_put_exit_status(&line, p->run);
    hg_page_flow(p, 0, 2, hg_buf_text(&line));
    hg_buf_done(&line);
}

/* What the run that this one was compared with had, and this one has not. */
static void since_list(const struct hg_page *p, const json_t *entries, enum hg_ink ink,
                       const char *title)
{
    size_t i;
    json_t *entry;

    if (json_array_size(entries) > 0) {
        heading(p, ink, title);
    }
    json_array_foreach (entries, i, entry) {
        struct hg_buf line = { 0 };

        if (i == CHANGES_SHOWN && !p->look->verbose) {
            hg_buf_printf(p->out, "  and %zu more (--verbose lists them)\n",
                          json_array_size(entries) - i);
            break;
        }
        hg_put_since_entry(&line, entry);
        hg_buf_puts(p->out, "  ");
        hg_page_flow(p, 2, 4, hg_buf_text(&line));
        hg_buf_done(&line);
    }
}

static void since(const struct hg_page *p)
{
    struct hg_buf line = { 0 };

    hg_put_since(&line, p->run);
    if (line.len > 0) {
        hg_page_flow(p, 0, 2, hg_buf_text(&line));
    }
    hg_buf_done(&line);
}

static void counts(const struct hg_page *p)
{
    const struct hg_run *run = p->run;
    struct hg_buf line = { 0 };

    if (run->n_findings == 0) {
        hg_buf_puts(&line, "Nothing was selected.");
    } else {
        hg_page_count(&line, run->count[HG_PASS], "check passed", "checks passed");
        hg_buf_puts(&line, ", ");
        hg_page_count(&line, run->count[HG_SKIP], "does not apply", "do not apply");
        hg_buf_printf(&line, ", %zu waived%s.", run->count[HG_WAIVED],
                      p->look->verbose || run->count[HG_PASS] + run->count[HG_SKIP] == 0
                          ? ""
                          : " (--verbose lists them)");
    }
    hg_buf_putc(p->out, '\n');
    hg_page_flow(p, 0, 2, hg_buf_text(&line));
    hg_buf_done(&line);
}

static void verdict(const struct hg_page *p, size_t n_faults)
{
    struct hg_buf why = { 0 };

    if (hg_put_verdict(&why, p->run, n_faults)) {
        hg_page_ink(p, HG_GREEN, "The gate is OPEN");
        hg_buf_putc(p->out, '\n');
    } else {
        hg_page_ink(p, HG_RED, "The gate is CLOSED");
        hg_buf_printf(p->out, ": %s\n", hg_buf_text(&why));
    }
    hg_buf_done(&why);
}

static void page(const struct hg_page *p, const struct hg_tasks *tasks)
{
    const struct hg_sections *sections = &tasks->sections;
    const struct hg_causes *causes = &tasks->causes;

    top(p, sections);
    causes_of(p, causes, HG_FAIL, true, "FAILED");
    causes_of(p, causes, HG_UNKNOWN, true, "UNKNOWN");
    faults(p, sections);
    causes_of(p, causes, HG_FAIL, false,
              "FAILED BELOW THE GATE: worth mending, closes nothing");
    causes_of(p, causes, HG_UNKNOWN, false, "UNKNOWN BELOW THE GATE: closes nothing");
    listed(p, sections, HG_WAIVED, "WAIVED");
    if (p->look->verbose) {
        listed(p, sections, HG_SKIP, "DOES NOT APPLY");
        listed(p, sections, HG_PASS, "PASSED");
    }
    since_list(p, p->run->since.lost, HG_YELLOW,
               "NO LONGER LOOKED AT: nobody knows whether it holds");
    since_list(p, p->run->since.fixed, HG_GREEN, "FIXED");
    hg_put_tonight(p, tasks);
    counts(p);
    since(p);
    what_it_means(p);
    verdict(p, sections->n_faults);
}

static void write(struct hg_buf *out, const struct hg_run *run, const struct hg_look *look)
{
    struct hg_page p = { out, run, look, NULL };
    struct hg_tasks tasks;

    if (hg_tasks_make(&tasks, run)) {
        page(&p, &tasks);
    } else {
        out->failed = true;
    }
    hg_tasks_done(&tasks);
}

const struct hg_writer hg_writer_terminal = {
    .name = "terminal",
    .summary = "for people: failures first, with their fix",
    .extension = "txt",
    .write = write,
};

/* SPDX-License-Identifier: Apache-2.0 */
/* tap.c - Test Anything Protocol. Version 13, flat, by default: Debian 12's prove refuses a
 * version 14 line. `tap14` has a subtest for each target. */
#include <jansson.h>
#include <string.h>

#include "reports/escape.h"
#include "reports/sections.h"
#include "reports/words.h"
#include "reports/writer.h"

struct page {
    struct hg_buf *out;
    const struct hg_run *run;
    const char *indent; /* of the points */
};

static void scalar(const struct page *p, const char *name, const char *value)
{
    if (value[0] != '\0') {
        hg_buf_printf(p->out, "%s  %s: ", p->indent, name);
        hg_put_quoted(p->out, value);
        hg_buf_putc(p->out, '\n');
    }
}

/* One of a list. Perl's reader takes `- "word: ..."` for a mapping, quotes or not. */
static void item_of_list(const struct page *p, const char *value)
{
    struct hg_buf quoted = { 0 };
    const char *second;

    hg_put_quoted(&quoted, value);
    second = hg_buf_text(&quoted);
    second += strcspn(second, " ");
    second += strspn(second, " ");
    hg_buf_printf(p->out, "%s    - ", p->indent);
    for (const char *c = hg_buf_text(&quoted); *c != '\0'; c++) {
        if (c[0] == ':' && c[1] == ' ' && c <= second) {
            hg_buf_puts(p->out, "\\x3a");
        } else {
            hg_buf_putc(p->out, *c);
        }
    }
    hg_buf_putc(p->out, '\n');
    p->out->failed = p->out->failed || !hg_buf_ok(&quoted);
    hg_buf_done(&quoted);
}

static void list(const struct page *p, const char *name, const json_t *values)
{
    size_t i;
    json_t *item;

    if (json_array_size(values) > 0) {
        hg_buf_printf(p->out, "%s  %s:\n", p->indent, name);
    }
    json_array_foreach (values, i, item) {
        item_of_list(p, json_string_value(item));
    }
}

static void diagnostics(const struct page *p, const struct hg_finding *f)
{
    struct hg_buf count = { 0 };

    hg_buf_printf(p->out, "%s  ---\n", p->indent);
    scalar(p, "message", f->sentence);
    scalar(p, "severity", hg_severity_name(f->severity));
    scalar(p, "verdict", hg_verdict_name(f->verdict));
    scalar(p, "expected", f->expected);
    scalar(p, "actual", f->actual);
    list(p, "offenders", f->offenders);
    if (f->n_offenders > 0) {
        hg_buf_printf(&count, "%zu", f->n_offenders);
        scalar(p, "offender_count", hg_buf_text(&count));
    }
    scalar(p, "why", f->why);
    scalar(p, "fix", f->fix_text);
    scalar(p, "effect", f->fix_effect);
    scalar(p, "who", f->fix_who);
    scalar(p, "statement", f->fix_statement);
    scalar(p, "waits_on", f->waits_on);
    scalar(p, "since", f->since == HG_SAME ? "" : hg_change_name(f->since));
    scalar(p, "waiver", f->waiver);
    list(p, "sources", f->refs);
    hg_buf_printf(p->out, "%s  ...\n", p->indent);
    hg_buf_done(&count);
}

static void point(const struct page *p, const struct hg_finding *f, size_t number)
{
    enum hg_outcome outcome = hg_outcome(f);
    bool ok = outcome == HG_OUT_PASS || outcome == HG_OUT_SKIP;
    struct hg_buf text = { 0 };

    hg_put_name(&text, p->run, f);
    hg_buf_printf(p->out, "%s%s %zu - ", p->indent, ok ? "ok" : "not ok", number);
    hg_put_tap(p->out, hg_buf_text(&text));
    if (outcome == HG_OUT_SKIP || outcome == HG_OUT_EXCUSED) {
        hg_buf_clear(&text);
        hg_put_excuse(&text, f);
        hg_buf_puts(p->out, ok ? " # SKIP " : " # TODO ");
        hg_put_tap(p->out, hg_buf_text(&text));
    }
    hg_buf_putc(p->out, '\n');
    if (!ok) {
        diagnostics(p, f);
    }
    hg_buf_done(&text);
}

static void fault(const struct page *p, const struct hg_section *s, size_t index, size_t number)
{
    struct hg_buf name = { 0 };

    hg_put_fault_name(&name, s, index);
    hg_buf_printf(p->out, "%snot ok %zu - ", p->indent, number);
    hg_put_tap(p->out, hg_buf_text(&name));
    hg_buf_done(&name);
    hg_buf_printf(p->out, "\n%s  ---\n", p->indent);
    scalar(p, "message", s->faults[index]);
    hg_buf_printf(p->out, "%s  ...\n", p->indent);
}

static void plan(const struct page *p, size_t n)
{
    hg_buf_printf(p->out, "%s1..%zu", p->indent, n);
    if (n == 0) {
        hg_buf_puts(p->out, p->run->interrupted
                                ? " # SKIP interrupted before anything was known"
                                : " # SKIP nothing was selected");
    }
    hg_buf_putc(p->out, '\n');
}

static size_t points(const struct page *p, const struct hg_section *s, size_t number)
{
    for (size_t i = 0; i < s->n_findings; i++) {
        point(p, s->findings[i], number++);
    }
    for (size_t i = 0; i < s->n_faults; i++) {
        fault(p, s, i, number++);
    }
    return number;
}

static void write_13(struct hg_buf *out, const struct hg_run *run, const struct hg_look *look)
{
    struct page p = { out, run, "" };
    struct hg_sections sections;
    size_t number = 1;

    (void)look;
    if (!hg_sections_make(&sections, run)) {
        out->failed = true;
    } else {
        hg_buf_puts(out, "TAP version 13\n");
        plan(&p, run->n_findings + sections.n_faults);
        for (size_t i = 0; i < sections.n; i++) {
            number = points(&p, &sections.list[i], number);
        }
    }
    hg_sections_done(&sections);
}

static bool all_well(const struct hg_section *s)
{
    for (size_t i = 0; i < s->n_findings; i++) {
        if (hg_outcome(s->findings[i]) >= HG_OUT_UNKNOWN) {
            return false;
        }
    }
    return s->n_faults == 0;
}

static void subtest(struct hg_buf *out, const struct hg_run *run, const struct hg_section *s,
                    size_t number)
{
    struct page p = { out, run, "    " };
    size_t n = s->n_findings + s->n_faults;

    hg_buf_puts(out, "# Subtest: ");
    hg_put_tap(out, s->name);
    hg_buf_putc(out, '\n');
    plan(&p, n);
    points(&p, s, 1);
    hg_buf_printf(out, "%s %zu - ", all_well(s) ? "ok" : "not ok", number);
    hg_put_tap(out, s->name);
    hg_buf_puts(out, n > 0 ? "\n" : " # SKIP nothing was selected\n");
}

static void write_14(struct hg_buf *out, const struct hg_run *run, const struct hg_look *look)
{
    struct page p = { out, run, "" };
    struct hg_sections sections;

    (void)look;
    if (!hg_sections_make(&sections, run)) {
        out->failed = true;
    } else {
        hg_buf_puts(out, "TAP version 14\n");
        plan(&p, sections.n);
        for (size_t i = 0; i < sections.n; i++) {
            subtest(out, run, &sections.list[i], i + 1);
        }
    }
    hg_sections_done(&sections);
}

const struct hg_writer hg_writer_tap = {
    .name = "tap",
    .summary = "Test Anything Protocol, version 13, flat",
    .extension = "tap",
    .write = write_13,
};

const struct hg_writer hg_writer_tap14 = {
    .name = "tap14",
    .summary = "Test Anything Protocol, version 14, a subtest for each target",
    .extension = "tap",
    .write = write_14,
};

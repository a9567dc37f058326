/* SPDX-License-Identifier: Apache-2.0 */
/* diff_terminal.c - two runs for a person: what got worse first. */
#include <string.h>

#include "reports/diff.h"
#include "reports/terminal.h"
#include "reports/words.h"

struct page {
    struct hg_page text;
    const struct hg_diff *diff;
};

static void heading(const struct page *p, enum hg_ink ink, const char *title)
{
    hg_buf_putc(p->text.out, '\n');
    hg_page_ink(&p->text, ink, title);
    hg_buf_putc(p->text.out, '\n');
}

static void top(const struct page *p)
{
    struct hg_buf text = { 0 };

    hg_page_ink(&p->text, HG_BOLD, "old");
    hg_buf_puts(p->text.out, "  ");
    hg_put_diff_run(&text, p->diff->was);
    hg_page_flow(&p->text, 5, 5, hg_buf_text(&text));
    hg_buf_clear(&text);
    hg_page_ink(&p->text, HG_BOLD, "new");
    hg_buf_puts(p->text.out, "  ");
    hg_put_diff_run(&text, p->diff->now);
    hg_page_flow(&p->text, 5, 5, hg_buf_text(&text));
    hg_buf_clear(&text);
    hg_put_diff_notes(&text, p->diff);
    for (const char *line = hg_buf_text(&text); *line != '\0';) {
        struct hg_buf one = { 0 };
        size_t len = strcspn(line, "\n");

        hg_buf_put(&one, line, len);
        hg_buf_puts(p->text.out, "     ");
        hg_page_flow(&p->text, 5, 5, hg_buf_text(&one));
        hg_buf_done(&one);
        line += len + (line[len] == '\n');
    }
    hg_buf_done(&text);
}

/* Everything that has to be known of it. */
static void entry(const struct page *p, const struct hg_difference *d, enum hg_ink ink)
{
    static const char *const tags[] = { "INFO", "MINOR", "MAJOR", "BLOCKER" };
    const struct hg_finding *f = hg_difference_of(d);
    const char *tag = tags[f->severity];
    struct hg_buf text = { 0 };

    hg_buf_puts(p->text.out, "\n  ");
    hg_page_ink(&p->text, ink, tag);
    hg_buf_printf(p->text.out, "%*s", (int)(HG_PAGE_INDENT - 2 - strlen(tag)), "");
    hg_page_flow(&p->text, HG_PAGE_INDENT, HG_PAGE_INDENT, f->sentence);
    hg_page_field(&p->text, "check", f->check);
    hg_page_field(&p->text, "target", f->target);
    hg_buf_puts(&text, hg_diff_then(d));
    if (d->was != NULL && d->was->severity != f->severity) {
        hg_buf_printf(&text, " (%s)", hg_severity_name(d->was->severity));
    }
    hg_page_field(&p->text, "then", hg_buf_text(&text));
    hg_buf_clear(&text);
    if (d->now != NULL) {
        hg_buf_printf(&text, "%s%s", d->now->verdict == HG_UNKNOWN ? "unknown" : "failed",
                      d->now->closes_gate ? "; closes the gate" : "; below the gate");
    }
    hg_page_field(&p->text, "now", hg_buf_text(&text));
    hg_buf_done(&text);
}

/* A line, for what needs no more. */
static void brief(const struct page *p, const struct hg_difference *d)
{
    const struct hg_finding *f = hg_difference_of(d);
    struct hg_buf text = { 0 };

    hg_buf_printf(&text, "%s: %s (%s, %s then)", f->target, f->check,
                  hg_severity_name(f->severity), hg_diff_then(d));
    if (d->change == HG_LOST) {
        hg_buf_puts(&text, d->now ? "; does not apply now: " : "; not in the new run");
        hg_buf_puts(&text, d->now ? d->now->sentence : "");
    } else if (d->now != NULL && d->now->waiver[0] != '\0') {
        hg_buf_printf(&text, "; waived %s", d->now->waiver);
    }
    hg_buf_puts(p->text.out, "  ");
    hg_page_flow(&p->text, 2, 4, hg_buf_text(&text));
    hg_buf_done(&text);
}

static void say_waiting(const struct page *p, const struct hg_finding *f, size_t n)
{
    struct hg_buf text = { 0 };

    if (n > 0) {
        hg_buf_printf(&text, "%s: ", f->target);
        hg_page_count(&text, n, "check waits on ", "checks wait on ");
        hg_buf_puts(&text, f->waits_on);
        hg_buf_puts(p->text.out, "\n  ");
        hg_page_flow(&p->text, 2, 4, hg_buf_text(&text));
    }
    hg_buf_done(&text);
}

/* What waits on another check is counted, one line for each check that it waits on. */
static void waiting(const struct page *p, enum hg_change change)
{
    const struct hg_finding *last = NULL;
    size_t n = 0;

    for (size_t i = 0; i < p->diff->n; i++) {
        const struct hg_difference *d = &p->diff->list[i];
        const struct hg_finding *f = hg_difference_of(d);

        if (d->change != change || f->waits_on[0] == '\0') {
            continue;
        }
        if (last != NULL && (strcmp(last->target, f->target) != 0 ||
                             strcmp(last->waits_on, f->waits_on) != 0)) {
            say_waiting(p, last, n);
            n = 0;
        }
        last = f;
        n++;
    }
    say_waiting(p, last, n);
}

static void in_full(const struct page *p, enum hg_change change, enum hg_ink ink,
                    const char *title)
{
    if (p->diff->count[change] == 0) {
        return;
    }
    heading(p, ink, title);
    for (int severity = HG_BLOCKER; severity >= HG_INFO; severity--) {
        for (size_t i = 0; i < p->diff->n; i++) {
            const struct hg_difference *d = &p->diff->list[i];
            const struct hg_finding *f = hg_difference_of(d);

            if (d->change == change && (int)f->severity == severity &&
                (f->waits_on[0] == '\0' || p->text.look->verbose)) {
                entry(p, d, ink);
            }
        }
    }
    if (!p->text.look->verbose) {
        waiting(p, change);
    }
}

static void in_brief(const struct page *p, enum hg_change change, enum hg_ink ink,
                     const char *title)
{
    if (p->diff->count[change] > 0) {
        heading(p, ink, title);
    }
    for (size_t i = 0; i < p->diff->n; i++) {
        if (p->diff->list[i].change == change) {
            brief(p, &p->diff->list[i]);
        }
    }
}

/* Nothing became better by not being seen. */
static void hidden(const struct page *p)
{
    size_t n = 0;

    for (size_t i = 0; i < p->diff->n; i++) {
        const struct hg_difference *d = &p->diff->list[i];

        if (d->change == HG_UNCHANGED && d->was->verdict == HG_FAIL &&
            d->now->verdict == HG_UNKNOWN) {
            if (n++ == 0) {
                heading(p, HG_YELLOW, "FAILED THEN, UNKNOWN NOW: counted as unchanged");
            }
            brief(p, d);
        }
    }
}

static void bottom(const struct page *p)
{
    struct hg_buf text = { 0 };

    hg_buf_putc(p->text.out, '\n');
    hg_put_diff_status(&text, p->diff);
    hg_page_flow(&p->text, 0, 2, hg_buf_text(&text));
    hg_buf_clear(&text);
    hg_put_changes(&text, p->diff->count);
    hg_page_ink(&p->text, p->diff->exit_status == 0 ? HG_GREEN : HG_RED, hg_buf_text(&text));
    hg_buf_putc(p->text.out, '\n');
    hg_buf_done(&text);
}

static void write(struct hg_buf *out, const struct hg_diff *diff, const struct hg_look *look)
{
    struct page p = {
        { out, diff->now, look },
        diff
    };

    top(&p);
    in_full(&p, HG_NEW, HG_RED, "NEW");
    in_full(&p, HG_WORSE, HG_RED, "WORSE");
    in_brief(&p, HG_LOST, HG_YELLOW, "NO LONGER LOOKED AT: nobody knows whether it holds");
    hidden(&p);
    in_full(&p, HG_BETTER, HG_BOLD, "BETTER, but not well");
    in_brief(&p, HG_FIXED, HG_GREEN, "FIXED");
    in_brief(&p, HG_NEW_WAIVED, HG_BOLD, "WAIVED NOW");
    if (look->verbose) {
        in_full(&p, HG_UNCHANGED, HG_BOLD, "UNCHANGED");
    }
    bottom(&p);
}

const struct hg_diff_writer hg_diff_terminal = { "terminal", write };

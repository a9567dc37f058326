/* SPDX-License-Identifier: Apache-2.0 */
/* diff_markdown.c - two runs for a comment on a change: what got worse first. */
#include <string.h>

#include "reports/diff.h"
#include "reports/escape.h"
#include "reports/words.h"

/* GitHub refuses a summary of more than 1 MiB; what gets worse stands first. */
#define ROOM (1000UL << 10)

struct paper {
    struct hg_buf *out;
    const struct hg_diff *diff;
    size_t left_out;
};

static void lines(struct hg_buf *out, const char *text)
{
    while (*text != '\0') {
        struct hg_buf one = { 0 };
        size_t len = strcspn(text, "\n");

        hg_buf_put(&one, text, len);
        hg_buf_puts(out, "- ");
        hg_put_markdown(out, hg_buf_text(&one));
        hg_buf_putc(out, '\n');
        hg_buf_done(&one);
        text += len + (text[len] == '\n');
    }
}

static void top(struct paper *p)
{
    struct hg_buf text = { 0 };

    hg_buf_puts(p->out, "## ");
    hg_put_changes(&text, p->diff->count);
    hg_put_markdown(p->out, hg_buf_text(&text));
    hg_buf_clear(&text);
    hg_buf_puts(p->out, "\n\n- **Old:** ");
    hg_put_diff_run(&text, p->diff->was);
    hg_put_markdown(p->out, hg_buf_text(&text));
    hg_buf_clear(&text);
    hg_buf_puts(p->out, "\n- **New:** ");
    hg_put_diff_run(&text, p->diff->now);
    hg_put_markdown(p->out, hg_buf_text(&text));
    hg_buf_putc(p->out, '\n');
    hg_buf_clear(&text);
    hg_put_diff_notes(&text, p->diff);
    lines(p->out, hg_buf_text(&text));
    hg_buf_clear(&text);
    hg_put_diff_status(&text, p->diff);
    lines(p->out, hg_buf_text(&text));
    hg_buf_done(&text);
}

static void cell(struct hg_buf *out, const char *text)
{
    hg_buf_puts(out, " | ");
    hg_put_markdown(out, text);
}

static const char *now_of(const struct hg_difference *d)
{
    static const char *const words[HG_VERDICTS] = { "passes", "does not apply", "waived",
                                                    "unknown", "failed" };

    return d->now ? words[d->now->verdict] : "not in the new run";
}

static void row(struct paper *p, const struct hg_difference *d)
{
    const struct hg_finding *f = hg_difference_of(d);
    struct hg_buf part = { 0 };

    hg_buf_printf(&part, "| %s", hg_severity_name(f->severity));
    if (d->was != NULL && d->was->severity != f->severity) {
        hg_buf_printf(&part, " (%s then)", hg_severity_name(d->was->severity));
    }
    cell(&part, f->target);
    hg_buf_puts(&part, " | ");
    hg_put_markdown_code(&part, f->check);
    cell(&part, f->sentence);
    if (f->waits_on[0] != '\0') {
        hg_buf_puts(&part, "<br>waits on ");
        hg_put_markdown_code(&part, f->waits_on);
    }
    cell(&part, hg_diff_then(d));
    cell(&part, now_of(d));
    hg_buf_puts(&part, d->now && d->now->closes_gate ? ", closes the gate |\n" : " |\n");
    if (p->out->len + part.len <= ROOM) {
        hg_buf_put(p->out, hg_buf_text(&part), part.len);
    } else {
        p->left_out++;
    }
    p->out->failed = p->out->failed || !hg_buf_ok(&part);
    hg_buf_done(&part);
}

/* Those that wait on others are folded away below those that do not. */
static void rows(struct paper *p, enum hg_change change, bool waiting)
{
    for (size_t i = 0; i < p->diff->n; i++) {
        const struct hg_difference *d = &p->diff->list[i];

        if (d->change == change && waiting == (hg_difference_of(d)->waits_on[0] != '\0')) {
            row(p, d);
        }
    }
}

/* Nothing became better by not being seen. */
static size_t count_hidden(const struct hg_diff *diff)
{
    size_t n = 0;

    for (size_t i = 0; i < diff->n; i++) {
        const struct hg_difference *d = &diff->list[i];

        n += d->change == HG_UNCHANGED && d->was->verdict == HG_FAIL &&
             d->now->verdict == HG_UNKNOWN;
    }
    return n;
}

static void table(struct paper *p, enum hg_change change, const char *title, bool folded)
{
    static const char head[] = "| Severity | Target | Check | What | Then | Now |\n"
                               "|---|---|---|---|---|---|\n";
    size_t n = p->diff->count[change], n_waiting = 0;

    for (size_t i = 0; i < p->diff->n; i++) {
        n_waiting += p->diff->list[i].change == change &&
                     hg_difference_of(&p->diff->list[i])->waits_on[0] != '\0';
    }
    if (n == 0) {
        return;
    }
    hg_buf_printf(p->out, "\n### %s\n", title);
    if (n > n_waiting || folded) {
        if (folded) {
            hg_buf_printf(p->out, "\n<details>\n<summary>%zu</summary>\n", n);
        }
        hg_buf_printf(p->out, "\n%s", head);
        rows(p, change, false);
        if (folded) {
            rows(p, change, true);
        }
        hg_buf_puts(p->out, folded ? "\n</details>\n" : "");
    }
    if (n_waiting > 0 && !folded) {
        hg_buf_printf(p->out,
                      "\n<details>\n<summary>%zu that wait on another check</summary>\n\n%s",
                      n_waiting, head);
        rows(p, change, true);
        hg_buf_puts(p->out, "\n</details>\n");
    }
}

static void write(struct hg_buf *out, const struct hg_diff *diff, const struct hg_look *look)
{
    struct paper p = { out, diff, 0 };

    (void)look;
    top(&p);
    table(&p, HG_NEW, "New", false);
    table(&p, HG_WORSE, "Worse", false);
    table(&p, HG_LOST, "No longer looked at", false);
    table(&p, HG_BETTER, "Better, but not well", false);
    table(&p, HG_FIXED, "Fixed", false);
    table(&p, HG_NEW_WAIVED, "Waived now", false);
    table(&p, HG_UNCHANGED, "Unchanged", true);
    if (count_hidden(diff) > 0) {
        hg_buf_printf(out, "\n%zu of these failed then and %s unknown now.\n",
                      count_hidden(diff), count_hidden(diff) == 1 ? "is" : "are");
    }
    if (p.left_out > 0) {
        hg_buf_printf(out,
                      "\n%zu rows are left out: a summary on GitHub may have 1 MiB. `headgate "
                      "diff --to json` has them all.\n",
                      p.left_out);
    }
}

const struct hg_diff_writer hg_diff_markdown = { "markdown", write };

/* SPDX-License-Identifier: Apache-2.0 */
/* markdown.c - for a step's summary or a comment on GitHub: the verdict, what closes the gate
 * as a table, and everything about each folded away below. One cause, one line. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "reports/escape.h"
#include "reports/terminal.h"
#include "reports/words.h"

/* GitHub refuses a summary of more than 1 MiB as a whole. Each part ends where its share of
 * this does, so that what matters less cannot push out what matters more. */
#define ROOM       (1000UL << 10)
#define SHARE(n)   (ROOM / 8 * (n))
#define CELL_BYTES 300

struct paper {
    struct hg_buf *out;
    const struct hg_run *run;
    const struct hg_look *look;
    const struct hg_sections *sections;
    const struct hg_causes *causes;
    struct hg_buf part; /* one row or entry: it goes in whole or not at all */
    struct hg_buf left_out;
};

/* Takes over the part, when there is room. */
static bool part_fits(struct paper *p, size_t limit)
{
    bool fits = p->out->len + p->part.len <= limit;

    p->out->failed = p->out->failed || !hg_buf_ok(&p->part);
    if (fits) {
        hg_buf_put(p->out, hg_buf_text(&p->part), p->part.len);
    }
    hg_buf_clear(&p->part);
    return fits;
}

static void say_left_out(struct paper *p, size_t n, size_t all, const char *what)
{
    if (n > 0) {
        hg_buf_printf(&p->left_out, "- %zu of the %zu %s\n", n, all, what);
    }
}

static void cell(struct hg_buf *out, const char *text)
{
    struct hg_buf cut = { 0 };
    size_t len = strlen(text), keep = CELL_BYTES;

    if (len > keep) {
        while (keep > 0 && ((unsigned char)text[keep] & 0xc0) == 0x80) {
            keep--;
        }
        hg_buf_put(&cut, text, keep);
        hg_buf_puts(&cut, "\xe2\x80\xa6");
        text = hg_buf_text(&cut);
    }
    hg_put_markdown(out, text);
    hg_buf_done(&cut);
}

static void column(struct hg_buf *out, const char *text)
{
    hg_buf_puts(out, " | ");
    cell(out, text);
}

/* ---- the top: verdict, run, targets ---- */

static void top(struct paper *p)
{
    const struct hg_run *run = p->run;
    struct hg_buf text = { 0 };
    bool open = hg_put_verdict(&text, run, p->sections->n_faults);

    hg_buf_printf(p->out, "## The gate is %s%s%s\n\n", open ? "OPEN" : "CLOSED",
                  open ? "" : ": ", hg_buf_text(&text));
    hg_buf_clear(&text);
    hg_buf_puts(p->out, "**");
    cell(p->out, run->name);
    hg_buf_puts(p->out, "**, ");
    hg_buf_printf(&text, "%s, level %s, ", run->started_at, run->level);
    hg_put_vantage(&text, run);
    hg_buf_printf(&text, "fails on %s%s, headgate %s", hg_severity_name(run->fail_on),
                  run->fail_on == HG_BLOCKER ? "" : " and worse", run->version);
    cell(p->out, hg_buf_text(&text));
    hg_buf_clear(&text);
    hg_buf_puts(p->out, "<br>\n");
    hg_put_exit_status(&text, run);
    hg_put_markdown(p->out, hg_buf_text(&text));
    hg_buf_clear(&text);
    hg_put_since(&text, run);
    if (text.len > 0) {
        hg_buf_puts(p->out, "<br>\n**");
        cell(p->out, hg_buf_text(&text));
        hg_buf_puts(p->out, "**");
    }
    hg_buf_putc(p->out, '\n');
    hg_buf_done(&text);
}

static void target_row(struct paper *p, const struct hg_section *s)
{
    struct hg_buf server = { 0 };
    size_t n[HG_VERDICTS] = { 0 };

    if (s->target != NULL) {
        hg_put_server(&server, s->target);
        hg_put_attempts(&server, s->target);
    }
    for (size_t i = 0; i < s->n_findings; i++) {
        n[s->findings[i]->verdict]++;
    }
    hg_buf_puts(&p->part, "| ");
    cell(&p->part, s->name);
    column(&p->part, s->target ? hg_buf_text(&server) : "not described in this run");
    column(&p->part, s->target ? s->target->account : "");
    hg_buf_printf(&p->part, " | %zu | %zu | %zu | %zu | %zu |\n", n[HG_FAIL], n[HG_UNKNOWN],
                  n[HG_WAIVED], n[HG_PASS], n[HG_SKIP]);
    hg_buf_done(&server);
}

static void targets(struct paper *p)
{
    size_t all = 0, left = 0;

    for (size_t i = 0; i < p->sections->n; i++) {
        const struct hg_section *s = &p->sections->list[i];

        if (s->of_run) {
            continue;
        }
        if (all++ == 0) {
            hg_buf_puts(p->out,
                        "\n| Target | Server | Account | Failed | Unknown | Waived | Passed | "
                        "Do not apply |\n|---|---|---|--:|--:|--:|--:|--:|\n");
        }
        target_row(p, s);
        left += !part_fits(p, SHARE(1));
    }
    say_left_out(p, left, all, "targets");
}

/* ---- what closes the gate ---- */

static const char *severity_word(const struct hg_cause *c)
{
    static const char *const words[] = { "INFO", "MINOR", "MAJOR", "BLOCKER" };

    return words[c->stands_in ? c->severity : c->finding->severity];
}

/* What is wrong, in a sentence: of a cause that is no trouble itself, what waits on it. */
static void say_cause(struct hg_buf *out, const struct hg_cause *c)
{
    if (c->stands_in) {
        hg_page_count(out, c->waiting, "check waits on ", "checks wait on ");
        hg_buf_printf(out, "%s; first %s: ", c->finding->waits_on, c->finding->check);
    }
    hg_buf_puts(out, c->finding->sentence);
}

static void cause_row(struct paper *p, const struct hg_cause *c)
{
    const struct hg_finding *f = c->finding;
    struct hg_buf text = { 0 };

    hg_buf_printf(
        &p->part, "| %s%s%s%s", severity_word(c), f->verdict == HG_UNKNOWN ? ", unknown" : "",
        f->since == HG_SAME || f->since == HG_UNCHANGED ? "" : ", ",
        f->since == HG_SAME || f->since == HG_UNCHANGED ? "" : hg_change_name(f->since));
    column(&p->part, f->target);
    say_cause(&text, c);
    column(&p->part, hg_buf_text(&text));
    hg_buf_puts(&p->part, "<br>");
    if (strlen(f->check) <= CELL_BYTES) {
        hg_put_markdown_code(&p->part, c->stands_in ? f->waits_on : f->check);
    }
    hg_buf_puts(&p->part, " | ");
    if (c->waiting > 0) {
        hg_buf_printf(&p->part, "%zu", c->waiting);
    }
    hg_buf_clear(&text);
    if (!c->stands_in) {
        hg_buf_printf(&text, "%s%s%s%s", f->fix_effect,
                      f->fix_effect[0] && f->fix_who[0] ? ", " : "", f->fix_who[0] ? "by " : "",
                      f->fix_who);
    }
    column(&p->part, hg_buf_text(&text));
    hg_buf_puts(&p->part, " |\n");
    hg_buf_done(&text);
}

static void closing(struct paper *p)
{
    size_t all = 0, left = 0;

    for (size_t i = 0; i < p->causes->n; i++) {
        if (!p->causes->list[i].closes) {
            continue;
        }
        if (all++ == 0) {
            hg_buf_puts(p->out, "\n### What closes the gate\n\n| Severity | Target | What | "
                                "Waits on it | Mended |\n|---|---|---|--:|---|\n");
        }
        cause_row(p, &p->causes->list[i]);
        left += !part_fits(p, SHARE(4));
    }
    say_left_out(p, left, all, "lines of what closes the gate");
}

/* ---- everything about one ---- */

static void field(struct hg_buf *out, const char *label, const char *text)
{
    if (text[0] != '\0') {
        hg_buf_printf(out, "- **%s:** ", label);
        hg_put_markdown(out, text);
        hg_buf_putc(out, '\n');
    }
}

static void offenders(struct hg_buf *out, const struct hg_finding *f)
{
    size_t listed = json_array_size(f->offenders), i;
    json_t *item;

    hg_buf_puts(out, listed + f->n_offenders > 0 ? "- **Which:**\n" : "");
    json_array_foreach (f->offenders, i, item) {
        hg_buf_puts(out, "  - ");
        hg_put_markdown(out, json_string_value(item));
        hg_buf_putc(out, '\n');
    }
    if (f->n_offenders > listed) {
        hg_buf_printf(out, "  - and %zu more\n", f->n_offenders - listed);
    }
}

static void fix(struct hg_buf *out, const struct hg_finding *f)
{
    struct hg_buf text = { 0 };

    hg_put_fix(&text, f);
    field(out, "Fix", hg_buf_text(&text));
    if (f->fix_incomplete) {
        hg_buf_puts(out, "- Fill in what stands in &lt;...&gt;, or repeat it for what is not "
                         "named.\n");
    }
    if (f->fix_statement[0] != '\0') {
        hg_buf_putc(out, '\n');
        hg_put_markdown_block(out, f->fix_language, f->fix_statement);
    }
    hg_buf_done(&text);
}

static void sources(struct hg_buf *out, const struct hg_finding *f)
{
    size_t i;
    json_t *item;

    if (f->fix_statement[0] != '\0') {
        hg_buf_putc(out, '\n');
    }
    json_array_foreach (f->refs, i, item) {
        field(out, "See", json_string_value(item));
    }
    json_array_foreach (f->evidence, i, item) {
        field(out, "From", json_string_value(item));
    }
}

/* The first line of what is folded away. Markdown does not look into <summary>; GitHub does. */
static void fold(struct hg_buf *out, const char *word, const char *target, const char *text)
{
    hg_buf_printf(out, "\n<details>\n<summary><b>%s</b> ", word);
    hg_put_markdown(out, target);
    hg_buf_puts(out, ": ");
    hg_put_markdown(out, text);
    hg_buf_puts(out, "</summary>\n\n");
}

static void details(struct paper *p, const struct hg_cause *c)
{
    const struct hg_finding *f = c->finding;
    struct hg_buf *out = &p->part, text = { 0 };

    say_cause(&text, c);
    fold(out, severity_word(c), f->target, hg_buf_text(&text));
    field(out, "Check", f->check);
    if (!c->stands_in) {
        hg_buf_clear(&text);
        hg_put_change(&text, p->run, f);
        field(out, "Change", hg_buf_text(&text));
        field(out, "Expected", f->expected);
        field(out, "Found", f->actual);
        offenders(out, f);
        hg_buf_clear(&text);
        if (c->waiting > 0) {
            hg_page_count(&text, c->waiting, "check waits on this", "checks wait on this");
        }
        field(out, "Waiting", hg_buf_text(&text));
        field(out, "Waiver", f->waiver); /* one that has expired */
        field(out, "Why", f->why);
        fix(out, f);
        sources(out, f);
    }
    hg_buf_puts(out, "\n</details>\n");
    hg_buf_done(&text);
}

static void causes_of(struct paper *p, enum hg_verdict verdict, bool closes, const char *title,
                      size_t limit)
{
    size_t all = 0, left = 0;

    for (size_t i = 0; i < p->causes->n; i++) {
        const struct hg_cause *c = &p->causes->list[i];

        if (c->finding->verdict != verdict || c->closes != closes) {
            continue;
        }
        if (all++ == 0) {
            hg_buf_printf(p->out, "\n### %s\n", title);
        }
        details(p, c);
        left += !part_fits(p, limit);
    }
    hg_buf_printf(&p->part, "entries under \"%s\"", title);
    say_left_out(p, left, all, hg_buf_text(&p->part));
    hg_buf_clear(&p->part);
}

/* ---- what is not wrong, or not the server's fault ---- */

static void faults(struct paper *p)
{
    size_t left = 0;

    if (p->sections->n_faults > 0) {
        hg_buf_puts(p->out, "\n### What headgate itself could not do\n\n");
    }
    for (size_t i = 0; i < p->sections->n; i++) {
        const struct hg_section *s = &p->sections->list[i];

        for (size_t j = 0; j < s->n_faults; j++) {
            hg_buf_puts(&p->part, "- **");
            hg_put_markdown(&p->part, s->name);
            hg_buf_puts(&p->part, ":** ");
            hg_put_markdown(&p->part, s->faults[j]);
            hg_buf_putc(&p->part, '\n');
            left += !part_fits(p, SHARE(7));
        }
    }
    say_left_out(p, left, p->sections->n_faults, "faults of headgate itself");
}

static void listed(struct paper *p, enum hg_verdict verdict, const char *title)
{
    size_t all = 0, left = 0;

    for (size_t i = 0; i < p->run->n_findings; i++) {
        const struct hg_finding *f = &p->run->findings[i];

        if (f->verdict != verdict) {
            continue;
        }
        if (all++ == 0) {
            hg_buf_printf(p->out, "\n### %s\n\n", title);
        }
        hg_buf_puts(&p->part, "- ");
        hg_put_markdown(&p->part, f->target);
        hg_buf_puts(&p->part, ", ");
        hg_put_markdown_code(&p->part, f->check);
        hg_buf_puts(&p->part, ": ");
        hg_put_markdown(&p->part, f->sentence);
        if (f->waiver[0] != '\0') {
            hg_buf_puts(&p->part, "<br>waived ");
            hg_put_markdown(&p->part, f->waiver);
        }
        hg_buf_putc(&p->part, '\n');
        left += !part_fits(p, SHARE(8));
    }
    hg_buf_printf(&p->part, "entries under \"%s\"", title);
    say_left_out(p, left, all, hg_buf_text(&p->part));
    hg_buf_clear(&p->part);
}

/* What the run that this one was compared with had, and this one has not. */
static void since_list(struct paper *p, const json_t *entries, const char *title, size_t limit)
{
    size_t left = 0, i;
    json_t *entry;

    if (json_array_size(entries) > 0) {
        hg_buf_printf(p->out, "\n### %s\n\n", title);
    }
    json_array_foreach (entries, i, entry) {
        struct hg_buf line = { 0 };

        hg_put_since_entry(&line, entry);
        hg_buf_puts(&p->part, "- ");
        hg_put_markdown(&p->part, hg_buf_text(&line));
        hg_buf_putc(&p->part, '\n');
        hg_buf_done(&line);
        left += !part_fits(p, limit);
    }
    hg_buf_printf(&p->part, "entries under \"%s\"", title);
    say_left_out(p, left, json_array_size(entries), hg_buf_text(&p->part));
    hg_buf_clear(&p->part);
}

static void bottom(struct paper *p)
{
    const size_t *n = p->run->count;

    if (n[HG_PASS] + n[HG_SKIP] + n[HG_WAIVED] > 0) {
        hg_buf_putc(p->out, '\n');
        hg_page_count(p->out, n[HG_PASS], "check passed, ", "checks passed, ");
        hg_page_count(p->out, n[HG_SKIP], "does not apply, ", "do not apply, ");
        hg_buf_printf(p->out, "%zu waived.\n", n[HG_WAIVED]);
    }
    if (p->left_out.len > 0) {
        hg_buf_printf(p->out,
                      "\n### Left out\n\nA summary on GitHub may have 1 MiB. Not shown here, "
                      "and in every other format (`--report json=FILE`):\n\n%s",
                      hg_buf_text(&p->left_out));
    }
}

static void page(struct paper *p)
{
    top(p);
    targets(p);
    closing(p);
    causes_of(p, HG_FAIL, true, "Failed", SHARE(6));
    causes_of(p, HG_UNKNOWN, true, "Unknown", SHARE(13) / 2);
    faults(p);
    since_list(p, p->run->since.lost, "No longer looked at", SHARE(29) / 4);
    causes_of(p, HG_FAIL, false, "Failed below the gate", SHARE(15) / 2);
    causes_of(p, HG_UNKNOWN, false, "Unknown below the gate", SHARE(31) / 4);
    listed(p, HG_WAIVED, "Waived");
    since_list(p, p->run->since.fixed, "Fixed", SHARE(8));
    if (p->look->verbose) {
        listed(p, HG_SKIP, "Does not apply");
        listed(p, HG_PASS, "Passed");
    }
    bottom(p);
}

/* Failures before unknowns, blocker before info: what is cut is what stands last. */
static int by_weight(const void *a, const void *b)
{
    const struct hg_cause *x = a, *y = b;

    if (x->finding->verdict != y->finding->verdict) {
        return x->finding->verdict == HG_FAIL ? -1 : 1;
    }
    if (x->severity != y->severity) {
        return x->severity > y->severity ? -1 : 1;
    }
    return x->finding < y->finding ? -1 : x->finding > y->finding;
}

static void write(struct hg_buf *out, const struct hg_run *run, const struct hg_look *look)
{
    struct hg_sections sections;
    struct hg_causes causes = { 0 };
    struct paper p = { out, run, look, &sections, &causes, { 0 }, { 0 } };

    if (hg_sections_make(&sections, run) &&
        hg_causes_make(&causes, &sections, run->n_findings)) {
        qsort(causes.list, causes.n, sizeof(*causes.list), by_weight);
        page(&p);
        out->failed = out->failed || !hg_buf_ok(&p.left_out);
    } else {
        out->failed = true;
    }
    hg_buf_done(&p.part);
    hg_buf_done(&p.left_out);
    hg_causes_done(&causes);
    hg_sections_done(&sections);
}

const struct hg_writer hg_writer_markdown = {
    .name = "markdown",
    .summary = "Markdown for a step's summary or a comment on GitHub",
    .extension = "md",
    .write = write,
};

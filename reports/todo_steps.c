/* SPDX-License-Identifier: Apache-2.0 */
/* todo_steps.c - one block of tonight's list: comments, and the statements that may be pasted.
 *
 * A statement stands uncommented only where pasting it does what the list is for: it closes the
 * gate's gap, nothing in it has to be filled in, it can be undone, and it is in the block's
 * language. */
#include <jansson.h>
#include <string.h>

#include "reports/escape.h"
#include "reports/todo.h"

#define INDENT          6 /* of what belongs to a thing to do, with the comment sign */
#define LABEL           6
#define OFFENDERS_SHOWN 20

static const char *text_of(const json_t *step, const char *key)
{
    const char *text = json_string_value(json_object_get(step, key));

    return text ? text : "";
}

/* ---- comments ---- */

void hg_list_language(struct hg_list *l, const char *language)
{
    l->language = language;
    l->page.margin = strcmp(language, "sql") == 0  ? "-- "
                     : strcmp(language, "js") == 0 ? "// "
                                                   : "# ";
}

static void begin(struct hg_list *l, size_t indent)
{
    size_t sign = strlen(l->page.margin);

    hg_buf_puts(l->page.out, l->page.margin);
    hg_buf_printf(l->page.out, "%*s", (int)(indent > sign ? indent - sign : 0), "");
}

void hg_list_note(struct hg_list *l, size_t indent, const char *text)
{
    size_t sign = strlen(l->page.margin);

    if (text[0] == '\0') {
        hg_buf_put(l->page.out, l->page.margin, sign - 1);
        hg_buf_putc(l->page.out, '\n');
        return;
    }
    begin(l, indent);
    indent = indent > sign ? indent : sign;
    hg_page_flow(&l->page, indent, indent, text);
}

void hg_list_field(struct hg_list *l, const char *label, const char *text)
{
    if (text[0] != '\0') {
        begin(l, INDENT);
        hg_buf_printf(l->page.out, "%-*s", LABEL, label);
        hg_page_flow(&l->page, INDENT + LABEL, INDENT + LABEL, text);
    }
}

void hg_put_shell_word(struct hg_buf *out, const char *text)
{
    struct hg_buf clean = { 0 };
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789.:_-";

    hg_put_plain(&clean, text, false);
    text = hg_buf_text(&clean);
    if (text[0] != '\0' && text[0] != '-' && strspn(text, plain) == strlen(text)) {
        hg_buf_puts(out, text);
    } else {
        hg_buf_putc(out, '\'');
        for (; *text != '\0'; text++) {
            if (*text == '\'') {
                hg_buf_puts(out, "'\\'");
            }
            hg_buf_putc(out, *text);
        }
        hg_buf_putc(out, '\'');
    }
    hg_buf_done(&clean);
}

/* ---- statements ---- */

/* The lines of a text as they are, each behind `margin`; never wrapped or cut. */
static void put_lines(struct hg_buf *out, const char *margin, const char *text)
{
    struct hg_buf clean = { 0 };

    hg_put_plain(&clean, text, true);
    for (const char *line = hg_buf_text(&clean); *line != '\0';) {
        size_t len = strcspn(line, "\n");

        hg_buf_puts(out, margin);
        hg_buf_put(out, line, len);
        hg_buf_putc(out, '\n');
        line += len + (line[len] == '\n');
    }
    out->failed = out->failed || !hg_buf_ok(&clean);
    hg_buf_done(&clean);
}

bool hg_list_can_show(const char *text)
{
    struct hg_buf clean = { 0 };
    bool same;

    hg_put_plain(&clean, text, true);
    same = strcmp(hg_buf_text(&clean), text) == 0;
    hg_buf_done(&clean);
    return same;
}

/* Why a statement stands there as a comment; NULL: it does not. "" needs no words. */
static const char *why_not(const struct hg_list *l, const struct hg_task *t, const json_t *step)
{
    if (strcmp(text_of(step, "language"), l->language) != 0) {
        return strcmp(text_of(step, "language"), "shell") == 0 ? "in a shell:"
                                                               : "in the server's client:";
    }
    if (!hg_list_can_show(text_of(step, "text"))) {
        return "this holds characters that are not shown; write it yourself:";
    }
    if (t->effect == HG_RESTART && json_is_true(json_object_get(step, "afterwards"))) {
        return json_is_true(json_object_get(step, "incomplete"))
                   ? "when the server has restarted; fill in what stands in <...>, then take "
                     "the comment sign away:"
                   : "when the server has restarted; take the comment sign away to do it:";
    }
    if (json_is_true(json_object_get(step, "incomplete"))) {
        return "fill in what stands in <...>, then take the comment sign away:";
    }
    if (t->effect == HG_RECREATE) {
        return "this cannot be undone; take the comment sign away to do it:";
    }
    if (t->optional) {
        return "optional; take the comment sign away to do it:";
    }
    return l->live ? NULL : "";
}

/* What the target's block says already, it says once. Returns the check under which that is. */
static const char *said_before(struct hg_list *l, const struct hg_task *t, const char *text,
                               bool live)
{
    const json_t *before = json_object_get(l->said, text);

    if (before != NULL && (json_is_true(json_object_get(before, "live")) || !live)) {
        return text_of(before, "check");
    }
    json_object_set_new(l->said, text,
                        json_pack("{s:b, s:s}", "live", live, "check", t->finding->check));
    return NULL;
}

static void put_above(struct hg_list *l, const struct hg_task *t, const char *check)
{
    struct hg_buf line = { 0 };

    hg_buf_printf(&line, "a statement of %s, above, is of this too", check);
    if (t->effect != HG_RELOAD && strcmp(check, t->finding->check) != 0) {
        hg_list_note(l, INDENT, hg_buf_text(&line));
    }
    hg_buf_done(&line);
}

/* A line of the check's own that is a comment already. */
static bool is_remark(const struct hg_list *l, const char *text)
{
    return strncmp(text, l->page.margin, strlen(l->page.margin)) == 0 &&
           strchr(text, '\n') == NULL;
}

static void put_statement(struct hg_list *l, const struct hg_task *t, const json_t *step)
{
    const char *text = text_of(step, "text"), *why = why_not(l, t, step);
    const char *above = said_before(l, t, text, why == NULL);

    if (above != NULL) {
        put_above(l, t, above);
        return;
    }
    if (is_remark(l, text)) {
        put_lines(l->page.out, "", text);
        return;
    }
    if (why != NULL && why[0] != '\0') {
        hg_list_note(l, INDENT, why);
    }
    put_lines(l->page.out, why != NULL ? l->page.margin : "", text);
}

/* ---- settings files ---- */

/* What is no line of its own, but a remark on one that is there, goes nowhere in particular. */
static const char *usual_place(const struct hg_task *t, const char *file, const char *text)
{
    const struct hg_run_target *target = t->cause->section->target;
    const char *engine = target ? target->engine : "";

    if (strcmp(file, "pg_hba.conf") == 0) {
        return text[0] == '#'
                   ? "pg_hba.conf (SHOW hba_file; says where it is):"
                   : "pg_hba.conf (SHOW hba_file; says where it is), above the lines "
                     "that are there:";
    }
    if (strcmp(engine, "postgres") == 0) {
        return "postgresql.conf (SHOW config_file; says where it is):";
    }
    if (strcmp(engine, "mysql") == 0) {
        return "the server's settings file (usually /etc/my.cnf, or one below /etc/mysql), "
               "below [mysqld]:";
    }
    if (strcmp(engine, "mongodb") == 0) {
        return "the server's settings file (usually /etc/mongod.conf):";
    }
    return "the settings file:";
}

/* `headed`: the file was named just before. */
static void put_file_lines(struct hg_list *l, const struct hg_task *t, const json_t *step,
                           bool headed)
{
    const char *text = text_of(step, "text"), *above = said_before(l, t, text, true);
    char margin[16];

    if (above != NULL) {
        hg_list_field(l, "in", "the same line of the settings file as above");
        return;
    }
    if (!headed) {
        hg_list_field(l, "in", usual_place(t, text_of(step, "file"), text));
    }
    if (json_is_true(json_object_get(step, "incomplete"))) {
        hg_list_field(l, "", "(fill in what stands in <...>)");
    }
    strcat(strcpy(margin, l->page.margin), "        ");
    put_lines(l->page.out, margin, text);
}

/* ---- one thing to do ---- */

static void put_which(struct hg_list *l, const struct hg_finding *f)
{
    size_t listed = json_array_size(f->offenders);
    size_t all = f->n_offenders > listed ? f->n_offenders : listed;
    size_t shown = listed < OFFENDERS_SHOWN ? listed : OFFENDERS_SHOWN;
    struct hg_buf more = { 0 };

    for (size_t i = 0; i < shown; i++) {
        hg_list_field(l, i == 0 ? "which" : "",
                      json_string_value(json_array_get(f->offenders, i)));
    }
    if (all > shown) {
        hg_buf_printf(&more, "and %zu more: they show when these are done", all - shown);
        hg_list_field(l, "", hg_buf_text(&more));
    }
    hg_buf_done(&more);
}

static void put_head(struct hg_list *l, const struct hg_task *t, size_t number)
{
    static const char *const severities[] = { "INFO", "MINOR", "MAJOR", "BLOCKER" };
    const struct hg_finding *f = t->finding;
    struct hg_buf line = { 0 };

    hg_buf_putc(l->page.out, '\n');
    hg_buf_printf(&line, "%zu. %s ", number, severities[t->cause->severity]);
    if (t->cause->stands_in) {
        hg_page_count(&line, t->cause->waiting, "check waits on ", "checks wait on ");
        hg_buf_printf(&line, "%s, of which this run says nothing; the first is %s", f->waits_on,
                      f->check);
    } else {
        hg_buf_printf(&line, "%s%s%s", f->check,
                      f->verdict == HG_UNKNOWN ? " (could not be looked at)" : "",
                      t->optional ? " (optional: it closes nothing)" : "");
    }
    begin(l, 0);
    hg_page_flow(&l->page, strlen(l->page.margin), INDENT, hg_buf_text(&line));
    hg_list_note(l, INDENT, f->sentence);
    if (!t->cause->stands_in) {
        put_which(l, f);
        hg_list_field(l, "why", f->why);
        hg_list_field(l, "do", f->fix_text);
        hg_buf_clear(&line);
        if (t->cause->waiting > 0) {
            hg_page_count(&line, t->cause->waiting, "check waits on this",
                          "checks wait on this");
        }
        hg_list_field(l, "then", hg_buf_text(&line));
    }
    hg_buf_done(&line);
}

enum pass { FILES, STATEMENTS, AFTERWARDS };

/* Whether it was for a settings file; `headed` whether the one before was. */
static bool put_step(struct hg_list *l, const struct hg_task *t, const json_t *step,
                     enum pass pass, bool headed)
{
    bool afterwards = json_is_true(json_object_get(step, "afterwards"));
    bool file = strcmp(text_of(step, "language"), "file") == 0;

    if (afterwards != (pass == AFTERWARDS) || file != (pass == FILES)) {
        return headed;
    }
    if (file) {
        put_file_lines(l, t, step, headed);
    } else {
        put_statement(l, t, step);
    }
    return file;
}

static void put_steps(struct hg_list *l, const struct hg_task *t, enum pass pass)
{
    const struct hg_finding *f = t->finding;
    json_auto_t *only = NULL;
    bool headed = false;
    size_t i;
    json_t *step;

    if (f->fix_steps == NULL && f->fix_statement[0] != '\0') { /* a run of before */
        only = json_pack("{s:s, s:s, s:b}", "language", f->fix_language, "text",
                         f->fix_statement, "incomplete", f->fix_incomplete);
        put_step(l, t, only, pass, false);
    }
    json_array_foreach (f->fix_steps, i, step) {
        headed = put_step(l, t, step, pass, headed);
    }
}

/* ---- what makes it work, once for all of a block ---- */

static void put_restart(struct hg_list *l, const struct hg_task *t)
{
    const struct hg_run_target *target = t->cause->section->target;
    const char *engine = target ? target->engine : "", *server = target ? target->server : "";
    struct hg_buf line = { 0 };

    hg_buf_printf(&line, "All of this works after a restart: systemctl restart %s",
                  strcmp(engine, "postgres") == 0      ? "postgresql"
                  : strcmp(engine, "mongodb") == 0     ? "mongod"
                  : strncmp(server, "MariaDB", 7) == 0 ? "mariadb"
                  : strcmp(engine, "mysql") == 0       ? "mysql"
                                                       : "SERVICE");
    hg_buf_putc(l->page.out, '\n');
    hg_list_note(l, 0, hg_buf_text(&line));
    hg_buf_done(&line);
}

static void put_pass(struct hg_list *l, const struct hg_picks *picks, enum pass pass)
{
    for (size_t i = 0; i < picks->n; i++) {
        put_steps(l, picks->list[i], pass);
    }
}

void hg_list_tasks(struct hg_list *l, const struct hg_picks *picks, size_t *number)
{
    enum hg_effect effect = picks->list[0]->effect;
    json_auto_t *said = json_object();

    l->said = said;
    for (size_t i = 0; i < picks->n; i++) {
        const struct hg_task *t = picks->list[i];

        put_head(l, t, ++*number);
        if (effect == HG_RESTART || effect == HG_RELOAD) {
            put_steps(l, t, FILES);
        }
        if (effect != HG_RELOAD) {
            put_steps(l, t, STATEMENTS);
        }
        if (effect == HG_ONLINE || effect == HG_RECREATE) {
            put_steps(l, t, FILES);
            put_steps(l, t, AFTERWARDS);
        }
    }
    if (effect == HG_RESTART) {
        put_restart(l, picks->list[0]);
    } else if (effect == HG_RELOAD) {
        put_pass(l, picks, STATEMENTS); /* the files are read once, when all is written */
    }
    if (effect == HG_RESTART || effect == HG_RELOAD) {
        put_pass(l, picks, AFTERWARDS);
    }
    l->said = NULL;
}

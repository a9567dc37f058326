/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/template.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "rules/expr.h"
#include "rules/value.h"

#define MAX_REPEATS 20
#define MAX_TABLES  200 /* named in one statement */

static const char *const kinds[] = { "ident",  "account",   "string",   "text",
                                     "number", "param",     "seconds",  "tables",
                                     "count",  "offenders", "expected", "actual" };

/* The slot that begins at *p == '{': kind and argument copied out; the end after '}' or NULL.
 */
static const char *slot_parse(const char *p, char kind[32], char argument[160])
{
    size_t len = strcspn(p + 1, ":}"), n;
    const char *colon = p + 1 + len;

    if (len == 0 || len >= 32 || *colon == '\0') {
        return NULL;
    }
    memcpy(kind, p + 1, len);
    kind[len] = '\0';
    argument[0] = '\0';
    if (*colon == '}') {
        return colon + 1;
    }
    n = strcspn(colon + 1, "}");
    if (colon[1 + n] != '}' || n == 0 || n >= 160) {
        return NULL;
    }
    memcpy(argument, colon + 1, n);
    argument[n] = '\0';
    return colon + 2 + n;
}

static bool known_kind(const char *kind)
{
    for (size_t i = 0; i < HG_COUNT(kinds); i++) {
        if (strcmp(kinds[i], kind) == 0) {
            return true;
        }
    }
    return false;
}

const char *hg_template_check(const char *text, const char **ret_at)
{
    char kind[32], argument[160];

    for (const char *p = text; *p != '\0'; p++) {
        const char *end;

        if (*p != '{') {
            continue;
        }
        *ret_at = p;
        if (p[1] == '{') {
            p++;
            continue;
        }
        end = slot_parse(p, kind, argument);
        if (end == NULL) {
            return "a slot {kind:address} is not closed; a literal brace is written {{";
        }
        if (!known_kind(kind)) {
            return "no such slot; there are ident, account, string, text, number, param, seconds, "
                   "tables, count, offenders, expected, actual; a literal brace is written {{";
        }
        p = end - 1;
    }
    return NULL;
}

void hg_template_slots(const char *text,
                       void (*slot)(void *data, const char *kind, const char *argument),
                       void *data)
{
    char kind[32], argument[160];

    for (const char *p = text; *p != '\0'; p++) {
        const char *end;

        if (*p != '{') {
            continue;
        }
        if (p[1] == '{') {
            p++;
            continue;
        }
        end = slot_parse(p, kind, argument);
        if (end == NULL) {
            return;
        }
        slot(data, kind, argument);
        p = end - 1;
    }
}

/* ---- quoting ---- */

static void quoted(struct hg_buf *out, const char *text, char quote, bool backslash)
{
    hg_buf_putc(out, quote);
    for (; *text != '\0'; text++) {
        if (*text == quote || (backslash && *text == '\\')) {
            hg_buf_putc(out, *text);
        }
        hg_buf_putc(out, *text);
    }
    hg_buf_putc(out, quote);
}

static void json_text(struct hg_buf *out, const char *text)
{
    json_auto_t *value = json_string(text);
    char *dump = value ? json_dumps(value, JSON_ENCODE_ANY) : NULL;

    hg_buf_puts(out, dump ? dump : "\"\"");
    free(dump);
}

static void put_ident(struct hg_buf *out, const char *engine, const char *text)
{
    if (strcmp(engine, "mysql") == 0) {
        quoted(out, text, '`', false);
    } else if (strcmp(engine, "postgres") == 0) {
        quoted(out, text, '"', false);
    } else {
        json_text(out, text);
    }
}

/* PostgreSQL with standard_conforming_strings on takes backslashes as they are; MySQL does not.
 */
static void put_string(struct hg_buf *out, const char *engine, const char *text)
{
    if (strcmp(engine, "mysql") == 0) {
        quoted(out, text, '\'', true);
    } else if (strcmp(engine, "postgres") == 0) {
        quoted(out, text, '\'', false);
    } else {
        json_text(out, text);
    }
}

/* One half of an account, with or without quotes of its own. */
static void put_half(struct hg_buf *out, const char *text, size_t len)
{
    struct hg_buf half = { 0 };
    char quote = len >= 2 && strchr("'`\"", text[0]) != NULL && text[len - 1] == text[0]
                     ? text[0]
                     : '\0';

    for (size_t i = quote ? 1 : 0; i < len - (quote ? 1 : 0); i++) {
        hg_buf_putc(&half, text[i]);
        i += quote != '\0' && text[i] == quote && text[i + 1] == quote;
    }
    quoted(out, hg_buf_text(&half), '\'', true);
    hg_buf_done(&half);
}

/* "u@h" (as in CURRENT_USER()) or "'u'@'h'" → 'u'@'h'; the last @ parts them. Elsewhere an
 * identifier. */
static void put_account(struct hg_buf *out, const char *engine, const char *text)
{
    const char *at = strrchr(text, '@');

    if (strcmp(engine, "mysql") != 0 || at == NULL) {
        put_ident(out, engine, text);
        return;
    }
    put_half(out, text, (size_t)(at - text));
    hg_buf_putc(out, '@');
    put_half(out, at + 1, strlen(at + 1));
}

/* ---- rendering ---- */

struct rendering {
    const struct hg_case *c;
    const json_t *offenders, *offender;
    const struct hg_said *said;
    bool *incomplete;
};

static json_t *slot_value(const struct rendering *r, const char *kind, const char *argument)
{
    char address[192];

    if (strncmp(argument, "offender", 8) == 0 && (argument[8] == '/' || argument[8] == '\0')) {
        return json_incref(hg_pointer_get(r->offender, argument + 8));
    }
    if (strcmp(kind, "param") == 0 || strcmp(kind, "seconds") == 0) {
        strcat(strcpy(address, "param/"), argument);
        return hg_eval_value(r->c, address);
    }
    return hg_eval_value(r->c, argument);
}

static void missing(struct hg_buf *out, const struct rendering *r, const char *argument)
{
    /* With an example where the form is not what one would write. */
    static const char *const forms[][2] = {
        { "run/range",      "source range, as 10.1.0.0/29"              },
        { "run/ranges",     "source range, as 10.1.0.0/29"              },
        { "run/mysql-host", "source range, as 10.1.0.0/255.255.255.248" },
    };
    const char *slash = strrchr(argument, '/'), *name = slash ? slash + 1 : argument;

    for (size_t i = 0; i < HG_COUNT(forms); i++) {
        name = strcmp(forms[i][0], argument) == 0 ? forms[i][1] : name;
    }
    hg_buf_printf(out, "<%s>", name);
    *r->incomplete = true;
}

static void put_seconds(struct hg_buf *out, const struct rendering *r, const json_t *value,
                        const char *argument)
{
    double number;

    if (hg_value_number(value, &number)) {
        hg_buf_printf(out, "%.0f", number);
    } else {
        missing(out, r, argument);
    }
}

/* A partition is published with its table, and what is not permanent cannot be. */
static bool streamable(const json_t *table)
{
    const char *kind = json_string_value(json_object_get(table, "kind"));
    const char *persistence = json_string_value(json_object_get(table, "persistence"));

    return (kind == NULL || strcmp(kind, "partition") != 0) &&
           (persistence == NULL || strcmp(persistence, "permanent") == 0) &&
           json_is_string(json_object_get(table, "schema")) &&
           json_is_string(json_object_get(table, "name"));
}

/* "s"."a", "s"."b": all of a list that is complete, or it is to be filled in. */
static void put_tables(struct hg_buf *out, const struct rendering *r, const json_t *value)
{
    const char *engine = r->c->check->engine;
    struct hg_buf names = { 0 };
    size_t i, n = 0;
    json_t *table;

    json_array_foreach (json_object_get(value, "items"), i, table) {
        if (streamable(table)) {
            hg_buf_puts(&names, n++ > 0 ? ", " : "");
            put_ident(&names, engine, json_string_value(json_object_get(table, "schema")));
            hg_buf_putc(&names, '.');
            put_ident(&names, engine, json_string_value(json_object_get(table, "name")));
        }
    }
    if (n > 0 && n <= MAX_TABLES && json_is_true(json_object_get(value, "complete"))) {
        hg_buf_puts(out, hg_buf_text(&names));
    } else {
        missing(out, r, "tables in scope");
    }
    hg_buf_done(&names);
}

static void put_value(struct hg_buf *out, const struct rendering *r, const char *kind,
                      const char *argument, const json_t *value)
{
    const char *engine = r->c->check->engine;
    struct hg_buf text = { 0 };

    hg_value_say(&text, value);
    if (strcmp(kind, "seconds") == 0) {
        put_seconds(out, r, value, argument);
    } else if (strcmp(kind, "tables") == 0) {
        put_tables(out, r, value);
    } else if (strcmp(kind, "number") == 0) {
        if (text.len > 0 && strspn(hg_buf_text(&text), "0123456789") == text.len) {
            hg_buf_puts(out, hg_buf_text(&text));
        } else {
            missing(out, r, argument);
        }
    } else if (strcmp(kind, "ident") == 0) {
        put_ident(out, engine,
                  json_is_string(value) ? json_string_value(value) : hg_buf_text(&text));
    } else if (strcmp(kind, "account") == 0) {
        put_account(out, engine,
                    json_is_string(value) ? json_string_value(value) : hg_buf_text(&text));
    } else if (strcmp(kind, "string") == 0) {
        put_string(out, engine,
                   json_is_string(value) ? json_string_value(value) : hg_buf_text(&text));
    } else {
        hg_buf_puts(out, hg_buf_text(&text));
    }
    hg_buf_done(&text);
}

static void put_offender_names(struct hg_buf *out, const json_t *offenders)
{
    size_t n = json_array_size(offenders);

    for (size_t i = 0; i < n && i < 3; i++) {
        hg_buf_puts(out, i > 0 ? ", " : "");
        hg_value_name(out, json_array_get(offenders, i));
    }
    if (n > 3) {
        hg_buf_printf(out, " and %zu more", n - 3);
    }
}

static void put_slot(struct hg_buf *out, const struct rendering *r, const char *kind,
                     const char *argument)
{
    json_auto_t *value = NULL;

    if (strcmp(kind, "count") == 0) {
        hg_buf_printf(out, "%zu", json_array_size(r->offenders));
    } else if (strcmp(kind, "offenders") == 0) {
        put_offender_names(out, r->offenders);
    } else if (strcmp(kind, "expected") == 0) {
        hg_buf_puts(out, r->said ? hg_buf_text(&r->said->expected) : "");
    } else if (strcmp(kind, "actual") == 0) {
        hg_buf_puts(out, r->said ? hg_buf_text(&r->said->actual) : "");
    } else {
        value = slot_value(r, kind, argument);
        if (value == NULL || (json_is_null(value) && (strcmp(kind, "text") != 0 ||
                                                      strncmp(argument, "run/", 4) == 0))) {
            missing(out, r, argument);
        } else {
            put_value(out, r, kind, argument, value);
        }
    }
}

/* "<the range>" in the check's own words: what headgate cannot know. An operator has a blank
 * or a `=` beside it. */
static bool is_blank_to_fill(const char *p)
{
    size_t n = strcspn(p + 1, "<>\n");

    return p[1 + n] == '>' && n > 0 && p[1] != ' ' && p[1] != '=' && p[n] != ' ';
}

static void render_once(struct hg_buf *out, const struct rendering *r, const char *text)
{
    char kind[32], argument[160];

    for (const char *p = text; *p != '\0'; p++) {
        const char *end = *p == '{' && p[1] != '{' ? slot_parse(p, kind, argument) : NULL;

        if (*p == '<' && is_blank_to_fill(p)) {
            *r->incomplete = true;
        }
        if (end != NULL) {
            put_slot(out, r, kind, argument);
            p = end - 1;
        } else {
            hg_buf_putc(out, *p);
            p += (p[0] == '{' && p[1] == '{') || (p[0] == '}' && p[1] == '}');
        }
    }
}

void hg_template_render(struct hg_buf *out, const char *text, const struct hg_case *c,
                        const json_t *offenders, const struct hg_said *said, bool *incomplete)
{
    struct rendering r = { c, offenders, NULL, said, incomplete };
    size_t n = json_array_size(offenders);

    if (strstr(text, ":offender/") == NULL && strstr(text, ":offender}") == NULL) {
        render_once(out, &r, text);
        return;
    }
    for (size_t i = 0; i < n && i < MAX_REPEATS; i++) {
        r.offender = json_array_get(offenders, i);
        hg_buf_puts(out, i > 0 ? "\n" : "");
        render_once(out, &r, text);
    }
    if (n == 0) {
        render_once(out, &r, text);
    }
    if (n > MAX_REPEATS) {
        *incomplete = true; /* the rest is counted in the finding */
    }
}

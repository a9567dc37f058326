/* SPDX-License-Identifier: Apache-2.0 */
#include "load/hcl.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/text.h"

#define MAX_DEPTH 32

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
static const char name_chars[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789-";

struct reader {
    const char *name, *p; /* the text ends with NUL */
    const char *counted;  /* up to here lines are counted: */
    int line;
    struct hg_error *err;
};

static int line_of(struct reader *r)
{
    for (; r->counted < r->p; r->counted++) {
        r->line += *r->counted == '\n';
    }
    return r->line;
}

/* Nothing of the text is repeated: what is not understood may be a secret. */
static bool bad(struct reader *r, const char *what)
{
    return hg_fail(r->err, HG_E_SYNTAX, "%s:%d: %s", r->name, line_of(r), what);
}

bool hg_hcl_is_secret_name(const char *name)
{
    static const char *const words[] = { "password",    "passwd", "secret_data",
                                         "private_key", "token",  "credential" };

    for (size_t i = 0; i < HG_COUNT(words); i++) {
        if (strcasestr(name, words[i]) != NULL) {
            return true;
        }
    }
    return false;
}

/* ---- what is skipped ---- */

/* Past a comment that begins here; false when none does. The newline stays. */
static bool skip_comment(struct reader *r)
{
    if (r->p[0] == '#' || (r->p[0] == '/' && r->p[1] == '/')) {
        r->p += strcspn(r->p, "\n");
        return true;
    }
    if (r->p[0] == '/' && r->p[1] == '*') {
        const char *end = strstr(r->p + 2, "*/");

        r->p = end ? end + 2 : r->p + strlen(r->p);
        return true;
    }
    return false;
}

static void skip_blank(struct reader *r, const char *blanks)
{
    while (*r->p != '\0') {
        size_t n = strspn(r->p, blanks);

        r->p += n;
        if (!skip_comment(r) && n == 0) {
            return;
        }
    }
}

static bool skip_nested(struct reader *r, char close, int depth);

/* From the opening quote to behind the closing one; ${ } may hold strings again. */
static bool skip_string(struct reader *r, int depth)
{
    for (r->p++; *r->p != '"'; r->p++) {
        if (*r->p == '\0' || *r->p == '\n') {
            return bad(r, "a string is not closed");
        }
        if (*r->p == '\\' && r->p[1] != '\0') {
            r->p++;
        } else if ((r->p[0] == '$' || r->p[0] == '%') && r->p[1] == r->p[0] && r->p[2] == '{') {
            r->p += 2; /* $${ is a literal */
        } else if ((r->p[0] == '$' || r->p[0] == '%') && r->p[1] == '{') {
            r->p++;
            if (!skip_nested(r, '}', depth + 1)) {
                return false;
            }
            r->p--;
        }
    }
    r->p++;
    return true;
}

/* <<WORD or <<-WORD, to behind the line that is WORD alone. */
static bool skip_heredoc(struct reader *r)
{
    const char *word = r->p + 2 + (r->p[2] == '-');
    size_t len = strspn(word, name_chars);

    for (const char *line = strchr(word, '\n'); len > 0 && line != NULL;
         line = strchr(line + 1, '\n')) {
        const char *text = line + 1 + strspn(line + 1, " \t");

        if (strncmp(text, word, len) == 0 && strchr("\r\n", text[len]) != NULL) {
            r->p = text + len;
            return true;
        }
    }
    return bad(r, "a heredoc is not closed");
}

/* One piece of an expression: a string, a heredoc, a bracketed part, a comment or a character.
 */
static bool skip_piece(struct reader *r, int depth)
{
    switch (*r->p) {
    case '"':
        return skip_string(r, depth);
    case '(':
        return skip_nested(r, ')', depth + 1);
    case '[':
        return skip_nested(r, ']', depth + 1);
    case '{':
        return skip_nested(r, '}', depth + 1);
    case '<':
        if (r->p[1] == '<' && (r->p[2] == '-' || strchr(letters, r->p[2]) != NULL)) {
            return skip_heredoc(r);
        }
        break;
    default:
        break;
    }
    if (!skip_comment(r)) {
        r->p++;
    }
    return true;
}

/* From an opening bracket to behind its closing one. */
static bool skip_nested(struct reader *r, char close, int depth)
{
    if (depth > MAX_DEPTH) {
        return bad(r, "nested deeper than 32 levels");
    }
    for (r->p++; *r->p != close;) {
        if (*r->p == '\0') {
            return bad(r, "a bracket is not closed");
        }
        if (!skip_piece(r, depth)) {
            return false;
        }
    }
    r->p++;
    return true;
}

/* ---- values ---- */

/* The text between the quotes; NULL where it has escapes that no name needs. */
static json_t *string_of(const char *text, size_t len, bool *ret_template)
{
    HG_AUTO(hg_buf_done) struct hg_buf out = { 0 };

    *ret_template = false;
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '\\') {
            static const char from[] = "nrt\"\\", to[] = "\n\r\t\"\\";
            const char *at = i + 1 < len && text[i + 1] != '\0' ? strchr(from, text[i + 1])
                                                                : NULL;

            if (at == NULL) {
                return NULL; /* \uNNNN: no name of a host has it */
            }
            hg_buf_putc(&out, to[at - from]);
            i++;
        } else {
            *ret_template = *ret_template || ((text[i] == '$' || text[i] == '%') &&
                                              i + 1 < len && text[i + 1] == '{');
            hg_buf_putc(&out, text[i]);
        }
    }
    return hg_buf_ok(&out) ? json_string(hg_buf_text(&out)) : NULL;
}

static bool is_reference(const char *text, size_t len)
{
    size_t i = 0;

    while (i < len) {
        size_t n = 0;

        while (i + n < len && strchr(name_chars, text[i + n]) != NULL) {
            n++;
        }
        if (n == 0 || strchr(letters, text[i]) == NULL) {
            return false;
        }
        i += n;
        if (i < len && (text[i] != '.' || i + 1 == len)) {
            return false;
        }
        i++;
    }
    return memchr(text, '.', len) != NULL;
}

/* NULL: an expression that is more than a literal or a reference. */
static json_t *value_of(const char *text, size_t len)
{
    char number[20], *end;
    bool template = false;

    while (len > 0 && strchr(" \t\r", text[len - 1]) != NULL) {
        len--;
    }
    if (len >= 2 && text[0] == '"') {
        struct reader r = { .name = "", .p = text, .counted = text };
        json_t *string = skip_string(&r, 0) && r.p == text + len
                             ? string_of(text + 1, len - 2, &template)
                             : NULL;

        return string != NULL && template ? json_pack("{s:o}", "template", string) : string;
    }
    if ((len == 4 && strncmp(text, "true", 4) == 0) ||
        (len == 5 && strncmp(text, "false", 5) == 0)) {
        return json_boolean(text[0] == 't');
    }
    if (len > 0 && len < 10 && text[0] >= '0' && text[0] <= '9') {
        snprintf(number, sizeof(number), "%.*s", (int)len, text);
        len = strtoul(number, &end, 10);
        return *end == '\0' ? json_integer((json_int_t)len) : NULL;
    }
    return len > 0 && len < 300 && is_reference(text, len)
               ? json_pack("{s:s%}", "ref", text, len)
               : NULL;
}

/* The expression ends with its line, or with the block around it; comments are not part of it.
 */
static bool skip_expression(struct reader *r, int depth, size_t *ret_len)
{
    const char *start = r->p, *end = NULL;
    bool more = false; /* something follows a comment */

    while (strchr("\n}", *r->p) == NULL) {
        const char *before = r->p;

        if (skip_comment(r)) {
            end = end ? end : before;
            continue;
        }
        more = more || (end != NULL && strchr(" \t\r", *r->p) == NULL);
        if (!skip_piece(r, depth)) {
            return false;
        }
    }
    *ret_len = more ? 0 : (size_t)((end ? end : r->p) - start);
    return true;
}

static bool read_attribute(struct reader *r, const char *name, json_t *body, int depth)
{
    const char *start;
    size_t len;
    json_t *value;

    r->p++; /* = */
    r->p += strspn(r->p, " \t");
    start = r->p;
    if (!skip_expression(r, depth, &len)) {
        return false;
    }
    value = hg_hcl_is_secret_name(name) ? NULL : value_of(start, len);
    if (value != NULL) {
        json_object_set_new(json_object_get(body, "attributes"), name, value);
    }
    return true;
}

/* ---- bodies ---- */

static json_t *new_body(void)
{
    return json_pack("{s:{}, s:[]}", "attributes", "blocks");
}

static bool read_body(struct reader *r, json_t *body, int depth);

/* The labels of a block, up to its brace. */
static bool read_labels(struct reader *r, json_t *labels)
{
    for (;;) {
        const char *start;
        bool template, quoted;
        size_t len;

        r->p += strspn(r->p, " \t");
        start = r->p;
        quoted = *start == '"';
        if (*r->p == '{') {
            return true;
        }
        if (quoted ? !skip_string(r, 0) : (r->p += strspn(r->p, name_chars)) == start) {
            return bad(r, "neither `name = value` nor a block");
        }
        len = (size_t)(r->p - start);
        json_array_append_new(labels,
                              string_of(start + quoted, len - (quoted ? 2 : 0), &template));
    }
}

static bool read_block(struct reader *r, const char *type, json_t *body, int depth)
{
    json_auto_t *block = new_body();

    if (block == NULL) {
        return hg_fail_nomem(r->err);
    }
    json_object_set_new(block, "type", json_string(type));
    json_object_set_new(block, "labels", json_array());
    json_object_set_new(block, "line", json_integer(line_of(r)));
    if (!read_labels(r, json_object_get(block, "labels"))) {
        return false;
    }
    if (depth >= MAX_DEPTH) {
        return bad(r, "nested deeper than 32 levels");
    }
    r->p++;
    if (!read_body(r, block, depth + 1)) {
        return false;
    }
    if (*r->p != '}') {
        return bad(r, "a block is not closed");
    }
    r->p++;
    return json_array_append(json_object_get(body, "blocks"), block) == 0 ||
           hg_fail_nomem(r->err);
}

/* Up to the closing brace or the end of the text. */
static bool read_body(struct reader *r, json_t *body, int depth)
{
    char name[128];

    for (;;) {
        size_t len;

        skip_blank(r, " \t\r\n");
        if (*r->p == '\0' || *r->p == '}') {
            return true;
        }
        len = strspn(r->p, name_chars);
        if (len == 0 || len >= sizeof(name) || strchr(letters, *r->p) == NULL) {
            return bad(r, "neither `name = value` nor a block");
        }
        snprintf(name, sizeof(name), "%.*s", (int)len, r->p);
        r->p += len;
        r->p += strspn(r->p, " \t");
        if (r->p[0] == '=' && r->p[1] != '=' ? !read_attribute(r, name, body, depth)
                                             : !read_block(r, name, body, depth)) {
            return false;
        }
    }
}

json_t *hg_hcl_parse(const char *name, const char *text, size_t len, struct hg_error *err)
{
    HG_AUTO(hg_buf_done) struct hg_buf copy = { 0 }; /* `text` need not end in NUL */
    struct reader r = { .name = name, .line = 1, .err = err };
    json_auto_t *body = new_body();

    hg_buf_put(&copy, text, len);
    if (body == NULL || !hg_buf_ok(&copy)) {
        hg_fail_nomem(err);
        return NULL;
    }
    r.counted = r.p = hg_buf_text(&copy);
    if (strncmp(r.p, "\xEF\xBB\xBF", 3) == 0) {
        r.p += 3;
    }
    if (!hg_utf8_valid(text, len) || memchr(text, '\0', len) != NULL) {
        hg_fail(err, HG_E_SYNTAX, "%s: not text in UTF-8", name);
        return NULL;
    }
    if (!read_body(&r, body, 0)) {
        return NULL;
    }
    if (*r.p != '\0') {
        bad(&r, "a brace closes nothing");
        return NULL;
    }
    return hg_steal(&body);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* doc.c - YAML by libyaml's events, with a depth of its own, positions kept beside the values.
 *
 * libyaml's document loader is quadratic on nested brackets and resolves aliases into cycles
 * (RELIABILITY 2.3); events with a depth counter are neither. Each position costs a copy of its
 * pointer, so that pointers are bounded too: a key of half a megabyte above a long list would
 * take all memory otherwise. */
#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/file.h"
#include "base/text.h"
#include "load/excerpt.h"
#include "load/load.h"

#define MAX_DEPTH   32
#define MAX_BYTES   (1 << 20)
#define MAX_POINTER 480 /* struct hg_at holds one in 512 bytes */

struct reader {
    yaml_parser_t parser;
    yaml_event_t event; /* the current one */
    struct hg_doc *doc;
    const char *text;
    struct hg_buf path; /* pointer of the value that is being read */
    struct hg_error *err;
    int depth;
};

void hg_doc_free(struct hg_doc *doc)
{
    if (doc != NULL) {
        free(doc->name);
        free(doc->text);
        json_decref(doc->root);
        json_decref(doc->positions);
        free(doc);
    }
}

/* The position at a pointer, or of the nearest value above it: what is missing has none. */
static const json_t *position_of(const struct hg_doc *doc, const char *pointer)
{
    const json_t *at = json_object_get(doc->positions, pointer);
    struct hg_buf above = { 0 };
    const char *slash;

    hg_buf_puts(&above, pointer[0] == '#' ? pointer + 1 : pointer);
    while (at == NULL && hg_buf_ok(&above)) {
        at = json_object_get(doc->positions, hg_buf_text(&above));
        slash = strrchr(hg_buf_text(&above), '/');
        if (slash == NULL) {
            break;
        }
        above.len = (size_t)(slash - above.text);
        above.text[above.len] = '\0';
    }
    hg_buf_done(&above);
    return at;
}

bool hg_doc_fail(const struct hg_doc *doc, const char *pointer, struct hg_error *err,
                 const char *fmt, ...)
{
    const json_t *at = position_of(doc, pointer);
    char text[400];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    if (at == NULL) {
        return hg_fail(err, HG_E_SYNTAX, "%s: %s", doc->name, text);
    }
    if (err != NULL && err->code == HG_E_NONE) {
        err->line = (int)json_integer_value(json_array_get(at, 0));
        err->column = (int)json_integer_value(json_array_get(at, 1));
        if (!err->plain) {
            hg_excerpt(&(struct hg_spot){ doc->text, err->line, err->column, pointer, text },
                       err->excerpt, sizeof(err->excerpt));
        }
        return hg_fail(err, HG_E_SYNTAX, "%s:%d:%d: %s", doc->name, err->line, err->column,
                       text);
    }
    return false;
}

static bool fail_at(const struct reader *r, yaml_mark_t mark, const char *what)
{
    struct hg_error *err = r->err;

    if (err == NULL || err->code != HG_E_NONE) {
        return false;
    }
    err->line = (int)mark.line + 1;
    err->column = (int)mark.column + 1;
    hg_excerpt(
        &(struct hg_spot){ r->text, err->line, err->column, hg_buf_text(&r->path), what },
        err->excerpt, sizeof(err->excerpt));
    return hg_fail(err, HG_E_SYNTAX, "%s:%d:%d: %s", r->doc->name, err->line, err->column,
                   what);
}

/* Line and column of a byte, counted as libyaml counts them: in characters. */
static yaml_mark_t mark_at(const char *text, size_t offset)
{
    yaml_mark_t mark = { .index = offset };

    for (size_t i = 0; i < offset; i++) {
        if (text[i] == '\n') {
            mark.line++;
            mark.column = 0;
        } else if (((unsigned char)text[i] & 0xC0) != 0x80) {
            mark.column++;
        }
    }
    return mark;
}

static bool next(struct reader *r)
{
    const yaml_parser_t *p = &r->parser;
    char text[200];

    yaml_event_delete(&r->event);
    if (yaml_parser_parse(&r->parser, &r->event)) {
        return true;
    }
    memset(&r->event, 0, sizeof(r->event));
    if (p->error == YAML_MEMORY_ERROR) {
        return hg_fail_nomem(r->err);
    }
    snprintf(text, sizeof(text), "not well-formed: %s%s%s",
             p->problem ? p->problem : "unreadable", p->context ? ", " : "",
             p->context ? p->context : "");
    /* What cannot even be read as characters has an offset only. */
    return fail_at(r,
                   p->error == YAML_READER_ERROR ? mark_at(r->text, p->problem_offset)
                                                 : p->problem_mark,
                   text);
}

static void remember(struct reader *r, const char *prefix, yaml_mark_t mark)
{
    struct hg_buf key = { 0 };

    hg_buf_printf(&key, "%s%s", prefix, hg_buf_text(&r->path));
    json_object_set_new(
        r->doc->positions, hg_buf_text(&key),
        json_pack("[I, I]", (json_int_t)mark.line + 1, (json_int_t)mark.column + 1));
    hg_buf_done(&key);
}

/* Goes one step down: "/name" with ~ and / escaped (RFC 6901). Returns the length to go back
 * to. */
static size_t descend(struct reader *r, const char *name)
{
    size_t before = r->path.len;

    hg_buf_putc(&r->path, '/');
    for (; *name != '\0'; name++) {
        if (*name == '~' || *name == '/') {
            hg_buf_puts(&r->path, *name == '~' ? "~0" : "~1");
        } else {
            hg_buf_putc(&r->path, *name);
        }
    }
    return before;
}

static void ascend(struct reader *r, size_t before)
{
    r->path.len = before;
    if (r->path.text != NULL) {
        r->path.text[before] = '\0';
    }
}

static json_t *plain(const char *text)
{
    char *end;
    long long whole;
    double real;

    if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0) {
        return json_boolean(text[0] == 't');
    }
    if (text[0] == '\0' || strcmp(text, "null") == 0 || strcmp(text, "~") == 0) {
        return json_null();
    }
    if (strspn(text, "0123456789+-.eE") != strlen(text)) {
        return json_string(text);
    }
    whole = strtoll(text, &end, 10);
    if (*end == '\0' && strlen(text) < 19 && end != text) {
        return json_integer(whole);
    }
    real = strtod(text, &end);
    if (*end == '\0' && end != text && strpbrk(text, ".eE") != NULL && strlen(text) < 19 &&
        strchr(text, '.') == strrchr(text, '.') && isfinite(real)) {
        return json_real(real);
    }
    return json_string(text);
}

static json_t *read_value(struct reader *r);

static json_t *read_scalar(struct reader *r)
{
    const yaml_event_t *e = &r->event;
    const char *text = (const char *)e->data.scalar.value;

    if (strlen(text) != e->data.scalar.length) {
        fail_at(r, e->start_mark, "a text with a NUL in it");
        return NULL;
    }
    return e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE ? plain(text) : json_string(text);
}

static bool refused(struct reader *r)
{
    const yaml_event_t *e = &r->event;
    bool scalar = e->type == YAML_SCALAR_EVENT, map = e->type == YAML_MAPPING_START_EVENT;
    const void *anchor = scalar ? e->data.scalar.anchor
                         : map  ? e->data.mapping_start.anchor
                                : e->data.sequence_start.anchor;
    const void *tag = scalar ? e->data.scalar.tag
                      : map  ? e->data.mapping_start.tag
                             : e->data.sequence_start.tag;

    if (anchor != NULL) {
        return !fail_at(r, e->start_mark, "anchors (&name) are not allowed here");
    }
    if (tag != NULL) {
        return !fail_at(r, e->start_mark, "tags (!name) are not allowed here");
    }
    return false;
}

static bool read_pair(struct reader *r, json_t *object)
{
    const char *text = (const char *)r->event.data.scalar.value;
    char *key;
    size_t before;
    json_t *value = NULL;

    if (r->event.type != YAML_SCALAR_EVENT) {
        return fail_at(r, r->event.start_mark, "a key must be a word");
    }
    if (refused(r)) {
        return false;
    }
    if (strlen(text) != r->event.data.scalar.length) {
        return fail_at(r, r->event.start_mark, "a key with a NUL in it");
    }
    key = strdup(text);
    if (key == NULL) {
        return hg_fail_nomem(r->err);
    }
    before = descend(r, key);
    if (json_object_get(object, key) != NULL) {
        char pointer[600], first[64] = "";
        const json_t *at;

        snprintf(pointer, sizeof(pointer), "#%s", hg_buf_text(&r->path));
        at = json_object_get(r->doc->positions, pointer);
        snprintf(first, sizeof(first), "line %lld",
                 (long long)json_integer_value(json_array_get(at, 0)));
        snprintf(pointer, sizeof(pointer), "`%.100s` stands here twice; the first is on %s",
                 key, first);
        fail_at(r, r->event.start_mark, pointer);
    } else {
        remember(r, "#", r->event.start_mark);
        value = next(r) ? read_value(r) : NULL;
    }
    ascend(r, before);
    if (value != NULL && json_object_set_new(object, key, value) != 0) {
        value = NULL;
        hg_fail_nomem(r->err);
    }
    free(key);
    return value != NULL;
}

static json_t *read_mapping(struct reader *r)
{
    json_auto_t *object = json_object();

    while (next(r)) {
        if (r->event.type == YAML_MAPPING_END_EVENT) {
            return hg_steal(&object);
        }
        if (!read_pair(r, object)) {
            return NULL;
        }
    }
    return NULL;
}

static json_t *read_sequence(struct reader *r)
{
    json_auto_t *array = json_array();

    while (next(r)) {
        char index[24];
        size_t before;
        json_t *value;

        if (r->event.type == YAML_SEQUENCE_END_EVENT) {
            return hg_steal(&array);
        }
        snprintf(index, sizeof(index), "%zu", json_array_size(array));
        before = descend(r, index);
        value = read_value(r);
        ascend(r, before);
        if (value == NULL || json_array_append_new(array, value) != 0) {
            return NULL;
        }
    }
    return NULL;
}

static json_t *read_value(struct reader *r)
{
    json_t *value = NULL;

    if (r->event.type == YAML_ALIAS_EVENT) {
        fail_at(r, r->event.start_mark, "aliases (*name) are not allowed here");
        return NULL;
    }
    if (r->depth >= MAX_DEPTH) {
        fail_at(r, r->event.start_mark, "nested deeper than 32 levels");
        return NULL;
    }
    if (r->path.len > MAX_POINTER) {
        fail_at(r, r->event.start_mark, "the keys down to here are too long");
        return NULL;
    }
    if (refused(r)) {
        return NULL;
    }
    remember(r, "", r->event.start_mark);
    r->depth++;
    value = r->event.type == YAML_SCALAR_EVENT           ? read_scalar(r)
            : r->event.type == YAML_MAPPING_START_EVENT  ? read_mapping(r)
            : r->event.type == YAML_SEQUENCE_START_EVENT ? read_sequence(r)
                                                         : NULL;
    r->depth--;
    return value;
}

static bool read_stream(struct reader *r)
{
    if (!next(r) || !next(r)) {
        return false;
    }
    if (r->event.type != YAML_DOCUMENT_START_EVENT) {
        return fail_at(r, (yaml_mark_t){ 0 }, "the file is empty");
    }
    if (!next(r) || (r->doc->root = read_value(r)) == NULL || !next(r) || !next(r)) {
        return false;
    }
    if (r->event.type != YAML_STREAM_END_EVENT) {
        return fail_at(r, r->event.start_mark, "a second document; one is expected");
    }
    return true;
}

/* The first byte that is NUL or no UTF-8 is said with its place. */
static bool is_text(const struct reader *r, size_t len)
{
    const unsigned char *p = (const unsigned char *)r->text;
    unsigned ignored;

    for (size_t i = 0, n; i < len; i += n) {
        n = hg_utf8_decode(p + i, len - i, &ignored);
        if (n == 0 || p[i] == '\0') {
            return fail_at(r, mark_at(r->text, i), n == 0 ? "not text in UTF-8" : "a NUL byte");
        }
    }
    return true;
}

/* The code unit of "\uXXXX" at `p`, or 0. */
static unsigned escaped(const char *p)
{
    char digits[5] = "", *end = digits;
    unsigned long unit = 0;

    if (p[0] == '\\' && p[1] == 'u') {
        snprintf(digits, sizeof(digits), "%.4s", p + 2);
        unit = strtoul(digits, &end, 16);
    }
    return end == digits + 4 ? (unsigned)unit : 0;
}

/* JSON writes what lies above U+FFFF as two escapes, which YAML refuses: they become its one
 * (columns behind it on that line move by two). Only where jansson says that this is JSON: in
 * other YAML a backslash may stand for itself. */
static bool join_surrogates(const char *text, size_t len, struct hg_buf *out)
{
    json_auto_t *json = NULL;

    if (strstr(text, "\\ud") == NULL && strstr(text, "\\uD") == NULL) {
        return false;
    }
    json = json_loadb(text, len, JSON_DECODE_ANY, NULL);
    for (const char *p = text; json != NULL && *p != '\0';) {
        unsigned high = escaped(p), low = high >> 10 == 0x36 ? escaped(p + 6) : 0;

        if (low >> 10 == 0x37) {
            hg_buf_printf(out, "\\U%08X", 0x10000 + ((high & 0x3FF) << 10) + (low & 0x3FF));
            p += 12;
        } else {
            size_t n = p[0] == '\\' ? 2 : 1; /* an escaped backslash begins no escape */

            hg_buf_put(out, p, n);
            p += n;
        }
    }
    return json != NULL && hg_buf_ok(out);
}

static bool read_text(struct reader *r, size_t len)
{
    struct hg_buf joined = { 0 };
    bool ok;

    if (join_surrogates(r->text, len, &joined)) {
        r->text = hg_buf_text(&joined);
        len = joined.len;
    }
    if (!yaml_parser_initialize(&r->parser)) {
        hg_buf_done(&joined);
        return hg_fail_nomem(r->err);
    }
    yaml_parser_set_encoding(&r->parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&r->parser, (const unsigned char *)r->text, len);
    r->doc->text = strdup(r->text);
    ok = r->doc->text != NULL ? read_stream(r) : hg_fail_nomem(r->err);
    yaml_event_delete(&r->event);
    yaml_parser_delete(&r->parser);
    hg_buf_done(&r->path);
    hg_buf_done(&joined);
    return ok || hg_fail(r->err, HG_E_SYNTAX, "%s: cannot be read", r->doc->name);
}

struct hg_doc *hg_doc_parse(const char *name, const char *text, size_t len,
                            struct hg_error *err)
{
    HG_AUTO(hg_doc_freep) struct hg_doc *doc = calloc(1, sizeof(*doc));
    struct reader r = { .doc = doc, .err = err };
    HG_AUTO(hg_buf_done) struct hg_buf copy = { 0 }; /* `text` need not end in NUL */

    hg_buf_put(&copy, text, len);
    r.text = hg_buf_text(&copy);
    if (doc == NULL || !hg_buf_ok(&copy) || (doc->name = strdup(name)) == NULL ||
        (doc->positions = json_object()) == NULL) {
        hg_fail_nomem(err);
        return NULL;
    }
    return is_text(&r, len) && read_text(&r, len) ? hg_steal(&doc) : NULL;
}

struct hg_doc *hg_doc_load(const char *path, struct hg_error *err)
{
    struct hg_buf text = { 0 };
    struct hg_doc *doc = NULL;

    if (hg_file_read(path, MAX_BYTES, &text, err)) {
        doc = hg_doc_parse(strcmp(path, "-") == 0 ? "(standard input)" : path,
                           hg_buf_text(&text), text.len, err);
    }
    if (err != NULL && (err->code == HG_E_IO || err->code == HG_E_LIMIT)) {
        err->code = HG_E_USAGE; /* a file that was named and is not there: the caller's words */
    }
    hg_buf_done(&text);
    return doc;
}

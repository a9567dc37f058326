/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/escape.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define REPLACEMENT "\xef\xbf\xbd"

/* One character; what is not UTF-8 becomes U+FFFD. Returns how many bytes it took. */
static size_t take(const char *text, size_t left, unsigned *ret)
{
    size_t n = hg_utf8_decode((const unsigned char *)text, left, ret);

    if (n == 0) {
        *ret = 0xfffd;
        return 1;
    }
    return n;
}

/* The same characters as hg_text_clean() shows as \u{HEX}. */
static bool is_unsafe(unsigned c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x61c || (c >= 0x200b && c <= 0x200f) ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff ||
           (c & 0xfffe) == 0xfffe;
}

static bool is_blank(unsigned c)
{
    return c == ' ' || c == '\t' || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) ||
           c == 0x202f || c == 0x205f || c == 0x3000;
}

const char *hg_command_in(const char *line)
{
    const char *name, *end = line + strcspn(line, "\n"), *second;
    unsigned c = 0;

    for (size_t n = 0;; line += n) {
        n = hg_utf8_decode((const unsigned char *)line, (size_t)(end - line), &c);
        if (n == 0 || !is_blank(c)) {
            break;
        }
    }
    if (strncmp(line, "::", 2) != 0) {
        return NULL;
    }
    name = line + 2 + strspn(line + 2, "abcdefghijklmnopqrstuvwxyz-_");
    second = name > line + 2 && (*name == ' ' || *name == ':') ? strstr(name, "::") : NULL;
    return second != NULL && second < end ? line : NULL;
}

void hg_put_plain(struct hg_buf *out, const char *text, bool lines)
{
    const char *begin = text, *command = hg_command_in(text);
    size_t left = strlen(text);

    while (left > 0) {
        unsigned c;
        size_t n = take(text, left, &c);

        if (c == '\n' || c == '\t') {
            hg_buf_putc(out, lines && c == '\n' ? '\n' : ' ');
            command = c == '\n' ? hg_command_in(text + 1) : command;
        } else if (is_unsafe(c) || c == 0xfffd || text == command ||
                   (c == '[' && text - begin >= 2 && text[-1] == '#' && text[-2] == '#')) {
            hg_buf_puts(out, REPLACEMENT);
        } else {
            hg_buf_put(out, text, n);
        }
        text += n;
        left -= n;
    }
}

static void put_entities(struct hg_buf *out, const char *text, bool lines)
{
    struct hg_buf clean = { 0 };

    hg_put_plain(&clean, text, lines);
    out->failed = out->failed || !hg_buf_ok(&clean);
    for (const char *p = hg_buf_text(&clean); *p != '\0'; p++) {
        switch (*p) {
        case '&':
            hg_buf_puts(out, "&amp;");
            break;
        case '<':
            hg_buf_puts(out, "&lt;");
            break;
        case '>':
            hg_buf_puts(out, "&gt;"); /* also in `]]>` */
            break;
        case '"':
            hg_buf_puts(out, "&quot;");
            break;
        default:
            hg_buf_putc(out, *p);
        }
    }
    hg_buf_done(&clean);
}

void hg_put_xml(struct hg_buf *out, const char *text)
{
    put_entities(out, text, false);
}

void hg_put_xml_text(struct hg_buf *out, const char *text)
{
    put_entities(out, text, true);
}

static void put_escaped(struct hg_buf *out, const char *text, bool lines, const char *special)
{
    struct hg_buf clean = { 0 };

    hg_put_plain(&clean, text, lines);
    out->failed = out->failed || !hg_buf_ok(&clean);
    for (const char *p = hg_buf_text(&clean); *p != '\0'; p++) {
        if (*p == '\n') {
            hg_buf_puts(out, "\\n");
            continue;
        }
        if (strchr(special, *p) != NULL) {
            hg_buf_putc(out, '\\');
        }
        hg_buf_putc(out, *p);
    }
    hg_buf_done(&clean);
}

void hg_put_tap(struct hg_buf *out, const char *text)
{
    put_escaped(out, text, false, "\\#");
}

void hg_put_quoted(struct hg_buf *out, const char *text)
{
    hg_buf_putc(out, '"');
    put_escaped(out, text, true, "\\\"");
    hg_buf_putc(out, '"');
}

void hg_put_json(struct hg_buf *out, const char *json, size_t len)
{
    size_t hashes = 0;

    while (len > 0) {
        unsigned c;
        size_t n = take(json, len, &c);

        if (c == '[' && hashes >= 2) {
            hg_buf_puts(out, "\\u005b");
        } else if (c < 0x20 || !is_unsafe(c)) { /* jansson escaped those inside of strings */
            hg_buf_put(out, json, n);
        } else if (c > 0xffff) {
            hg_buf_printf(out, "\\u%04x\\u%04x", 0xd800 + ((c - 0x10000) >> 10),
                          0xdc00 + ((c - 0x10000) & 0x3ff));
        } else {
            hg_buf_printf(out, "\\u%04x", c);
        }
        hashes = c == '#' ? hashes + 1 : 0;
        json += n;
        len -= n;
    }
}

void hg_put_document(struct hg_buf *out, const json_t *doc)
{
    char *text = doc ? json_dumps(doc, JSON_INDENT(1)) : NULL;

    if (text == NULL) {
        out->failed = true;
        return;
    }
    hg_put_json(out, text, strlen(text));
    hg_buf_putc(out, '\n');
    free(text);
}

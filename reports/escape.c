/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/escape.h"

#include <string.h>

#include "base/text.h"

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

static bool is_control(unsigned c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x2028 && c <= 0x202e) ||
           (c >= 0x2066 && c <= 0x2069) || (c & 0xfffe) == 0xfffe;
}

static const char *xml_entity(unsigned c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\n':
        return "&#10;";
    default:
        return is_control(c) && c != '\t' ? "\xef\xbf\xbd" : NULL;
    }
}

void hg_put_xml(struct hg_buf *out, const char *text)
{
    size_t left = strlen(text);

    while (left > 0) {
        unsigned c;
        size_t n = take(text, left, &c);
        const char *entity = xml_entity(c);

        if (entity != NULL || c == 0xfffd) {
            hg_buf_puts(out, entity ? entity : "\xef\xbf\xbd");
        } else {
            hg_buf_put(out, text, n);
        }
        text += n;
        left -= n;
    }
}

void hg_put_plain(struct hg_buf *out, const char *text, bool lines)
{
    size_t left = strlen(text);

    while (left > 0) {
        unsigned c;
        size_t n = take(text, left, &c);

        if (c == '\n' || c == '\t') {
            hg_buf_putc(out, lines && c == '\n' ? '\n' : ' ');
        } else if (is_control(c) || c == 0xfffd) {
            hg_buf_puts(out, "\xef\xbf\xbd");
        } else {
            hg_buf_put(out, text, n);
        }
        text += n;
        left -= n;
    }
}

void hg_put_tap(struct hg_buf *out, const char *text)
{
    struct hg_buf clean = { 0 };

    hg_put_plain(&clean, text, false);
    for (const char *p = hg_buf_text(&clean); *p != '\0'; p++) {
        if (*p == '\\' || *p == '#') {
            hg_buf_putc(out, '\\');
        }
        hg_buf_putc(out, *p);
    }
    hg_buf_done(&clean);
}

void hg_put_quoted(struct hg_buf *out, const char *text)
{
    struct hg_buf clean = { 0 };

    hg_put_plain(&clean, text, true);
    hg_buf_putc(out, '"');
    for (const char *p = hg_buf_text(&clean); *p != '\0'; p++) {
        if (*p == '\n') {
            hg_buf_puts(out, "\\n");
            continue;
        }
        if (*p == '"' || *p == '\\') {
            hg_buf_putc(out, '\\');
        }
        hg_buf_putc(out, *p);
    }
    hg_buf_putc(out, '"');
    hg_buf_done(&clean);
}

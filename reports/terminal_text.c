/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/text.h"
#include "reports/escape.h"
#include "reports/terminal.h"

#define LABEL 10 /* columns of a label with the blank behind it */

void hg_page_ink(const struct hg_page *p, enum hg_ink ink, const char *text)
{
    static const char *const codes[] = { "0", "1", "2", "1;31", "1;33", "1;32" };
    bool coloured = p->look->colour && ink != HG_PLAIN;

    if (coloured) {
        hg_buf_printf(p->out, "\033[%sm", codes[ink]);
    }
    hg_put_plain(p->out, text, false);
    if (coloured) {
        hg_buf_puts(p->out, "\033[0m");
    }
}

static void indent_by(struct hg_buf *out, size_t n)
{
    hg_buf_printf(out, "%*s", (int)n, "");
}

static size_t width_of(const char *word, size_t len)
{
    size_t width = 0;

    for (size_t i = 0; i < len; i++) {
        width += ((unsigned char)word[i] & 0xc0) != 0x80;
    }
    return width;
}

void hg_page_flow(const struct hg_page *p, size_t column, size_t indent, const char *text)
{
    struct hg_buf clean = { 0 };
    size_t width = p->look->width;
    const char *command = NULL;
    bool first = true;

    hg_put_plain(&clean, text, false);
    for (const char *w = hg_buf_text(&clean); *w != '\0';) {
        size_t len = strcspn(w, " "), wide = width_of(w, len);

        if (!first && width > 0 && column + 1 + wide > width) {
            size_t margin = p->margin ? strlen(p->margin) : 0;

            hg_buf_putc(p->out, '\n');
            hg_buf_puts(p->out, p->margin ? p->margin : "");
            indent_by(p->out, indent > margin ? indent - margin : 0);
            column = indent;
            command = hg_command_in(w);
        } else if (!first) {
            hg_buf_putc(p->out, ' ');
            column++;
        }
        if (command >= w && command < w + len) { /* nothing may begin a line so */
            hg_buf_put(p->out, w, (size_t)(command - w));
            hg_buf_puts(p->out, "\xef\xbf\xbd");
            hg_buf_put(p->out, command + 1, len - (size_t)(command - w) - 1);
        } else {
            hg_buf_put(p->out, w, len);
        }
        column += wide;
        first = false;
        w += len;
        w += strspn(w, " ");
    }
    hg_buf_putc(p->out, '\n');
    hg_buf_done(&clean);
}

void hg_page_field(const struct hg_page *p, const char *label, const char *text)
{
    if (text[0] != '\0') {
        indent_by(p->out, HG_PAGE_INDENT);
        hg_page_ink(p, HG_DIM, label);
        indent_by(p->out, LABEL - strlen(label));
        hg_page_flow(p, HG_PAGE_INDENT + LABEL, HG_PAGE_INDENT + LABEL, text);
    }
}

void hg_page_verbatim(const struct hg_page *p, const char *text)
{
    struct hg_buf clean = { 0 };

    hg_put_plain(&clean, text, true);
    for (const char *line = hg_buf_text(&clean); *line != '\0';) {
        size_t len = strcspn(line, "\n");

        /* Indented: a line of a hostile name can look like no other line of the report. */
        indent_by(p->out, len > 0 ? HG_PAGE_INDENT : 0);
        hg_buf_put(p->out, line, len);
        hg_buf_putc(p->out, '\n');
        line += len + (line[len] == '\n');
    }
    hg_buf_done(&clean);
}

void hg_page_count(struct hg_buf *out, size_t n, const char *one, const char *many)
{
    hg_buf_printf(out, "%zu %s", n, n == 1 ? one : many);
}

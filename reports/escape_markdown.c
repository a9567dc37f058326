/* SPDX-License-Identifier: Apache-2.0 */
/* escape_markdown.c - foreign text for readers that look for meaning in it: Markdown, and the
 * log of GitHub's runner. */
#include <string.h>

#include "reports/escape.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_word(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c & 0x80) != 0;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* One line without blanks at its ends, and one blank where there are many: so HTML shows it. */
static void one_line(struct hg_buf *out, const char *text)
{
    struct hg_buf clean = { 0 };
    bool blank = false;

    hg_put_plain(&clean, text, false);
    for (const char *p = hg_buf_text(&clean); *p != '\0'; p++) {
        if (*p == ' ') {
            blank = out->len > 0;
            continue;
        }
        if (blank) {
            hg_buf_putc(out, ' ');
        }
        blank = false;
        hg_buf_putc(out, *p);
    }
    out->failed = out->failed || !hg_buf_ok(&clean);
    hg_buf_done(&clean);
}

/* ":word:", or ":word" at the end, where a colon of ours may follow. */
static bool is_emoji(const char *p)
{
    size_t n = 1;

    while (is_word(p[n]) || p[n] == '_' || p[n] == '+' || p[n] == '-') {
        n++;
    }
    return n > 1 && (p[n] == ':' || p[n] == '\0');
}

/* The character at `p` is one that GitHub would make a link, a mention, an emoji or a formula
 * of, whatever was escaped: it looks for these in the rendered text. */
static bool would_be_found(const char *text, const char *p)
{
    size_t before = (size_t)(p - text);

    switch (*p) {
    case '$':
        return true;
    case '@':
        return is_word(p[1]) || p[1] == '_';
    case '#':
        return is_word(p[1]);
    case ':':
        return (p[1] == '/' && p[2] == '/') || is_emoji(p);
    case '.':
        return before >= 3 && lower(p[-1]) == 'w' && lower(p[-2]) == 'w' && lower(p[-3]) == 'w';
    case '-':
        return before >= 2 && lower(p[-1]) == 'h' && lower(p[-2]) == 'g' && is_digit(p[1]);
    default:
        return false;
    }
}

static bool is_structure(const char *text, const char *p)
{
    if (p == text && strchr("-+=", *p) != NULL) { /* a list, a rule, a heading */
        return true;
    }
    if ((*p == '.' || *p == ')') && p > text) { /* "1." begins a list as well */
        return strspn(text, "0123456789") == (size_t)(p - text);
    }
    if (*p == '_') { /* inside of a word it is a letter */
        return p == text || !is_word(p[-1]) || !is_word(p[1]);
    }
    return strchr("\\`*[]<>&|~#^{}", *p) != NULL;
}

void hg_put_markdown(struct hg_buf *out, const char *text)
{
    struct hg_buf line = { 0 };
    const char *begin;

    one_line(&line, text);
    begin = hg_buf_text(&line);
    for (const char *p = begin; *p != '\0'; p++) {
        bool structure = is_structure(begin, p), found = would_be_found(begin, p);

        hg_buf_puts(out, found ? "<span>" : "");
        if (structure) {
            hg_buf_printf(out, "&#%d;", *p);
        } else {
            hg_buf_putc(out, *p);
        }
        hg_buf_puts(out, found ? "</span>" : "");
    }
    out->failed = out->failed || !hg_buf_ok(&line);
    hg_buf_done(&line);
}

void hg_put_markdown_code(struct hg_buf *out, const char *text)
{
    struct hg_buf line = { 0 };

    one_line(&line, text);
    if (line.len == 0 || strpbrk(hg_buf_text(&line), "`|\\$") != NULL) {
        hg_put_markdown(out, hg_buf_text(&line));
    } else {
        hg_buf_printf(out, "`%s`", hg_buf_text(&line));
    }
    out->failed = out->failed || !hg_buf_ok(&line);
    hg_buf_done(&line);
}

static void put_fence(struct hg_buf *out, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        hg_buf_putc(out, '`');
    }
}

void hg_put_markdown_block(struct hg_buf *out, const char *language, const char *text)
{
    static const char *const known[] = { "sql", "js", "shell" };
    struct hg_buf clean = { 0 };
    size_t fence = 3, run = 0;

    hg_put_plain(&clean, text, true);
    for (const char *p = hg_buf_text(&clean); *p != '\0'; p++) {
        run = *p == '`' ? run + 1 : 0;
        fence = run >= fence ? run + 1 : fence;
    }
    put_fence(out, fence);
    for (size_t i = 0; i < HG_COUNT(known); i++) {
        hg_buf_puts(out, strcmp(language, known[i]) == 0 ? known[i] : "");
    }
    hg_buf_printf(out, "\n%s", hg_buf_text(&clean));
    if (clean.len == 0 || clean.text[clean.len - 1] != '\n') {
        hg_buf_putc(out, '\n');
    }
    put_fence(out, fence);
    hg_buf_putc(out, '\n');
    out->failed = out->failed || !hg_buf_ok(&clean);
    hg_buf_done(&clean);
}

static void put_command(struct hg_buf *out, const char *text, bool lines, const char *special)
{
    struct hg_buf clean = { 0 };

    hg_put_plain(&clean, text, lines);
    for (const char *p = hg_buf_text(&clean); *p != '\0'; p++) {
        if (strchr(special, *p) != NULL) {
            hg_buf_printf(out, "%%%02X", *p);
        } else {
            hg_buf_putc(out, *p);
        }
    }
    out->failed = out->failed || !hg_buf_ok(&clean);
    hg_buf_done(&clean);
}

void hg_put_command(struct hg_buf *out, const char *text)
{
    put_command(out, text, true, "%\n");
}

void hg_put_command_property(struct hg_buf *out, const char *text)
{
    put_command(out, text, false, "%:,");
}

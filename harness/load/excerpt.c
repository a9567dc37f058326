/* SPDX-License-Identifier: Apache-2.0 */
#include "load/excerpt.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "rules/rule.h"

#define HIDDEN    "\xe2\x80\xa6"
#define COLUMNS   80
#define WORD_MOST 40 /* columns of the offending word */

/* Keys of plans, profiles and checks. One that is missing here is hidden, no more. */
static const char *const keys[] = {
    "all",      "any",     "applies",     "as",       "auditor",       "ca",       "cert",
    "check",    "command", "connect",     "deadline", "effect",        "empty",    "endpoints",
    "engine",   "env",     "every",       "examples", "expect",        "expires",  "facts",
    "fail_on",  "file",    "fix",         "flavour",  "from",          "gate",     "google",
    "headgate", "host",    "id",          "js",       "key",           "level",    "links",
    "mode",     "name",    "needs",       "none",     "not",           "owner",    "params",
    "port",     "profile", "prove",       "provider", "reason",        "refs",     "says",
    "scope",    "secret",  "select",      "severity", "severity_when", "shell",    "some",
    "source",   "sql",     "tags",        "target",   "targets",       "text",     "title",
    "tls",      "unknown", "unsupported", "value",    "vantage",       "variants", "verdict",
    "version",  "waivers", "when",        "where",    "who",           "why",      "undecided",
};

/* One walk over the line, from its start to the end of the offending word. */
struct walk {
    const struct hg_spot *spot;
    const char *p, *word, *end; /* where we are; the offending word; the end of the line */
    int depth;                  /* open brackets */
    struct hg_buf out;
    bool hidden; /* the last that was put is HIDDEN */
};

/* A break as libyaml sees one: CR, LF, both, NEL, line and paragraph separator; its length. */
static size_t line_break(const char *p)
{
    return p[0] == '\r' && p[1] == '\n'                                               ? 2
           : p[0] == '\n' || p[0] == '\r'                                             ? 1
           : strncmp(p, "\xc2\x85", 2) == 0                                           ? 2
           : strncmp(p, "\xe2\x80\xa8", 3) == 0 || strncmp(p, "\xe2\x80\xa9", 3) == 0 ? 3
                                                                                      : 0;
}

static const char *line_end(const char *p)
{
    while (*p != '\0' && line_break(p) == 0) {
        p++;
    }
    return p;
}

/* Columns of one character: 0, 1 or 2 (East Asian wide characters, pictographs). */
static size_t columns_of(unsigned c)
{
    static const unsigned wide[][2] = {
        { 0x1100,  0x115f  },
        { 0x2e80,  0xa4cf  },
        { 0xac00,  0xd7a3  },
        { 0xf900,  0xfaff  },
        { 0xfe30,  0xfe6f  },
        { 0xff00,  0xff60  },
        { 0xffe0,  0xffe6  },
        { 0x1f300, 0x1faff },
        { 0x20000, 0x3fffd },
    };
    static const unsigned none[][2] = {
        { 0x0300, 0x036f },
        { 0x1ab0, 0x1aff },
        { 0x20d0, 0x20ff },
        { 0xfe00, 0xfe0f },
        { 0xfe20, 0xfe2f },
    };

    for (size_t i = 0; i < HG_COUNT(none); i++) {
        if (c >= none[i][0] && c <= none[i][1]) {
            return 0;
        }
    }
    for (size_t i = 0; i < HG_COUNT(wide); i++) {
        if (c >= wide[i][0] && c <= wide[i][1]) {
            return 2;
        }
    }
    return 1;
}

/* The character at `p`, which hg_text_clean has made valid; its length. */
static size_t step(const char *p, size_t *columns)
{
    unsigned c = 0;
    size_t n = hg_utf8_decode((const unsigned char *)p, strlen(p), &c);

    *columns = columns_of(c);
    return n > 0 ? n : 1;
}

static size_t width(const char *text)
{
    size_t sum = 0, columns;

    while (*text != '\0') {
        text += step(text, &columns);
        sum += columns;
    }
    return sum;
}

static void put(struct walk *w, const char *text, size_t len)
{
    hg_buf_put(&w->out, text, len);
    w->hidden = false;
}

static void hide(struct walk *w)
{
    if (!w->hidden) {
        hg_buf_puts(&w->out, HIDDEN);
    }
    w->hidden = true;
}

/* The end of a quoted text, behind its closing quote where there is one. */
static const char *quoted_end(const char *p, const char *end)
{
    char quote = *p++;

    for (; p < end; p++) {
        if (*p == '\\' && quote == '"' && p + 1 < end) {
            p++;
        } else if (*p == quote) {
            if (quote != '\'' || p[1] != '\'') {
                return p + 1;
            }
            p++;
        }
    }
    return end;
}

static bool ends_key(const char *p, const char *end, int depth)
{
    return *p == ':' && (p + 1 == end || strchr(" \t", p[1]) != NULL ||
                         (depth > 0 && strchr(",[]{}\"'", p[1]) != NULL));
}

/* The end of a key or value that begins at `p`, without the spaces behind it. */
static const char *scalar_end(const char *p, const char *end, int depth)
{
    const char *start = p;

    if (*p == '"' || *p == '\'') {
        return quoted_end(p, end);
    }
    while (p < end && !ends_key(p, end, depth) && !(depth > 0 && strchr(",[]{}", *p) != NULL) &&
           !(*p == '#' && p > start && (p[-1] == ' ' || p[-1] == '\t'))) {
        p++;
    }
    while (p > start && (p[-1] == ' ' || p[-1] == '\t')) {
        p--;
    }
    return p > start ? p : start + 1;
}

/* Where the colon is, when the scalar that ends at `p` is a key; NULL otherwise. */
static const char *colon_of(const struct walk *w, const char *p, bool quoted)
{
    while (p < w->end && (*p == ' ' || *p == '\t')) {
        p++;
    }
    return p < w->end && (ends_key(p, w->end, w->depth) || (quoted && *p == ':')) ? p : NULL;
}

/* A word of the pointer, which writes ~ as ~0 and / as ~1. */
static bool in_pointer(const char *pointer, const char *word, size_t len)
{
    for (const char *p = strchr(pointer, '/'); p != NULL; p = strchr(p, '/')) {
        size_t i = 0;

        for (p++; i < len && *p != '\0' && *p != '/'; p++, i++) {
            if (*p == '~' ? word[i] != (p[1] == '0' ? '~' : '/') : *p != word[i]) {
                break;
            }
            p += *p == '~' && p[1] != '\0';
        }
        if (i == len && (*p == '/' || *p == '\0')) {
            return true;
        }
    }
    return false;
}

static bool in_list(const char *const *list, size_t n, const char *word, size_t len)
{
    for (size_t i = 0; i < n && list[i] != NULL; i++) {
        if (strlen(list[i]) == len && strncmp(list[i], word, len) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_key(const struct walk *w, const char *word, size_t len)
{
    return in_list(keys, HG_COUNT(keys), word, len) ||
           in_list(hg_operator_names(), (size_t)-1, word, len) ||
           in_pointer(w->spot->pointer, word, len);
}

/* The sentence names it: `word`. */
static bool is_said(const struct walk *w, const char *word, size_t len)
{
    struct hg_buf said = { 0 };
    bool found;

    hg_buf_printf(&said, "`%.*s`", (int)len, word);
    found = len > 0 && hg_buf_ok(&said) &&
            strstr(w->spot->sentence, hg_buf_text(&said)) != NULL;
    hg_buf_done(&said);
    return found;
}

/* Words of YAML itself, and the version of a format: no secrets. */
static bool is_plain(const char *word, size_t len)
{
    static const char *const words[] = { "true", "false", "null", "~" };

    return in_list(words, HG_COUNT(words), word, len) ||
           (len == 1 && *word >= '0' && *word <= '9');
}

/* Puts the scalar from `p` to `end`, or hides it; `last`: it is the offending word. */
static void put_scalar(struct walk *w, const char *p, const char *end, bool last)
{
    bool quoted = *p == '"' || *p == '\'';
    bool closed = quoted && end - p >= 2 && end[-1] == *p;
    const char *word = quoted ? p + 1 : p, *stop = closed ? end - 1 : end;
    size_t len = (size_t)(stop - word);
    bool key = colon_of(w, end, quoted) != NULL && is_key(w, word, len);
    struct hg_buf clean = { 0 };

    if ((quoted && !closed) ||
        !(key || (last && (is_plain(word, len) || is_said(w, word, len))))) {
        hide(w);
        return;
    }
    hg_text_clean(&clean, p, (size_t)(end - p), WORD_MOST);
    put(w, hg_buf_text(&clean), clean.len);
    hg_buf_done(&clean);
}

/* One step: a space, a bracket, a dash, or a scalar with its colon. */
static void go(struct walk *w)
{
    const char *end, *colon;

    if (*w->p == ' ' || *w->p == '\t') {
        put(w, " ", 1);
        w->p++;
    } else if (strchr("{[", *w->p) != NULL || (w->depth > 0 && strchr("}],", *w->p) != NULL)) {
        w->depth += strchr("{[", *w->p) != NULL ? 1 : *w->p == ',' ? 0 : -1;
        put(w, w->p++, 1);
    } else if ((*w->p == '-' || *w->p == '?') && w->p[1] == ' ') {
        put(w, w->p++, 1);
    } else if (*w->p == '#') {
        hide(w);
        w->p = w->word;
    } else {
        end = scalar_end(w->p, w->end, w->depth);
        if (end > w->word) { /* the place is inside of what looks like one text */
            hide(w);
            w->p = w->word;
            return;
        }
        put_scalar(w, w->p, end, false);
        colon = colon_of(w, end, *w->p == '"' || *w->p == '\'');
        w->p = end;
        if (colon != NULL && colon < w->word) {
            put(w, ":", 1);
            w->p = colon + 1;
        }
    }
}

/* The place in the line: characters are counted as libyaml counts them. */
static bool find_word(struct walk *w)
{
    const char *p = w->spot->text;

    for (int line = 1; line < w->spot->line; line++) {
        p = line_end(p);
        if (*p == '\0') {
            return false;
        }
        p += line_break(p);
    }
    w->p = p;
    w->end = line_end(p);
    for (int column = 1; column < w->spot->column && p < w->end; column++) {
        do {
            p++;
        } while (p < w->end && ((unsigned char)*p & 0xc0) == 0x80);
    }
    w->word = p;
    return p < w->end;
}

/* What stands behind the offending word, which ends at `p`: a colon is said, the rest hidden.
 */
static const char *tail_of(const struct walk *w, const char *p)
{
    const char *colon = colon_of(w, p, true);

    p = colon != NULL ? colon + 1 : p;
    while (p < w->end && (*p == ' ' || *p == '\t')) {
        p++;
    }
    return p == w->end ? (colon ? ":" : "") : colon ? ": " HIDDEN : w->hidden ? "" : " " HIDDEN;
}

/* Two lines from what is shown; `at` is where the word begins in it, `tail` what follows it. */
static void draw(const struct hg_spot *spot, const char *shown, size_t at, const char *tail,
                 char *ret, size_t size)
{
    char head[32];
    size_t room = COLUMNS - (size_t)snprintf(head, sizeof(head), "%5d | ", spot->line);
    size_t under = width(shown + at), left = width(shown) + width(tail), columns, before;
    struct hg_buf line = { 0 };
    const char *from = shown;

    while (left > (from == shown ? room : room - 1) && from < shown + at) {
        from += step(from, &columns);
        left -= columns;
    }
    hg_buf_printf(&line, "%s%s%.*s", head, from > shown ? HIDDEN : "", (int)(shown + at - from),
                  from);
    before = width(hg_buf_text(&line));
    hg_buf_printf(&line, "%s%s\n%*s | ", shown + at, tail, (int)strlen(head) - 3, "");
    for (size_t i = strlen(head); i < before; i++) {
        hg_buf_putc(&line, ' ');
    }
    hg_buf_putc(&line, '^');
    for (size_t i = 1; i < under; i++) {
        hg_buf_putc(&line, '~');
    }
    hg_buf_putc(&line, '\n');
    if (hg_buf_ok(&line) && line.len < size) {
        memcpy(ret, hg_buf_text(&line), line.len + 1);
    }
    hg_buf_done(&line);
}

void hg_excerpt(const struct hg_spot *spot, char *ret, size_t size)
{
    struct walk w = { .spot = spot };
    const char *end;
    size_t at;

    ret[0] = '\0';
    if (in_pointer(spot->pointer, "secret", 6) || in_pointer(spot->pointer, "auditor", 7) ||
        !find_word(&w) || *w.word == '#') {
        return;
    }
    while (w.p < w.word) {
        go(&w);
    }
    at = w.hidden ? w.out.len - strlen(HIDDEN) : w.out.len; /* inside of what is hidden */
    end = scalar_end(w.word, w.end, w.depth);
    if (strchr("{}[],", *w.word) != NULL || (*w.word == '-' && w.word[1] == ' ')) {
        end = w.word + 1;
        put(&w, w.word, 1);
    } else {
        put_scalar(&w, w.word, end, true);
    }
    if (hg_buf_ok(&w.out)) {
        draw(spot, hg_buf_text(&w.out), at, tail_of(&w, end), ret, size);
    }
    hg_buf_done(&w.out);
}

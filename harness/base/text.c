/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

size_t hg_utf8_decode(const unsigned char *p, size_t len, unsigned *ret_char)
{
    static const unsigned lowest[] = { 0, 0, 0x80, 0x800, 0x10000 };
    size_t n = p[0] < 0x80         ? 1
               : (p[0] >> 5) == 6  ? 2
               : (p[0] >> 4) == 14 ? 3
               : (p[0] >> 3) == 30 ? 4
                                   : 0;
    unsigned c;

    if (n == 0 || n > len) {
        return 0;
    }
    c = n == 1 ? p[0] : p[0] & (0xffu >> (n + 1));
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            return 0;
        }
        c = c << 6 | (p[i] & 0x3f);
    }
    if (c < lowest[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff)) {
        return 0;
    }
    *ret_char = c;
    return n;
}

bool hg_utf8_valid(const void *bytes, size_t len)
{
    const unsigned char *p = bytes;
    unsigned c;

    while (len > 0) {
        size_t n = hg_utf8_decode(p, len, &c);

        if (n == 0) {
            return false;
        }
        p += n;
        len -= n;
    }
    return true;
}

/* Characters that could forge a line, hide text or drive a terminal. */
static bool is_unsafe(unsigned c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x61c || (c >= 0x200b && c <= 0x200f) ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff ||
           (c & 0xfffe) == 0xfffe;
}

void hg_text_clean(struct hg_buf *out, const void *bytes, size_t len, size_t max_chars)
{
    const unsigned char *p = bytes;
    size_t kept = 0;

    while (len > 0) {
        unsigned c = 0;
        size_t n = hg_utf8_decode(p, len, &c);

        if (kept++ == max_chars) {
            hg_buf_puts(out, "\xe2\x80\xa6");
            return;
        }
        if (n == 0) {
            hg_buf_puts(out, "\xef\xbf\xbd");
            n = 1;
        } else if (c == '\t' || c == '\n' || c == '\r') {
            hg_buf_putc(out, ' ');
        } else if (is_unsafe(c)) {
            hg_buf_printf(out, "\\u{%x}", c);
        } else {
            hg_buf_put(out, p, n);
        }
        p += n;
        len -= n;
    }
}

size_t hg_text_width(const char *text)
{
    size_t width = 0;

    for (; *text != '\0'; text++) {
        width += ((unsigned char)*text & 0xc0) != 0x80;
    }
    return width;
}

bool hg_glob(const char *pattern, const char *text)
{
    const char *star = NULL, *mark = NULL;

    while (*text != '\0') {
        if (*pattern == '*') {
            star = pattern++;
            mark = text;
        } else if (*pattern == '?' || *pattern == *text) {
            pattern++;
            text++;
        } else if (star != NULL) {
            pattern = star + 1; /* let the last star take one character more */
            text = ++mark;
        } else {
            return false;
        }
    }
    while (*pattern == '*') {
        pattern++;
    }
    return *pattern == '\0';
}

/* Optimal string alignment distance over short words; longer ones count as far away. */
static unsigned distance(const char *a, const char *b)
{
    enum { MAX = 40 };
    unsigned char d[MAX + 1][MAX + 1];
    size_t n = strlen(a), m = strlen(b);

    if (n > MAX || m > MAX) {
        return 99;
    }
    for (size_t i = 0; i <= n; i++) {
        for (size_t j = 0; j <= m; j++) {
            unsigned best;

            if (i == 0 || j == 0) {
                d[i][j] = (unsigned char)(i + j);
                continue;
            }
            best = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            best = best < d[i - 1][j] + 1u ? best : d[i - 1][j] + 1u;
            best = best < d[i][j - 1] + 1u ? best : d[i][j - 1] + 1u;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                best = best < d[i - 2][j - 2] + 1u ? best : d[i - 2][j - 2] + 1u;
            }
            d[i][j] = (unsigned char)best;
        }
    }
    return d[n][m];
}

const char *hg_did_you_mean(const char *word, const char *const *names)
{
    unsigned best = (unsigned)strlen(word) / 3 + 1;
    const char *found = NULL;

    for (; *names != NULL; names++) {
        unsigned d = distance(word, *names);

        if (d <= best && d < strlen(*names)) {
            best = d - (d > 0);
            found = *names;
        }
    }
    return found;
}

struct unit {
    const char *name;
    long long factor;
};

static bool parse_with_units(const char *text, const struct unit *units, size_t n_units,
                             long long *ret)
{
    char *end;
    long long number;

    if (text[0] < '0' || text[0] > '9') {
        return false;
    }
    errno = 0;
    number = strtoll(text, &end, 10);
    if (errno != 0) {
        return false;
    }
    while (*end == ' ') {
        end++;
    }
    for (size_t i = 0; i < n_units; i++) {
        if (strcasecmp(units[i].name, end) == 0) {
            return !__builtin_mul_overflow(number, units[i].factor, ret);
        }
    }
    return false;
}

bool hg_duration_parse(const char *text, long long *ret_seconds)
{
    static const struct unit units[] = {
        { "",    1      },
        { "s",   1      },
        { "m",   60     },
        { "min", 60     },
        { "h",   3600   },
        { "d",   86400  },
        { "w",   604800 },
    };

    return parse_with_units(text, units, HG_COUNT(units), ret_seconds);
}

bool hg_size_parse(const char *text, long long *ret_bytes)
{
    static const struct unit units[] = {
        { "",    1         },
        { "b",   1         },
        { "k",   1LL << 10 },
        { "kb",  1LL << 10 },
        { "m",   1LL << 20 },
        { "mb",  1LL << 20 },
        { "g",   1LL << 30 },
        { "gb",  1LL << 30 },
        { "tb",  1LL << 40 },
        { "8kb", 8LL << 10 },
    };

    return parse_with_units(text, units, HG_COUNT(units), ret_bytes);
}

bool hg_date_parse(const char *text, long long *ret_days)
{
    static const int in_month[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    int year, month, day, shifted;
    bool leap;

    if (strlen(text) != 10 || text[4] != '-' || text[7] != '-' ||
        strspn(text, "0123456789-") != 10) {
        return false;
    }
    year = atoi(text);
    month = atoi(text + 5);
    day = atoi(text + 8);
    leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (year < 1970 || month < 1 || month > 12 || day < 1 ||
        day > in_month[month - 1] + (month == 2 && leap)) {
        return false;
    }
    /* H. Hinnant, "chrono-Compatible Low-Level Date Algorithms": years begin in March. */
    shifted = year - (month <= 2);
    *ret_days = shifted / 400 * 146097LL + (shifted % 400) * 365 + (shifted % 400) / 4 -
                (shifted % 400) / 100 + (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day -
                1 - 719468;
    return true;
}

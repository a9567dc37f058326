/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* text.h - making foreign bytes safe to store and to show. Pure. */

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* Appends `len` bytes as valid UTF-8 without control characters: invalid sequences become
 * U+FFFD, C0, C1, DEL, line and paragraph separators and bidirectional controls become
 * \u{HEX} (tab and newline a space). At most `max_chars` characters are kept, then "…". */
void hg_text_clean(struct hg_buf *out, const void *bytes, size_t len, size_t max_chars);

/* Decodes one character of UTF-8 (RFC 3629: no surrogates, no overlong forms) at `p`; returns
 * its length in bytes, or 0 when the bytes are not valid. */
size_t hg_utf8_decode(const unsigned char *p, size_t len, unsigned *ret_char);

/* True when the whole text is valid UTF-8. */
bool hg_utf8_valid(const void *bytes, size_t len);

/* Columns a text takes on a terminal, counting each character as one (good enough for the
 * names of databases; combining and wide characters are not measured). */
size_t hg_text_width(const char *text);

/* `*`/`?` glob over the whole text, case-sensitive; linear time for one `*` each way. */
bool hg_glob(const char *pattern, const char *text);

/* The nearest of `names` (NULL-terminated) to a misspelt `word`, or NULL when none is near. */
const char *hg_did_you_mean(const char *word, const char *const *names);

/* Parses a duration: "90", "90s", "15m", "24h", "7d", "2w" → seconds; false when malformed. */
bool hg_duration_parse(const char *text, long long *ret_seconds);

/* Parses a size: "64", "64kB", "16MB", "1GB" (powers of 1024) → bytes; false when malformed. */
bool hg_size_parse(const char *text, long long *ret_bytes);

/* "YYYY-MM-DD" that is a day of the (Gregorian) calendar; *ret_days since 1970-01-01. */
bool hg_date_parse(const char *text, long long *ret_days);

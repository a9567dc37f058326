/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* excerpt.h - the line of a file that an error is about, with a caret. Private to load. */

#include <stddef.h>

/* An error at a place of a YAML or JSON text. */
struct hg_spot {
    const char *text; /* the whole file, ending in NUL */
    int line, column; /* 1-based, in characters */
    const char
        *pointer; /* JSON pointer of the value or, with '#' in front, key; "" when unknown */
    const char *sentence; /* what is said of it, the offending word in `backticks` */
};

/* Two lines of at most 80 columns, each with its newline: the beginning of the line of the file
 * up to the end of the offending word, and a caret below that word. "" where there is nothing
 * to show.
 *
 * A plan may hold a password that somebody wrote into it by mistake, in any place. So nothing
 * is shown but what is known not to be one: keys of our formats, keys on the way to the place,
 * the offending word where the sentence says it anyhow, and the brackets between them. All else
 * is one "…". In and below `secret` and `auditor` nothing is shown at all. */
void hg_excerpt(const struct hg_spot *spot, char *ret, size_t size);

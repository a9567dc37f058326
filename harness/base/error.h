/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * error.h - why *headgate itself* could not do something.
 *
 * The caller owns the struct; a callee fills it at most once and returns false (or NULL).
 * A database that refuses us is not an error in this sense: that is a fact, see model/fact.h.
 */

#include <stdbool.h>

#include "base/attr.h"

enum hg_errc {
    HG_E_NONE = 0,
    HG_E_USAGE,  /* the invocation makes no sense */
    HG_E_SYNTAX, /* a plan, check, facts or run file is malformed */
    HG_E_IO,     /* a file or pipe on our side */
    HG_E_LIMIT,  /* a size or time budget of ours was hit */
    HG_E_NOMEM,
    HG_E_BUG,
};

struct hg_error {
    enum hg_errc code;
    int line, column; /* 1-based position in the input, 0 when there is none */
    char text[512];
    bool plain;        /* set by a caller that wants the sentence alone: no excerpt is made */
    char excerpt[512]; /* the line of the input with a caret, as lines to print below; or "" */
};

/* Sets the error (the first one wins) and returns false, so that a failing function ends in
 * `return hg_fail(err, ...)`. `err` may be NULL. */
bool hg_fail(struct hg_error *err, enum hg_errc code, const char *fmt, ...) HG_PRINTF(3, 4);

/* Puts context in front of an error already set, keeping its code. Returns false. */
bool hg_fail_in(struct hg_error *err, const char *fmt, ...) HG_PRINTF(2, 3);

/* The same for running out of memory, the one failure that every allocating function has. */
bool hg_fail_nomem(struct hg_error *err);

/* The exit status (DESIGN section 7) that an error of ours alone leads to: 2 or 70. */
int hg_error_exit_status(const struct hg_error *err);

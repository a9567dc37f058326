/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* check_parts.h - verifying the parts of a check. Private to load. */

#include "load/fields.h"

/* An expectation; inside a quantifier addresses may begin with '/'. */
bool hg_check_expect(const struct hg_at *at, bool in_element);
/* A text with slots; what a rule said may stand only in `says`. */
bool hg_check_template(const struct hg_at *at, bool says);

/* An error at a place in a check that is loaded (its positions are read once more); false. */
bool hg_check_fail_in(const struct hg_check *check, const char *pointer, const char *text,
                      struct hg_error *err);

/* The first check that the one `at` leads to and that is not settled; n when there is none. */
typedef size_t hg_open_fn(const struct hg_checks *checks, const bool *settled, size_t at);

/* False, with the ring spelled out ("BEGINS a GOES_ON b GOES_ON a"), where checks lead round;
 * the error's place is `pointer` in the first of them. */
bool hg_check_no_ring(const struct hg_checks *checks, hg_open_fn *open, const char *begins,
                      const char *goes_on, const char *pointer, struct hg_error *err);

/* What fixes say they come after is there, and leads round nowhere. */
bool hg_fix_order_makes_sense(const struct hg_checks *checks, struct hg_error *err);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* check_parts.h - verifying the parts of a check. Private to load. */

#include "load/fields.h"

/* An expectation; inside a quantifier addresses may begin with '/'. */
bool hg_check_expect(const struct hg_at *at, bool in_element);
/* A text with slots; what a rule said may stand only in `says`. */
bool hg_check_template(const struct hg_at *at, bool says);

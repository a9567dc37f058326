/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* value.h - comparing values by meaning, and saying them. Shared by operators and sentences. */

#include <stdbool.h>

#include "base/buf.h"

struct json_t;

/* A value for a sentence: text as it is, lists joined by commas, at most 160 characters. */
void hg_value_say(struct hg_buf *out, const struct json_t *value);

/* Same value: ON/true/YES/1 and OFF/false/NO/0 are equal, numeric text equals its number, text
 * is compared without regard to case. */
bool hg_value_same(const struct json_t *a, const struct json_t *b);

/* As a number: numbers, numeric text, durations (7d) and sizes (64MB). */
bool hg_value_number(const struct json_t *value, double *ret);

/* The elements of a list: of an array, or of {items, complete}. NULL when it is no list. */
struct json_t *hg_value_items(const struct json_t *value, bool *ret_complete);

/* The name of an element in a list of offenders: schema.name, name, "line N: …", else JSON. */
void hg_value_name(struct hg_buf *out, const struct json_t *element);

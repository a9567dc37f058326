/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * hcl.h - Terraform's language, as far as names, literals and references go.
 *
 * A body is { "attributes": {name: value}, "blocks": [{ "type", "labels": [text], "line", and a
 * body's two }] }. A value is a text, a whole number, true or false; { "ref": "var.x" }; or
 * { "template": "db-${var.x}" }, still as it was written. Of any other expression (lists,
 * functions, conditions, heredocs) and of every attribute whose name is a password's only the
 * end is looked for: they are not in the body.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/error.h"

struct json_t;

/* New, or NULL with err ("NAME:LINE: ..."). Depth <= 32; the text is valid UTF-8 without NUL.
 */
HG_MUST_CHECK struct json_t *hg_hcl_parse(const char *name, const char *text, size_t len,
                                          struct hg_error *err);

/* True of a name that stands for a password, a token or a key. */
bool hg_hcl_is_secret_name(const char *name);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* escape.h - foreign text in each format. A stored run may be hostile: writers trust nothing.
 *
 * In all of them, what is not UTF-8, what XML 1.0 forbids, and what could drive a terminal or
 * turn the direction of writing becomes U+FFFD. */

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* One line of an XML attribute: newlines become spaces. `&#27;` would not be well-formed. */
void hg_put_xml(struct hg_buf *out, const char *text);

/* XML text: the same, newlines kept. */
void hg_put_xml_text(struct hg_buf *out, const char *text);

/* A TAP description or reason: one line, `\` and `#` escaped. */
void hg_put_tap(struct hg_buf *out, const char *text);

/* A JSON string with its quotes: also a YAML scalar. */
void hg_put_quoted(struct hg_buf *out, const char *text);

/* For a terminal, and plain text: newlines kept when `lines`, otherwise one line. */
void hg_put_plain(struct hg_buf *out, const char *text, bool lines);

/* JSON made by jansson: what it leaves raw and a terminal would obey becomes \uXXXX. The
 * document stays the same. */
void hg_put_json(struct hg_buf *out, const char *json, size_t len);

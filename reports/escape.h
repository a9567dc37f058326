/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* escape.h - foreign text in each format. A stored run may be hostile: writers trust nothing.
 */

#include "base/buf.h"

/* XML 1.0 text and attributes. What XML forbids becomes U+FFFD; `&#27;` would not be
 * well-formed either. Newlines become &#10; so that attributes keep them. */
void hg_put_xml(struct hg_buf *out, const char *text);

/* A TAP description or reason: one line, `\` and `#` escaped. */
void hg_put_tap(struct hg_buf *out, const char *text);

/* A JSON string with its quotes: also a YAML scalar. */
void hg_put_quoted(struct hg_buf *out, const char *text);

/* For a terminal: no control characters; newlines kept when `lines`. */
void hg_put_plain(struct hg_buf *out, const char *text, bool lines);

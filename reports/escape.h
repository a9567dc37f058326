/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* escape.h - foreign text in each format. A stored run may be hostile: writers trust nothing.
 *
 * In all of them, what is not UTF-8, what XML 1.0 forbids, and what could drive a terminal,
 * turn the direction of writing or command GitHub's runner, which obeys what it finds in a log
 * (`::name::` where a line begins, `##[name]` anywhere), becomes U+FFFD. */

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct json_t;

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

/* JSON made by jansson: what it leaves raw and a terminal or a runner would obey becomes
 * \uXXXX. The document stays the same. */
void hg_put_json(struct hg_buf *out, const char *json, size_t len);

/* A whole document, indented, with the newline that ends a file. NULL, or no memory: the buffer
 * has failed. */
void hg_put_document(struct hg_buf *out, const struct json_t *doc);

/* The colon with which the line begins that GitHub's runner would take for a command, or NULL.
 */
const char *hg_command_in(const char *line);

/* Markdown (CommonMark, GitHub's and GitLab's), or HTML in it: one line that reads as it was
 * and is nothing else. Fits a paragraph, a cell of a table, a list item, a heading and
 * <summary>. What a renderer looks for after it has parsed (mentions, issues, addresses, emoji,
 * formulas) is kept apart by <span>, as GitHub's own documentation does. */
void hg_put_markdown(struct hg_buf *out, const char *text);

/* The same as a code span where that can hold it: names, patterns. */
void hg_put_markdown_code(struct hg_buf *out, const char *text);

/* A code block at the beginning of a line; its fence is longer than any in the text. The
 * language (sql, js, shell) is dropped when it is another: some of them are programs. */
void hg_put_markdown_block(struct hg_buf *out, const char *language, const char *text);

/* A message of a workflow command of GitHub's runner, newlines kept; one line as written. */
void hg_put_command(struct hg_buf *out, const char *text);

/* A property of one: also `:` and `,` escaped, newlines become blanks. */
void hg_put_command_property(struct hg_buf *out, const char *text);

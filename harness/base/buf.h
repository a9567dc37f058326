/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * buf.h - text that grows, with sticky failure.
 *
 * Writing never returns a status: when memory runs out the buffer keeps what it has, later
 * writes are dropped, and hg_buf_ok() or hg_buf_take() tells once. Writers of text therefore
 * have no error paths of their own. The text is always NUL-terminated (and may hold NULs).
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

struct hg_buf {
    char *text; /* NULL until the first write */
    size_t len, cap;
    bool failed;
};

void hg_buf_done(struct hg_buf *buf);
void hg_buf_clear(struct hg_buf *buf); /* length 0, memory kept */
void hg_buf_put(struct hg_buf *buf, const void *bytes, size_t len);
void hg_buf_puts(struct hg_buf *buf, const char *text);
void hg_buf_putc(struct hg_buf *buf, char c);
void hg_buf_printf(struct hg_buf *buf, const char *fmt, ...) HG_PRINTF(2, 3);
bool hg_buf_ok(const struct hg_buf *buf);

/* The text so far, "" when there is none; borrowed. */
const char *hg_buf_text(const struct hg_buf *buf);

/* The text, owned by the caller (free()), or NULL when a write had failed. Empties the buffer.
 */
HG_MUST_CHECK char *hg_buf_take(struct hg_buf *buf);

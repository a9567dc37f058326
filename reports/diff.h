/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* diff.h - two runs side by side, to bytes. Pure, as the writers of runs are. */

#include "base/buf.h"
#include "model/diff.h"
#include "reports/writer.h"

struct hg_diff_writer {
    const char *name; /* as in --to NAME */
    void (*write)(struct hg_buf *out, const struct hg_diff *diff, const struct hg_look *look);
};

/* NULL-terminated. */
extern const struct hg_diff_writer *const hg_diff_writers[];
extern const struct hg_diff_writer hg_diff_terminal, hg_diff_markdown, hg_diff_json;

/* NULL when there is none of that name. */
const struct hg_diff_writer *hg_diff_writer_find(const char *name);

/* ---- the same words in every format ---- */

/* "Failed then.", "Not looked at then.": what the older run said. */
const char *hg_diff_then(const struct hg_difference *d);

/* The name of a run, when it was, how far, and how it ended. Plain text, to be escaped. */
void hg_put_diff_run(struct hg_buf *out, const struct hg_run *run);

/* What makes the two hard to compare, a sentence on each line: another plan, another level,
 * targets that came or went. Plain text, to be escaped. */
void hg_put_diff_notes(struct hg_buf *out, const struct hg_diff *diff);

/* "Exit status 1: a failure that closes the gate is new or worse." */
void hg_put_diff_status(struct hg_buf *out, const struct hg_diff *diff);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* words.h - what several writers say of a finding in the same words. */

#include "base/buf.h"
#include "model/run.h"

/* Everything about a finding as lines of plain text: sentence, expected, actual, offenders,
 * why, fix with its statement, references. */
void hg_put_body(struct hg_buf *out, const struct hg_finding *f);

/* Why a finding that did not pass is no failure here: "below the gate (minor)", the waiver, the
 * reason of a skip; NULL when it is one. */
const char *hg_excuse(const struct hg_finding *f, struct hg_buf *room);

/* True for a fail, or unknown, that counts as one: not waived and at or above the gate. */
bool hg_is_trouble(const struct hg_finding *f);

/* The index of the target's first finding after `from`, or run->n_findings. */
size_t hg_next_of(const struct hg_run *run, const struct hg_run_target *target, size_t from);

size_t hg_count_of(const struct hg_run *run, const struct hg_run_target *target);

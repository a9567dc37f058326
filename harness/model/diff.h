/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * diff.h - two runs side by side: what is new, fixed, unchanged, and no longer looked at.
 *
 * Findings are matched by check and target. What vanished is never called fixed.
 */

#include "model/run.h"

struct hg_difference {
    enum hg_change change;
    const struct hg_finding *was, *now; /* NULL where that run has none; never both */
};

struct hg_diff {
    const struct hg_run *was, *now; /* borrowed */
    struct hg_difference *list; /* in the order of `now`, then what only `was` has in its own */
    size_t n;
    size_t count[HG_CHANGES];
    size_t n_appeared;                         /* checks on targets that `was` does not have */
    const struct hg_run_target **came, **went; /* targets that only one of the runs has */
    size_t n_came, n_went;
    int exit_status;
};

/* 0: nothing that closes the gate of `now` is new or worse. 1: a failure is. 3: no failure, but
 * an unknown is, or something at or above the gate is no longer looked at.
 * False when memory ran out; to be given back either way. */
HG_MUST_CHECK bool hg_diff_make(struct hg_diff *ret, const struct hg_run *was,
                                const struct hg_run *now);
void hg_diff_done(struct hg_diff *diff);

/* The finding that speaks of it: `now`, or what there was. */
const struct hg_finding *hg_difference_of(const struct hg_difference *d);

/* Writes into the run document `doc` what changed since `was` (docs/REPORTS.md, `since`), in
 * place of what stood there. HG_E_SYNTAX when `doc` is no run. */
HG_MUST_CHECK bool hg_run_put_since(struct json_t *doc, const struct hg_run *was,
                                    struct hg_error *err);

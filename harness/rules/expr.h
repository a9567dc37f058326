/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* expr.h - evaluating expectations (docs/CHECK-FORMAT.md) in three-valued logic. */

#include "rules/rule.h"

/* What an evaluation leaves beside its verdict. */
struct hg_eval {
    const struct hg_case *c;
    struct hg_said said;      /* of the first entry that failed */
    struct hg_buf label;      /* what that entry was about */
    struct json_t *evidence;  /* { fact key: true } of every fact that was read */
    struct json_t *undecided; /* [ {key, state, reason, needs} ] of facts that were not known */
    struct json_t *found;     /* elements for which the last `some` held, or NULL */
    size_t n_elements;        /* of the list behind the offenders */
    bool skipped;             /* a quantifier said `empty: skip` */
    bool account_used;        /* some fact was seen by the account, not by an auditor */
    int depth;
};

/* False when out of memory. */
bool hg_eval_init(struct hg_eval *e, const struct hg_case *c);
void hg_eval_done(struct hg_eval *e);

/* `element` is NULL, or what `/…` addresses are relative to. */
enum hg_verdict hg_eval_expect(struct hg_eval *e, const struct json_t *expect,
                               const struct json_t *element);

/* The value at an address (facts, `param/…`, `target/…`), a new reference, or NULL when it is
 * not known; an absent path gives JSON null. */
struct json_t *hg_eval_value(const struct hg_case *c, const char *address);

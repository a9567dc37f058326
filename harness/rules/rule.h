/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * rule.h - judging: (check, facts, parameters) -> verdict and words. Pure: no I/O, no clock, no
 * environment; tests/lint/pure_rules.py holds the object files to that.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "model/check.h"
#include "model/fact.h"
#include "model/finding.h"

struct json_t;

/* ---- operators: what may stand in a matcher ---- */

/* What an operator says beside its verdict. */
struct hg_said {
    struct hg_buf expected, actual;
    struct json_t *offenders; /* array of values (elements, privileges …), owned; or NULL */
};

struct hg_operator {
    const char *name;
    /* `got` is a known value; `want` has its {param:}, {fact:} and {target:} filled in. The
     * verdict may be unknown (an incomplete list, a grant that cannot be understood). On
     * anything but a pass `said` is filled. */
    enum hg_verdict (*holds)(const struct json_t *got, const struct json_t *want,
                             struct hg_said *said);
    /* NULL when `want` is well-formed for this operator, else what it should be. References
     * ({param: …}) are accepted wherever a value may stand before this is called. */
    const char *(*wants)(const struct json_t *want);
};

/* Sorted by name; a new operator is a function and a row. NULL when there is none. */
const struct hg_operator *hg_operator_find(const char *name);
/* Names for "did you mean", NULL-terminated. */
const char *const *hg_operator_names(void);

/* ---- addresses: key[/pointer] ---- */

/* Splits "mysql.settings/binlog_format"; the key is copied into `key` (NUL-terminated, cut at
 * `size`), *ret_pointer is "" or begins with '/'. False when it is not an address. */
bool hg_address_split(const char *address, char *key, size_t size, const char **ret_pointer);

/* RFC 6901 evaluation; NULL when nothing is there. */
struct json_t *hg_pointer_get(const struct json_t *value, const char *pointer);

/* ---- versions ---- */

/* "8.0.36" against ">= 8.0 < 9": all terms must hold. Unknown when either is malformed. */
enum hg_verdict hg_version_holds(const char *version, const char *wanted);

/* ---- the judge ---- */

struct hg_case {
    const struct hg_check *check;
    const struct hg_facts *facts;
    const struct json_t *params; /* resolved */
    const struct json_t *scope;  /* or NULL */
    enum hg_level level;         /* of the run, or of the stored facts */
    const struct json_t *run;    /* what `run/…` addresses mean, or NULL: nothing is stated */
    enum hg_level wanted;        /* what was asked for; above `level` it is unknown, no skip */
};

/* The names that may follow `run/` (docs/CHECK-FORMAT.md), NULL-terminated. */
const char *const *hg_run_names(void);

/* The verdict and its words as a JSON object shaped like a finding of a run (model/run.h):
 * check, title, severity, verdict, sentence, expected, actual, offenders, offender_count, why,
 * fix, refs, evidence. NULL when out of memory. `needs`, waivers and the gate are applied by
 * hg_settle() afterwards, over all findings of a target. */
HG_MUST_CHECK struct json_t *hg_judge(const struct hg_case *c);

/* Applies `needs` over the findings of one target (array of objects as above, changed in
 * place): what waits becomes unknown with waits_on naming the check that is the cause. */
void hg_settle(struct json_t *findings, const struct hg_checks *checks);

/* ---- fixes ---- */

/* {text, effect, who, after, steps, statement, language, incomplete} of the variant of a `fix`
 * (the check's, or that of what is undecided) that fits, or NULL when there is none.
 * `offenders` are the elements that failed (for {…:offender/field}). */
struct json_t *hg_fix_render(const struct hg_case *c, const struct json_t *fix,
                             const struct json_t *offenders);

/* The same of an unknown: `text` says what is needed to look, the check's `look` how. */
struct json_t *hg_look_render(const struct hg_case *c, const char *text);

/* The fact keys that a check reads anywhere (expect, applies, severity_when, says, fix), added
 * to the JSON object `keys` as {key: true}. */
void hg_check_keys(const struct hg_check *check, struct json_t *keys);

/* Every {param: NAME} a check names, added likewise. */
void hg_check_params(const struct hg_check *check, struct json_t *names);

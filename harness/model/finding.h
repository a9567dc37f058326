/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * finding.h - the verdict of one check on one target. A value: no callbacks, no handles.
 *
 * The order of the enum is the order of badness, and the only one in the program.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

struct json_t;

enum hg_verdict {
    HG_PASS,
    HG_SKIP, /* does not apply to this target, and says why */
    HG_WAIVED,
    HG_UNKNOWN, /* could not be decided: some fact was not known */
    HG_FAIL,
};
#define HG_VERDICTS 5

enum hg_severity { HG_INFO, HG_MINOR, HG_MAJOR, HG_BLOCKER };
#define HG_SEVERITIES 4

const char *hg_verdict_name(enum hg_verdict verdict);
HG_MUST_CHECK bool hg_verdict_parse(const char *name, enum hg_verdict *ret);
const char *hg_severity_name(enum hg_severity severity);
HG_MUST_CHECK bool hg_severity_parse(const char *name, enum hg_severity *ret);

/* Kleene's three values: a definite fail wins, then unknown, then pass. */
enum hg_verdict hg_verdict_and(enum hg_verdict a, enum hg_verdict b);
enum hg_verdict hg_verdict_or(enum hg_verdict a, enum hg_verdict b);
enum hg_verdict hg_verdict_not(enum hg_verdict a);

/* What mending takes, in the order in which it is done: what a restart brings comes before what
 * needs it. */
enum hg_effect { HG_RESTART, HG_RECREATE, HG_RELOAD, HG_ONLINE };
#define HG_EFFECTS 4

const char *hg_effect_name(enum hg_effect effect);
/* HG_ONLINE where the name is none. */
enum hg_effect hg_effect_parse(const char *name);

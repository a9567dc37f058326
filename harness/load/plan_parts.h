/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* plan_parts.h - the parts of loading a plan. Private to load. */

#include "load/fields.h"

/* Replaces ${NAME} in every text below, in place. */
bool hg_plan_expand(const struct hg_plan_context *context, const struct hg_at *at);

/* One target; `dir` is the plan's folder, for relative paths. */
bool hg_plan_take_target(const struct hg_at *at, const char *id, const char *dir,
                         struct hg_target *ret);

/* `from:` → the plan's named ranges. */
bool hg_plan_take_from(const struct hg_at *at, struct hg_plan *plan);

/* Profiles → the plan's parameters and selection; each target's `params` resolved; every
 * parameter that a check names is given, and none is given that nobody knows. */
bool hg_plan_take_params(const struct hg_at *at, const struct hg_plan_context *context,
                         struct hg_plan *plan);

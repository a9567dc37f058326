/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * waivers.h - accepted failures and unknowns, and what is to be said of the waivers themselves.
 * Private to run.
 *
 * A plan with waivers is judged as a target of its own, named and of engine `plan`, by the
 * checks in checks/plan: what is malformed, expired, about to expire, or accepts nothing.
 */

#include "run/run.h"

/* What a waiver met in this run. */
struct hg_waiver_use {
    size_t matches; /* failures and unknowns that it names, in date or not */
    bool undecided; /* it names a check that this run's level did not look at */
};

/* Turns a failure or unknown that is accepted on the day `today` (YYYY-MM-DD, UTC) into
 * `waived`, and counts in `uses` (one for each waiver of the plan). Of one whose waiver has
 * expired the finding says so. */
void hg_waive(const struct hg_plan *plan, const char *today, struct json_t *finding,
              bool above_level, struct hg_waiver_use *uses);

/* The fact plan.waivers, in a new set; NULL when out of memory. `whole`: nothing was left out
 * of this run, so that a waiver which met nothing is of no use. */
struct hg_facts *hg_waiver_facts(const struct hg_plan *plan, const char *today,
                                 const struct hg_waiver_use *uses, bool whole);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * sections.h - the findings of a run by target, each exactly once.
 *
 * One section per target in plan order, then one for each target that only findings name, then,
 * when the run itself had faults, one for those: a report that left any of them out would look
 * better than the run was.
 */

#include "base/buf.h"
#include "model/run.h"

struct hg_section {
    const char *name;                   /* the target's id; "headgate" for the run itself */
    const struct hg_run_target *target; /* NULL where the run describes none */
    const struct hg_finding **findings; /* in the order of the run */
    size_t n_findings;
    const char **faults; /* of headgate itself */
    size_t n_faults;
    bool of_run; /* holds the faults of the run itself, no findings */
};

struct hg_sections {
    struct hg_section *list;
    size_t n;
    size_t n_faults; /* over all sections */
    const struct hg_finding **finding_room;
    const char **fault_room;
};

/* False when memory ran out. Borrows from the run; to be given back either way. */
HG_MUST_CHECK bool hg_sections_make(struct hg_sections *ret, const struct hg_run *run);
void hg_sections_done(struct hg_sections *s);

/* "headgate.error contributor", the second one "headgate.error contributor (2)". Plain text. */
void hg_put_fault_name(struct hg_buf *out, const struct hg_section *s, size_t index);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * secret_source.h - secret references → descriptors that a probe reads (DESIGN section 6).
 *
 * A file is opened and never read; a command's output pipe is handed on; a variable's value is
 * taken out of the environment (and overwritten there), written to a pipe, and wiped.
 */

#include "base/attr.h"
#include "base/child.h"
#include "base/error.h"
#include "model/plan.h"

struct hg_vault;

/* Takes every variable that the wanted targets (an entry for each of the plan's) name out of
 * the environment, and sees that every file can be opened: more than once, if `again` (then a
 * pipe, which gives its payload once, is refused). Nothing is contacted. */
HG_MUST_CHECK struct hg_vault *hg_vault_open(const struct hg_plan *plan, const bool *wanted,
                                             bool again, struct hg_error *err);
void hg_vault_free(struct hg_vault *vault); /* wipes */
HG_DEFINE_AUTO(struct hg_vault, hg_vault_free)

/* A descriptor to read the payload from, owned by the caller; for a command also its process.
 */
HG_MUST_CHECK bool hg_secret_open(const struct hg_vault *vault, const struct hg_secret_ref *ref,
                                  int *ret_fd, struct hg_child *ret_child,
                                  struct hg_error *err);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* explain.h - the parts of what `headgate explain` prints. */

#include "cli/cli.h"

/* Prints text from the current column `indent` on, wrapped at 80 columns, and a newline. */
void hg_explain_text(size_t indent, const char *text);

/* The statements that a check causes, and the rights that they need: the probe's own table.
 * `about` is what the probe describes, NULL when there is none, `why` says so then. */
void hg_explain_sends(const struct hg_check *check, const struct json_t *about,
                      const char *why);

/* The profiles whose values are shown, and a plan, if one was named. */
struct hg_thresholds {
    struct json_t *names;        /* of the profiles, in order */
    struct hg_profile *profiles; /* as many */
    struct hg_loaded loaded;     /* of the plan */
    struct hg_doc *stated;       /* the plan as it stands in the file */
};

/* Profiles are those of --profile, or of the plan, or all of `checks_dir`. */
HG_MUST_CHECK bool hg_thresholds_load(const struct hg_cli *cli, const char *checks_dir,
                                      struct hg_thresholds *ret, struct hg_error *err);
void hg_thresholds_done(struct hg_thresholds *thresholds);

/* Every parameter that a check names: its value in each profile and for each target of the
 * plan, and where that comes from. */
void hg_explain_thresholds(const struct hg_check *check, const struct hg_thresholds *from);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * load.h - YAML and JSON files into the model, with file, line, column and the offending word
 * in every error ("plan.yaml:12:5: ...").
 */

#include "base/attr.h"
#include "base/error.h"
#include "model/check.h"
#include "model/plan.h"

/* One file as values with their positions beside them. */
struct hg_doc {
    char *name, *text;
    struct json_t *root;
    struct json_t
        *positions; /* { "/json/pointer": [line, column] } of each value; "#/…" of its key */
};

/* libyaml's event API: depth <= 32, size <= 1 MiB, no aliases, tags or duplicate keys, valid
 * UTF-8, one document. JSON is read as YAML (it is one); NULL with err otherwise. */
HG_MUST_CHECK struct hg_doc *hg_doc_load(const char *path, struct hg_error *err);
HG_MUST_CHECK struct hg_doc *hg_doc_parse(const char *name, const char *text, size_t len,
                                          struct hg_error *err);
void hg_doc_free(struct hg_doc *doc);
HG_DEFINE_AUTO(struct hg_doc, hg_doc_free)

/* "NAME:LINE:COLUMN: message" with the position of the value (or, with '#' in front of the
 * pointer, of the key) at a JSON pointer, and an excerpt with a caret. Returns false. */
bool hg_doc_fail(const struct hg_doc *doc, const char *pointer, struct hg_error *err,
                 const char *fmt, ...) HG_PRINTF(4, 5);

/* One check file. `id` is what its path says it must be, or NULL when it may be anything.
 * Unknown keys, operators, addresses that are none, slots of a wrong form: all refused here. */
HG_MUST_CHECK bool hg_check_load(const char *path, const char *id, struct hg_check *ret,
                                 struct hg_error *err);

/* Every *.yaml below a folder (not profiles/), sorted by id. */
HG_MUST_CHECK struct hg_checks *hg_checks_load(const char *dir, struct hg_error *err);

/* What a consumer of the stream needs: DIR/NAME.yaml. Everything borrows from `doc`. */
struct hg_profile {
    struct json_t *params; /* { name: { value, source } }, or NULL */
    struct json_t *select; /* list of ids, globs, tags and severities, or NULL */
    struct hg_doc *doc;    /* owned */
};

/* HG_E_USAGE when there is no such file. hg_profile_done() in any case. */
HG_MUST_CHECK bool hg_profile_load(const char *dir, const char *name, struct hg_profile *ret,
                                   struct hg_error *err);
void hg_profile_done(struct hg_profile *profile);

/* The value of a parameter, and where it comes from; NULL when the profile does not give it. */
struct json_t *hg_profile_value(const struct hg_profile *profile, const char *param,
                                const char **ret_source);

/* The names of the profiles of a folder, sorted: a new array, empty when there is none. */
struct json_t *hg_profile_names(const char *dir);

/* Every profile of a folder is well-formed, gives nothing that no check asks for, and together
 * they give every parameter that a check names; without any profile nothing is asked. */
HG_MUST_CHECK bool hg_profiles_fit(const char *dir, const struct hg_checks *checks,
                                   struct hg_error *err);

/* What a plan is loaded with: no environment is read but through `lookup`. */
struct hg_plan_context {
    const char *profiles_dir; /* checks/profiles */
    const struct hg_checks
        *checks; /* to see that every parameter they name is given; may be NULL */
    const char *const
        *extra_profiles; /* --profile: instead of the plan's; NULL-terminated, or NULL */
    const char *(*lookup)(void *data, const char *name); /* ${NAME} */
    void *data;
};

HG_MUST_CHECK struct hg_plan *hg_plan_load(const char *path,
                                           const struct hg_plan_context *context,
                                           struct hg_error *err);

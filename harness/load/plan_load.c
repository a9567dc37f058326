/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <sha256.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "load/plan_parts.h"

static bool take_gate(const struct hg_at *at, struct hg_plan *plan)
{
    static const char *const keys[] = { "fail_on", "unknown", NULL };
    static const char *const severities[] = { "info", "minor", "major", "blocker", NULL };
    static const char *const unknowns[] = { "fail", "pass", NULL };
    struct hg_at gate = hg_at_key(at, "gate");
    int severity = HG_MAJOR, unknown = 0;

    if (gate.value != NULL && (!hg_at_mapping(&gate, "the gate", keys) ||
                               !hg_at_word(&gate, "fail_on", false, severities, &severity) ||
                               !hg_at_word(&gate, "unknown", false, unknowns, &unknown))) {
        return false;
    }
    plan->fail_on = (enum hg_severity)severity;
    plan->unknown_fails = unknown == 0;
    return true;
}

static bool take_waiver(const struct hg_at *one, struct hg_waiver *w)
{
    static const char *const keys[] = { "check", "target", "reason", "owner", "expires", NULL };
    struct hg_at expires = hg_at_key(one, "expires");
    long long ignored;

    return hg_at_mapping(one, "a waiver", keys) && hg_at_text(one, "check", true, &w->check) &&
           hg_at_text(one, "target", true, &w->target) &&
           hg_at_text(one, "reason", true, &w->reason) &&
           hg_at_text(one, "owner", true, &w->owner) &&
           hg_at_text(one, "expires", true, &w->expires) &&
           (hg_date_parse(w->expires, &ignored) ||
            hg_at_fail(&expires, "`%s` is not a date YYYY-MM-DD", w->expires));
}

/* "FILE:LINE:COL: why" without the folders of FILE: it goes into reports. */
static char *problem_of(const struct hg_error *err)
{
    const char *text = err->text, *end = strstr(text, ": ");

    for (const char *p = text; end != NULL && p < end; p++) {
        text = *p == '/' ? p + 1 : text;
    }
    return strdup(text);
}

/* A waiver that cannot be read accepts nothing, and is a finding: it must not keep the rest of
 * the plan from being looked at. */
static bool take_waivers(const struct hg_at *at, struct hg_plan *plan)
{
    struct hg_at list = hg_at_key(at, "waivers");
    size_t i;
    json_t *item;

    if (list.value != NULL && !json_is_array(list.value)) {
        return hg_at_fail(&list, "`waivers` is a list");
    }
    plan->waivers = calloc(json_array_size(list.value) + 1, sizeof(*plan->waivers));
    if (plan->waivers == NULL) {
        return hg_fail_nomem(at->err);
    }
    json_array_foreach (list.value, i, item) {
        struct hg_at one = hg_at_index(&list, i);
        struct hg_error err = { .plain = true }; /* there may be a hundred thousand */
        struct hg_waiver *w = &plan->waivers[plan->n_waivers++];

        one.err = &err;
        if (!take_waiver(&one, w)) {
            *w = (struct hg_waiver){ .problem = problem_of(&err) };
            if (w->problem == NULL) {
                return hg_fail_nomem(at->err);
            }
        }
    }
    return true;
}

static bool take_targets(const struct hg_at *at, const char *dir, struct hg_plan *plan)
{
    struct hg_at targets = hg_at_key(at, "targets");
    const char *id;
    json_t *value;

    if (json_object_size(targets.value) == 0) {
        return hg_at_fail(targets.value ? &targets : at,
                          "`targets` is missing or empty: a mapping of names to targets");
    }
    plan->targets = calloc(json_object_size(targets.value), sizeof(*plan->targets));
    if (plan->targets == NULL) {
        return hg_fail_nomem(at->err);
    }
    json_object_foreach ((json_t *)targets.value, id, value) {
        struct hg_at one = hg_at_key(&targets, id);

        if (id[0] == '\0' || strlen(id) > 100 || strpbrk(id, " /:#\\\t\n") != NULL) {
            return hg_at_bad_key(
                &one, "`%.100s` is no name of a target: one word without spaces, /, :, # or \\",
                id);
        }
        if (strcmp(id, "plan") == 0) {
            return hg_at_bad_key(&one, "`plan` is the plan itself in every report; give the "
                                       "target another name");
        }
        if (!hg_plan_take_target(&one, id, dir, &plan->targets[plan->n_targets])) {
            return false;
        }
        plan->n_targets++;
    }
    return true;
}

static bool take_head(const struct hg_at *at, struct hg_plan *plan)
{
    static const char *const keys[] = { "headgate", "name",     "profile", "params",  "from",
                                        "vantage",  "targets",  "links",   "waivers", "gate",
                                        "prove",    "deadline", NULL };
    struct hg_at version = hg_at_key(at, "headgate"), prove = hg_at_key(at, "prove");
    struct hg_at links = hg_at_key(at, "links");
    int vantage = -1;

    if (!hg_at_mapping(at, "a plan", keys)) {
        return false;
    }
    if (!json_is_integer(version.value) || json_integer_value(version.value) != 1) {
        return hg_at_fail(version.value ? &version : at,
                          "a plan begins with `headgate: 1`, the version of its format");
    }
    if (!hg_at_text(at, "name", true, &plan->name) ||
        !hg_at_word(at, "vantage", false, hg_vantage_names(), &vantage) ||
        !hg_at_duration(at, "deadline", &plan->deadline_ms)) {
        return false;
    }
    if (prove.value != NULL && !json_is_boolean(prove.value)) {
        return hg_at_fail(&prove, "`prove` is true or false");
    }
    if (links.value != NULL) {
        return hg_at_bad_key(&links, "`links` come with a later version");
    }
    plan->vantage = vantage < 0 ? "" : hg_vantage_names()[vantage];
    plan->prove = json_is_true(prove.value);
    return true;
}

/* The digest is over what was resolved, not over the file: another value of ${…} is another
 * plan. But the paths of files count as they are written: the same plan in another folder, of a
 * container or a laptop, is the same plan. It holds no secret: a plan has none. */
static bool digest(struct hg_plan *plan, json_t *written, struct hg_error *err)
{
    static const char *const with_paths[] = { "secret", "auditor", "tls" };
    json_auto_t *doc = json_copy(plan->doc);
    json_auto_t *targets = json_object();
    const char *id;
    json_t *resolved;
    char *text;

    json_object_foreach (json_object_get(plan->doc, "targets"), id, resolved) {
        json_auto_t *target = json_copy(resolved);

        for (size_t i = 0; i < HG_COUNT(with_paths); i++) {
            json_t *own = json_object_get(json_object_get(written, id), with_paths[i]);

            if (own != NULL) {
                json_object_set(target, with_paths[i], own);
            }
        }
        json_object_set(targets, id, target);
    }
    json_object_set(doc, "targets", targets);
    text = json_dumps(doc, JSON_SORT_KEYS | JSON_COMPACT);
    if (text == NULL) {
        return hg_fail_nomem(err);
    }
    SHA256Data((const uint8_t *)text, strlen(text), plan->digest);
    free(text);
    return true;
}

static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *real = slash ? strndup(path, (size_t)(slash - path)) : strdup(".");
    char *full = real ? realpath(real[0] ? real : "/", NULL) : NULL;

    free(real);
    return full ? full : strdup("");
}

struct hg_plan *hg_plan_load(const char *path, const struct hg_plan_context *context,
                             struct hg_error *err)
{
    HG_AUTO(hg_plan_freep) struct hg_plan *plan = calloc(1, sizeof(*plan));
    HG_AUTO(hg_doc_freep) struct hg_doc *doc = plan ? hg_doc_load(path, err) : NULL;
    struct hg_at at = { .doc = doc, .err = err };
    json_auto_t *written = NULL;
    char *dir;
    bool ok;

    if (plan == NULL) {
        hg_fail_nomem(err);
        return NULL;
    }
    if (doc == NULL) {
        return NULL;
    }
    at.value = doc->root;
    plan->doc = json_incref(doc->root);
    plan->path = strdup(path);
    dir = folder_of(path);
    ok = hg_plan_expand(context, &at);
    written = json_deep_copy(json_object_get(doc->root, "targets"));
    ok = ok && take_head(&at, plan) && hg_plan_take_from(&at, plan) && take_gate(&at, plan) &&
         take_waivers(&at, plan) && take_targets(&at, dir ? dir : "", plan) &&
         hg_plan_take_params(&at, context, plan) && digest(plan, written, err);
    free(dir);
    return ok ? hg_steal(&plan) : NULL;
}

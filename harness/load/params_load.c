/* SPDX-License-Identifier: Apache-2.0 */
/* params_load.c - profiles and parameters: target over plan over profile, first profile first.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "load/plan_parts.h"
#include "rules/rule.h"

/* A name of the command line has no place in the plan. */
static bool no_such_profile(const struct hg_at *at, bool of_plan, const char *dir,
                            const char *name)
{
    json_auto_t *names = hg_profile_names(dir);
    struct hg_buf text = { 0 };
    json_t *item;
    size_t i;

    hg_buf_printf(&text, "there is no profile `%.100s`; there are ", name);
    json_array_foreach (names, i, item) {
        hg_buf_printf(&text, "%s%s", i > 0 ? ", " : "", json_string_value(item));
    }
    if (of_plan) {
        hg_at_fail(at, "%s", hg_buf_text(&text));
    } else {
        hg_fail(at->err, HG_E_USAGE, "--profile: %s", hg_buf_text(&text));
    }
    hg_buf_done(&text);
    return false;
}

static bool take_profile(const struct hg_at *at, bool of_plan, const char *dir,
                         const char *name, json_t *params, json_t *select)
{
    struct hg_error inner = { 0 };
    struct hg_profile profile;
    bool ok = hg_profile_load(dir, name, &profile, &inner);
    const char *param;
    json_t *ignored;

    json_object_foreach (ok ? profile.params : NULL, param, ignored) {
        if (json_object_get(params, param) == NULL) { /* the first profile wins */
            ok = json_object_set(params, param, hg_profile_value(&profile, param, NULL)) == 0 &&
                 ok;
        }
    }
    if (ok && profile.select != NULL) {
        ok = json_array_extend(select, profile.select) == 0;
    }
    hg_profile_done(&profile);
    if (!ok && inner.code == HG_E_USAGE) {
        return no_such_profile(at, of_plan, dir, name);
    }
    if (!ok && inner.code != HG_E_NONE && at->err->code == HG_E_NONE) {
        *at->err = inner;
    }
    return ok || hg_fail_nomem(at->err);
}

static bool take_profiles(const struct hg_at *at, const struct hg_plan_context *context,
                          struct hg_plan *plan, json_t *params)
{
    struct hg_at here = hg_at_key(at, "profile");
    json_auto_t *names = json_array();
    json_t *select = json_array(), *item;
    bool of_plan;
    size_t i;

    for (size_t n = 0; context->extra_profiles != NULL && context->extra_profiles[n]; n++) {
        json_array_append_new(names, json_string(context->extra_profiles[n]));
    }
    of_plan = json_array_size(names) == 0;
    if (!hg_at_names(at, "profile", "name")) {
        json_decref(select);
        return false;
    }
    if (of_plan && json_is_array(here.value)) {
        json_array_extend(names, (json_t *)here.value);
    } else if (of_plan && here.value != NULL) {
        json_array_append(names, (json_t *)here.value);
    } else if (of_plan) {
        json_array_append_new(names, json_string("datastream"));
    }
    json_object_set((json_t *)at->value, "profile", names);
    json_object_set_new((json_t *)at->value, "select", select);
    plan->profiles = json_object_get(at->value, "profile");
    json_array_foreach (names, i, item) {
        if (!take_profile(&here, of_plan, context->profiles_dir, json_string_value(item),
                          params, select)) {
            return false;
        }
    }
    plan->select = json_array_size(select) > 0 ? select : NULL;
    return true;
}

/* Every parameter that a check of the target's engine names is given. */
static bool all_given(const struct hg_at *at, const struct hg_checks *checks,
                      const struct hg_target *target)
{
    for (size_t i = 0; checks != NULL && i < checks->n; i++) {
        json_auto_t *names = json_object();
        const char *name;
        json_t *value;

        if (strcmp(checks->items[i].engine, target->engine) != 0) {
            continue;
        }
        hg_check_params(&checks->items[i], names);
        json_object_foreach (names, name, value) {
            if (json_object_get(target->params, name) == NULL) {
                return hg_at_fail(
                    at,
                    "the check %s needs the parameter `%s`, and no profile and no "
                    "`params` gives it",
                    checks->items[i].id, name);
            }
        }
    }
    return true;
}

/* A parameter that neither a check nor a profile knows is a slip of the pen. */
static bool all_known(const struct hg_at *at, const struct hg_checks *checks, json_t *known)
{
    const char *key;
    json_t *value;

    if (at->value != NULL && !json_is_object(at->value)) {
        return hg_at_fail(at, "`params` is a mapping of names to values");
    }
    for (size_t i = 0; checks != NULL && i < checks->n; i++) {
        hg_check_params(&checks->items[i], known);
    }
    json_object_foreach ((json_t *)at->value, key, value) {
        struct hg_at here = hg_at_key(at, key);
        const char **names;
        const char *near, *name;
        json_t *ignored;
        size_t n = 0;

        if (json_object_get(known, key) != NULL || checks == NULL) {
            continue;
        }
        names = calloc(json_object_size(known) + 1, sizeof(*names));
        json_object_foreach (known, name, ignored) {
            if (names != NULL) {
                names[n++] = name;
            }
        }
        near = names ? hg_did_you_mean(key, names) : NULL;
        hg_at_fail(&here, "no check and no profile knows the parameter `%s`%s%s%s", key,
                   near ? "; did you mean `" : "", near ? near : "", near ? "`?" : "");
        free(names);
        return false;
    }
    return true;
}

/* An engine that no check is about is a slip of the pen too: its target would be judged by
 * nothing, and not even be named. */
static bool engine_judged(const struct hg_at *at, const struct hg_checks *checks,
                          const char *engine)
{
    struct hg_at here = hg_at_key(at, "engine");
    const char *names[16] = { NULL }, *near;
    struct hg_buf list = { 0 };
    size_t n = 0;

    for (size_t i = 0; checks != NULL && i < checks->n; i++) {
        const char *name = checks->items[i].engine;

        if (strcmp(name, engine) == 0) {
            hg_buf_done(&list);
            return true;
        }
        if (n + 1 < HG_COUNT(names) && (n == 0 || strcmp(names[n - 1], name) != 0)) {
            hg_buf_printf(&list, "%s%s", n > 0 ? ", " : "", name);
            names[n++] = name;
        }
    }
    near = hg_did_you_mean(engine, names);
    if (checks != NULL) {
        hg_at_fail(&here, "no check is about the engine `%s`; %s%s%s", engine,
                   near ? "did you mean `" : "there are ", near ? near : hg_buf_text(&list),
                   near ? "`?" : "");
    }
    hg_buf_done(&list);
    return checks == NULL;
}

bool hg_plan_take_params(const struct hg_at *at, const struct hg_plan_context *context,
                         struct hg_plan *plan)
{
    struct hg_at stated = hg_at_key(at, "params"), targets = hg_at_key(at, "targets");
    json_auto_t *params = json_object();
    json_auto_t *known = NULL;

    if (!take_profiles(at, context, plan, params)) {
        return false;
    }
    known = json_copy(params);
    if (!all_known(&stated, context->checks, known)) {
        return false;
    }
    json_object_update(params, (json_t *)stated.value);
    for (size_t i = 0; i < plan->n_targets; i++) {
        struct hg_target *target = &plan->targets[i];
        struct hg_at here = hg_at_key(&targets, target->id);
        struct hg_at own = hg_at_key(&here, "params");
        json_auto_t *resolved = json_copy(params);

        if (!engine_judged(&here, context->checks, target->engine) ||
            !all_known(&own, context->checks, known)) {
            return false;
        }
        json_object_update(resolved, (json_t *)own.value);
        json_object_set((json_t *)here.value, "params", resolved);
        target->params = json_object_get(here.value, "params");
        if (!all_given(&here, context->checks, target)) {
            return false;
        }
    }
    return true;
}

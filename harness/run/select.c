/* SPDX-License-Identifier: Apache-2.0 */
/* select.c - which checks are judged on which targets, and which have to be looked at for it.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "run/run.h"

#define ENGINE "engine:"

static bool word_fits(const char *word, const struct hg_check *check)
{
    size_t i;
    json_t *tag;

    if (hg_glob(word, check->id) || strcmp(word, hg_severity_name(check->severity)) == 0) {
        return true;
    }
    json_array_foreach (check->tags, i, tag) {
        if (json_is_string(tag) && strcmp(word, json_string_value(tag)) == 0) {
            return true;
        }
    }
    return false;
}

static bool any_fits(const char *const *words, const struct hg_check *check)
{
    for (; words != NULL && *words != NULL; words++) {
        if (word_fits(*words, check)) {
            return true;
        }
    }
    return false;
}

static bool profile_takes(const json_t *select, const struct hg_check *check)
{
    size_t i;
    json_t *word;

    json_array_foreach (select, i, word) {
        if (json_is_string(word) && word_fits(json_string_value(word), check)) {
            return true;
        }
    }
    return json_array_size(select) == 0;
}

static bool target_word_fits(const char *word, const struct hg_target *target)
{
    return strncmp(word, ENGINE, strlen(ENGINE)) == 0
               ? strcmp(word + strlen(ENGINE), target->engine) == 0
               : hg_glob(word, target->id);
}

static bool target_fits(const char *const *words, const struct hg_target *target)
{
    for (; words != NULL && *words != NULL; words++) {
        if (target_word_fits(*words, target)) {
            return true;
        }
    }
    return words == NULL;
}

static bool failed_then(const json_t *failed, const struct hg_check *check,
                        const struct hg_target *target)
{
    return failed == NULL ||
           json_object_get(json_object_get(failed, target->id), check->id) != NULL;
}

bool hg_selected(const struct hg_selection *selection, const struct hg_plan *plan,
                 const struct hg_check *check, const struct hg_target *target)
{
    return strcmp(check->engine, target->engine) == 0 &&
           target_fits(selection->targets, target) && profile_takes(plan->select, check) &&
           (selection->only == NULL || any_fits(selection->only, check)) &&
           !any_fits(selection->skip, check) && failed_then(selection->failed, check, target);
}

/* ---- what has to be looked at ---- */

static void need(const struct hg_checks *checks, const struct hg_check *check,
                 enum hg_level level, bool *ret)
{
    size_t i, at = (size_t)(check - checks->items);
    json_t *item;

    if (ret[at] || check->level > level) {
        return;
    }
    ret[at] = true;
    json_array_foreach (check->needs, i, item) {
        const struct hg_check *other = hg_check_find(checks, json_string_value(item));

        if (other != NULL && strcmp(other->engine, check->engine) == 0) {
            need(checks, other, level, ret);
        }
    }
}

bool *hg_needed(const struct hg_selection *selection, const struct hg_plan *plan,
                const struct hg_checks *checks, const struct hg_target *target,
                enum hg_level level, bool *ret_any)
{
    bool *ret = calloc(checks->n + 1, sizeof(*ret));

    *ret_any = false;
    for (size_t i = 0; ret != NULL && i < checks->n; i++) {
        const struct hg_check *check = &checks->items[i];

        if (check->level <= level && hg_selected(selection, plan, check, target)) {
            need(checks, check, level, ret);
            *ret_any = true;
        }
    }
    return ret;
}

/* ---- words that mean nothing ---- */

static bool check_word_known(const char *word, const struct hg_checks *checks)
{
    for (size_t i = 0; i < checks->n; i++) {
        if (word_fits(word, &checks->items[i])) {
            return true;
        }
    }
    return false;
}

/* Ids, tags and severities: what a word may have been meant to be. */
static const char **names_of_checks(const struct hg_checks *checks)
{
    size_t n = 0, room = HG_SEVERITIES + 1;
    const char **names;

    for (size_t i = 0; i < checks->n; i++) {
        room += 1 + json_array_size(checks->items[i].tags);
    }
    names = calloc(room, sizeof(*names));
    for (size_t i = 0; names != NULL && i < checks->n; i++) {
        size_t j;
        json_t *tag;

        names[n++] = checks->items[i].id;
        json_array_foreach (checks->items[i].tags, j, tag) {
            names[n++] = json_string_value(tag);
        }
    }
    for (int s = HG_INFO; names != NULL && s < HG_SEVERITIES; s++) {
        names[n++] = hg_severity_name((enum hg_severity)s);
    }
    return names;
}

static bool checks_known(const char *option, const char *const *words,
                         const struct hg_checks *checks, struct hg_error *err)
{
    for (; words != NULL && *words != NULL; words++) {
        const char **names, *near;

        if (check_word_known(*words, checks)) {
            continue;
        }
        names = names_of_checks(checks);
        near = names && strpbrk(*words, "*?") == NULL ? hg_did_you_mean(*words, names) : NULL;
        hg_fail(err, HG_E_USAGE,
                "%s `%.80s` is no check's id, tag or severity, and no pattern of one%s%s%s",
                option, *words, near ? "; did you mean `" : "; `headgate list` shows them",
                near ? near : "", near ? "`?" : "");
        free(names);
        return false;
    }
    return true;
}

static bool target_known(const char *word, const struct hg_plan *plan)
{
    for (size_t i = 0; i < plan->n_targets; i++) {
        if (target_word_fits(word, &plan->targets[i])) {
            return true;
        }
    }
    return plan->n_waivers > 0 && hg_glob(word, HG_PLAN_TARGET);
}

static bool targets_known(const char *const *words, const struct hg_plan *plan,
                          struct hg_error *err)
{
    for (; words != NULL && *words != NULL; words++) {
        const char **names, *near;
        struct hg_buf list = { 0 };

        if (target_known(*words, plan)) {
            continue;
        }
        names = calloc(plan->n_targets + 1, sizeof(*names));
        for (size_t i = 0; i < plan->n_targets; i++) {
            if (names != NULL) {
                names[i] = plan->targets[i].id;
            }
            hg_buf_printf(&list, "%s%s", i > 0 ? ", " : "", plan->targets[i].id);
        }
        near = names ? hg_did_you_mean(*words, names) : NULL;
        hg_fail(err, HG_E_USAGE, "--target `%.80s` fits no target of the plan; %s%.200s%s",
                *words, near ? "did you mean `" : "there are ",
                near ? near : hg_buf_text(&list), near ? "`?" : "");
        free(names);
        hg_buf_done(&list);
        return false;
    }
    return true;
}

bool hg_selection_known(const struct hg_selection *selection, const struct hg_plan *plan,
                        const struct hg_checks *checks, struct hg_error *err)
{
    return checks_known("--only", selection->only, checks, err) &&
           checks_known("--skip", selection->skip, checks, err) &&
           (plan == NULL || targets_known(selection->targets, plan, err));
}

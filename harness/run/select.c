/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <string.h>

#include "base/text.h"
#include "run/run.h"

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

static bool target_fits(const char *const *words, const char *id)
{
    if (words == NULL) {
        return true;
    }
    for (; *words != NULL; words++) {
        if (hg_glob(*words, id)) {
            return true;
        }
    }
    return false;
}

bool hg_selected(const struct hg_selection *selection, const struct hg_plan *plan,
                 const struct hg_check *check, const struct hg_target *target)
{
    return strcmp(check->engine, target->engine) == 0 &&
           target_fits(selection->targets, target->id) &&
           (strcmp(check->engine, "plan") == 0 || profile_takes(plan->select, check)) &&
           (selection->only == NULL || any_fits(selection->only, check)) &&
           !any_fits(selection->skip, check);
}

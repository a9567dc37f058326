/* SPDX-License-Identifier: Apache-2.0 */
/* fix_order.c - what fixes say they come after: it exists, is not done later by its effect, and
 * leads round nowhere, or no list could be pasted from top to bottom. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "load/check_parts.h"

static const json_t *after_of(const struct hg_check *check)
{
    return json_object_get(check->fix, "after");
}

static enum hg_effect effect_of(const struct hg_check *check)
{
    return hg_effect_parse(json_string_value(json_object_get(check->fix, "effect")));
}

/* Fixes meet on one target, so of one engine only. */
static bool comes_after(const struct hg_check *check, const char *glob,
                        const struct hg_check *other)
{
    return other != check && other->fix != NULL && strcmp(other->engine, check->engine) == 0 &&
           hg_glob(glob, other->id);
}

static bool globs_make_sense(const struct hg_checks *checks, const struct hg_check *check,
                             struct hg_error *err)
{
    size_t i;
    json_t *item;

    json_array_foreach (after_of(check), i, item) {
        const char *glob = json_string_value(item);
        char pointer[40], text[500];
        bool found = false;

        snprintf(pointer, sizeof(pointer), "/fix/after/%zu", i);
        for (size_t j = 0; j < checks->n; j++) {
            const struct hg_check *other = &checks->items[j];

            if (!comes_after(check, glob, other)) {
                continue;
            }
            found = true;
            if (effect_of(other) > effect_of(check)) {
                snprintf(text, sizeof(text),
                         "`%.160s` is mended later than this: what works %s comes after %s",
                         other->id, hg_effect_name(effect_of(other)),
                         hg_effect_name(effect_of(check)));
                return hg_check_fail_in(check, pointer, text, err);
            }
        }
        if (!found) {
            snprintf(text, sizeof(text), "`%.160s` is the fix of no other check of this engine",
                     glob);
            return hg_check_fail_in(check, pointer, text, err);
        }
    }
    return true;
}

/* The first that this one comes after and that is not settled; n when there is none. */
static size_t open_one(const struct hg_checks *checks, const bool *settled, size_t at)
{
    size_t i;
    json_t *item;

    json_array_foreach (after_of(&checks->items[at]), i, item) {
        for (size_t j = 0; j < checks->n; j++) {
            if (!settled[j] &&
                comes_after(&checks->items[at], json_string_value(item), &checks->items[j])) {
                return j;
            }
        }
    }
    return checks->n;
}

bool hg_fix_order_makes_sense(const struct hg_checks *checks, struct hg_error *err)
{
    for (size_t i = 0; i < checks->n; i++) {
        if (!globs_make_sense(checks, &checks->items[i], err)) {
            return false;
        }
    }
    return hg_check_no_ring(checks, open_one, "this fix comes after itself: ", " after ",
                            "/fix/after", err);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "run/waivers.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

static const char *text_of(const json_t *finding, const char *key)
{
    const char *text = json_string_value(json_object_get(finding, key));

    return text ? text : "";
}

static bool names(const struct hg_waiver *w, const json_t *finding)
{
    return w->problem == NULL && hg_glob(w->check, text_of(finding, "check")) &&
           hg_glob(w->target, text_of(finding, "target"));
}

static void accept(json_t *finding, const struct hg_waiver *w, const char *today)
{
    bool expired = strcmp(w->expires, today) < 0;
    struct hg_buf words = { 0 };

    hg_buf_printf(&words, "%s %s: %s (%s)", expired ? "expired on" : "until", w->expires,
                  w->reason, w->owner);
    json_object_set_new(finding, "waiver", json_string(hg_buf_text(&words)));
    if (!expired) {
        json_object_set_new(finding, "verdict", json_string("waived"));
    }
    hg_buf_done(&words);
}

void hg_waive(const struct hg_plan *plan, const char *today, json_t *finding, bool above_level,
              struct hg_waiver_use *uses)
{
    enum hg_verdict verdict = HG_PASS;
    const struct hg_waiver *holds = NULL;

    if (!hg_verdict_parse(text_of(finding, "verdict"), &verdict)) {
        return;
    }
    for (size_t i = 0; i < plan->n_waivers; i++) {
        const struct hg_waiver *w = &plan->waivers[i];

        if (!names(w, finding)) {
            continue;
        }
        uses[i].undecided = uses[i].undecided || above_level;
        if (verdict < HG_UNKNOWN) {
            continue;
        }
        uses[i].matches++;
        if (holds == NULL || strcmp(w->expires, holds->expires) > 0) {
            holds = w; /* of several, the one that holds longest */
        }
    }
    if (holds != NULL) {
        accept(finding, holds, today);
    }
}

static json_t *item_of(const struct hg_waiver *w, size_t number, long long today,
                       const struct hg_waiver_use *use, bool whole)
{
    struct hg_buf name = { 0 };
    long long until = today;
    json_t *item;

    if (w->problem != NULL) {
        hg_buf_printf(&name, "waiver %zu: %s", number, w->problem);
        item = json_pack("{s:s, s:s}", "name", hg_buf_text(&name), "problem", w->problem);
    } else {
        hg_buf_printf(&name, "waiver %zu: %s on %s until %s (%s)", number, w->check, w->target,
                      w->expires, w->owner);
        (void)hg_date_parse(w->expires, &until); /* the loader has */
        item = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:b}", "name",
                         hg_buf_text(&name), "check", w->check, "target", w->target, "owner",
                         w->owner, "reason", w->reason, "expires", w->expires, "days_left",
                         (json_int_t)(until - today), "matches", (json_int_t)use->matches,
                         "judged", whole && !use->undecided);
    }
    hg_buf_done(&name);
    return item;
}

struct hg_facts *hg_waiver_facts(const struct hg_plan *plan, const char *today,
                                 const struct hg_waiver_use *uses, bool whole)
{
    HG_AUTO(hg_facts_freep) struct hg_facts *facts = hg_facts_new(HG_PLAN_TARGET);
    json_auto_t *items = json_array();
    json_auto_t *value = NULL;
    struct hg_fact fact = { .key = "plan.waivers", .state = HG_FACT_KNOWN };
    struct hg_error err = { 0 };
    long long day = 0;

    (void)hg_date_parse(today, &day); /* ours */
    for (size_t i = 0; i < plan->n_waivers; i++) {
        if (json_array_append_new(
                items, item_of(&plan->waivers[i], i + 1, day, &uses[i], whole)) != 0) {
            return NULL;
        }
    }
    value = json_pack("{s:O, s:b}", "items", items, "complete", 1);
    fact.value = value;
    return facts != NULL && value != NULL && hg_facts_put(facts, &fact, &err) ? hg_steal(&facts)
                                                                              : NULL;
}

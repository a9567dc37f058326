/* SPDX-License-Identifier: Apache-2.0 */
#include "model/fact.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* Kept as the very lines they came as: { key: {"key","state","value",…} }. */
struct hg_facts {
    char *target_id;
    json_t *by_key;
};

static const char *const state_names[] = {
    [HG_FACT_UNASKED] = "unasked",         [HG_FACT_KNOWN] = "known",
    [HG_FACT_ABSENT] = "absent",           [HG_FACT_DENIED] = "denied",
    [HG_FACT_UNREACHABLE] = "unreachable", [HG_FACT_UNSUPPORTED] = "unsupported",
    [HG_FACT_GARBLED] = "garbled",
};

struct hg_facts *hg_facts_new(const char *target_id)
{
    HG_AUTO(hg_facts_freep) struct hg_facts *facts = calloc(1, sizeof(*facts));

    if (facts == NULL) {
        return NULL;
    }
    facts->target_id = strdup(target_id);
    facts->by_key = json_object();
    if (facts->target_id == NULL || facts->by_key == NULL) {
        return NULL;
    }
    return hg_steal(&facts);
}

void hg_facts_free(struct hg_facts *facts)
{
    if (facts == NULL) {
        return;
    }
    json_decref(facts->by_key);
    free(facts->target_id);
    free(facts);
}

const char *hg_facts_target(const struct hg_facts *facts)
{
    return facts->target_id;
}

/* Appends the items of the next chunk of a list; the last chunk says whether it is complete. */
static bool continue_list(json_t *so_far, json_t *line, struct hg_error *err)
{
    json_t *value = json_object_get(so_far, "value"), *next = json_object_get(line, "value");
    json_t *items = json_object_get(value, "items"), *more = json_object_get(next, "items");

    if (!json_is_array(items) || !json_is_array(more) ||
        !json_is_boolean(json_object_get(next, "complete"))) {
        return hg_fail(err, HG_E_SYNTAX, "a continued fact is not a list");
    }
    if (json_array_extend(items, more) != 0 ||
        /* One chunk that is not whole makes the list so. */
        (json_is_false(json_object_get(next, "complete")) &&
         json_object_set_new(value, "complete", json_false()) != 0) ||
        (!json_is_true(json_object_get(line, "more")) &&
         json_object_del(so_far, "more") != 0)) {
        return hg_fail_nomem(err);
    }
    return true;
}

bool hg_facts_put_line(struct hg_facts *facts, json_t *line, struct hg_error *err)
{
    const char *key = json_string_value(json_object_get(line, "key"));
    json_t *so_far = key ? json_object_get(facts->by_key, key) : NULL;
    enum hg_fact_state state;

    if (key == NULL || key[0] == '\0' || strlen(key) > 100) {
        return hg_fail(err, HG_E_SYNTAX, "a fact without a key");
    }
    if (!hg_fact_state_parse(json_string_value(json_object_get(line, "state")), &state)) {
        return hg_fail(err, HG_E_SYNTAX, "fact %s has no state that is known", key);
    }
    if ((state == HG_FACT_KNOWN) != (json_object_get(line, "value") != NULL)) {
        return hg_fail(err, HG_E_SYNTAX, "fact %s: a value goes with the state known", key);
    }
    if (json_is_true(json_object_get(so_far, "more"))) {
        return continue_list(so_far, line, err);
    }
    return json_object_set(facts->by_key, key, line) == 0 || hg_fail_nomem(err);
}

bool hg_facts_put(struct hg_facts *facts, const struct hg_fact *fact, struct hg_error *err)
{
    json_auto_t *line = json_pack("{s:s, s:s, s:O*, s:s*, s:s*, s:s*}", "key", fact->key,
                                  "state", state_names[fact->state], "value", fact->value,
                                  "reason", fact->reason, "needs", fact->needs, "by",
                                  fact->by_auditor ? "auditor" : NULL);

    if (line == NULL || json_object_set(facts->by_key, fact->key, line) != 0) {
        return hg_fail_nomem(err);
    }
    return true;
}

struct hg_fact hg_facts_get(const struct hg_facts *facts, const char *key)
{
    const json_t *line = json_object_get(facts->by_key, key);
    struct hg_fact fact = { .key = key };
    const char *by = json_string_value(json_object_get(line, "by"));

    if (line == NULL ||
        !hg_fact_state_parse(json_string_value(json_object_get(line, "state")), &fact.state)) {
        fact.state = HG_FACT_UNASKED;
        fact.reason = "nobody was asked for it";
        return fact;
    }
    if (json_is_true(json_object_get(line, "more"))) {
        fact.state = HG_FACT_GARBLED;
        fact.reason = "the list broke off before its end";
        return fact;
    }
    fact.value = json_object_get(line, "value");
    fact.reason = json_string_value(json_object_get(line, "reason"));
    fact.needs = json_string_value(json_object_get(line, "needs"));
    fact.by_auditor = by != NULL && strcmp(by, "auditor") == 0;
    return fact;
}

bool hg_facts_has(const struct hg_facts *facts, const char *key)
{
    const json_t *line = json_object_get(facts->by_key, key);

    return line != NULL && !json_is_true(json_object_get(line, "more"));
}

json_t *hg_facts_lines(const struct hg_facts *facts)
{
    json_auto_t *lines = json_array();
    const char *key;
    json_t *line;

    json_object_foreach (facts->by_key, key, line) {
        if (json_array_append(lines, line) != 0) {
            return NULL;
        }
    }
    return hg_steal(&lines);
}

const char *hg_fact_state_name(enum hg_fact_state state)
{
    return state_names[state];
}

bool hg_fact_state_parse(const char *name, enum hg_fact_state *ret)
{
    for (size_t i = 0; name != NULL && i < HG_COUNT(state_names); i++) {
        if (strcmp(state_names[i], name) == 0) {
            *ret = (enum hg_fact_state)i;
            return true;
        }
    }
    return false;
}

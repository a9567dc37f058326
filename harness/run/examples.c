/* SPDX-License-Identifier: Apache-2.0 */
/* examples.c - the `examples:` of a check are its unit tests and its documentation at once. */
#include <jansson.h>
#include <string.h>

#include "rules/rule.h"
#include "run/run.h"

static bool put_known(struct hg_facts *facts, json_t *known, struct hg_error *err)
{
    const char *key;
    json_t *value;

    json_object_foreach (known, key, value) {
        struct hg_fact fact = { .key = key, .state = HG_FACT_KNOWN, .value = value };

        if (strcmp(key, "run") != 0 && !hg_facts_put(facts, &fact, err)) {
            return false;
        }
    }
    return true;
}

static bool put_unknown(struct hg_facts *facts, json_t *unknown, struct hg_error *err)
{
    const char *key;
    json_t *state;

    json_object_foreach (unknown, key, state) {
        struct hg_fact fact = { .key = key, .reason = "as the example says" };

        if (!hg_fact_state_parse(json_string_value(state), &fact.state)) {
            return hg_fail(err, HG_E_SYNTAX, "%s: `%s` is no state of a fact", key,
                           json_is_string(state) ? json_string_value(state) : "?");
        }
        if (!hg_facts_put(facts, &fact, err)) {
            return false;
        }
    }
    return true;
}

/* A server that fits what the check applies to, unless the example names one. */
static bool put_server(struct hg_facts *facts, const struct hg_check *check,
                       struct hg_error *err)
{
    json_t *flavour = json_object_get(check->applies, "flavour");
    json_t *provider = json_object_get(check->applies, "provider");
    char key[96];
    json_auto_t *value = NULL;
    struct hg_fact fact = { .key = key, .state = HG_FACT_KNOWN };

    flavour = json_is_array(flavour) ? json_array_get(flavour, 0) : flavour;
    provider = json_is_array(provider) ? json_array_get(provider, 0) : provider;
    value = json_pack("{s:s, s:s, s:s}", "flavour",
                      flavour ? json_string_value(flavour) : check->engine, "provider",
                      provider ? json_string_value(provider) : "self", "version",
                      strcmp(check->engine, "postgres") == 0  ? "17.0"
                      : strcmp(check->engine, "mongodb") == 0 ? "8.2.0"
                                                              : "9.7.0");
    fact.value = value;
    strcat(strcpy(key, check->engine), ".server");
    return hg_facts_put(facts, &fact, err);
}

static bool holds(const struct hg_check *check, json_t *example, struct hg_error *err)
{
    HG_AUTO(hg_facts_freep) struct hg_facts *facts = hg_facts_new("example");
    const char *wanted = json_string_value(json_object_get(example, "verdict"));
    const char *name = json_string_value(json_object_get(example, "name"));
    struct hg_case c = { check,
                         facts,
                         json_object_get(example, "params"),
                         json_object_get(example, "scope"),
                         HG_LEVEL_ATTEMPT,
                         json_object_get(json_object_get(example, "facts"), "run") };
    json_auto_t *finding = NULL;
    const char *got;

    if (facts == NULL || !put_server(facts, check, err) ||
        !put_known(facts, json_object_get(example, "facts"), err) ||
        !put_unknown(facts, json_object_get(example, "unknown"), err)) {
        return false;
    }
    finding = hg_judge(&c);
    got = json_string_value(json_object_get(finding, "verdict"));
    if (got == NULL || wanted == NULL || strcmp(got, wanted) != 0) {
        return hg_fail(err, HG_E_SYNTAX, "example `%s` says %s, the rule says %s (%s)",
                       name ? name : "?", wanted ? wanted : "nothing", got ? got : "nothing",
                       json_string_value(json_object_get(finding, "sentence")));
    }
    return true;
}

bool hg_examples_hold(const struct hg_check *check, struct hg_error *err)
{
    unsigned seen = 0;
    size_t i;
    json_t *example;

    json_array_foreach (check->examples, i, example) {
        enum hg_verdict verdict = HG_PASS;

        if (!holds(check, example, err)) {
            return hg_fail_in(err, "%s", check->id);
        }
        if (hg_verdict_parse(json_string_value(json_object_get(example, "verdict")),
                             &verdict)) {
            seen |= 1u << verdict;
        }
    }
    if ((seen & 1u << HG_PASS) == 0 || (seen & 1u << HG_FAIL) == 0 ||
        (seen & 1u << HG_UNKNOWN) == 0) {
        return hg_fail(
            err, HG_E_SYNTAX,
            "%s: examples of pass, fail and unknown are all needed; there is no `%s`",
            check->id,
            (seen & 1u << HG_PASS) == 0   ? "pass"
            : (seen & 1u << HG_FAIL) == 0 ? "fail"
                                          : "unknown");
    }
    return true;
}

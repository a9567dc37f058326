/* SPDX-License-Identifier: Apache-2.0 */
/* settle.c - one cause, one line: what waits on a check that did not pass. */
#include <jansson.h>
#include <string.h>

#include "base/buf.h"
#include "rules/rule.h"

struct settling {
    json_t *by_id; /* { check: finding } */
    const struct hg_checks *checks;
};

static const char *verdict_of(const json_t *finding)
{
    const char *verdict = json_string_value(json_object_get(finding, "verdict"));

    return verdict ? verdict : "";
}

/* Decided from what an auditor saw, while the need is about the account itself: no waiting. */
static bool independent(const json_t *finding, const json_t *need)
{
    const char *verdict = verdict_of(finding);

    return (strcmp(verdict, "pass") == 0 || strcmp(verdict, "fail") == 0) &&
           !json_is_true(json_object_get(finding, "as_account")) &&
           json_is_true(json_object_get(need, "as_account"));
}

/* The check that `id` waits on in the end, or NULL: needs are followed to the first cause. */
static const char *cause_of(const struct settling *s, const char *id, int depth)
{
    const struct hg_check *check = hg_check_find(s->checks, id);
    const json_t *finding = json_object_get(s->by_id, id);
    size_t i;
    json_t *item;

    if (check == NULL || finding == NULL || depth > 16 ||
        strcmp(verdict_of(finding), "skip") == 0) {
        return NULL;
    }
    json_array_foreach (check->needs, i, item) {
        const char *need = json_string_value(item), *cause;
        const json_t *other = need ? json_object_get(s->by_id, need) : NULL;

        if (other == NULL || independent(finding, other)) {
            continue; /* not selected: nothing is known of it */
        }
        cause = cause_of(s, need, depth + 1);
        if (cause != NULL) {
            return cause;
        }
        if (strcmp(verdict_of(other), "fail") == 0 ||
            strcmp(verdict_of(other), "unknown") == 0) {
            return need;
        }
    }
    return NULL;
}

static void make_wait(json_t *finding, const char *cause, const json_t *other)
{
    const char *sentence = json_string_value(json_object_get(other, "sentence"));
    struct hg_buf text = { 0 };

    hg_buf_printf(&text, "waits on %s: %s", cause, sentence ? sentence : "it did not pass");
    json_object_set_new(finding, "verdict", json_string("unknown"));
    json_object_set_new(finding, "sentence", json_string(hg_buf_text(&text)));
    json_object_set_new(finding, "waits_on", json_string(cause));
    json_object_del(finding, "fix");
    json_object_del(finding, "expected");
    json_object_del(finding, "actual");
    json_object_del(finding, "offenders");
    json_object_del(finding, "offender_count");
    hg_buf_done(&text);
}

void hg_settle(json_t *findings, const struct hg_checks *checks, const struct hg_facts *facts)
{
    json_auto_t *by_id = json_object();
    json_auto_t *causes = json_object();
    struct settling s = { by_id, checks };
    size_t i;
    json_t *finding;
    const char *id;
    json_t *cause;

    (void)facts;
    json_array_foreach (findings, i, finding) {
        json_object_set(by_id, json_string_value(json_object_get(finding, "check")), finding);
    }
    /* All causes first: a finding that is changed must not become a cause itself. */
    json_array_foreach (findings, i, finding) {
        const char *name = json_string_value(json_object_get(finding, "check"));
        const char *found = cause_of(&s, name, 0);

        if (found != NULL) {
            json_object_set_new(causes, name, json_string(found));
        }
    }
    json_object_foreach (causes, id, cause) {
        make_wait(json_object_get(by_id, id), json_string_value(cause),
                  json_object_get(by_id, json_string_value(cause)));
    }
    json_array_foreach (findings, i, finding) {
        json_object_del(finding, "as_account");
    }
}

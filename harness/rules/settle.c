/* SPDX-License-Identifier: Apache-2.0 */
/* settle.c - one cause, one line: what waits on a check that did not pass. */
#include <jansson.h>
#include <string.h>

#include "base/buf.h"
#include "rules/rule.h"

struct settling {
    json_t *by_id;  /* { check: finding } */
    json_t *causes; /* { check: cause, or null where it waits on nothing } */
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

static bool is(const json_t *finding, const char *verdict)
{
    return strcmp(verdict_of(finding), verdict) == 0;
}

static const char *cause_of(const struct settling *s, const char *id);

static const char *look_for_cause(const struct settling *s, const char *id)
{
    const struct hg_check *check = hg_check_find(s->checks, id);
    const json_t *finding = json_object_get(s->by_id, id);
    size_t i;
    json_t *item;

    if (check == NULL || finding == NULL || is(finding, "skip")) {
        return NULL;
    }
    json_array_foreach (check->needs, i, item) {
        const char *need = json_string_value(item), *cause;
        const json_t *other = need ? json_object_get(s->by_id, need) : NULL;

        if (other == NULL || independent(finding, other)) {
            continue; /* not selected: nothing is known of it */
        }
        cause = cause_of(s, need);
        if (cause == NULL && (is(other, "fail") || is(other, "unknown"))) {
            cause = need;
        }
        if (cause != NULL && strcmp(cause, id) != 0) { /* nothing waits on itself */
            return cause;
        }
    }
    return NULL;
}

/* The check that `id` waits on in the end, or NULL: needs are followed to the first cause, each
 * check once (a ring ends where it began). */
static const char *cause_of(const struct settling *s, const char *id)
{
    const json_t *seen = json_object_get(s->causes, id);
    const char *cause;

    if (seen != NULL) {
        return json_string_value(seen);
    }
    json_object_set_new(s->causes, id, json_null());
    cause = look_for_cause(s, id);
    if (cause != NULL) {
        json_object_set_new(s->causes, id, json_string(cause));
    }
    return json_string_value(json_object_get(s->causes, id));
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

void hg_settle(json_t *findings, const struct hg_checks *checks)
{
    json_auto_t *by_id = json_object();
    json_auto_t *causes = json_object();
    struct settling s = { by_id, causes, checks };
    size_t i;
    json_t *finding;
    const char *id;
    json_t *cause;

    json_array_foreach (findings, i, finding) {
        json_object_set(by_id, json_string_value(json_object_get(finding, "check")), finding);
    }
    /* All causes first: a finding that is changed must not become a cause itself. */
    json_array_foreach (findings, i, finding) {
        (void)cause_of(&s, json_string_value(json_object_get(finding, "check")));
    }
    json_object_foreach (causes, id, cause) {
        if (json_is_string(cause)) {
            make_wait(json_object_get(by_id, id), json_string_value(cause),
                      json_object_get(by_id, json_string_value(cause)));
        }
    }
    json_array_foreach (findings, i, finding) {
        json_object_del(finding, "as_account");
    }
}

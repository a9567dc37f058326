/* SPDX-License-Identifier: Apache-2.0 */
#include "model/run.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* Where in the document we are, for the error text. */
struct at {
    const char *list; /* "findings", "targets" or "" */
    size_t index;
    struct hg_error *err;
};

static bool bad(const struct at *at, const char *field, const char *wanted)
{
    if (at->list[0] == '\0') {
        return hg_fail(at->err, HG_E_SYNTAX, "not a run of headgate: `%s` is not %s", field,
                       wanted);
    }
    return hg_fail(at->err, HG_E_SYNTAX, "not a run of headgate: %s[%zu].%s is not %s",
                   at->list, at->index, field, wanted);
}

/* Optional text: "" when it is not there. */
static bool text(const struct at *at, json_t *from, const char *field, const char **ret)
{
    json_t *value = json_object_get(from, field);

    *ret = value == NULL || json_is_null(value) ? "" : json_string_value(value);
    return *ret != NULL || bad(at, field, "text");
}

static bool required(const struct at *at, json_t *from, const char *field, const char **ret)
{
    *ret = json_string_value(json_object_get(from, field));
    return (*ret != NULL && (*ret)[0] != '\0') || bad(at, field, "text");
}

static bool strings(const struct at *at, json_t *from, const char *field, json_t **ret)
{
    size_t i;
    json_t *item;

    *ret = json_object_get(from, field);
    if (*ret != NULL && !json_is_array(*ret)) {
        return bad(at, field, "a list");
    }
    json_array_foreach (*ret, i, item) {
        if (!json_is_string(item)) {
            return bad(at, field, "a list of texts");
        }
    }
    return true;
}

static bool take_steps(const struct at *at, json_t *fix, struct hg_finding *f)
{
    size_t i;
    json_t *step;

    f->fix_steps = json_object_get(fix, "steps");
    if (f->fix_steps != NULL && !json_is_array(f->fix_steps)) {
        return bad(at, "fix.steps", "a list");
    }
    json_array_foreach (f->fix_steps, i, step) {
        const char *ignored;

        if (!required(at, step, "language", &ignored) ||
            !required(at, step, "text", &ignored) || !text(at, step, "file", &ignored)) {
            return false;
        }
    }
    return strings(at, fix, "after", &f->fix_after);
}

static bool take_fix(const struct at *at, json_t *from, struct hg_finding *f)
{
    json_t *fix = json_object_get(from, "fix");

    if (!take_steps(at, fix, f)) {
        return false;
    }
    f->fix_incomplete = json_is_true(json_object_get(fix, "incomplete"));
    return text(at, fix, "text", &f->fix_text) && text(at, fix, "effect", &f->fix_effect) &&
           text(at, fix, "who", &f->fix_who) && text(at, fix, "statement", &f->fix_statement) &&
           text(at, fix, "language", &f->fix_language);
}

static bool take_change(const struct at *at, json_t *from, struct hg_finding *f)
{
    const char *since;

    if (!text(at, from, "since", &since)) {
        return false;
    }
    f->since = HG_SAME;
    return since[0] == '\0' ||
           (hg_change_parse(since, &f->since) &&
            (f->since == HG_NEW || f->since == HG_WORSE || f->since == HG_BETTER ||
             f->since == HG_UNCHANGED)) ||
           bad(at, "since", "new, worse, better or unchanged");
}

static bool take_finding(const struct at *at, json_t *from, struct hg_finding *f)
{
    const char *severity, *verdict;

    if (!required(at, from, "check", &f->check) || !required(at, from, "target", &f->target) ||
        !required(at, from, "severity", &severity) ||
        !required(at, from, "verdict", &verdict) ||
        !required(at, from, "sentence", &f->sentence) || !text(at, from, "title", &f->title) ||
        !text(at, from, "expected", &f->expected) || !text(at, from, "actual", &f->actual) ||
        !text(at, from, "why", &f->why) || !text(at, from, "waits_on", &f->waits_on) ||
        !text(at, from, "waiver", &f->waiver) ||
        !strings(at, from, "offenders", &f->offenders) ||
        !strings(at, from, "refs", &f->refs) || !strings(at, from, "evidence", &f->evidence) ||
        !take_fix(at, from, f)) {
        return false;
    }
    if (!hg_severity_parse(severity, &f->severity)) {
        return bad(at, "severity", "info, minor, major or blocker");
    }
    if (!take_change(at, from, f)) {
        return false;
    }
    if (!hg_verdict_parse(verdict, &f->verdict)) {
        return bad(at, "verdict", "pass, skip, waived, unknown or fail");
    }
    f->closes_gate = json_is_true(json_object_get(from, "closes_gate"));
    f->n_offenders = (size_t)json_integer_value(json_object_get(from, "offender_count"));
    return true;
}

static bool take_target(const struct at *at, json_t *from, struct hg_run_target *t)
{
    t->port = json_integer_value(json_object_get(from, "port"));
    t->ms = json_integer_value(json_object_get(from, "ms"));
    t->attempts = json_integer_value(json_object_get(from, "attempts"));
    t->waited_ms = json_integer_value(json_object_get(from, "waited_ms"));
    t->starting = json_is_true(json_object_get(from, "starting"));
    if (!json_is_array(json_object_get(from, "errors"))) {
        return bad(at, "errors", "a list");
    }
    return required(at, from, "id", &t->id) && required(at, from, "engine", &t->engine) &&
           text(at, from, "host", &t->host) && text(at, from, "account", &t->account) &&
           text(at, from, "dialled", &t->dialled) && text(at, from, "server", &t->server) &&
           text(at, from, "database", &t->database) && strings(at, from, "errors", &t->errors);
}

static bool take_lists(struct hg_run *run, struct hg_error *err)
{
    json_t *targets = json_object_get(run->doc, "targets"), *item;
    json_t *findings = json_object_get(run->doc, "findings");
    struct at at = { .list = "targets", .err = err };

    if (!json_is_array(targets) || !json_is_array(findings)) {
        at.list = "";
        return bad(&at, "targets` or `findings", "a list");
    }
    run->targets = calloc(json_array_size(targets) + 1, sizeof(*run->targets));
    run->findings = calloc(json_array_size(findings) + 1, sizeof(*run->findings));
    if (run->targets == NULL || run->findings == NULL) {
        return hg_fail_nomem(err);
    }
    json_array_foreach (targets, at.index, item) {
        if (!take_target(&at, item, &run->targets[run->n_targets])) {
            return false;
        }
        run->n_errors += json_array_size(run->targets[run->n_targets++].errors);
    }
    at.list = "findings";
    json_array_foreach (findings, at.index, item) {
        if (!take_finding(&at, item, &run->findings[run->n_findings])) {
            return false;
        }
        run->count[run->findings[run->n_findings++].verdict]++;
    }
    return true;
}

/* A list of what changed: each entry names a check and a target. */
static bool take_entries(const char *list, json_t *from, json_t **ret, struct hg_error *err)
{
    struct at at = { .list = "", .err = err };
    const char *ignored, *severity;
    enum hg_severity parsed;
    json_t *entry;

    *ret = json_object_get(from, list);
    if (!json_is_array(*ret)) {
        return bad(&at, list, "a list");
    }
    at.list = list;
    json_array_foreach (*ret, at.index, entry) {
        if (!required(&at, entry, "check", &ignored) ||
            !required(&at, entry, "target", &ignored) ||
            !required(&at, entry, "severity", &severity) ||
            !required(&at, entry, "was", &ignored)) {
            return false;
        }
        if (!hg_severity_parse(severity, &parsed)) {
            return bad(&at, "severity", "info, minor, major or blocker");
        }
    }
    return true;
}

static bool take_since(struct hg_run *run, struct hg_error *err)
{
    json_t *from = json_object_get(run->doc, "since");
    struct at at = { .list = "", .err = err };
    struct hg_since *s = &run->since;

    if (from == NULL) { /* without it nobody knows since when */
        for (size_t i = 0; i < run->n_findings; i++) {
            run->findings[i].since = HG_SAME;
        }
        return true;
    }
    if (!required(&at, from, "started_at", &s->started_at) ||
        !required(&at, from, "name", &s->name) || !required(&at, from, "level", &s->level) ||
        !text(&at, from, "plan_digest", &s->plan_digest) ||
        !take_entries("fixed", from, &s->fixed, err) ||
        !take_entries("waived", from, &s->waived, err) ||
        !take_entries("lost", from, &s->lost, err)) {
        return false;
    }
    for (size_t i = 0; i < run->n_findings; i++) {
        s->count[run->findings[i].since]++;
    }
    s->count[HG_FIXED] = json_array_size(s->fixed);
    s->count[HG_NEW_WAIVED] = json_array_size(s->waived);
    s->count[HG_LOST] = json_array_size(s->lost);
    return true;
}

static bool take_run(struct hg_run *run, struct hg_error *err)
{
    struct at at = { .list = "", .err = err };
    const char *fail_on;

    if (json_integer_value(json_object_get(run->doc, "headgate_run")) != HG_RUN_FORMAT) {
        return bad(&at, "headgate_run", "1");
    }
    if (!required(&at, run->doc, "name", &run->name) ||
        !required(&at, run->doc, "version", &run->version) ||
        !required(&at, run->doc, "started_at", &run->started_at) ||
        !required(&at, run->doc, "level", &run->level) ||
        !text(&at, run->doc, "vantage", &run->vantage) ||
        !text(&at, run->doc, "plan_digest", &run->plan_digest) ||
        !required(&at, run->doc, "fail_on", &fail_on)) {
        return false;
    }
    if (!hg_severity_parse(fail_on, &run->fail_on)) {
        return bad(&at, "fail_on", "info, minor, major or blocker");
    }
    run->interrupted = json_is_true(json_object_get(run->doc, "interrupted"));
    run->exit_status = (int)json_integer_value(json_object_get(run->doc, "exit_status"));
    run->n_errors = json_array_size(json_object_get(run->doc, "errors"));
    return take_lists(run, err) && take_since(run, err);
}

struct hg_run *hg_run_from_json(json_t *doc, struct hg_error *err)
{
    HG_AUTO(hg_run_freep) struct hg_run *run = calloc(1, sizeof(*run));

    if (run == NULL) {
        json_decref(doc);
        hg_fail_nomem(err);
        return NULL;
    }
    run->doc = doc;
    return take_run(run, err) ? hg_steal(&run) : NULL;
}

void hg_run_free(struct hg_run *run)
{
    if (run != NULL) {
        json_decref(run->doc);
        free(run->targets);
        free(run->findings);
        free(run);
    }
}

int hg_exit_status(bool interrupted, size_t errors, size_t closing_fails,
                   size_t closing_unknowns, size_t judged)
{
    return interrupted            ? 130
           : errors > 0           ? 70
           : closing_fails > 0    ? 1
           : closing_unknowns > 0 ? 3
           : judged == 0          ? 5
                                  : 0;
}

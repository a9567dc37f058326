/* SPDX-License-Identifier: Apache-2.0 */
/* make_run.c - facts → findings → the run document. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "model/run.h"
#include "rules/rule.h"
#include "run/run.h"
#include "run/waivers.h"

struct making {
    const struct hg_plan *plan;
    const struct hg_checks *checks;
    const struct hg_collection *facts;
    const struct hg_selection *selection;
    char today[11];
    struct hg_waiver_use *uses; /* one for each waiver */
    json_t *findings, *targets;
    size_t closing[HG_VERDICTS];
    size_t n_errors, n_judged;
    enum hg_level wanted; /* by the plan, or reached by the run of which this is a part again */
};

static const struct hg_collected *collected(const struct hg_collection *c, const char *target)
{
    for (size_t i = 0; i < c->n; i++) {
        if (strcmp(c->items[i].target, target) == 0) {
            return &c->items[i];
        }
    }
    return NULL;
}

/* What the plan does not name is the payload's own database. */
static json_t *scope_of(const struct hg_target *target, const struct hg_facts *facts)
{
    struct hg_fact payload = hg_facts_get(facts, "secret.payload");
    const char *database = json_string_value(json_object_get(payload.value, "database"));
    struct hg_buf pattern = { 0 };
    json_t *scope;

    if (target->scope != NULL || database == NULL || strcmp(target->engine, "mysql") != 0) {
        return json_incref(target->scope);
    }
    hg_buf_printf(&pattern, "%s.*", database);
    scope = json_pack("[s]", hg_buf_text(&pattern));
    hg_buf_done(&pattern);
    return scope;
}

static const char *text_of(const json_t *finding, const char *key)
{
    const char *text = json_string_value(json_object_get(finding, key));

    return text ? text : "";
}

static bool above_level(const struct making *m, const json_t *finding)
{
    const struct hg_check *check = hg_check_find(m->checks, text_of(finding, "check"));

    return check != NULL && check->level > m->facts->level;
}

/* What was judged only because something selected needs it is no finding of this run. */
static void leave_selected(const struct making *m, const struct hg_target *target, json_t *list)
{
    for (size_t i = json_array_size(list); i-- > 0;) {
        json_t *finding = json_array_get(list, i);
        const struct hg_check *check = hg_check_find(m->checks, text_of(finding, "check"));

        if (!hg_selected(m->selection, m->plan, check, target)) {
            json_array_remove(list, i);
        }
    }
}

static bool judge_target(struct making *m, const struct hg_target *target,
                         const struct hg_collected *item, json_t *list)
{
    const struct hg_facts *facts = item->facts;
    json_auto_t *scope = scope_of(target, facts);
    json_auto_t *where = hg_where(m->plan, target, m->facts, item);
    enum hg_level level = m->facts->level;
    bool any, *needed = hg_needed(m->selection, m->plan, m->checks, target, level, &any);
    bool ok = needed != NULL;

    for (size_t i = 0; ok && i < m->checks->n; i++) {
        const struct hg_check *check = &m->checks->items[i];
        struct hg_case c = { check, facts, target->params, scope, level, where, m->wanted };

        if (needed[i] || hg_selected(m->selection, m->plan, check, target)) {
            ok = json_array_append_new(list, hg_judge(&c)) == 0;
        }
    }
    free(needed);
    hg_settle(list, m->checks);
    leave_selected(m, target, list);
    return ok;
}

static void gate(struct making *m, json_t *finding)
{
    enum hg_verdict verdict = HG_PASS;
    enum hg_severity severity = HG_INFO;
    bool closes;

    if (!hg_verdict_parse(text_of(finding, "verdict"), &verdict) ||
        !hg_severity_parse(text_of(finding, "severity"), &severity)) {
        return;
    }
    closes = severity >= m->plan->fail_on &&
             (verdict == HG_FAIL || (verdict == HG_UNKNOWN && m->plan->unknown_fails));
    if (closes) {
        json_object_set_new(finding, "closes_gate", json_true());
        m->closing[verdict]++;
    }
}

/* ---- targets, as reports name them ---- */

static const char *fact_text(const struct hg_facts *facts, const char *engine, const char *what,
                             const char *pointer)
{
    char key[96];
    struct hg_fact fact;

    snprintf(key, sizeof(key), "%s%s%s", engine, engine[0] ? "." : "", what);
    fact = hg_facts_get(facts, key);
    return json_string_value(fact.value ? hg_pointer_get(fact.value, pointer) : NULL);
}

static void say_server(const struct hg_facts *facts, const char *engine, struct hg_buf *out)
{
    static const char *const names[][2] = {
        { "mysql",    "MySQL"          },
        { "mariadb",  "MariaDB"        },
        { "percona",  "Percona Server" },
        { "postgres", "PostgreSQL"     },
        { "mongodb",  "MongoDB"        },
        { "ferretdb", "FerretDB"       },
    };
    const char *flavour = fact_text(facts, engine, "server", "/flavour");
    const char *version = fact_text(facts, engine, "server", "/version");

    for (size_t i = 0; flavour != NULL && i < HG_COUNT(names); i++) {
        if (strcmp(names[i][0], flavour) == 0) {
            flavour = names[i][1];
        }
    }
    if (flavour != NULL) {
        hg_buf_printf(out, "%s %s", flavour, version ? version : "");
    }
}

static json_t *describe_target(const struct making *m, const struct hg_target *target,
                               const struct hg_collected *item)
{
    const struct hg_facts *facts = item->facts;
    const char *e = target->engine;
    struct hg_fact payload = hg_facts_get(facts, "secret.payload");
    const char *account = fact_text(facts, e, "session", "/account");
    struct hg_buf server = { 0 };
    json_t *ret;

    account = account ? account : fact_text(facts, e, "session", "/user");
    account = account ? account : fact_text(facts, e, "session", "/users/0/user");
    account = account ? account : fact_text(facts, "secret", "payload", "/username");
    say_server(facts, e, &server);
    ret = json_pack("{s:s, s:s, s:s*, s:I, s:s*, s:s*, s:s*, s:I, s:O}", "id", target->id,
                    "engine", e, "host",
                    json_string_value(json_object_get(payload.value, "host")), "port",
                    json_integer_value(json_object_get(payload.value, "port")), "account",
                    account, "server", server.len > 0 ? hg_buf_text(&server) : NULL, "database",
                    json_string_value(json_object_get(payload.value, "database")), "ms",
                    (json_int_t)item->ms, "errors", item->errors);
    if (item->connect != NULL) {
        json_auto_t *where = hg_where(m->plan, target, m->facts, item);

        json_object_set(ret, "dialled", json_object_get(where, "dialled"));
    }
    if (item->attempts > 0) {
        json_object_set_new(ret, "attempts", json_integer(item->attempts));
        json_object_set_new(ret, "waited_ms", json_integer(item->waited_ms));
        json_object_set_new(ret, "starting", json_boolean(item->starting));
    }
    hg_buf_done(&server);
    return ret;
}

/* The waivers themselves, where there are any: a target that no probe examines. */
static bool make_plan_target(struct making *m)
{
    const struct hg_selection *s = m->selection;
    bool whole = s->only == NULL && s->skip == NULL && s->targets == NULL && s->failed == NULL;
    const struct hg_target plan = { .id = HG_PLAN_TARGET, .engine = "plan" };
    json_auto_t *list = json_array();
    HG_AUTO(hg_facts_freep) struct hg_facts *facts = NULL;
    struct hg_collected item = { 0 };
    char words[40];
    size_t i;
    json_t *finding;

    if (m->plan->n_waivers == 0) {
        return true;
    }
    facts = hg_waiver_facts(m->plan, m->today, m->uses, whole);
    item.facts = facts;
    if (facts == NULL || !judge_target(m, &plan, &item, list)) {
        return false;
    }
    json_array_foreach (list, i, finding) {
        gate(m, finding);
    }
    snprintf(words, sizeof(words), "%zu %s", m->plan->n_waivers,
             m->plan->n_waivers == 1 ? "waiver" : "waivers");
    return json_array_size(list) == 0 ||
           (json_array_extend(m->findings, list) == 0 &&
            json_array_append_new(m->targets,
                                  json_pack("{s:s, s:s, s:i, s:s, s:i, s:[]}", "id", plan.id,
                                            "engine", plan.engine, "port", 0, "server", words,
                                            "ms", 0, "errors")) == 0);
}

static bool make_target(struct making *m, const struct hg_target *target)
{
    const struct hg_collected *item = collected(m->facts, target->id);
    json_auto_t *list = json_array();
    HG_AUTO(hg_facts_freep) struct hg_facts *none = hg_facts_new(target->id);
    json_auto_t *no_errors = json_array();
    struct hg_collected nothing = { .facts = none, .errors = no_errors };
    size_t i;
    json_t *finding;

    if (none == NULL || no_errors == NULL) {
        return false;
    }
    item = item ? item : &nothing;
    if (!judge_target(m, target, item, list)) {
        return false;
    }
    if (json_array_size(list) == 0) {
        return true; /* not selected */
    }
    m->n_errors += json_array_size(item->errors);
    json_array_foreach (list, i, finding) {
        hg_waive(m->plan, m->today, finding, above_level(m, finding), m->uses);
        gate(m, finding);
        m->n_judged += !above_level(m, finding) ||
                       strcmp(text_of(finding, "verdict"), "skip") != 0;
    }
    return json_array_extend(m->findings, list) == 0 &&
           json_array_append_new(m->targets, describe_target(m, target, item)) == 0;
}

static json_t *make(struct making *m, const char *version)
{
    const struct hg_plan *plan = m->plan;

    for (size_t i = 0; i < plan->n_targets; i++) {
        if (!make_target(m, &plan->targets[i])) {
            return NULL;
        }
    }
    if (!make_plan_target(m)) { /* findings about waivers alone are no run */
        return NULL;
    }
    return json_pack("{s:i, s:s, s:s, s:s, s:O, s:s, s:s, s:s, s:s, s:b, s:i, s:[], s:O, s:O}",
                     "headgate_run", HG_RUN_FORMAT, "version", version, "name", plan->name,
                     "plan_digest", plan->digest, "profiles", plan->profiles, "level",
                     hg_level_name(m->facts->level), "vantage", m->facts->vantage, "started_at",
                     m->facts->collected_at, "fail_on", hg_severity_name(plan->fail_on),
                     "interrupted", m->facts->interrupted, "exit_status",
                     hg_exit_status(m->facts->interrupted, m->n_errors, m->closing[HG_FAIL],
                                    m->closing[HG_UNKNOWN], m->n_judged),
                     "errors", "targets", m->targets, "findings", m->findings);
}

json_t *hg_run_make(const struct hg_plan *plan, const struct hg_checks *checks,
                    const struct hg_collection *collection,
                    const struct hg_selection *selection, long long now, const char *version)
{
    json_auto_t *findings = json_array(), *targets = json_array();
    struct making m = { .plan = plan,
                        .checks = checks,
                        .facts = collection,
                        .selection = selection,
                        .wanted = plan->prove && selection->level < HG_LEVEL_PROVE
                                      ? HG_LEVEL_PROVE
                                      : selection->level,
                        .uses = calloc(plan->n_waivers + 1, sizeof(*m.uses)),
                        .findings = findings,
                        .targets = targets };
    char when[24];
    json_t *ret;

    hg_clock_format(now, when, sizeof(when));
    snprintf(m.today, sizeof(m.today), "%.10s", when);
    ret = m.uses != NULL ? make(&m, version) : NULL;
    free(m.uses);
    return ret;
}

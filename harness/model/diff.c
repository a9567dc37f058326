/* SPDX-License-Identifier: Apache-2.0 */
#include "model/diff.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

/* Where the findings of a run are, by check and target. A hostile run may have two of a name:
 * the second is matched with the other run's second. */
struct places {
    json_t *seen; /* { name: how many } */
    json_t *at;   /* { name and which: index } */
};

static void put_name(struct hg_buf *out, const char *target, const char *check, size_t which)
{
    hg_buf_clear(out);
    hg_buf_printf(out, "%zu:%s%s", strlen(target), target, check);
    if (which > 0) {
        hg_buf_printf(out, " %zu", which);
    }
}

/* Which of its name this one is, from 1 on. */
static size_t count_one(json_t *seen, struct hg_buf *name, const struct hg_finding *f)
{
    size_t which;

    put_name(name, f->target, f->check, 0);
    which = 1 + (size_t)json_integer_value(json_object_get(seen, hg_buf_text(name)));
    return json_object_set_new(seen, hg_buf_text(name), json_integer((json_int_t)which)) == 0
               ? which
               : 0;
}

static bool place_all(json_t *at, const struct hg_run *run)
{
    json_auto_t *seen = json_object();
    struct hg_buf name = { 0 };
    bool ok = seen != NULL;

    for (size_t i = 0; ok && i < run->n_findings; i++) {
        const struct hg_finding *f = &run->findings[i];
        size_t which = count_one(seen, &name, f);

        put_name(&name, f->target, f->check, which);
        ok = which > 0 && hg_buf_ok(&name) &&
             json_object_set_new(at, hg_buf_text(&name), json_integer((json_int_t)i)) == 0;
    }
    hg_buf_done(&name);
    return ok;
}

static struct hg_stand stand(const struct hg_finding *f)
{
    return f == NULL ? (struct hg_stand){ 0 }
                     : (struct hg_stand){ true, f->verdict, f->severity };
}

static void add(struct hg_diff *diff, const struct hg_finding *was,
                const struct hg_finding *now)
{
    enum hg_change change = hg_change_of(stand(was), stand(now));

    diff->list[diff->n++] = (struct hg_difference){ change, was, now };
    diff->count[change]++;
    diff->n_appeared += was == NULL;
}

/* What `now` has, each with what there was; then what only `was` has. */
static bool match(struct hg_diff *diff, json_t *at)
{
    const struct hg_run *was = diff->was, *now = diff->now;
    json_auto_t *seen = json_object();
    bool *matched = calloc(was->n_findings + 1, sizeof(*matched));
    struct hg_buf name = { 0 };
    bool ok = seen != NULL && matched != NULL && place_all(at, was);

    for (size_t i = 0; ok && i < now->n_findings; i++) {
        const struct hg_finding *f = &now->findings[i];
        size_t which = count_one(seen, &name, f);
        const json_t *index;

        put_name(&name, f->target, f->check, which);
        ok = which > 0 && hg_buf_ok(&name);
        index = ok ? json_object_get(at, hg_buf_text(&name)) : NULL;
        if (index != NULL) {
            matched[json_integer_value(index)] = true;
        }
        add(diff, index ? &was->findings[json_integer_value(index)] : NULL, f);
    }
    for (size_t i = 0; ok && i < was->n_findings; i++) {
        if (!matched[i]) {
            add(diff, &was->findings[i], NULL);
        }
    }
    free(matched);
    hg_buf_done(&name);
    return ok;
}

/* The targets of `run` that the other has not. */
static bool only_in(const struct hg_run *run, const struct hg_run *other,
                    const struct hg_run_target ***ret, size_t *ret_n)
{
    json_auto_t *ids = json_object();
    bool ok = ids != NULL;

    *ret = calloc(run->n_targets + 1, sizeof(const struct hg_run_target *));
    for (size_t i = 0; ok && i < other->n_targets; i++) {
        ok = json_object_set_new(ids, other->targets[i].id, json_true()) == 0;
    }
    for (size_t i = 0; ok && *ret != NULL && i < run->n_targets; i++) {
        if (json_object_get(ids, run->targets[i].id) == NULL) {
            (*ret)[(*ret_n)++] = &run->targets[i];
        }
    }
    return ok && *ret != NULL;
}

static int status_of(const struct hg_diff *diff)
{
    bool unknown = false;

    for (size_t i = 0; i < diff->n; i++) {
        const struct hg_difference *d = &diff->list[i];
        bool worse = d->change == HG_NEW || d->change == HG_WORSE;

        if (worse && d->now->closes_gate && d->now->verdict == HG_FAIL) {
            return 1;
        }
        unknown = unknown || (worse && d->now->closes_gate) ||
                  (d->change == HG_LOST && d->was->severity >= diff->now->fail_on);
    }
    return unknown ? 3 : 0;
}

bool hg_diff_make(struct hg_diff *ret, const struct hg_run *was, const struct hg_run *now)
{
    json_auto_t *at = json_object();

    *ret = (struct hg_diff){ .was = was, .now = now };
    ret->list = calloc(was->n_findings + now->n_findings + 1, sizeof(*ret->list));
    if (at == NULL || ret->list == NULL || !match(ret, at) ||
        !only_in(now, was, &ret->came, &ret->n_came) ||
        !only_in(was, now, &ret->went, &ret->n_went)) {
        return false;
    }
    ret->exit_status = status_of(ret);
    return true;
}

void hg_diff_done(struct hg_diff *diff)
{
    free(diff->list);
    free(diff->came);
    free(diff->went);
}

const struct hg_finding *hg_difference_of(const struct hg_difference *d)
{
    return d->now != NULL ? d->now : d->was;
}

/* ---- the `since` of a run ---- */

/* What the findings of the run itself cannot carry: a list of them. */
static json_t *list_of(const struct hg_diff *diff, enum hg_change change)
{
    json_t *list = json_array();

    for (size_t i = 0; i < diff->n; i++) {
        const struct hg_difference *d = &diff->list[i];

        if (d->change == change) {
            json_array_append_new(
                list, json_pack("{s:s, s:s, s:s, s:s}", "check", hg_difference_of(d)->check,
                                "target", hg_difference_of(d)->target, "severity",
                                hg_severity_name(hg_difference_of(d)->severity), "was",
                                d->was ? hg_verdict_name(d->was->verdict) : "not there"));
        }
    }
    return list;
}

/* Findings of the view stand in the order of the document. */
static void mark(const struct hg_diff *diff, json_t *findings)
{
    for (size_t i = 0; i < diff->now->n_findings; i++) {
        json_t *finding = json_array_get(findings, i);
        enum hg_change change = diff->list[i].change;

        json_object_del(finding, "since");
        if (change == HG_NEW || change == HG_WORSE || change == HG_BETTER ||
            change == HG_UNCHANGED) {
            json_object_set_new(finding, "since", json_string(hg_change_name(change)));
        }
    }
}

bool hg_run_put_since(json_t *doc, const struct hg_run *was, struct hg_error *err)
{
    HG_AUTO(hg_run_freep) struct hg_run *now = hg_run_from_json(json_incref(doc), err);
    struct hg_diff diff = { 0 };
    json_t *since = NULL;

    if (now != NULL && hg_diff_make(&diff, was, now)) {
        mark(&diff, json_object_get(doc, "findings"));
        since = json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:o}", "started_at", was->started_at,
                          "name", was->name, "level", was->level, "plan_digest",
                          was->plan_digest, "fixed", list_of(&diff, HG_FIXED), "waived",
                          list_of(&diff, HG_NEW_WAIVED), "lost", list_of(&diff, HG_LOST));
    }
    hg_diff_done(&diff);
    if (now == NULL) {
        return false;
    }
    return (since != NULL && json_object_set_new(doc, "since", since) == 0) ||
           hg_fail_nomem(err);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <string.h>

#include "reports/diff.h"
#include "reports/escape.h"

static json_t *run(const struct hg_run *r)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:i}", "name", r->name, "version",
                     r->version, "started_at", r->started_at, "level", r->level, "plan_digest",
                     r->plan_digest, "fail_on", hg_severity_name(r->fail_on), "interrupted",
                     r->interrupted, "exit_status", r->exit_status);
}

/* How one of the runs has it; null when it has not. */
static json_t *finding(const struct hg_finding *f)
{
    return f == NULL
               ? json_null()
               : json_pack("{s:s, s:s, s:b, s:s, s:s}", "verdict", hg_verdict_name(f->verdict),
                           "severity", hg_severity_name(f->severity), "closes_gate",
                           f->closes_gate, "sentence", f->sentence, "waits_on", f->waits_on);
}

static json_t *changes(const struct hg_diff *diff)
{
    json_t *list = json_array();

    for (size_t i = 0; i < diff->n; i++) {
        const struct hg_difference *d = &diff->list[i];

        if (d->change != HG_SAME) {
            json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:o, s:o}", "check",
                                                  hg_difference_of(d)->check, "target",
                                                  hg_difference_of(d)->target, "change",
                                                  hg_change_name(d->change), "was",
                                                  finding(d->was), "now", finding(d->now)));
        }
    }
    return list;
}

static json_t *ids(const struct hg_run_target **targets, size_t n)
{
    json_t *list = json_array();

    for (size_t i = 0; i < n; i++) {
        json_array_append_new(list, json_string(targets[i]->id));
    }
    return list;
}

static json_t *counts(const struct hg_diff *diff)
{
    json_t *map = json_object();

    for (int change = HG_UNCHANGED; change < HG_CHANGES; change++) {
        json_object_set_new(map, hg_change_name((enum hg_change)change),
                            json_integer((json_int_t)diff->count[change]));
    }
    return map;
}

static void write(struct hg_buf *out, const struct hg_diff *diff, const struct hg_look *look)
{
    json_auto_t *doc = json_pack("{s:i, s:o, s:o, s:i, s:o, s:o, s:o, s:o}", "headgate_diff", 1,
                                 "old", run(diff->was), "new", run(diff->now), "exit_status",
                                 diff->exit_status, "counts", counts(diff), "targets_came",
                                 ids(diff->came, diff->n_came), "targets_went",
                                 ids(diff->went, diff->n_went), "changes", changes(diff));

    (void)look;
    hg_put_document(out, doc);
}

const struct hg_diff_writer hg_diff_json = { "json", write };

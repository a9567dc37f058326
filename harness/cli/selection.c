/* SPDX-License-Identifier: Apache-2.0 */
/* selection.c - --only, --skip, --target and --rerun-failed, before anything is asked. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/cli.h"
#include "model/run.h"

/* A note on standard error, of texts that may come from anywhere. */
static void note(const char *first, const char *word, const char *then)
{
    struct hg_buf text = { 0 }, clean = { 0 };

    hg_buf_printf(&text, "%s%s%s", first, word, then);
    hg_text_clean(&clean, hg_buf_text(&text), text.len, 512);
    fprintf(stderr, "headgate: note: %s\n", hg_buf_text(&clean));
    hg_buf_done(&text);
    hg_buf_done(&clean);
}

/* ---- --rerun-failed ---- */

static bool in_plan(const struct hg_plan *plan, const char *target)
{
    for (size_t i = 0; i < plan->n_targets; i++) {
        if (strcmp(plan->targets[i].id, target) == 0) {
            return true;
        }
    }
    return plan->n_waivers > 0 && strcmp(target, HG_PLAN_TARGET) == 0;
}

static void put_pair(json_t *failed, const char *target, const char *check)
{
    json_t *checks = json_object_get(failed, target);

    if (checks == NULL) {
        checks = json_object();
        json_object_set_new(failed, target, checks);
    }
    json_object_set_new(checks, check, json_true());
}

/* {target: {check: true}} of what failed or was unknown, gate or no gate, and what it waited
 * on. `ret_gone`: how many of them this plan and these checks do not know. */
static json_t *failures_of(const struct hg_run *run, const struct hg_loaded *loaded,
                           size_t *ret_gone)
{
    json_t *failed = json_object();

    *ret_gone = 0;
    for (size_t i = 0; failed != NULL && i < run->n_findings; i++) {
        const struct hg_finding *f = &run->findings[i];

        if (f->verdict != HG_FAIL && f->verdict != HG_UNKNOWN) {
            continue;
        }
        put_pair(failed, f->target, f->check);
        if (f->waits_on[0] != '\0') {
            put_pair(failed, f->target, f->waits_on);
        }
        *ret_gone += !in_plan(loaded->plan, f->target) ||
                     hg_check_find(loaded->checks, f->check) == NULL;
    }
    return failed;
}

/* Another plan's run selects nothing here: that is a slip, unless some target is the same. */
static bool of_this_plan(const char *path, const struct hg_run *run, const struct hg_plan *plan,
                         struct hg_error *err)
{
    struct hg_buf names = { 0 };

    for (size_t i = 0; i < run->n_targets; i++) {
        if (in_plan(plan, run->targets[i].id)) {
            hg_buf_done(&names);
            return true;
        }
        hg_buf_printf(&names, "%s%.60s", i > 0 ? ", " : "", run->targets[i].id);
    }
    if (run->n_targets > 0) {
        hg_fail(
            err, HG_E_USAGE,
            "--rerun-failed %.200s: of another plan: none of its targets (%.200s) is in this one",
            path, hg_buf_text(&names));
    }
    hg_buf_done(&names);
    return run->n_targets == 0;
}

static bool take_run(const char *path, struct hg_loaded *loaded, struct hg_error *err)
{
    HG_AUTO(hg_run_freep) struct hg_run *run = hg_cli_read_run(path, err);
    char many[80];
    size_t gone;

    if (run == NULL || !of_this_plan(path, run, loaded->plan, err)) {
        return false;
    }
    if (strcmp(run->name, loaded->plan->name) != 0) {
        note(path, ": a run of another plan, ", run->name);
    } else if (run->plan_digest[0] != '\0' &&
               strcmp(run->plan_digest, loaded->plan->digest) != 0) {
        note(path, "", ": a run of another version of this plan");
    }
    loaded->failed = failures_of(run, loaded, &gone);
    loaded->selection.failed = loaded->failed;
    if (!hg_level_parse(run->level, &loaded->selection.level)) {
        return hg_fail(err, HG_E_SYNTAX, "%.300s: `%.40s` is no level", path, run->level);
    }
    if (json_object_size(loaded->failed) == 0) {
        note("nothing failed in ", path, ", so there is nothing to do again");
    } else if (gone > 0) {
        snprintf(many, sizeof(many), ": %zu of what failed there is not in this plan", gone);
        note(path, "", many);
    }
    return loaded->failed != NULL || hg_fail_nomem(err);
}

/* ---- words ---- */

/* A word that is right and selects nothing here is no error (many plans may share a command
 * line), and is said. */
static void note_idle(const struct hg_loaded *loaded)
{
    const struct hg_selection *s = &loaded->selection;

    for (const char *const *word = s->only; word != NULL && *word != NULL; word++) {
        const char *const one[] = { *word, NULL };
        const struct hg_selection alone = { .only = one, .targets = s->targets };
        bool any = false;

        for (size_t i = 0; !any && i < loaded->plan->n_targets; i++) {
            for (size_t j = 0; !any && j < loaded->checks->n; j++) {
                any = hg_selected(&alone, loaded->plan, &loaded->checks->items[j],
                                  &loaded->plan->targets[i]);
            }
        }
        if (!any) {
            note("--only ", *word, " selects nothing on the targets of this plan");
        }
    }
}

static void take_words(const struct hg_cli *cli, struct hg_selection *ret)
{
    ret->only = cli->only[0] ? cli->only : NULL;
    ret->skip = cli->skip[0] ? cli->skip : NULL;
    ret->targets = cli->targets[0] ? cli->targets : NULL;
}

bool hg_cli_select(const struct hg_cli *cli, struct hg_loaded *loaded, struct hg_error *err)
{
    take_words(cli, &loaded->selection);
    if (!hg_selection_known(&loaded->selection, loaded->plan, loaded->checks, err)) {
        return false;
    }
    if (loaded->plan != NULL) {
        note_idle(loaded);
    }
    return cli->rerun == NULL || take_run(cli->rerun, loaded, err);
}

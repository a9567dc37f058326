/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_run.c - run, and its two halves: collect and judge. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/config.h"
#include "cli/progress.h"
#include "model/diff.h"

static void say_diagnostics(const struct hg_cli *cli, const struct hg_collection *facts)
{
    for (size_t i = 0; cli->verbose && i < facts->n; i++) {
        if (facts->items[i].diagnostics != NULL) {
            fprintf(stderr, "headgate: the probe of %s said: %s\n", facts->items[i].target,
                    facts->items[i].diagnostics);
        }
    }
}

static struct hg_collection *collect(const struct hg_cli *cli, const struct hg_loaded *loaded,
                                     struct hg_error *err)
{
    struct hg_dirs dirs;
    struct hg_bar bar = { 0 };
    struct hg_options options = { .level = hg_cli_level(cli, loaded->plan),
                                  .jobs = cli->jobs ? cli->jobs : 16,
                                  .deadline_ms = cli->deadline_ms ? cli->deadline_ms
                                                 : loaded->plan->deadline_ms > 0
                                                     ? loaded->plan->deadline_ms
                                                     : 10000,
                                  .wait_ms = cli->wait_ms,
                                  .verbose = cli->verbose };
    struct hg_collection *facts;

    hg_cli_probe_dirs(cli, &dirs);
    options.selection = loaded->selection;
    options.probe_dirs = dirs.items;
    options.stop_fd = hg_cli_catch_signals();
    if (!cli->quiet && isatty(STDERR_FILENO)) {
        hg_bar_start(&bar, loaded->plan);
        options.progress = (struct hg_progress){ hg_bar_event, &bar };
    } else if (!cli->quiet) {
        options.progress = (struct hg_progress){ hg_wait_event, NULL };
    }
    facts = hg_collect(loaded->plan, loaded->checks, &options, err);
    hg_bar_end(&bar);
    hg_cli_dirs_done(&dirs);
    if (facts != NULL) {
        say_diagnostics(cli, facts);
    }
    return facts;
}

/* More was selected than the plan's own waivers, which no probe looks at. */
static bool has_targets(const json_t *doc)
{
    size_t i;
    json_t *target;

    json_array_foreach (json_object_get(doc, "targets"), i, target) {
        if (strcmp(json_string_value(json_object_get(target, "engine")), "plan") != 0) {
            return true;
        }
    }
    return false;
}

static void say_above(void)
{
    fputs("headgate: nothing was looked at: what is selected needs --prove\n", stderr);
}

static int judge_and_report(const struct hg_cli *cli, const struct hg_loaded *loaded,
                            const struct hg_collection *facts, const struct hg_run *since,
                            long long now)
{
    struct hg_error err = { 0 };
    json_t *doc = hg_run_make(loaded->plan, loaded->checks, facts, &loaded->selection, now,
                              HG_VERSION);
    bool above = has_targets(doc);
    int status;

    if (doc == NULL) {
        hg_fail_nomem(&err);
    }
    if (doc == NULL || (since != NULL && !hg_run_put_since(doc, since, &err))) {
        json_decref(doc);
        return hg_cli_fail(&err);
    }
    if (hg_cli_report(cli, doc, &status) && status == 5 && above) {
        say_above();
    }
    return status;
}

int hg_cmd_run(struct hg_cli *cli)
{
    HG_AUTO(hg_loaded_done) struct hg_loaded loaded = { 0 };
    HG_AUTO(hg_collection_freep) struct hg_collection *facts = NULL;
    HG_AUTO(hg_run_freep) struct hg_run *since = NULL;
    struct hg_error err = { 0 };

    if (!hg_cli_check_reports(cli, &err) || !hg_cli_read_since(cli, &since, &err) ||
        !hg_cli_load(cli, &loaded, &err)) {
        return hg_cli_fail(&err);
    }
    facts = collect(cli, &loaded, &err);
    return facts ? judge_and_report(cli, &loaded, facts, since, hg_clock_epoch())
                 : hg_cli_fail(&err);
}

/* Nothing was asked: because nothing is selected, or only what this level does not do. */
static void say_unasked(const struct hg_loaded *loaded)
{
    const struct hg_plan *plan = loaded->plan;

    for (size_t i = 0; i < plan->n_targets; i++) {
        for (size_t j = 0; j < loaded->checks->n; j++) {
            if (hg_selected(&loaded->selection, plan, &loaded->checks->items[j],
                            &plan->targets[i])) {
                say_above();
                return;
            }
        }
    }
    fputs("headgate: nothing was selected, so nothing was asked\n", stderr);
}

int hg_cmd_collect(struct hg_cli *cli)
{
    HG_AUTO(hg_loaded_done) struct hg_loaded loaded = { 0 };
    HG_AUTO(hg_collection_freep) struct hg_collection *facts = NULL;
    struct hg_error err = { 0 };
    struct hg_buf out = { 0 };
    bool ok, faults = false, asked = false;

    if (cli->output == NULL) {
        hg_fail(&err, HG_E_USAGE,
                "`headgate collect` wants -o FACTS, the file to write (- is stdout)");
    }
    if (err.code != HG_E_NONE || !hg_cli_load(cli, &loaded, &err)) {
        return hg_cli_fail(&err);
    }
    facts = collect(cli, &loaded, &err);
    if (facts == NULL) {
        return hg_cli_fail(&err);
    }
    hg_collection_write(facts, loaded.plan, &out);
    ok = hg_buf_ok(&out) ? hg_file_write(cli->output, 0600, hg_buf_text(&out), out.len, &err)
                         : hg_fail_nomem(&err);
    hg_buf_done(&out);
    for (size_t i = 0; i < facts->n; i++) {
        faults = faults || json_array_size(facts->items[i].errors) > 0;
        asked = asked || facts->items[i].attempts > 0;
    }
    if (ok && !asked && !facts->interrupted) {
        say_unasked(&loaded);
    }
    return facts->interrupted ? 130 : !ok ? hg_cli_fail(&err) : faults ? 70 : asked ? 0 : 5;
}

/* "2026-11-24" → the first second of that day; -1 when it is no date. */
static long long parse_day(const char *text)
{
    long long days;

    return hg_date_parse(text, &days) ? days * 86400 : -1;
}

int hg_cmd_judge(struct hg_cli *cli)
{
    HG_AUTO(hg_loaded_done) struct hg_loaded loaded = { 0 };
    HG_AUTO(hg_collection_freep) struct hg_collection *facts = NULL;
    HG_AUTO(hg_run_freep) struct hg_run *since = NULL;
    struct hg_error err = { 0 };
    long long now = cli->as_of ? parse_day(cli->as_of) : hg_clock_epoch();

    if (cli->facts == NULL) {
        hg_fail(&err, HG_E_USAGE, "`headgate judge` wants --facts FILE");
    } else if (now < 0) {
        hg_fail(&err, HG_E_USAGE, "--as-of `%s` is not a date YYYY-MM-DD", cli->as_of);
    }
    if (err.code != HG_E_NONE || !hg_cli_check_reports(cli, &err) ||
        !hg_cli_read_since(cli, &since, &err) || !hg_cli_load(cli, &loaded, &err)) {
        return hg_cli_fail(&err);
    }
    facts = hg_collection_read(cli->facts, &err);
    if (facts == NULL) {
        return hg_cli_fail(&err);
    }
    if (strcmp(facts->plan_digest, loaded.plan->digest) != 0) {
        fprintf(stderr, "headgate: note: the facts were collected with another version of this "
                        "plan\n");
    }
    if (loaded.plan->prove && facts->level < HG_LEVEL_PROVE) {
        fprintf(stderr, "headgate: note: the plan says `prove`, and the facts were collected "
                        "without; what needs it is unknown\n");
    }
    return judge_and_report(cli, &loaded, facts, since, now);
}

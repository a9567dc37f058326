/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_plan.c - what a run would contact, send and judge, without doing any of it. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

static void say_secret(const char *label, const struct hg_secret_ref *ref)
{
    size_t i;
    json_t *word;

    switch (ref->kind) {
    case HG_SECRET_FILE:
        printf("  %-9s the file %s\n", label, ref->name);
        break;
    case HG_SECRET_ENV:
        printf("  %-9s the variable %s\n", label, ref->name);
        break;
    case HG_SECRET_COMMAND:
        printf("  %-9s what this prints:", label);
        json_array_foreach (ref->command, i, word) {
            printf(" %s", json_string_value(word));
        }
        puts("");
        break;
    default:
        break;
    }
}

static void say_where(const struct hg_target *t)
{
    const json_t *port = json_object_get(t->connect, "port");
    const char *host = json_string_value(json_object_get(t->connect, "host"));
    const char *mode = json_string_value(json_object_get(t->tls, "mode"));
    const char *ca = json_string_value(json_object_get(t->tls, "ca"));
    size_t i;
    json_t *e;

    if (t->connect != NULL) {
        printf("  %-9s %s, port ", "dials", host ? host : "the secret's host");
        if (port != NULL) {
            printf("%lld", (long long)json_integer_value(port));
        } else {
            printf("of the secret");
        }
        printf("\n  %-9s (for host and port of the secret, which TLS and reports keep)\n", "");
    } else if (t->secret.kind != HG_SECRET_NONE) {
        printf("  %-9s host and port of the secret\n", "dials");
    }
    json_array_foreach (t->endpoints, i, e) {
        printf("  %-9s %s:%lld (%s)\n", i == 0 ? "dials" : "",
               json_string_value(json_object_get(e, "host")),
               (long long)json_integer_value(json_object_get(e, "port")),
               json_string_value(json_object_get(e, "name")));
    }
    if (t->secret.kind != HG_SECRET_NONE) {
        printf("  %-9s %s%s%s\n", "tls", mode ? mode : "verify-full", ca ? ", CA " : "",
               ca ? ca : "");
    }
}

/* From where everything is seen, and from where the stream comes. */
static void say_place(const struct hg_plan *plan)
{
    const struct hg_range *stream = hg_plan_stream(plan);
    bool inside = strcmp(plan->vantage, "inside") == 0;
    size_t j;
    json_t *cidr;

    printf("%s\n  %-9s %s\n", plan->name, "stands",
           inside ? "inside the network"
           : strcmp(plan->vantage, "outside") == 0
               ? "outside the network: no answer says nothing"
           : strcmp(plan->vantage, "tunnel") == 0
               ? "at one end of a tunnel: servers see the other end's address"
               : "not stated (`vantage:` inside, tunnel or outside): no answer says nothing");
    for (size_t i = 0; i < plan->n_ranges; i++) {
        printf("  %-9s %s", i == 0 ? "from" : "", plan->ranges[i].name);
        json_array_foreach (plan->ranges[i].cidrs, j, cidr) {
            printf("%s %s", j > 0 ? "," : "", json_string_value(cidr));
        }
        puts(&plan->ranges[i] == stream ? " (the stream's, which fixes name)" : "");
    }
    puts("");
}

static bool sent(const json_t *statement, const json_t *facts, enum hg_level level)
{
    enum hg_level needs = HG_LEVEL_LOOK;
    json_t *serves = json_object_get(statement, "facts"), *a, *b;
    size_t i, j;

    if (!hg_level_parse(json_string_value(json_object_get(statement, "level")), &needs) ||
        needs > level) {
        return false;
    }
    json_array_foreach (serves, i, a) {
        json_array_foreach (facts, j, b) {
            if (json_equal(a, b)) {
                return true;
            }
        }
    }
    return json_array_size(serves) == 0; /* set-up: always */
}

static void say_statements(const json_t *about, const json_t *request, enum hg_level level)
{
    size_t i;
    json_t *s;
    bool first = true;

    json_array_foreach (json_object_get(about, "statements"), i, s) {
        if (sent(s, json_object_get(request, "facts"), level)) {
            printf("  %-9s %s\n", first ? "may send" : "",
                   json_string_value(json_object_get(s, "text")));
            first = false;
        }
    }
}

/* How many checks of a target are at this level (`above`: above it). */
static size_t count_checks(const struct hg_loaded *loaded, const struct hg_options *options,
                           const struct hg_target *target, bool above, bool list)
{
    size_t n = 0;

    for (size_t i = 0; i < loaded->checks->n; i++) {
        const struct hg_check *check = &loaded->checks->items[i];

        if (hg_selected(&options->selection, loaded->plan, check, target) &&
            (check->level > options->level) == above) {
            n++;
            if (list) {
                printf("  %-9s %s\n", above ? "skips" : "judges", check->id);
            }
        }
    }
    return n;
}

static void say_count(size_t n, size_t above)
{
    printf(", %zu %s", n, n == 1 ? "check" : "checks");
    if (above > 0) {
        printf(" (%zu more need%s --prove)", above, above == 1 ? "s" : "");
    }
    puts(n > 0 ? "" : ": not contacted");
}

static void say_target(const struct hg_cli *cli, const struct hg_loaded *loaded,
                       const struct hg_options *options, const struct hg_target *target,
                       size_t n)
{
    struct hg_error err = { 0 };
    json_auto_t *request = hg_request_make(loaded->plan, target, loaded->checks, options);
    json_auto_t *about = hg_probe_describe(options->probe_dirs, target->engine, &err);

    printf("%s: %s, level %s", target->id, target->engine, hg_level_name(options->level));
    say_count(n, count_checks(loaded, options, target, true, false));
    if (n > 0) {
        say_where(target);
        say_secret("secret", &target->secret);
        say_secret("auditor", &target->auditor);
        if (about == NULL) {
            printf("  %-9s %s\n", "but", err.text);
        }
        say_statements(about, request, options->level);
    }
    count_checks(loaded, options, target, false, cli->verbose);
    count_checks(loaded, options, target, true, cli->verbose);
    puts("");
}

int hg_cmd_plan(struct hg_cli *cli)
{
    HG_AUTO(hg_loaded_done) struct hg_loaded loaded = { 0 };
    struct hg_error err = { 0 };
    struct hg_dirs dirs;
    struct hg_options options = { .deadline_ms = 10000, .stop_fd = -1 };
    size_t total = 0;

    if (!hg_cli_load(cli, &loaded, &err)) {
        return hg_cli_fail(&err);
    }
    hg_cli_probe_dirs(cli, &dirs);
    options.selection = loaded.selection;
    options.level = hg_cli_level(cli, loaded.plan);
    options.probe_dirs = dirs.items;
    say_place(loaded.plan);
    for (size_t i = 0; i < loaded.plan->n_targets; i++) {
        const struct hg_target *target = &loaded.plan->targets[i];
        size_t n = count_checks(&loaded, &options, target, false, false);

        total += n;
        if (n > 0 || count_checks(&loaded, &options, target, true, false) > 0) {
            say_target(cli, &loaded, &options, target, n);
        }
    }
    hg_cli_dirs_done(&dirs);
    if (total == 0) {
        fputs("headgate: nothing is selected, or only what needs --prove\n", stderr);
    }
    return fflush(stdout) != 0 ? 70 : total > 0 ? 0 : 5;
}

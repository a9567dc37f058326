/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/cli.h"
#include "rules/rule.h"

static void say_list(const char *label, const json_t *list)
{
    size_t i;
    json_t *item;

    json_array_foreach (list, i, item) {
        printf("%-11s %s\n", i == 0 ? label : "", json_string_value(item));
    }
}

static void say_json(const json_t *value, int indent)
{
    char *text = json_dumps(value, JSON_INDENT(2) | JSON_ENCODE_ANY);

    for (char *line = text; line != NULL && *line != '\0';) {
        size_t len = strcspn(line, "\n");

        printf("%*s%.*s\n", indent, "", (int)len, line);
        line += len + (line[len] == '\n');
    }
    free(text);
}

/* One, or a list of them. */
static void say_steps(const json_t *value, const char *before)
{
    size_t i;
    json_t *one;

    if (json_is_string(value)) {
        printf("              %s%s\n", before, json_string_value(value));
    }
    json_array_foreach (value, i, one) {
        printf("              %s%s\n", before, json_string_value(one));
    }
}

static void say_fix(const json_t *fix)
{
    static const char *const kinds[] = { "sql", "js", "shell", "file" };
    size_t i;
    json_t *variant;

    if (fix == NULL) {
        return;
    }
    printf("\nfix         %s (%s, by %s)\n", json_string_value(json_object_get(fix, "text")),
           json_string_value(json_object_get(fix, "effect")),
           json_string_value(json_object_get(fix, "who")));
    json_array_foreach (json_object_get(fix, "variants"), i, variant) {
        const json_t *when = json_object_get(variant, "when");

        if (when != NULL) {
            char *text = json_dumps(when, JSON_COMPACT);

            printf("            for %s\n", text ? text : "?");
            free(text);
        } else if (i > 0) {
            puts("            otherwise");
        }
        for (size_t k = 0; k < HG_COUNT(kinds); k++) {
            say_steps(json_object_get(variant, kinds[k]), "");
            say_steps(json_object_get(json_object_get(variant, "then"), kinds[k]), "then: ");
        }
    }
}

static bool serves(const json_t *statement, const json_t *keys)
{
    size_t i;
    json_t *fact;

    json_array_foreach (json_object_get(statement, "facts"), i, fact) {
        if (json_object_get(keys, json_string_value(fact)) != NULL) {
            return true;
        }
    }
    return false;
}

/* The very statements that the check causes, from the probe's own table. */
static void say_statements(const struct hg_cli *cli, const struct hg_check *check)
{
    struct hg_error err = { 0 };
    struct hg_dirs dirs;
    json_auto_t *about = NULL;
    json_auto_t *keys = json_object();
    const char *key;
    json_t *item;
    size_t i;

    hg_cli_probe_dirs(cli, &dirs);
    about = hg_probe_describe(dirs.items, check->engine, &err);
    hg_cli_dirs_done(&dirs);
    hg_check_keys(check, keys);
    printf("\nreads       ");
    json_object_foreach (keys, key, item) {
        printf("%s ", key);
    }
    puts("");
    json_array_foreach (json_object_get(about, "facts"), i, item) {
        const char *needs = json_string_value(json_object_get(item, "needs"));

        if (needs != NULL &&
            json_object_get(keys, json_string_value(json_object_get(item, "key"))) != NULL) {
            printf("needs       %s, for %s\n", needs,
                   json_string_value(json_object_get(item, "key")));
        }
    }
    json_array_foreach (json_object_get(about, "statements"), i, item) {
        if (serves(item, keys)) {
            printf("sends       %s\n", json_string_value(json_object_get(item, "text")));
        }
    }
}

static void say_examples(const struct hg_check *check)
{
    size_t i;
    json_t *example;

    puts("\nexamples");
    json_array_foreach (check->examples, i, example) {
        printf("  %s: %s\n", json_string_value(json_object_get(example, "name")),
               json_string_value(json_object_get(example, "verdict")));
    }
}

static void explain(const struct hg_cli *cli, const struct hg_check *check)
{
    printf("%s\n%s\n\n", check->id, check->title);
    printf("severity    %s\n", hg_severity_name(check->severity));
    printf("level       %s\n", hg_level_name(check->level));
    printf("engine      %s\n", check->engine);
    say_list("waits on", check->needs);
    printf("why         %s\n", check->why);
    puts("\nexpects");
    say_json(check->expect, 2);
    say_fix(check->fix);
    say_statements(cli, check);
    say_examples(check);
    puts("");
    say_list("source", check->refs);
}

static int no_such_check(const struct hg_checks *checks, const char *id)
{
    const char **names = calloc(checks->n + 1, sizeof(*names));
    const char *near;

    for (size_t i = 0; names != NULL && i < checks->n; i++) {
        names[i] = checks->items[i].id;
    }
    near = names ? hg_did_you_mean(id, names) : NULL;
    fprintf(stderr, "headgate: there is no check `%.80s`%s%s%s\n", id,
            near ? "; did you mean `" : "", near ? near : "",
            near ? "`?" : "; `headgate list` shows them all");
    free(names);
    return 2;
}

int hg_cmd_explain(struct hg_cli *cli)
{
    char *dir = hg_cli_checks_dir(cli);
    struct hg_error err = { 0 };
    HG_AUTO(hg_checks_freep) struct hg_checks *checks = dir ? hg_checks_load(dir, &err) : NULL;

    free(dir);
    if (checks == NULL) {
        return hg_cli_fail(&err);
    }
    if (cli->n_operands == 0) {
        hg_fail(&err, HG_E_USAGE,
                "`headgate explain` wants the id of a check; `headgate list` "
                "shows them");
        return hg_cli_fail(&err);
    }
    for (size_t i = 0; i < cli->n_operands; i++) {
        const struct hg_check *check = hg_check_find(checks, cli->operands[i]);

        if (check == NULL) {
            return no_such_check(checks, cli->operands[i]);
        }
        if (i > 0) {
            puts("");
        }
        explain(cli, check);
    }
    return fflush(stdout) == 0 ? 0 : 70;
}

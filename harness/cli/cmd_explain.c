/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/explain.h"

void hg_explain_text(size_t indent, const char *text)
{
    size_t column = indent;

    while (*text != '\0') {
        size_t len = strcspn(text, " \n");
        char *word = strndup(text, len);
        size_t columns = word ? hg_text_width(word) : len;

        if (column > indent && column + 1 + columns > 80) {
            printf("\n%*s", (int)indent, "");
            column = indent;
        }
        printf("%s%s", column > indent ? " " : "", word ? word : "");
        column += columns + (column > indent);
        free(word);
        text += len + strspn(text + len, " \n");
    }
    puts("");
}

static void say(const char *label, const char *text)
{
    printf("%-11s ", label);
    hg_explain_text(12, text);
}

static void say_list(const char *label, const json_t *list)
{
    size_t i;
    json_t *item;

    json_array_foreach (list, i, item) {
        say(i == 0 ? label : "", json_string_value(item));
    }
}

/* What a check is about, beside its engine: { flavour: mysql, version: ">= 8.0" }. */
static void say_applies(const struct hg_check *check)
{
    static const char *const keys[] = { "flavour", "version", "provider", "when" };
    struct hg_buf out = { 0 };

    hg_buf_puts(&out, check->engine);
    for (size_t i = 0; i < HG_COUNT(keys); i++) {
        const json_t *value = json_object_get(check->applies, keys[i]);
        char *text = value ? json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;

        if (text != NULL) {
            hg_buf_printf(&out, "; %s %s", keys[i],
                          json_is_string(value) ? json_string_value(value) : text);
        }
        free(text);
    }
    say("applies to", hg_buf_text(&out));
    hg_buf_done(&out);
}

/* The severity, and where it is another one. */
static void say_severity(const struct hg_check *check)
{
    size_t i;
    json_t *item;

    say("severity", hg_severity_name(check->severity));
    json_array_foreach (check->severity_when, i, item) {
        char *when = json_dumps(json_object_get(item, "when"), JSON_COMPACT);
        struct hg_buf out = { 0 };

        hg_buf_printf(&out, "%s where %s", json_string_value(json_object_get(item, "severity")),
                      when ? when : "?");
        say("", hg_buf_text(&out));
        hg_buf_done(&out);
        free(when);
    }
}

/* As it would stand in the check's file: on one line what fits, or else a block. `inlined`: the
 * first line has its indentation already, behind a dash. */
static void say_yaml(const json_t *value, int indent, bool inlined)
{
    const char *key;
    json_t *item;
    size_t i;

    json_object_foreach ((json_t *)value, key, item) {
        char *text = json_dumps(item, JSON_ENCODE_ANY);
        bool fits = strlen(key) + strlen(text ? text : "") + (size_t)indent <= 76;

        printf("%*s%s:", inlined ? 0 : indent, "", key);
        inlined = false;
        if ((json_is_object(item) && !fits) ||
            (json_is_array(item) && json_is_object(json_array_get(item, 0)))) {
            puts("");
            say_yaml(item, indent + 2, false);
        } else {
            printf(" %s\n", text ? text : "?");
        }
        free(text);
    }
    json_array_foreach (value, i, item) {
        printf("%*s- ", indent, "");
        say_yaml(item, indent + 2, true);
    }
}

/* A template as it is, but for {{, which stands for one brace. */
static void say_template(const char *before, const char *text)
{
    printf("              %s", before);
    for (; *text != '\0'; text++) {
        text += text[0] == '{' && text[1] == '{';
        putchar(*text);
        if (*text == '\n' && text[1] != '\0') {
            printf("              ");
        }
    }
    puts("");
}

/* One, or a list of them. */
static void say_steps(const json_t *value, const char *before)
{
    size_t i;
    json_t *one;

    if (json_is_string(value)) {
        say_template(before, json_string_value(value));
    }
    json_array_foreach (value, i, one) {
        say_template(before, json_string_value(one));
    }
}

static void say_variants(const json_t *variants)
{
    static const char *const kinds[] = { "sql", "js", "shell", "file" };
    size_t i;
    json_t *variant;

    json_array_foreach (variants, i, variant) {
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

static void say_fix(const char *label, const json_t *fix)
{
    struct hg_buf head = { 0 };

    if (fix == NULL) {
        return;
    }
    hg_buf_printf(&head, "%s (%s, by %s)", json_string_value(json_object_get(fix, "text")),
                  json_string_value(json_object_get(fix, "effect")),
                  json_string_value(json_object_get(fix, "who")));
    say(label, hg_buf_text(&head));
    hg_buf_done(&head);
    say_variants(json_object_get(fix, "variants"));
}

/* Where what was seen says nothing; with the remedy that such a case has of its own. */
static void say_undecided(const json_t *cases)
{
    size_t i;
    json_t *one;

    json_array_foreach (cases, i, one) {
        char *when = json_dumps(json_object_get(one, "when"), JSON_COMPACT);

        puts("");
        say(i == 0 ? "undecided" : "", json_string_value(json_object_get(one, "says")));
        printf("            where %s\n", when ? when : "?");
        say_fix("", json_object_get(one, "fix"));
        free(when);
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

static void explain(const struct hg_cli *cli, const struct hg_check *check,
                    const struct hg_thresholds *thresholds)
{
    struct hg_error err = { 0 };
    struct hg_dirs dirs;
    json_auto_t *about = NULL;

    hg_cli_probe_dirs(cli, &dirs);
    about = hg_probe_describe(dirs.items, check->engine, &err);
    hg_cli_dirs_done(&dirs);
    printf("%s\n%s\n\n", check->id, check->title);
    say_severity(check);
    say("level", hg_level_name(check->level));
    say_applies(check);
    say_list("waits on", check->needs);
    say("why", check->why);
    puts("\nexpects");
    say_yaml(check->expect, 2, false);
    hg_explain_thresholds(check, thresholds);
    if (check->fix != NULL) {
        puts("");
        say_fix("fix", check->fix);
    }
    say_undecided(check->undecided);
    hg_explain_sends(check, about, err.text);
    if (check->look != NULL) {
        puts("");
        say("lets look", "where a fact was denied:");
        say_variants(check->look);
    }
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

/* A word is an id or a glob; false when it is neither. */
static bool explain_word(const struct hg_cli *cli, const struct hg_checks *checks,
                         const char *word, const struct hg_thresholds *thresholds, size_t *n)
{
    bool found = false;

    for (size_t i = 0; i < checks->n; i++) {
        if (hg_glob(word, checks->items[i].id)) {
            if ((*n)++ > 0) {
                puts("");
            }
            explain(cli, &checks->items[i], thresholds);
            found = true;
        }
    }
    return found;
}

static int explain_words(const struct hg_cli *cli, const struct hg_checks *checks,
                         const struct hg_thresholds *thresholds)
{
    size_t n = 0;

    for (size_t i = 0; i < cli->n_operands; i++) {
        if (!explain_word(cli, checks, cli->operands[i], thresholds, &n)) {
            fflush(stdout);
            return no_such_check(checks, cli->operands[i]);
        }
    }
    return fflush(stdout) == 0 ? 0 : 70;
}

int hg_cmd_explain(struct hg_cli *cli)
{
    char *dir = hg_cli_checks_dir(cli);
    struct hg_error err = { 0 };
    HG_AUTO(hg_checks_freep) struct hg_checks *checks = dir ? hg_checks_load(dir, &err) : NULL;
    struct hg_thresholds thresholds = { 0 };
    int status;

    if (checks != NULL && cli->n_operands == 0) {
        hg_fail(&err, HG_E_USAGE,
                "`headgate explain` wants the id of a check; `headgate list` "
                "shows them");
    }
    if (checks == NULL || cli->n_operands == 0 ||
        !hg_thresholds_load(cli, dir, &thresholds, &err)) {
        status = hg_cli_fail(&err);
    } else {
        status = explain_words(cli, checks, &thresholds);
    }
    hg_thresholds_done(&thresholds);
    free(dir);
    return status;
}

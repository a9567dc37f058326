/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "load/check_parts.h"
#include "rules/rule.h"

#define MAX_ID 160

static const char *const effects[] = { "online", "reload", "restart", "recreate", NULL };
static const char *const severities[] = { "info", "minor", "major", "blocker", NULL };

/* Flavour, version and provider, of `applies` and of a variant's `when`. */
static bool check_server(const struct hg_at *at)
{
    struct hg_at version = hg_at_key(at, "version");

    if (!hg_at_names(at, "flavour", "name") || !hg_at_names(at, "provider", "name")) {
        return false;
    }
    return version.value == NULL ||
           (json_is_string(version.value) &&
            hg_version_holds("1", json_string_value(version.value)) != HG_UNKNOWN) ||
           hg_at_fail(&version, "version terms such as \">= 8.0 < 9\" are wanted");
}

static bool take_applies(const struct hg_at *at, struct hg_check *ret)
{
    static const char *const keys[] = {
        "engine", "flavour", "version", "provider", "when", NULL
    };
    struct hg_at applies = hg_at_key(at, "applies"), when = hg_at_key(&applies, "when");

    if (applies.value == NULL) {
        return hg_at_fail(at, "`applies` is missing; it names the engine");
    }
    if (!hg_at_mapping(&applies, "`applies`", keys) || !hg_at_engine(&applies, &ret->engine) ||
        !check_server(&applies)) {
        return false;
    }
    ret->applies = (json_t *)applies.value;
    return when.value == NULL || hg_check_expect(&when, false);
}

static bool take_severity(const struct hg_at *at, struct hg_check *ret)
{
    static const char *const keys[] = { "when", "severity", NULL };
    struct hg_at list = hg_at_key(at, "severity_when");
    int severity = 0;
    size_t i;
    json_t *item;

    if (!hg_at_word(at, "severity", true, severities, &severity)) {
        return false;
    }
    ret->severity = (enum hg_severity)severity;
    ret->severity_when = (json_t *)list.value;
    json_array_foreach (list.value, i, item) {
        struct hg_at one = hg_at_index(&list, i), when = hg_at_key(&one, "when");

        if (!hg_at_mapping(&one, "`severity_when`", keys) ||
            (when.value == NULL && !hg_at_fail(&one, "`when` is missing")) ||
            !hg_check_expect(&when, false) ||
            !hg_at_word(&one, "severity", true, severities, &severity)) {
            return false;
        }
    }
    return list.value == NULL || json_is_array(list.value) ||
           hg_at_fail(&list, "`severity_when` must be a list");
}

/* One text with slots, or a list of them. */
static bool take_statements(const struct hg_at *at)
{
    size_t i;
    json_t *item;

    if (!json_is_array(at->value)) {
        return hg_check_template(at, false);
    }
    if (json_array_size(at->value) == 0) {
        return hg_at_fail(at, "a list of statements is not empty");
    }
    json_array_foreach (at->value, i, item) {
        struct hg_at one = hg_at_index(at, i);

        if (!hg_check_template(&one, false)) {
            return false;
        }
    }
    return true;
}

/* The statements at these keys (NULL-terminated); how many of them there are is added. */
static bool take_languages(const struct hg_at *at, const char *const *keys, size_t *n)
{
    for (size_t i = 0; keys[i] != NULL; i++) {
        struct hg_at text = hg_at_key(at, keys[i]);

        if (text.value != NULL && !take_statements(&text)) {
            return false;
        }
        *n += text.value != NULL;
    }
    return true;
}

static bool take_variant(const struct hg_at *at)
{
    static const char *const keys[] = { "when",  "effect", "sql",  "js",
                                        "shell", "file",   "then", NULL };
    static const char *const languages[] = { "sql", "js", "shell", "file", NULL };
    static const char *const thens[] = { "sql", "js", "shell", NULL };
    static const char *const whens[] = { "flavour", "version", "provider", "facts", NULL };
    struct hg_at when = hg_at_key(at, "when"), then = hg_at_key(at, "then");
    struct hg_at facts = hg_at_key(&when, "facts");
    size_t n = 0, n_then = 0;
    int ignored = 0;

    if (!hg_at_mapping(at, "a variant", keys) ||
        !hg_at_word(at, "effect", false, effects, &ignored) ||
        (when.value != NULL &&
         (!hg_at_mapping(&when, "`when` of a variant", whens) || !check_server(&when))) ||
        (facts.value != NULL && !hg_check_expect(&facts, false)) ||
        !take_languages(at, languages, &n)) {
        return false;
    }
    if (then.value != NULL &&
        (!hg_at_mapping(&then, "`then`", thens) || !take_languages(&then, thens, &n_then))) {
        return false;
    }
    return (n > 0 && (then.value == NULL || n_then > 0)) ||
           hg_at_fail(n > 0 ? &then : at, "%s wants one of sql, js, shell%s",
                      n > 0 ? "`then`" : "a variant", n > 0 ? "" : ", file");
}

/* A list of variants that is not empty, or nothing. */
static bool take_variants(const struct hg_at *at, const char *name)
{
    size_t i;
    json_t *item;

    if (at->value != NULL && json_array_size(at->value) == 0) {
        return hg_at_fail(at, "`%s` must be a list that is not empty", name);
    }
    json_array_foreach (at->value, i, item) {
        struct hg_at one = hg_at_index(at, i);

        if (!take_variant(&one)) {
            return false;
        }
    }
    return true;
}

static bool check_fix(const struct hg_at *at)
{
    static const char *const keys[] = { "effect", "who",      "text", "file",
                                        "after",  "variants", NULL };
    static const char *const whos[] = { "dba", "network", "iam", "platform", NULL };
    struct hg_at fix = hg_at_key(at, "fix"), text = hg_at_key(&fix, "text");
    struct hg_at variants = hg_at_key(&fix, "variants");
    const char *ignored_text;
    json_t *ignored_list;
    int ignored = 0;

    return fix.value == NULL ||
           (hg_at_mapping(&fix, "`fix`", keys) &&
            hg_at_word(&fix, "effect", true, effects, &ignored) &&
            hg_at_word(&fix, "who", true, whos, &ignored) &&
            hg_at_text(&fix, "text", true, &ignored_text) && hg_check_template(&text, false) &&
            hg_at_text(&fix, "file", false, &ignored_text) &&
            hg_at_texts(&fix, "after", false, &ignored_list) &&
            take_variants(&variants, "variants"));
}

static bool take_fix(const struct hg_at *at, struct hg_check *ret)
{
    ret->fix = json_object_get(at->value, "fix");
    return check_fix(at);
}

static bool take_look(const struct hg_at *at, struct hg_check *ret)
{
    struct hg_at look = hg_at_key(at, "look");

    ret->look = (json_t *)look.value;
    return take_variants(&look, "look");
}

/* Cases in which what was seen says nothing. */
static bool take_undecided(const struct hg_at *at, struct hg_check *ret)
{
    static const char *const keys[] = { "when", "says", "fix", NULL };
    struct hg_at list = hg_at_key(at, "undecided");
    size_t i;
    json_t *item;

    ret->undecided = (json_t *)list.value;
    if (list.value != NULL && json_array_size(list.value) == 0) {
        return hg_at_fail(&list, "`undecided` must be a list that is not empty");
    }
    json_array_foreach (list.value, i, item) {
        struct hg_at one = hg_at_index(&list, i), when = hg_at_key(&one, "when");
        struct hg_at says = hg_at_key(&one, "says");
        const char *ignored;

        if (!hg_at_mapping(&one, "`undecided`", keys) ||
            (when.value == NULL && !hg_at_fail(&one, "`when` is missing")) ||
            !hg_check_expect(&when, false) || !hg_at_text(&one, "says", true, &ignored) ||
            !hg_check_template(&says, true) || !check_fix(&one)) {
            return false;
        }
    }
    return true;
}

static bool take_says(const struct hg_at *at, struct hg_check *ret)
{
    static const char *const keys[] = { "fail", "unknown", NULL };
    struct hg_at says = hg_at_key(at, "says");

    ret->says = (json_t *)says.value;
    if (says.value == NULL) {
        return true;
    }
    if (!hg_at_mapping(&says, "`says`", keys)) {
        return false;
    }
    for (size_t i = 0; keys[i] != NULL; i++) {
        struct hg_at text = hg_at_key(&says, keys[i]);

        if (text.value != NULL && !hg_check_template(&text, true)) {
            return false;
        }
    }
    return true;
}

static bool take_examples(const struct hg_at *at, struct hg_check *ret)
{
    static const char *const keys[] = { "name",  "facts",   "unknown", "params",
                                        "scope", "verdict", NULL };
    static const char *const verdicts[] = { "pass", "fail", "unknown", "skip", NULL };
    struct hg_at list = hg_at_key(at, "examples");
    unsigned seen = 0;
    size_t i;
    json_t *item;

    json_array_foreach (list.value, i, item) {
        struct hg_at one = hg_at_index(&list, i);
        const char *name = NULL;
        int verdict = 0;

        if (!hg_at_mapping(&one, "an example", keys) ||
            !hg_at_text(&one, "name", true, &name) ||
            !hg_at_word(&one, "verdict", true, verdicts, &verdict)) {
            return false;
        }
        seen |= 1u << verdict;
    }
    ret->examples = (json_t *)list.value;
    for (int v = 0; v < 3; v++) {
        if ((seen & 1u << v) == 0) {
            return hg_at_fail(
                list.value ? &list : at,
                "examples of pass, fail and unknown are all needed; there is no `%s`",
                verdicts[v]);
        }
    }
    return true;
}

static bool take_rest(const struct hg_at *at, const char *id, struct hg_check *ret)
{
    static const char *const levels[] = { "look", "prove", "attempt", NULL };
    static const char *const unsupported[] = { "unknown", "fail", "skip", NULL };
    struct hg_at expect = hg_at_key(at, "expect"), title = hg_at_key(at, "title");
    struct hg_at here = hg_at_key(at, "id");
    int level = 0, otherwise = 0;

    if (!hg_at_text(at, "id", true, &ret->id) || !hg_at_text(at, "title", true, &ret->title) ||
        !hg_at_text(at, "why", true, &ret->why) ||
        !hg_at_word(at, "level", false, levels, &level) ||
        !hg_at_word(at, "unsupported", false, unsupported, &otherwise) ||
        !hg_at_texts(at, "needs", false, &ret->needs) ||
        !hg_at_texts(at, "tags", false, &ret->tags) ||
        !hg_at_texts(at, "refs", true, &ret->refs)) {
        return false;
    }
    if (strlen(ret->id) > MAX_ID ||
        strspn(ret->id, "abcdefghijklmnopqrstuvwxyz0123456789.-") != strlen(ret->id)) {
        return hg_at_fail(&here, "`%.120s` is no id: words of a-z, 0-9 and -, joined by dots",
                          ret->id);
    }
    if (id != NULL && strcmp(id, ret->id) != 0) {
        return hg_at_fail(&here, "`%s` must equal its path: `%s`", ret->id, id);
    }
    if (ret->title[strlen(ret->title) - 1] == '.') {
        return hg_at_fail(&title, "a title has no full stop");
    }
    ret->level = (enum hg_level)level;
    ret->unsupported = (enum hg_unsupported)otherwise;
    ret->expect = (json_t *)expect.value;
    return expect.value != NULL ? hg_check_expect(&expect, false)
                                : hg_at_fail(at, "`expect` is missing");
}

bool hg_check_load(const char *path, const char *id, struct hg_check *ret, struct hg_error *err)
{
    static const char *const keys[] = { "id",          "title",  "severity", "severity_when",
                                        "tags",        "level",  "applies",  "needs",
                                        "unsupported", "expect", "says",     "why",
                                        "undecided",   "fix",    "look",     "refs",
                                        "examples",    NULL };
    HG_AUTO(hg_doc_freep) struct hg_doc *doc = hg_doc_load(path, err);
    struct hg_at at = { .doc = doc, .err = err };

    if (doc == NULL) {
        return false;
    }
    at.value = doc->root;
    if (!hg_at_mapping(&at, "a check", keys) || !take_rest(&at, id, ret) ||
        !take_severity(&at, ret) || !take_applies(&at, ret) || !take_says(&at, ret) ||
        !take_undecided(&at, ret) || !take_fix(&at, ret) || !take_look(&at, ret) ||
        !take_examples(&at, ret)) {
        return false;
    }
    ret->path = strdup(path);
    if (ret->path == NULL) {
        return hg_fail_nomem(err);
    }
    ret->doc = json_incref(doc->root);
    return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fts.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "load/check_parts.h"
#include "rules/rule.h"

static const char *const severities[] = { "info", "minor", "major", "blocker", NULL };

static bool take_applies(const struct hg_at *at, struct hg_check *ret)
{
    static const char *const keys[] = {
        "engine", "flavour", "version", "provider", "when", NULL
    };
    struct hg_at applies = hg_at_key(at, "applies"), when = hg_at_key(&applies, "when");
    struct hg_at version = hg_at_key(&applies, "version");

    if (applies.value == NULL) {
        return hg_at_fail(at, "`applies` is missing; it names the engine");
    }
    if (!hg_at_mapping(&applies, "`applies`", keys) ||
        !hg_at_text(&applies, "engine", true, &ret->engine)) {
        return false;
    }
    if (version.value != NULL &&
        (!json_is_string(version.value) ||
         hg_version_holds("1", json_string_value(version.value)) == HG_UNKNOWN)) {
        return hg_at_fail(&version, "version terms such as \">= 8.0 < 9\" are wanted");
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

        if (!hg_at_mapping(&one, "`severity_when`", keys) || !hg_check_expect(&when, false) ||
            !hg_at_word(&one, "severity", true, severities, &severity)) {
            return false;
        }
    }
    return list.value == NULL || json_is_array(list.value) ||
           hg_at_fail(&list, "`severity_when` must be a list");
}

static bool take_variant(const struct hg_at *at)
{
    static const char *const keys[] = { "when", "sql", "js", "shell", "file", NULL };
    static const char *const whens[] = { "flavour", "version", "provider", NULL };
    struct hg_at when = hg_at_key(at, "when");
    size_t n = 0;

    if (!hg_at_mapping(at, "a variant", keys) ||
        (when.value != NULL && !hg_at_mapping(&when, "`when` of a variant", whens))) {
        return false;
    }
    for (size_t i = 1; keys[i] != NULL; i++) {
        struct hg_at text = hg_at_key(at, keys[i]);

        if (text.value != NULL && !hg_check_template(&text)) {
            return false;
        }
        n += text.value != NULL;
    }
    return n > 0 || hg_at_fail(at, "a variant wants one of sql, js, shell, file");
}

static bool take_fix(const struct hg_at *at, struct hg_check *ret)
{
    static const char *const keys[] = { "effect", "who", "text", "variants", NULL };
    static const char *const effects[] = { "online", "reload", "restart", "recreate", NULL };
    static const char *const whos[] = { "dba", "network", "iam", "platform", NULL };
    struct hg_at fix = hg_at_key(at, "fix"), text = hg_at_key(&fix, "text");
    struct hg_at variants = hg_at_key(&fix, "variants");
    const char *ignored_text;
    int ignored = 0;
    size_t i;
    json_t *item;

    ret->fix = (json_t *)fix.value;
    if (fix.value == NULL) {
        return true;
    }
    if (!hg_at_mapping(&fix, "`fix`", keys) ||
        !hg_at_word(&fix, "effect", true, effects, &ignored) ||
        !hg_at_word(&fix, "who", true, whos, &ignored) ||
        !hg_at_text(&fix, "text", true, &ignored_text) || !hg_check_template(&text)) {
        return false;
    }
    if (variants.value != NULL && json_array_size(variants.value) == 0) {
        return hg_at_fail(&variants, "`variants` must be a list that is not empty");
    }
    json_array_foreach (variants.value, i, item) {
        struct hg_at one = hg_at_index(&variants, i);

        if (!take_variant(&one)) {
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

        if (text.value != NULL && !hg_check_template(&text)) {
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
                                        "fix",         "refs",   "examples", NULL };
    HG_AUTO(hg_doc_freep) struct hg_doc *doc = hg_doc_load(path, err);
    struct hg_at at = { .doc = doc, .err = err };

    if (doc == NULL) {
        return false;
    }
    at.value = doc->root;
    if (!hg_at_mapping(&at, "a check", keys) || !take_rest(&at, id, ret) ||
        !take_severity(&at, ret) || !take_applies(&at, ret) || !take_says(&at, ret) ||
        !take_fix(&at, ret) || !take_examples(&at, ret)) {
        return false;
    }
    ret->path = strdup(path);
    ret->doc = json_incref(doc->root);
    return ret->path != NULL || hg_fail_nomem(err);
}

/* ---- a folder of them ---- */

/* "mysql/binlog/format.yaml" → "mysql.binlog.format". */
static bool id_of(const char *relative, char *id, size_t size)
{
    size_t len = strlen(relative);

    if (len < 6 || strcmp(relative + len - 5, ".yaml") != 0 || len >= size) {
        return false;
    }
    memcpy(id, relative, len - 5);
    id[len - 5] = '\0';
    for (char *p = id; *p != '\0'; p++) {
        *p = *p == '/' ? '.' : *p;
    }
    return true;
}

static bool add_check(struct hg_checks *checks, const char *path, const char *id,
                      struct hg_error *err)
{
    struct hg_check *grown = (checks->n & (checks->n - 1)) == 0
                                 ? reallocarray(checks->items, checks->n ? checks->n * 2 : 1,
                                                sizeof(*grown))
                                 : checks->items;

    if (grown == NULL) {
        return hg_fail_nomem(err);
    }
    checks->items = grown;
    checks->items[checks->n] = (struct hg_check){ 0 };
    if (!hg_check_load(path, id, &checks->items[checks->n], err)) {
        return false;
    }
    checks->n++;
    return true;
}

static bool walk(struct hg_checks *checks, const char *dir, struct hg_error *err)
{
    char *paths[] = { (char *)dir, NULL };
    FTS *fts = fts_open(paths, FTS_LOGICAL | FTS_NOCHDIR, NULL);
    bool ok = fts != NULL || hg_fail(err, HG_E_USAGE, "%s: %s", dir, strerror(errno));
    FTSENT *entry;

    while (ok && (entry = fts_read(fts)) != NULL) {
        const char *relative = entry->fts_path + strlen(dir);
        char id[256];

        relative += strspn(relative, "/");
        if (entry->fts_info == FTS_D && strcmp(relative, "profiles") == 0) {
            fts_set(fts, entry, FTS_SKIP);
        } else if (entry->fts_info == FTS_DNR || entry->fts_info == FTS_ERR ||
                   (entry->fts_info == FTS_NS && entry->fts_level == 0)) {
            ok = hg_fail(err, HG_E_USAGE, "%s: %s", entry->fts_path,
                         strerror(entry->fts_errno));
        } else if (entry->fts_info == FTS_F && id_of(relative, id, sizeof(id))) {
            ok = add_check(checks, entry->fts_path, id, err);
        }
    }
    if (fts != NULL) {
        fts_close(fts);
    }
    return ok;
}

static int by_id(const void *a, const void *b)
{
    return strcmp(((const struct hg_check *)a)->id, ((const struct hg_check *)b)->id);
}

static bool reaches(const struct hg_checks *checks, const struct hg_check *from, const char *id,
                    int depth)
{
    size_t i;
    json_t *item;

    json_array_foreach (from->needs, i, item) {
        const struct hg_check *next = hg_check_find(checks, json_string_value(item));

        if (next != NULL &&
            (strcmp(next->id, id) == 0 || depth > 32 || reaches(checks, next, id, depth + 1))) {
            return true;
        }
    }
    return false;
}

static bool check_needs(const struct hg_checks *checks, struct hg_error *err)
{
    size_t i;
    json_t *item;

    for (size_t n = 0; n < checks->n; n++) {
        const struct hg_check *check = &checks->items[n];

        json_array_foreach (check->needs, i, item) {
            if (hg_check_find(checks, json_string_value(item)) == NULL) {
                return hg_fail(err, HG_E_SYNTAX,
                               "%s: it needs `%s`, and there is no such check", check->path,
                               json_string_value(item));
            }
        }
        if (reaches(checks, check, check->id, 0)) {
            return hg_fail(err, HG_E_SYNTAX, "%s: it needs itself, by way of its `needs`",
                           check->path);
        }
    }
    return true;
}

struct hg_checks *hg_checks_load(const char *dir, struct hg_error *err)
{
    HG_AUTO(hg_checks_freep) struct hg_checks *checks = calloc(1, sizeof(*checks));

    if (checks == NULL) {
        hg_fail_nomem(err);
        return NULL;
    }
    if (!walk(checks, dir, err)) {
        return NULL;
    }
    if (checks->n == 0) {
        hg_fail(err, HG_E_USAGE, "%s: there is no check in this folder", dir);
        return NULL;
    }
    qsort(checks->items, checks->n, sizeof(*checks->items), by_id);
    return check_needs(checks, err) ? hg_steal(&checks) : NULL;
}

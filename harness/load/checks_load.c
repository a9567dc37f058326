/* SPDX-License-Identifier: Apache-2.0 */
/* checks_load.c - a folder of checks: every file below it, and what they need of each other. */
#include <errno.h>
#include <fts.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "load/check_parts.h"
#include "load/load.h"

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

/* Files in the order of their names: which of two errors is said must not hang on the disk. */
static int by_name(const FTSENT **a, const FTSENT **b)
{
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

static bool walk(struct hg_checks *checks, const char *dir, struct hg_error *err)
{
    char *paths[] = { (char *)dir, NULL };
    FTS *fts = fts_open(paths, FTS_LOGICAL | FTS_NOCHDIR, by_name);
    bool ok = fts != NULL || hg_fail(err, HG_E_USAGE, "%s: %s", dir, strerror(errno));
    FTSENT *entry;

    while (ok && (entry = fts_read(fts)) != NULL) {
        const char *relative = entry->fts_path + strlen(dir);
        char id[PATH_MAX];

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
    const struct hg_check *x = a, *y = b;
    int order = strcmp(x->id, y->id);

    return order != 0 ? order : strcmp(x->path, y->path);
}

/* An error at a place in a check that is loaded: its positions are read once more. */
bool hg_check_fail_in(const struct hg_check *check, const char *pointer, const char *text,
                      struct hg_error *err)
{
    HG_AUTO(hg_doc_freep) struct hg_doc *doc = hg_doc_load(check->path, err);

    return doc != NULL && hg_doc_fail(doc, pointer, err, "%s", text);
}

/* a.b.yaml and a/b.yaml have one id. */
static bool ids_differ(const struct hg_checks *checks, struct hg_error *err)
{
    for (size_t i = 1; i < checks->n; i++) {
        const struct hg_check *one = &checks->items[i - 1], *two = &checks->items[i];
        char text[400];

        if (strcmp(one->id, two->id) == 0) {
            snprintf(text, sizeof(text), "`%s` is also the id of %s", two->id, one->path);
            return hg_check_fail_in(two, "/id", text, err);
        }
    }
    return true;
}

static bool needs_exist(const struct hg_checks *checks, const struct hg_check *check,
                        struct hg_error *err)
{
    size_t i;
    json_t *need;

    json_array_foreach (check->needs, i, need) {
        char text[400], pointer[40];

        if (hg_check_find(checks, json_string_value(need)) == NULL) {
            snprintf(pointer, sizeof(pointer), "/needs/%zu", i);
            snprintf(text, sizeof(text), "there is no check `%.160s`; this one needs it",
                     json_string_value(need));
            return hg_check_fail_in(check, pointer, text, err);
        }
    }
    return true;
}

/* The first need that is not settled; n when all are. */
static size_t open_need(const struct hg_checks *checks, const bool *settled, size_t at)
{
    size_t i;
    json_t *need;

    json_array_foreach (checks->items[at].needs, i, need) {
        size_t other = (size_t)(hg_check_find(checks, json_string_value(need)) - checks->items);

        if (!settled[other]) {
            return other;
        }
    }
    return checks->n;
}

static bool needs_make_sense(const struct hg_checks *checks, struct hg_error *err)
{
    for (size_t i = 0; i < checks->n; i++) {
        if (!needs_exist(checks, &checks->items[i], err)) {
            return false;
        }
    }
    return hg_check_no_ring(checks, open_need, "this check needs itself: ", " needs ", "/needs",
                            err);
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
    return ids_differ(checks, err) && needs_make_sense(checks, err) &&
                   hg_fix_order_makes_sense(checks, err)
               ? hg_steal(&checks)
               : NULL;
}

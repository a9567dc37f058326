/* SPDX-License-Identifier: Apache-2.0 */
/* store.c - facts on disk: carried to a machine without database access, and judged there. */
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "run/run.h"

#define FACTS_FORMAT 1
#define MAX_FILE     (1UL << 30)

static void put_line(struct hg_buf *out, json_t *line)
{
    char *text = line ? json_dumps(line, JSON_COMPACT) : NULL;

    hg_buf_puts(out, text ? text : "");
    hg_buf_putc(out, '\n');
    free(text);
}

static json_t *header(const struct hg_collection *c, const struct hg_plan *plan)
{
    json_auto_t *targets = json_array();

    for (size_t i = 0; i < c->n; i++) {
        json_array_append_new(
            targets, json_pack("{s:s, s:s, s:O*, s:O*, s:I, s:i, s:I, s:b, s:O}", "id",
                               c->items[i].target, "engine", plan->targets[i].engine, "params",
                               plan->targets[i].params, "connect", c->items[i].connect, "ms",
                               (json_int_t)c->items[i].ms, "attempts", c->items[i].attempts,
                               "waited_ms", (json_int_t)c->items[i].waited_ms, "starting",
                               c->items[i].starting, "errors", c->items[i].errors));
    }
    return json_pack("{s:i, s:s, s:s, s:s, s:s, s:s, s:b, s:O}", "headgate_facts", FACTS_FORMAT,
                     "plan", plan->name, "plan_digest", c->plan_digest, "level",
                     hg_level_name(c->level), "vantage", c->vantage, "collected_at",
                     c->collected_at, "interrupted", c->interrupted, "targets", targets);
}

void hg_collection_write(const struct hg_collection *c, const struct hg_plan *plan,
                         struct hg_buf *out)
{
    json_auto_t *head = header(c, plan);
    json_auto_t *tail = NULL;
    json_int_t n = 0;

    put_line(out, head);
    for (size_t i = 0; i < c->n; i++) {
        json_auto_t *lines = hg_facts_lines(c->items[i].facts);
        size_t j;
        json_t *fact;

        json_array_foreach (lines, j, fact) {
            json_auto_t *line = json_pack("{s:s}", "target", c->items[i].target);

            json_object_update(line, fact);
            put_line(out, line);
            n++;
        }
    }
    tail = json_pack("{s:I}", "facts", n);
    put_line(out, tail);
}

static bool bad(struct hg_error *err, const char *path, size_t line, const char *what)
{
    return hg_fail(err, HG_E_SYNTAX, "%s:%zu: %s", path, line, what);
}

/* A number that a file may claim to be anything. */
static long long natural(const json_t *from, const char *key)
{
    json_int_t n = json_integer_value(json_object_get(from, key));

    return n < 0 ? 0 : n > INT_MAX ? INT_MAX : n;
}

static bool take_header(struct hg_collection *c, const json_t *head, const char *path,
                        struct hg_error *err)
{
    const char *at = json_string_value(json_object_get(head, "collected_at"));
    const char *digest = json_string_value(json_object_get(head, "plan_digest"));
    const char *vantage = json_string_value(json_object_get(head, "vantage"));
    json_t *targets = json_object_get(head, "targets"), *t;
    size_t i;

    if (json_integer_value(json_object_get(head, "headgate_facts")) != FACTS_FORMAT ||
        at == NULL || strlen(at) >= sizeof(c->collected_at) || digest == NULL ||
        strlen(digest) >= sizeof(c->plan_digest) || !json_is_array(targets) ||
        !hg_level_parse(json_string_value(json_object_get(head, "level")), &c->level)) {
        return bad(err, path, 1, "this is not a file of facts (headgate collect writes them)");
    }
    strcpy(c->collected_at, at);
    strcpy(c->plan_digest, digest);
    if (vantage != NULL && !hg_vantage_known(vantage) && vantage[0] != '\0') {
        return bad(err, path, 1,
                   "the place where these facts were collected is not one of "
                   "inside, tunnel, outside");
    }
    snprintf(c->vantage, sizeof(c->vantage), "%s", vantage ? vantage : "");
    c->interrupted = json_is_true(json_object_get(head, "interrupted"));
    c->items = calloc(json_array_size(targets) + 1, sizeof(*c->items));
    if (c->items == NULL) {
        return hg_fail_nomem(err);
    }
    json_array_foreach (targets, i, t) {
        const char *id = json_string_value(json_object_get(t, "id"));
        json_t *errors = json_object_get(t, "errors");

        if (id == NULL || !json_is_array(errors)) {
            return bad(err, path, 1, "a target without id or errors");
        }
        c->items[i].target = strdup(id);
        c->items[i].facts = hg_facts_new(id);
        c->items[i].errors = json_incref(errors);
        c->items[i].connect = json_incref(json_object_get(t, "connect"));
        c->items[i].ms = json_integer_value(json_object_get(t, "ms"));
        c->items[i].attempts = (int)natural(t, "attempts");
        c->items[i].waited_ms = natural(t, "waited_ms");
        c->items[i].starting = json_is_true(json_object_get(t, "starting"));
        c->n = i + 1;
        if (c->items[i].target == NULL || c->items[i].facts == NULL) {
            return hg_fail_nomem(err);
        }
    }
    return true;
}

static struct hg_collected *find(struct hg_collection *c, const char *target)
{
    for (size_t i = 0; target != NULL && i < c->n; i++) {
        if (strcmp(c->items[i].target, target) == 0) {
            return &c->items[i];
        }
    }
    return NULL;
}

static bool take_line(struct hg_collection *c, json_t *line, const char *path, size_t n,
                      struct hg_error *err)
{
    struct hg_collected *item = find(c, json_string_value(json_object_get(line, "target")));

    if (item == NULL) {
        return bad(err, path, n, "a fact of a target that the header does not name");
    }
    json_object_del(line, "target");
    return hg_facts_put_line(item->facts, line, err) || hg_fail_in(err, "%s:%zu", path, n);
}

static bool take_lines(struct hg_collection *c, const char *text, const char *path,
                       struct hg_error *err)
{
    size_t n = 0, facts = 0;
    bool ended = false;

    while (*text != '\0' && !ended) {
        size_t len = strcspn(text, "\n");
        json_auto_t *line = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);

        n++;
        if (line == NULL) {
            return bad(err, path, n, "this line is not JSON; the file is cut or damaged");
        }
        if (n == 1) {
            if (!take_header(c, line, path, err)) {
                return false;
            }
        } else if (json_object_get(line, "facts") != NULL) {
            ended = json_integer_value(json_object_get(line, "facts")) == (json_int_t)facts;
            if (!ended) {
                return bad(err, path, n, "facts are missing; the file is damaged");
            }
        } else if (!take_line(c, line, path, n, err)) {
            return false;
        } else {
            facts++;
        }
        text += len + (text[len] == '\n');
    }
    return ended || bad(err, path, n, "the file is cut: its last line is missing");
}

struct hg_collection *hg_collection_read(const char *path, struct hg_error *err)
{
    HG_AUTO(hg_collection_freep) struct hg_collection *c = calloc(1, sizeof(*c));
    struct hg_buf text = { 0 };
    bool ok = c != NULL && hg_file_read(path, MAX_FILE, &text, err) &&
              take_lines(c, hg_buf_text(&text), path, err);

    hg_buf_done(&text);
    if (c == NULL) {
        hg_fail_nomem(err);
    }
    if (err->code == HG_E_IO || err->code == HG_E_LIMIT) {
        err->code = HG_E_USAGE; /* a file that was named and is not there: the caller's words */
    }
    return ok ? hg_steal(&c) : NULL;
}

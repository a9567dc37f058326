/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "probes/mongodb/mongo.h"

#define NEEDS_LIST  "listCollections on the database, for the account or an auditor"
#define NEEDS_OPLOG "read on local, for the account or an auditor"
#define MAX_BATCHES 40 /* of 500 collections */

/* The payload's database; NULL when no secret names one. */
static const char *database(const struct mo_session *s)
{
    const char *name = s->probe->secret ? s->probe->secret->database : NULL;

    return name != NULL && name[0] != '\0' ? name : NULL;
}

static void emit(const struct mo_session *s, const char *key, json_t *value)
{
    hg_emit_known_by(s->probe, key, value, s->by_auditor);
}

static void emit_database(const struct mo_session *s, bool exists)
{
    if (mo_wanted(s, "mongodb.database")) {
        emit(s, "mongodb.database",
             json_pack("{s:s, s:b}", "name", database(s), "exists", exists));
    }
}

/* ---- database and collections ---- */

/* True when the server lists the database: it does for whoever has a right on it. */
static bool is_listed(const struct mo_session *s)
{
    MO_REPLY reply = { 0 };

    mo_send(s, "databases", "admin",
            json_pack("{s:i, s:b, s:b, s:{s:s}}", "listDatabases", 1, "nameOnly", 1,
                      "authorizedDatabases", 1, "filter", "name", database(s)),
            &reply);
    return json_array_size(json_object_get(reply.doc, "databases")) > 0;
}

static json_t *describe_collection(const json_t *item)
{
    const json_t *options = json_object_get(item, "options");
    const json_t *images = json_object_get(options, "changeStreamPreAndPostImages");

    return json_pack("{s:s, s:s, s:b, s:b}", "name", mo_text(item, "name"), "type",
                     mo_text(item, "type"), "pre_images",
                     json_is_true(json_object_get(images, "enabled")), "capped",
                     json_is_true(json_object_get(options, "capped")));
}

static void take_collections(const struct mo_session *s, const json_t *batch, json_t *list)
{
    const json_t *item;
    size_t i;

    json_array_foreach (batch, i, item) {
        const char *name = mo_text(item, "name");

        if (strncmp(name, "system.", 7) != 0 &&
            hg_probe_in_scope(s->probe, database(s), name)) {
            json_array_append_new(list, describe_collection(item));
        }
    }
}

/* Reads on; true when the list came to its end. A cursor that is left ends with the session. */
static bool read_on(const struct mo_session *s, json_int_t id, const char *ns, json_t *list)
{
    const char *dot = strchr(ns, '.');

    for (int i = 0; id != 0 && i < MAX_BATCHES; i++) {
        MO_REPLY reply = { 0 };
        const json_t *cursor;
        char number[32];

        snprintf(number, sizeof(number), "%lld", (long long)id);
        mo_send(s, "more", database(s),
                json_pack("{s:{s:s}, s:s, s:i}", "getMore", "$numberLong", number, "collection",
                          dot ? dot + 1 : "$cmd.listCollections", "batchSize", 500),
                &reply);
        cursor = json_object_get(reply.doc, "cursor");
        if (cursor == NULL) {
            return false;
        }
        take_collections(s, json_object_get(cursor, "nextBatch"), list);
        id = json_integer_value(json_object_get(cursor, "id"));
    }
    return id == 0;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(mo_text(*(json_t *const *)a, "name"), mo_text(*(json_t *const *)b, "name"));
}

/* By name: the server's order is none. Steals the list. */
static json_t *in_order(json_t *list)
{
    size_t n = json_array_size(list), i;
    json_t **items = calloc(n + 1, sizeof(json_t *)), *item;
    json_t *out = items ? json_array() : NULL;

    if (out == NULL) {
        free(items);
        return list;
    }
    json_array_foreach (list, i, item) {
        items[i] = item;
    }
    qsort(items, n, sizeof(json_t *), by_name);
    for (i = 0; i < n; i++) {
        json_array_append(out, items[i]);
    }
    free(items);
    json_decref(list);
    return out;
}

static void ask_collections(const struct mo_session *s)
{
    MO_REPLY reply = { 0 };
    const json_t *cursor, *batch;
    json_t *list;
    bool complete;

    mo_send(s, "collections", database(s),
            json_pack("{s:i, s:{s:i}}", "listCollections", 1, "cursor", "batchSize", 500),
            &reply);
    cursor = json_object_get(reply.doc, "cursor");
    batch = json_object_get(cursor, "firstBatch");
    if (!json_is_array(batch)) {
        if (is_listed(s)) {
            emit_database(s, true);
        }
        mo_refuse(s, "mongodb.database", &reply, NEEDS_LIST);
        mo_refuse(s, "mongodb.collections", &reply, NEEDS_LIST);
        return;
    }
    emit_database(s, json_array_size(batch) > 0 || is_listed(s));
    if (!mo_wanted(s, "mongodb.collections")) {
        return;
    }
    list = json_array();
    take_collections(s, batch, list);
    complete = read_on(s, json_integer_value(json_object_get(cursor, "id")),
                       mo_text(cursor, "ns"), list);
    hg_emit_list(s->probe, "mongodb.collections", in_order(list), complete, s->by_auditor);
}

/* ---- oplog ---- */

/* The seconds of the ts of the first document of a batch; -1 when there is none. */
static long long seconds_of(const struct mo_reply *reply)
{
    const json_t *batch = json_object_get(json_object_get(reply->doc, "cursor"), "firstBatch");
    const json_t *ts = json_object_get(json_array_get(batch, 0), "ts");
    const json_t *t = json_object_get(json_object_get(ts, "$timestamp"), "t");

    return json_is_integer(t) ? json_integer_value(t) : -1;
}

static json_t *iso_time(long long seconds)
{
    time_t t = (time_t)seconds;
    struct tm tm;
    char text[32];

    if (gmtime_r(&t, &tm) == NULL ||
        strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm) == 0) {
        return json_string("");
    }
    return json_string(text);
}

static void send_oplog(const struct mo_session *s, int direction, struct mo_reply *ret)
{
    mo_send(s, "oplog", "local",
            json_pack("{s:s, s:{s:i}, s:i, s:{s:i}, s:b}", "find", "oplog.rs", "sort",
                      "$natural", direction, "limit", 1, "projection", "ts", 1, "singleBatch",
                      1),
            ret);
}

static void ask_oplog(const struct mo_session *s)
{
    MO_REPLY first = { 0 };
    MO_REPLY last = { 0 };
    long long from, to;

    if (strcmp(s->kind, "replica-set") != 0) {
        bool sharded = strcmp(s->kind, "sharded") == 0;

        hg_emit_state(s->probe, "mongodb.oplog", sharded ? HG_FACT_UNSUPPORTED : HG_FACT_ABSENT,
                      NULL,
                      sharded ? "each shard has an oplog of its own, not the router"
                              : "a standalone server has no oplog");
        return;
    }
    send_oplog(s, 1, &first);
    if (first.ok) {
        send_oplog(s, -1, &last);
    }
    if (!first.ok || !last.ok) {
        mo_refuse(s, "mongodb.oplog", first.ok ? &last : &first, NEEDS_OPLOG);
        return;
    }
    from = seconds_of(&first);
    to = seconds_of(&last);
    if (from < 0 || to < from) {
        hg_emit_state(s->probe, "mongodb.oplog", HG_FACT_ABSENT, NULL, "the oplog is empty");
        return;
    }
    emit(s, "mongodb.oplog",
         json_pack("{s:o, s:o, s:I}", "first", iso_time(from), "last", iso_time(to),
                   "window_seconds", (json_int_t)(to - from)));
}

/* ---- the trial ---- */

static void close_cursor(const struct mo_session *s, const json_t *cursor)
{
    MO_REPLY reply = { 0 };
    const char *dot = strchr(mo_text(cursor, "ns"), '.');
    json_int_t id = json_integer_value(json_object_get(cursor, "id"));
    char number[32];

    if (id == 0) {
        return;
    }
    snprintf(number, sizeof(number), "%lld", (long long)id);
    mo_send(s, "kill", database(s),
            json_pack("{s:s, s:[{s:s}]}", "killCursors", dot ? dot + 1 : "$cmd.aggregate",
                      "cursors", "$numberLong", number),
            &reply);
}

static void ask_stream(const struct mo_session *s)
{
    MO_REPLY reply = { 0 };
    const json_t *cursor;
    char code[24] = "";

    mo_send(s, "stream", database(s),
            json_pack("{s:i, s:[{s:{}}], s:{s:i}}", "aggregate", 1, "pipeline", "$changeStream",
                      "cursor", "batchSize", 0),
            &reply);
    cursor = json_object_get(reply.doc, "cursor");
    if (reply.code < 0 || (reply.ok && cursor == NULL)) {
        mo_refuse(s, "mongodb.stream-trial", &reply, NULL);
        return;
    }
    if (reply.ok) {
        close_cursor(s, cursor);
    } else {
        snprintf(code, sizeof(code), "%d", reply.code);
    }
    emit(s, "mongodb.stream-trial",
         json_pack("{s:s, s:s, s:s, s:b}", "outcome", reply.ok ? "ok" : "error", "code", code,
                   "message", reply.message, "resume_token",
                   json_object_size(json_object_get(cursor, "postBatchResumeToken")) > 0));
}

static void no_database(const struct mo_session *s)
{
    static const char *const keys[] = { "mongodb.database", "mongodb.collections",
                                        "mongodb.stream-trial" };

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (mo_wanted(s, keys[i])) {
            hg_emit_state(s->probe, keys[i], HG_FACT_UNREACHABLE, NULL,
                          "no secret names a database");
        }
    }
}

void mo_ask_rest(const struct mo_session *s)
{
    if (database(s) == NULL) {
        no_database(s);
    } else if (mo_wanted(s, "mongodb.database") || mo_wanted(s, "mongodb.collections")) {
        ask_collections(s);
    }
    if (mo_wanted(s, "mongodb.oplog")) {
        ask_oplog(s);
    }
    /* Proved as the account itself: what an auditor may says nothing of it. */
    if (mo_wanted(s, "mongodb.stream-trial") && !s->by_auditor) {
        ask_stream(s);
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "probes/mongodb/mongo.h"

#define UNAUTHORIZED      13
#define NAMESPACE_MISSING 26

static const char *text(const json_t *doc, const char *key)
{
    const char *value = json_string_value(json_object_get(doc, key));

    return value ? value : "";
}

static const struct hg_secret *account(const struct mo_session *s)
{
    return s->probe->secret ? s->probe->secret : s->probe->auditor;
}

static const char *database(const struct mo_session *s)
{
    return account(s)->database ? account(s)->database : "admin";
}

/* A fact is asked for once: by the account, and by the auditor only what it could not see. */
static bool still_wanted(const struct mo_session *s, const char *key)
{
    return hg_probe_wants(s->probe, key) && !hg_emitted(s->probe, key);
}

static void emit(const struct mo_session *s, const char *key, json_t *value)
{
    hg_emit_known_by(s->probe, key, value, s->by_auditor);
}

/* The account's refusal is not the last word while an auditor is to come. */
static void refuse(const struct mo_session *s, const char *key, const struct mo_reply *reply,
                   const char *needs)
{
    bool denied = reply->code == UNAUTHORIZED;

    if (!s->by_auditor && s->probe->auditor != NULL) {
        return;
    }
    hg_emit_state(s->probe, key, denied ? HG_FACT_DENIED : HG_FACT_GARBLED,
                  denied ? needs : NULL, "%s", reply->message);
}

/* ---- who is there ---- */

static bool ends_with(const char *host, const char *tail)
{
    size_t n = strlen(host), m = strlen(tail);

    return n >= m && strcmp(host + n - m, tail) == 0;
}

static const char *provider_of(const char *host)
{
    return ends_with(host, ".mongodb.net")           ? "atlas"
           : ends_with(host, ".docdb.amazonaws.com") ? "documentdb"
           : ends_with(host, ".cosmos.azure.com")    ? "cosmos"
                                                     : "self";
}

/* From 8.1 on, buildInfo needs a login. */
static void ask_build(const struct mo_session *s)
{
    MO_REPLY reply = { 0 };
    json_auto_t *evidence = json_array();
    const char *host = account(s)->host ? account(s)->host : "";
    bool ferret;

    if (hg_emitted(s->probe, "mongodb.server")) {
        return;
    }
    mo_send(s, "build", "admin", json_pack("{s:i}", "buildInfo", 1), &reply);
    if (!reply.ok) {
        hg_emit_state(s->probe, "mongodb.server", HG_FACT_GARBLED, NULL, "%s", reply.message);
        return;
    }
    ferret = json_object_get(reply.doc, "ferretdb") != NULL ||
             json_object_get(reply.doc, "ferretdbVersion") != NULL;
    if (ferret) {
        json_array_append_new(evidence, json_string("buildInfo names FerretDB"));
    }
    emit(s, "mongodb.server",
         json_pack("{s:s, s:s, s:s, s:s, s:O, s:s}", "flavour", ferret ? "ferretdb" : "mongodb",
                   "version", text(reply.doc, "version"), "version_text",
                   text(reply.doc, "version"), "provider", provider_of(host), "evidence",
                   evidence, "comment", text(reply.doc, "gitVersion")));
}

void mo_ask_hello(const struct mo_session *s)
{
    MO_REPLY reply = { 0 };
    json_t *hosts;
    const char *kind;

    mo_send(s, "hello", "admin", json_pack("{s:i}", "hello", 1), &reply);
    if (reply.ok) {
        hosts = json_object_get(reply.doc, "hosts");
        kind = strcmp(text(reply.doc, "msg"), "isdbgrid") == 0 ? "sharded"
               : text(reply.doc, "setName")[0] != '\0'         ? "replica-set"
                                                               : "standalone";
        emit(s, "mongodb.hello",
             json_pack("{s:s, s:b, s:s, s:s, s:O?, s:s, s:O?}", "set_name",
                       text(reply.doc, "setName"), "primary",
                       json_is_true(json_object_get(reply.doc, "isWritablePrimary")),
                       "primary_host", text(reply.doc, "primary"), "me", text(reply.doc, "me"),
                       "hosts", json_is_array(hosts) ? hosts : NULL, "kind", kind,
                       "max_wire_version", json_object_get(reply.doc, "maxWireVersion")));
    } else {
        hg_emit_state(s->probe, "mongodb.hello", HG_FACT_GARBLED, NULL, "%s", reply.message);
    }
}

void mo_ask_session(const struct mo_session *s)
{
    MO_REPLY reply = { 0 };
    json_t *info, *users;

    ask_build(s);
    mo_send(s, "status", "admin",
            json_pack("{s:i, s:b}", "connectionStatus", 1, "showPrivileges", 1), &reply);
    info = json_object_get(reply.doc, "authInfo");
    users = json_object_get(info, "authenticatedUsers");
    if (!reply.ok || !json_is_array(users)) {
        hg_emit_state(s->probe, "mongodb.session", HG_FACT_GARBLED, NULL, "%s", reply.message);
        return;
    }
    emit(s, "mongodb.session",
         json_pack("{s:O, s:s}", "users", users, "database", database(s)));
    if (still_wanted(s, "mongodb.privileges")) {
        json_t *list = json_object_get(info, "authenticatedUserPrivileges");

        if (json_is_array(list)) {
            emit(s, "mongodb.privileges",
                 json_pack("{s:O, s:O?, s:O}", "users", users, "roles",
                           json_object_get(info, "authenticatedUserRoles"), "privileges",
                           list));
        } else {
            hg_emit_state(s->probe, "mongodb.privileges", HG_FACT_GARBLED, NULL,
                          "the server states no privileges");
        }
    }
}

static void emit_user(const struct mo_session *s, json_t *user, const char *name,
                      const char *db)
{
    emit(s, "mongodb.user",
         json_pack("{s:s, s:s, s:b, s:O?, s:O?}", "user", name, "db", db, "exists",
                   user != NULL, "mechanisms", json_object_get(user, "mechanisms"), "roles",
                   json_object_get(user, "roles")));
    if (!still_wanted(s, "mongodb.privileges")) {
        return;
    }
    if (json_is_array(json_object_get(user, "inheritedPrivileges"))) {
        emit(s, "mongodb.privileges",
             json_pack("{s:[{s:s, s:s}], s:O?, s:O}", "users", "user", name, "db", db, "roles",
                       json_object_get(user, "inheritedRoles"), "privileges",
                       json_object_get(user, "inheritedPrivileges")));
    } else if (user == NULL) {
        hg_emit_state(s->probe, "mongodb.privileges", HG_FACT_UNREACHABLE, NULL,
                      "there is no account %s on %s", name, db);
    }
}

void mo_ask_user(const struct mo_session *s)
{
    MO_REPLY reply = { 0 };
    const struct hg_secret *secret = s->probe->secret;
    const char *name = secret ? secret->username : NULL;
    const char *db = secret && secret->auth_source ? secret->auth_source : "admin";
    json_t *users;

    ask_build(s);
    if (name == NULL) {
        return;
    }
    mo_send(s, "user", "admin",
            json_pack("{s:{s:s, s:s}, s:b}", "usersInfo", "user", name, "db", db,
                      "showPrivileges", 1),
            &reply);
    users = json_object_get(reply.doc, "users");
    if (!reply.ok || !json_is_array(users)) {
        refuse(s, "mongodb.user", &reply,
               "viewUser on the account's database, for the auditor");
        return;
    }
    emit_user(s, json_array_get(users, 0), name, db);
}

/* ---- database and collections ---- */

static json_t *describe_collection(json_t *item)
{
    json_t *options = json_object_get(item, "options");
    json_t *images = json_object_get(options, "changeStreamPreAndPostImages");

    return json_pack("{s:s, s:s, s:b, s:b}", "name", text(item, "name"), "type",
                     text(item, "type"), "pre_images",
                     json_is_true(json_object_get(images, "enabled")), "capped",
                     json_is_true(json_object_get(options, "capped")));
}

static void ask_collections(const struct mo_session *s)
{
    MO_REPLY reply = { 0 };
    json_t *cursor, *batch, *item, *list;
    size_t i;
    bool all;

    mo_send(s, "collections", database(s),
            json_pack("{s:i, s:{s:i}}", "listCollections", 1, "cursor", "batchSize", 10000),
            &reply);
    cursor = json_object_get(reply.doc, "cursor");
    batch = json_object_get(cursor, "firstBatch");
    if (!reply.ok || !json_is_array(batch)) {
        refuse(s, "mongodb.database", &reply,
               "listCollections on the database, for the account or an auditor");
        refuse(s, "mongodb.collections", &reply,
               "listCollections on the database, for the account or an auditor");
        return;
    }
    emit(s, "mongodb.database",
         json_pack("{s:s, s:b}", "name", database(s), "exists", json_array_size(batch) > 0));
    list = json_array();
    json_array_foreach (batch, i, item) {
        const char *name = text(item, "name");

        if (strncmp(name, "system.", 7) != 0 &&
            hg_probe_in_scope(s->probe, database(s), name)) {
            json_array_append_new(list, describe_collection(item));
        }
    }
    /* Longer than a batch: the cursor goes with the connection, and the list is not complete.
     */
    all = json_integer_value(json_object_get(cursor, "id")) == 0;
    hg_emit_list(s->probe, "mongodb.collections", list, all, s->by_auditor);
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

    send_oplog(s, 1, &first);
    if (!first.ok) {
        refuse(s, "mongodb.oplog", &first, "read on local, for the account or an auditor");
        return;
    }
    send_oplog(s, -1, &last);
    from = seconds_of(&first);
    to = seconds_of(&last);
    if (from < 0 || to < from) {
        hg_emit_state(s->probe, "mongodb.oplog", HG_FACT_ABSENT, NULL, "there is no oplog");
        return;
    }
    emit(s, "mongodb.oplog",
         json_pack("{s:I, s:I, s:I}", "first", (json_int_t)from, "last", (json_int_t)to,
                   "window_seconds", (json_int_t)(to - from)));
}

/* ---- the trial ---- */

static void close_cursor(const struct mo_session *s, const json_t *cursor)
{
    MO_REPLY reply = { 0 };
    const char *ns = text(cursor, "ns"), *dot = strchr(ns, '.');
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
    json_t *cursor;
    char code[24];

    mo_send(s, "stream", database(s),
            json_pack("{s:i, s:[{s:{}}], s:{s:i}}", "aggregate", 1, "pipeline", "$changeStream",
                      "cursor", "batchSize", 0),
            &reply);
    cursor = json_object_get(reply.doc, "cursor");
    snprintf(code, sizeof(code), "%d", reply.code);
    emit(s, "mongodb.stream-trial",
         json_pack("{s:s, s:s, s:s, s:b}", "outcome", reply.ok ? "ok" : "error", "code",
                   reply.ok ? "" : code, "message", reply.message, "resume_token",
                   json_object_size(json_object_get(cursor, "postBatchResumeToken")) > 0));
    if (reply.ok) {
        close_cursor(s, cursor);
    }
}

void mo_ask_rest(const struct mo_session *s)
{
    if (still_wanted(s, "mongodb.database") || still_wanted(s, "mongodb.collections")) {
        ask_collections(s);
    }
    if (still_wanted(s, "mongodb.oplog")) {
        ask_oplog(s);
    }
    if (still_wanted(s, "mongodb.user") && !s->by_auditor && s->probe->auditor == NULL) {
        hg_emit_state(s->probe, "mongodb.user", HG_FACT_DENIED,
                      "viewUser on the account's database, for an auditor",
                      "the plan names no auditor");
    }
    /* Proved as the account itself: what an auditor may says nothing of it. */
    if (still_wanted(s, "mongodb.stream-trial") && !s->by_auditor) {
        ask_stream(s);
    }
}

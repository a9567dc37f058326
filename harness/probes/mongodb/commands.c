/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "probes/mongodb/mongo.h"

#define MAX_REPLY (4U << 20)

/* Nothing but these reaches the wire; `login` is what the library sends of itself. Each of the
 * others carries maxTimeMS. */
const struct hg_statement mo_statements[] = {
    { "login", HG_LEVEL_LOOK,
     "{ isMaster or hello: 1, client: … }, saslStart and saslContinue (SCRAM), endSessions", "" },
    { "hello", HG_LEVEL_LOOK, "{ hello: 1 }", "mongodb.hello" },
    { "build", HG_LEVEL_LOOK, "{ buildInfo: 1 }", "mongodb.server" },
    { "status", HG_LEVEL_LOOK, "{ connectionStatus: 1, showPrivileges: true }",
     "mongodb.session mongodb.privileges" },
    { "user", HG_LEVEL_LOOK, "{ usersInfo: { user: ACCOUNT, db: DB }, showPrivileges: true }",
     "mongodb.user mongodb.privileges" },
    { "databases", HG_LEVEL_LOOK,
     "{ listDatabases: 1, nameOnly: true, authorizedDatabases: true, filter: { name: DB } }", "mongodb.database" },
    { "collections", HG_LEVEL_LOOK, "{ listCollections: 1, cursor: { batchSize: 500 } }",
     "mongodb.database mongodb.collections" },
    { "more", HG_LEVEL_LOOK,
     "{ getMore: CURSOR, collection: '$cmd.listCollections', batchSize: 500 }", "mongodb.collections" },
    { "oplog", HG_LEVEL_LOOK,
     "{ find: 'oplog.rs', sort: { $natural: 1 or -1 }, limit: 1, projection: { ts: 1 }, "
      "singleBatch: true } on local", "mongodb.oplog" },
    { "stream", HG_LEVEL_PROVE,
     "{ aggregate: 1, pipeline: [ { $changeStream: {} } ], cursor: { batchSize: 0 } }", "mongodb.stream-trial" },
    { "kill", HG_LEVEL_PROVE, "{ killCursors: '$cmd.aggregate', cursors: [ CURSOR ] }",
     "mongodb.stream-trial" },
    { 0 },
};

void mo_reply_done(struct mo_reply *reply)
{
    json_decref(reply->doc);
    reply->doc = NULL;
}

static const struct hg_statement *find(const char *id)
{
    for (const struct hg_statement *s = mo_statements; s->id != NULL; s++) {
        if (strcmp(s->id, id) == 0) {
            return s;
        }
    }
    return NULL;
}

/* The reply as plain JSON values; a reply that is too large or no JSON is garbled. */
static void take_reply(const bson_t *reply, struct mo_reply *ret)
{
    char *text;

    if (reply->len > MAX_REPLY) {
        snprintf(ret->message, sizeof(ret->message), "the answer is larger than 4 MiB");
        ret->ok = false;
        return;
    }
    text = bson_as_relaxed_extended_json(reply, NULL);
    ret->doc = text ? json_loads(text, 0, NULL) : NULL;
    bson_free(text);
    if (ret->doc == NULL) {
        snprintf(ret->message, sizeof(ret->message), "the answer is not well-formed");
        ret->ok = false;
    }
}

/* Words of the library or the server, cleaned; without the command that the server repeats in
 * a refusal, for the session's number in it is another one each time. */
static void take_words(struct mo_reply *ret)
{
    const char *text = ret->error.message, *tail = strstr(text, " to execute command");
    struct hg_buf clean = { 0 };

    hg_text_clean(&clean, text, tail ? (size_t)(tail - text) : strlen(text), 500);
    snprintf(ret->message, sizeof(ret->message), "%s", hg_buf_text(&clean));
    hg_buf_done(&clean);
}

void mo_send(const struct mo_session *s, const char *id, const char *db, json_t *command,
             struct mo_reply *ret)
{
    json_auto_t *owned = command;
    const struct hg_statement *statement = find(id);
    bson_t *bson = NULL;
    bson_t reply;
    char *text;

    *ret = (struct mo_reply){ .code = -1 };
    if (owned == NULL || statement == NULL || statement->level > s->probe->level) {
        snprintf(ret->message, sizeof(ret->message), "this command is not allowed here");
        return;
    }
    /* Not one wait on the server is longer than its own limit. A getMore of such a cursor may
     * not have one: the first command's holds for the whole. */
    if (strcmp(id, "more") != 0) {
        json_object_set_new(owned, "maxTimeMS", json_integer(hg_probe_statement_ms(s->probe)));
    }
    text = json_dumps(owned, JSON_COMPACT);
    bson = text ? bson_new_from_json((const uint8_t *)text, -1, &ret->error) : NULL;
    free(text);
    if (bson == NULL) {
        take_words(ret);
        return;
    }
    ret->ok = mongoc_client_command_simple(s->client, db, bson, NULL, &reply, &ret->error);
    if (ret->ok) {
        ret->code = 0;
        take_reply(&reply, ret);
    } else {
        ret->code = ret->error.domain == MONGOC_ERROR_SERVER ? (int)ret->error.code : -1;
        take_words(ret);
    }
    bson_destroy(&reply);
    bson_destroy(bson);
}

/* ---- what a refusal means ---- */

static enum hg_fact_state state_of(const struct mo_reply *reply)
{
    switch (reply->code) {
    case 13: /* Unauthorized */
        return HG_FACT_DENIED;
    case 26: /* NamespaceNotFound */
        return HG_FACT_ABSENT;
    case 59:  /* CommandNotFound */
    case 73:  /* InvalidNamespace: `local` through mongos */
    case 115: /* CommandNotSupported */
        return HG_FACT_UNSUPPORTED;
    case 0: /* it came, and was not what it should be */
        return HG_FACT_GARBLED;
    default: /* no answer, MaxTimeMSExpired, shutting down, … */
        return HG_FACT_UNREACHABLE;
    }
}

void mo_refuse(const struct mo_session *s, const char *key, const struct mo_reply *reply,
               const char *needs)
{
    enum hg_fact_state state = state_of(reply);
    const char *reason = reply->message[0] != '\0' ? reply->message
                                                   : "the answer is not what it should be";

    needs = state == HG_FACT_DENIED ? needs : NULL;
    if (hg_emitted(s->probe, key) || !hg_probe_wants(s->probe, key)) {
        return;
    }
    if (s->kept != NULL && !s->by_auditor) {
        json_object_set_new(s->kept, key,
                            json_pack("{s:i, s:s*, s:s}", "state", (int)state, "needs", needs,
                                      "reason", reason));
        return;
    }
    hg_emit_state(s->probe, key, state, needs, "%s", reason);
}

void mo_settle(struct hg_probe *probe, json_t *kept)
{
    const char *key;
    json_t *value;

    json_object_foreach (kept, key, value) {
        const char *reason = json_string_value(json_object_get(value, "reason"));

        if (!hg_emitted(probe, key)) {
            hg_emit_state(
                probe, key,
                (enum hg_fact_state)json_integer_value(json_object_get(value, "state")),
                json_string_value(json_object_get(value, "needs")), "%s",
                reason ? reason : "it may not be seen");
        }
    }
}

bool mo_wanted(const struct mo_session *s, const char *key)
{
    return hg_probe_wants(s->probe, key) && !hg_emitted(s->probe, key);
}

const char *mo_text(const json_t *doc, const char *key)
{
    const char *value = json_string_value(json_object_get(doc, key));

    return value ? value : "";
}

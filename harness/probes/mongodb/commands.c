/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/mongodb/mongo.h"

#define MAX_REPLY (4U << 20)

/* Nothing but these, and what the library sends of itself to log in, reaches the wire. */
const struct hg_statement mo_statements[] = {
    { "login",       HG_LEVEL_LOOK,  "saslStart, saslContinue (SCRAM), by the library",                ""                     },
    { "hello",       HG_LEVEL_LOOK,  "{ hello: 1 }",                                                   ""                     },
    { "build",       HG_LEVEL_LOOK,  "{ buildInfo: 1 }",                                               "mongodb.server"       },
    { "status",      HG_LEVEL_LOOK,  "{ connectionStatus: 1, showPrivileges: true }",
     "mongodb.session mongodb.privileges"                                                                                     },
    { "user",        HG_LEVEL_LOOK,  "{ usersInfo: { user: ACCOUNT, db: DB }, showPrivileges: true }",
     "mongodb.user mongodb.privileges"                                                                                        },
    { "collections", HG_LEVEL_LOOK,  "{ listCollections: 1, cursor: { batchSize: 10000 } }",
     "mongodb.database mongodb.collections"                                                                                   },
    { "oplog",       HG_LEVEL_LOOK,
     "{ find: 'oplog.rs', sort: { $natural: 1 or -1 }, limit: 1, projection: { ts: 1 } } on "
      "local",                                                                                         "mongodb.oplog"        },
    { "stream",      HG_LEVEL_PROVE,
     "{ aggregate: 1, pipeline: [ { $changeStream: {} } ], cursor: { batchSize: 0 } }",                "mongodb.stream-trial" },
    { "kill",        HG_LEVEL_PROVE, "{ killCursors: '$cmd.aggregate', cursors: [ ours ] }",
     "mongodb.stream-trial"                                                                                                   },
    { NULL,          HG_LEVEL_LOOK,  NULL,                                                             NULL                   },
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

void mo_send(const struct mo_session *s, const char *id, const char *db, json_t *command,
             struct mo_reply *ret)
{
    json_auto_t *owned = command;
    const struct hg_statement *statement = find(id);
    bson_error_t error = { 0 };
    bson_t *bson = NULL;
    bson_t reply;
    char *text;

    *ret = (struct mo_reply){ .ok = false };
    if (owned == NULL || statement == NULL || statement->level > s->probe->level) {
        snprintf(ret->message, sizeof(ret->message), "this command is not allowed here");
        return;
    }
    /* Not one wait on the server is longer than its own limit. */
    json_object_set_new(owned, "maxTimeMS", json_integer(hg_probe_statement_ms(s->probe)));
    text = json_dumps(owned, JSON_COMPACT);
    bson = text ? bson_new_from_json((const uint8_t *)text, -1, &error) : NULL;
    free(text);
    if (bson == NULL) {
        snprintf(ret->message, sizeof(ret->message), "%s", error.message);
        return;
    }
    ret->ok = mongoc_client_command_simple(s->client, db, bson, NULL, &reply, &error);
    if (ret->ok) {
        take_reply(&reply, ret);
    } else {
        ret->code = error.domain == MONGOC_ERROR_SERVER || error.domain == MONGOC_ERROR_QUERY
                        ? (int)error.code
                        : -1;
        snprintf(ret->message, sizeof(ret->message), "%s", error.message);
    }
    bson_destroy(&reply);
    bson_destroy(bson);
}

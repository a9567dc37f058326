/* SPDX-License-Identifier: Apache-2.0 */
/* The MongoDB probe. A first client without an account says hello (no login is attempted with
 * it); a second logs in, once; a third is the auditor's. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "probes/mongodb/mongo.h"

static const struct hg_fact_def facts[] = {
    { "secret.payload",       HG_LEVEL_LOOK,  "{host, port, username, database, placeholders, …}",
     NULL                                                                                                                              },
    { "mongodb.connection",   HG_LEVEL_LOOK,  "{stage, outcome, code, message, host, port, ms}",
     NULL                                                                                                                              },
    { "mongodb.auditor",      HG_LEVEL_LOOK,  "{stage, outcome, code, message}",                     NULL                              },
    { "mongodb.server",       HG_LEVEL_LOOK,  "{flavour, version, provider, evidence}",              NULL                              },
    { "mongodb.session",      HG_LEVEL_LOOK,  "{users, database}",                                   NULL                              },
    { "mongodb.tls",          HG_LEVEL_LOOK,  "{encrypted, verified, loopback}",                     NULL                              },
    { "mongodb.hello",        HG_LEVEL_LOOK,  "{set_name, primary, primary_host, me, hosts, kind}",
     NULL                                                                                                                              },
    { "mongodb.privileges",   HG_LEVEL_LOOK,  "{users, roles, privileges}",                          NULL                              },
    { "mongodb.user",         HG_LEVEL_LOOK,  "{user, db, exists, mechanisms, roles}",
     "viewUser on the account's database, for an auditor"                                                                              },
    { "mongodb.database",     HG_LEVEL_LOOK,  "{name, exists}",                                      "listCollections on the database" },
    { "mongodb.collections",  HG_LEVEL_LOOK,  "list of {name, type, pre_images, capped}",
     "listCollections on the database"                                                                                                 },
    { "mongodb.oplog",        HG_LEVEL_LOOK,  "{first, last, window_seconds}",
     "read on local, for the account or an auditor"                                                                                    },
    { "mongodb.stream-trial", HG_LEVEL_PROVE, "{outcome, code, message, resume_token}",
     "find and changeStream on the database"                                                                                           },
    { NULL,                   HG_LEVEL_LOOK,  NULL,                                                  NULL                              },
};

static void quiet(mongoc_log_level_t level, const char *domain, const char *message, void *data)
{
    (void)level;
    (void)domain;
    (void)message;
    (void)data;
}

static void emit_tls(struct hg_probe *probe, const struct mo_place *place)
{
    static const char *const verified[] = { "full", "ca", "none", "none" };

    hg_emit_known(probe, "mongodb.tls",
                  json_pack("{s:b, s:s, s:b}", "encrypted", probe->tls.mode != HG_TLS_OFF,
                            "verified", verified[probe->tls.mode], "loopback",
                            place->address.loopback));
}

/* The first command of a client: what it says is where the connection ended. */
static bool first_command(struct hg_probe *probe, mongoc_client_t *client, const char *name,
                          bool with_login, struct hg_outcome *outcome)
{
    bson_t command = BSON_INITIALIZER, reply;
    bson_error_t error = { 0 };
    bool ok;

    BSON_APPEND_INT32(&command, name, 1);
    BSON_APPEND_INT32(&command, "maxTimeMS", hg_probe_statement_ms(probe));
    ok = mongoc_client_command_simple(client, "admin", &command, NULL, &reply, &error);
    if (!ok) {
        mo_outcome(&error, with_login, outcome);
    }
    bson_destroy(&reply);
    bson_destroy(&command);
    return ok;
}

/* Logs in with a secret; true when commands can be sent. The client is the caller's. */
static bool log_in(struct hg_probe *probe, const struct mo_place *place,
                   const struct hg_secret *secret, struct hg_outcome *outcome,
                   mongoc_client_t **ret)
{
    *ret = mo_client_new(probe, place, secret);
    if (*ret == NULL) {
        *outcome = (struct hg_outcome){ .stage = "auth", .outcome = "local" };
        return false;
    }
    if (!first_command(probe, *ret, "ping", true, outcome)) {
        return false;
    }
    *outcome = (struct hg_outcome){ .stage = "ready", .outcome = "ok" };
    return true;
}

/* Reaches the server without an account. The facts of hello are given by whoever looks. */
static bool greet(struct hg_probe *probe, const struct mo_place *place, bool by_auditor,
                  struct hg_outcome *outcome)
{
    mongoc_client_t *client = mo_client_new(probe, place, NULL);
    struct mo_session s = { probe, client, by_auditor };
    bool ok;

    if (client == NULL) {
        *outcome = (struct hg_outcome){ .stage = "greeting", .outcome = "local" };
        return false;
    }
    hg_emit_stage(probe, probe->tls.mode == HG_TLS_OFF ? "greeting" : "tls");
    ok = first_command(probe, client, "hello", false, outcome);
    if (ok) {
        mo_ask_hello(&s);
        emit_tls(probe, place);
    }
    mongoc_client_destroy(client);
    return ok;
}

static void as_account(struct hg_probe *probe, const struct mo_place *place,
                       struct hg_outcome *outcome)
{
    mongoc_client_t *client = NULL;
    bool in;

    hg_emit_stage(probe, "auth");
    in = log_in(probe, place, probe->secret, outcome, &client);
    hg_emit_outcome(probe, "connection", outcome, place->host, place->port,
                    hg_clock_ms() - probe->started_ms);
    if (in) {
        struct mo_session s = { probe, client, false };

        hg_emit_stage(probe, "ready");
        mo_ask_session(&s);
        mo_ask_rest(&s);
    }
    if (client != NULL) {
        mongoc_client_destroy(client);
    }
}

static void as_auditor(struct hg_probe *probe, const struct mo_place *place)
{
    struct hg_outcome outcome = { 0 };
    mongoc_client_t *client = NULL;

    if (hg_emitted(probe, "mongodb.auditor")) {
        return;
    }
    if (probe->auditor == NULL) {
        hg_emit_state(probe, "mongodb.auditor", HG_FACT_ABSENT, NULL,
                      "the plan names no auditor for this target");
        return;
    }
    if (hg_probe_may_login(probe->auditor, &outcome) &&
        log_in(probe, place, probe->auditor, &outcome, &client)) {
        struct mo_session s = { probe, client, true };

        mo_ask_user(&s);
        mo_ask_rest(&s);
    }
    hg_emit_outcome(probe, "auditor", &outcome, place->host, place->port,
                    hg_clock_ms() - probe->started_ms);
    if (client != NULL) {
        mongoc_client_destroy(client);
    }
}

static void run(struct hg_probe *probe)
{
    struct hg_outcome outcome = { 0 }, unused = { 0 };
    const struct hg_secret *where = probe->secret ? probe->secret : probe->auditor;
    bool may = hg_probe_may_login(probe->secret, &outcome), reached = false;
    struct mo_place place = { 0 };

    mongoc_init();
    mongoc_log_set_handler(quiet, NULL);
    if ((may || probe->auditor != NULL) && where->host != NULL) {
        reached = mo_reach(probe, where, &place, may ? &outcome : &unused) &&
                  greet(probe, &place, !may, may ? &outcome : &unused);
    }
    if (reached && may) {
        as_account(probe, &place, &outcome);
    } else if (!hg_emitted(probe, "mongodb.connection")) {
        hg_emit_outcome(probe, "connection", &outcome, place.host ? place.host : where->host,
                        place.port ? place.port : where->port,
                        hg_clock_ms() - probe->started_ms);
    }
    if (reached) {
        as_auditor(probe, &place);
    }
    mongoc_cleanup();
}

int main(int argc, char **argv)
{
    const struct hg_probe_def def = {
        .engine = "mongodb",
        .summary = "MongoDB: replica set, privileges, oplog, collections, change streams",
        .facts = facts,
        .statements = mo_statements,
        .wants_secret = true,
        .run = run,
    };

    return hg_probe_main(&def, argc, argv);
}

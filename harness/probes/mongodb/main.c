/* SPDX-License-Identifier: Apache-2.0 */
/* The MongoDB probe. A first client without an account says hello (no login is attempted with
 * it); a second logs in, once; a third is the auditor's. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "probes/common/peer.h"
#include "probes/mongodb/mongo.h"

static const struct hg_fact_def facts[] = {
    { "secret.payload",       HG_LEVEL_LOOK,  "{host, port, username, database, placeholders, …}",
     NULL                                                                                                                              },
    { "mongodb.connection",   HG_LEVEL_LOOK,  "{stage, outcome, code, message, host, port, ms}",
     NULL                                                                                                                              },
    { "mongodb.auditor",      HG_LEVEL_LOOK,  "{stage, outcome, code, message}",                     NULL                              },
    { "mongodb.server",       HG_LEVEL_LOOK,  "{flavour, version, provider, evidence}",              NULL                              },
    { "mongodb.session",      HG_LEVEL_LOOK,  "{users, database}",                                   NULL                              },
    { "mongodb.tls",          HG_LEVEL_LOOK,
     "{encrypted, version, cipher, verified, loopback, certificate, client_certificate}",            NULL                              },
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

static void emit_tls(struct hg_probe *probe, const struct mo_place *place)
{
    hg_emit_known(probe, "mongodb.tls",
                  hg_peer_fact(probe, probe->tls.mode != HG_TLS_OFF, NULL, NULL,
                               place->address.loopback));
}

/* One examination, and what is known while it goes on. */
struct visit {
    struct hg_probe *probe;
    struct mo_place place;
    bool reached; /* `place` answered hello */
    const char *kind;
    json_t *kept; /* what was refused, until somebody else was asked */
};

/* The first command of a client says where the connection ended. */
static bool first_hello(const struct mo_session *s, bool with_login, struct mo_reply *ret,
                        struct hg_outcome *outcome)
{
    mo_send(s, "hello", "admin", json_pack("{s:i}", "hello", 1), ret);
    if (ret->ok) {
        return true;
    }
    if (ret->code == 0) { /* it came, and makes no sense */
        *outcome = (struct hg_outcome){ .stage = "greeting", .outcome = "protocol" };
        snprintf(outcome->message, sizeof(outcome->message), "%s", ret->message);
    } else {
        mo_outcome(s->probe, &ret->error, with_login, outcome);
    }
    return false;
}

/* After a TLS handshake that led nowhere: does the server speak without? It is told nothing. */
static bool speaks_without_tls(const struct visit *v)
{
    mongoc_client_t *client = mo_client_new(v->probe, &v->place, NULL, false);
    struct mo_session s = { .probe = v->probe, .client = client };
    struct hg_outcome unused = { 0 };
    MO_REPLY reply = { 0 };
    bool ok = client != NULL && first_hello(&s, false, &reply, &unused);

    mongoc_client_destroy(client);
    return ok;
}

static void look_for_tls(const struct visit *v, struct hg_outcome *outcome)
{
    if (strcmp(outcome->stage, "tls") == 0 &&
        (strcmp(outcome->outcome, "reset") == 0 || strcmp(outcome->outcome, "protocol") == 0) &&
        hg_probe_left_ms(v->probe, 0) > 1000 && speaks_without_tls(v)) {
        outcome->outcome = "tls-refused";
        snprintf(outcome->message, sizeof(outcome->message),
                 "the server offers no TLS; where that is meant, write `tls: {mode: off}`");
    }
}

/* A set without a primary takes no stream, and one that is not initiated knows no account:
 * while there are attempts to come, no login is tried at it. */
static void wait_for_primary(struct visit *v, const struct mo_reply *hello,
                             struct hg_outcome *outcome)
{
    struct hg_outcome starting = { .stage = "greeting", .outcome = "starting" };

    if (mo_not_ready(hello) && hg_probe_comes_again(v->probe, &starting, false)) {
        *outcome = starting;
        snprintf(outcome->message, sizeof(outcome->message),
                 "no login was tried: the replica set has no primary yet");
        v->reached = false;
    }
}

/* Reaches the server and says hello without an account: no login is attempted. */
static bool greet(struct visit *v, const struct hg_secret *secret, bool announce,
                  struct hg_outcome *outcome)
{
    struct hg_probe *probe = v->probe;
    bool tls = probe->tls.mode != HG_TLS_OFF;
    struct mo_session s = { .probe = probe, .kept = v->kept };
    MO_REPLY reply = { 0 };

    if (!mo_reach(probe, secret, announce, &v->place, outcome)) {
        return false;
    }
    if (announce) {
        hg_emit_stage(probe, tls ? "tls" : "greeting");
    }
    s.client = mo_client_new(probe, &v->place, NULL, tls);
    if (s.client == NULL) {
        *outcome = (struct hg_outcome){ .stage = "greeting", .outcome = "local" };
        return false;
    }
    v->reached = first_hello(&s, false, &reply, outcome);
    if (v->reached && !hg_emitted(probe, "mongodb.hello")) {
        v->kind = mo_ask_hello(&s, &reply);
        emit_tls(probe, &v->place);
        mo_ask_build(&s);
        wait_for_primary(v, &reply, outcome);
    } else if (!v->reached) {
        look_for_tls(v, outcome);
    }
    mongoc_client_destroy(s.client);
    return v->reached;
}

/* Logs in, once; true when commands can be sent. The session's client is the caller's. */
static bool log_in(const struct visit *v, const struct hg_secret *secret, struct mo_session *s,
                   struct hg_outcome *outcome)
{
    MO_REPLY reply = { 0 };

    s->client = mo_client_new(v->probe, &v->place, secret, v->probe->tls.mode != HG_TLS_OFF);
    if (s->client == NULL) {
        *outcome = (struct hg_outcome){ .stage = "auth", .outcome = "local" };
        return false;
    }
    if (!first_hello(s, true, &reply, outcome)) {
        return false;
    }
    *outcome = (struct hg_outcome){ .stage = "ready", .outcome = "ok" };
    return true;
}

static void as_account(struct visit *v, struct hg_outcome *outcome)
{
    struct hg_probe *probe = v->probe;
    struct mo_session s = { .probe = probe,
                            .kind = v->kind,
                            .kept = probe->auditor ? v->kept : NULL };
    bool in;

    hg_emit_stage(probe, "auth");
    in = log_in(v, probe->secret, &s, outcome);
    hg_emit_outcome(probe, "connection", outcome, v->place.host, v->place.port,
                    hg_clock_ms() - probe->started_ms);
    if (in) {
        hg_emit_stage(probe, "ready");
        mo_ask_build(&s);
        mo_ask_session(&s);
        mo_ask_rest(&s);
        if (mo_wanted(&s, "mongodb.user")) {
            mo_ask_user(&s);
        }
    }
    mongoc_client_destroy(s.client);
}

/* The auditor's secret may name another way to the same target. */
static bool same_place(const struct hg_secret *a, const struct hg_secret *b)
{
    return a != NULL && a->host != NULL && b->host != NULL && strcmp(a->host, b->host) == 0 &&
           a->port == b->port;
}

/* What the account may not see, and the whole of it when it could not log in. */
static void as_auditor(struct visit *v, const struct hg_outcome *account)
{
    struct hg_probe *probe = v->probe;
    struct mo_session s = { .probe = probe, .by_auditor = true };
    long long start = hg_clock_ms();
    bool tried = v->place.port != 0 && same_place(probe->secret, probe->auditor);
    struct hg_outcome outcome;
    bool in = hg_probe_may_login(probe->auditor, &outcome);

    if (in && ((tried && !v->reached) || hg_probe_comes_again(probe, account, false))) {
        outcome = *account; /* it would end there again, or be tried again */
        in = false;
    } else if (in && !tried) {
        in = greet(v, probe->auditor, false, &outcome);
    }
    if (in) {
        s.kind = v->kind;
        in = log_in(v, probe->auditor, &s, &outcome);
    }
    hg_emit_outcome(probe, "auditor", &outcome, v->place.host, v->place.port,
                    hg_clock_ms() - start);
    if (in) {
        mo_ask_build(&s);
        if (mo_wanted(&s, "mongodb.user") || mo_wanted(&s, "mongodb.privileges")) {
            mo_ask_user(&s);
        }
        mo_ask_rest(&s);
    }
    mongoc_client_destroy(s.client);
}

static void examine(struct visit *v)
{
    struct hg_probe *probe = v->probe;
    struct hg_outcome outcome = { 0 };

    if (hg_probe_may_login(probe->secret, &outcome) &&
        greet(v, probe->secret, true, &outcome)) {
        as_account(v, &outcome);
    } else if (!hg_emitted(probe, "mongodb.connection")) {
        hg_emit_outcome(probe, "connection", &outcome, v->place.host, v->place.port,
                        hg_clock_ms() - probe->started_ms);
    }
    if (probe->auditor != NULL) {
        as_auditor(v, &outcome);
    } else if (!hg_emitted(probe, "mongodb.auditor")) {
        hg_emit_state(probe, "mongodb.auditor", HG_FACT_ABSENT, NULL,
                      "the plan names no auditor for this target");
    }
    mo_settle(probe, v->kept);
    if (strcmp(outcome.outcome, "ok") != 0) {
        hg_emit_rest(probe, HG_FACT_UNREACHABLE, "it was not asked: %s",
                     strcmp(outcome.outcome, "login-refused") == 0
                         ? "the account did not log in"
                         : "no connection");
    }
}

static void run(struct hg_probe *probe)
{
    struct visit v = { .probe = probe, .kind = "" };

    if (!hg_peer_files(probe, false)) {
        return;
    }
    v.kept = json_object();
    /* The library's own words go to standard output otherwise, where facts are read. */
    mongoc_log_set_handler(mo_hear, NULL);
    mongoc_init();
    examine(&v);
    mongoc_cleanup();
    json_decref(v.kept);
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

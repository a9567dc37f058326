/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * mongo.h - the MongoDB probe.
 *
 * main.c        what is examined, in order
 * client.c      reaching the server, and a client of the library for it
 * outcome.c     what the library's words about a connection mean
 * commands.c    the table of commands, and the one function that sends them
 * identity.c    who is there and who we are: hello, buildInfo, connectionStatus, usersInfo
 * questions.c   what is there: database, collections, oplog, the trial of a change stream
 */

#include <mongoc/mongoc.h>

#include "probes/common/probe.h"
#include "probes/common/secret.h"

struct json_t;

/* One way to ask: as the account, or as the auditor. */
struct mo_session {
    struct hg_probe *probe;
    mongoc_client_t *client;
    bool by_auditor;
    const char *kind;    /* of hello */
    struct json_t *kept; /* what the account was refused, while an auditor is to come */
};

/* What a command came to. */
struct mo_reply {
    struct json_t *doc; /* relaxed extended JSON, or NULL */
    int code; /* the server's error code; 0: none, -1: the command did not get through */
    char message[512];
    bson_error_t error;
    bool ok;
};
void mo_reply_done(struct mo_reply *reply);
#define MO_REPLY __attribute__((cleanup(mo_reply_done))) struct mo_reply

/* ---- client.c ---- */

struct mo_place {
    const char *host; /* what was looked up */
    const char *name; /* what the certificate must hold */
    int port;
    struct hg_address address; /* what is dialled */
};

/* Resolves and connects, no more: stages dns and connect. False with the outcome. From then on
 * every client dials this place. */
bool mo_reach(struct hg_probe *probe, const struct hg_secret *secret, bool announce,
              struct mo_place *ret, struct hg_outcome *outcome);

/* A client for the place; with `secret` it logs in on its first command. NULL: out of memory.
 */
mongoc_client_t *mo_client_new(const struct hg_probe *probe, const struct mo_place *place,
                               const struct hg_secret *secret, bool tls);

/* The library's log: stops a second attempt at a login. */
void mo_hear(mongoc_log_level_t level, const char *domain, const char *message, void *data);
/* What that first attempt met, or NULL. */
const char *mo_refusal(void);

/* ---- outcome.c ---- */

#define MO_RESERVE_MS 300 /* of the deadline, to say what happened */

void mo_put(struct hg_outcome *outcome, const char *stage, const char *what, const char *text);
/* Fills an outcome from what the library says of a command that did not get through. */
void mo_outcome(const struct hg_probe *probe, const bson_error_t *error, bool with_login,
                struct hg_outcome *outcome);

/* ---- commands.c ---- */

extern const struct hg_statement mo_statements[];

/* Sends the command of the table with this id. `command` is stolen. */
void mo_send(const struct mo_session *s, const char *id, const char *db, struct json_t *command,
             struct mo_reply *ret);

/* Emits why a command gave nothing, or keeps it while an auditor is to come. `needs`: the right
 * that is missing where the server says that we may not. */
void mo_refuse(const struct mo_session *s, const char *key, const struct mo_reply *reply,
               const char *needs);
/* Emits what was kept and the auditor could not see either. */
void mo_settle(struct hg_probe *probe, struct json_t *kept);

/* A fact is asked for once: by the account, and by the auditor only what it could not see. */
bool mo_wanted(const struct mo_session *s, const char *key);
/* A text of a reply, or "". */
const char *mo_text(const struct json_t *doc, const char *key);

/* ---- identity.c, questions.c ---- */

/* mongodb.hello; returns its kind. */
const char *mo_ask_hello(const struct mo_session *s, const struct mo_reply *hello);
/* A member of a replica set that has no primary, or not even a configuration, yet. */
bool mo_not_ready(const struct mo_reply *hello);
void mo_ask_build(const struct mo_session *s);   /* mongodb.server, where it may be asked */
void mo_ask_session(const struct mo_session *s); /* mongodb.session, …privileges */
void mo_ask_user(const struct mo_session *s);    /* mongodb.user, …privileges */
void mo_ask_rest(const struct mo_session *s);    /* database, collections, oplog, stream */

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * mongo.h - the MongoDB probe.
 *
 * main.c        what is examined, in order
 * client.c      reaching the server and logging in: stages and outcomes
 * commands.c    the table of commands, and the one function that sends them
 * questions.c   each fact: which command, and what its answer means
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
};

/* What a command came to. */
struct mo_reply {
    struct json_t *doc; /* relaxed extended JSON, or NULL */
    int code;           /* the server's error code, 0 for none */
    char message[512];
    bool ok;
};
void mo_reply_done(struct mo_reply *reply);
#define MO_REPLY __attribute__((cleanup(mo_reply_done))) struct mo_reply

/* ---- client.c ---- */

struct mo_place {
    const char *host; /* whose name the certificate must hold */
    int port;
    struct hg_address address; /* what is dialled */
};

/* Resolves and connects (no login): stages dns, connect, tls, greeting. False with the outcome.
 */
bool mo_reach(struct hg_probe *probe, const struct hg_secret *secret, struct mo_place *ret,
              struct hg_outcome *outcome);

/* A client for the place; with `secret` it logs in on its first command. NULL: out of memory.
 */
mongoc_client_t *mo_client_new(const struct hg_probe *probe, const struct mo_place *place,
                               const struct hg_secret *secret);

/* Fills an outcome from what the library says of a command that did not get through. */
void mo_outcome(const bson_error_t *error, bool with_login, struct hg_outcome *outcome);

/* ---- commands.c ---- */

extern const struct hg_statement mo_statements[];

/* Sends the command of the table with this id: `fields` is the document in Extended JSON, whose
 * texts were put in by mo_format(). */
void mo_send(const struct mo_session *s, const char *id, const char *db, struct json_t *command,
             struct mo_reply *ret);

/* ---- questions.c ---- */

void mo_ask_hello(const struct mo_session *s);   /* mongodb.hello */
void mo_ask_session(const struct mo_session *s); /* mongodb.server, …session, …privileges */
void mo_ask_user(const struct mo_session *s); /* as an auditor: mongodb.user, …privileges */
void mo_ask_rest(const struct mo_session *s); /* database, collections, oplog, stream */

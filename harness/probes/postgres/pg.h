/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * pg.h - shared by the files of the PostgreSQL probe.
 *
 * main.c         the order of things: account, auditor, replication, trial
 * login.c        one login: addresses, TLS, the password's guard, stages
 * outcome.c      what libpq says, as outcome, code and message
 * statements.c   every statement that may be sent
 * query.c        sends them, all of a batch in one flight, and reads bounded answers
 * questions.c    which statement answers which fact on which version
 * values.c       rows to fact values
 * replication.c  replication logins and the slot trial
 */

#include <jansson.h>
#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>

#include "probes/common/probe.h"
#include "probes/common/secret.h"

/* What most questions need. */
#define PG_NEEDS_CATALOGUES "SELECT on the system catalogues, which PUBLIC has by default"

#define PG_MAX_ADDRESSES 8
#define PG_MAX_ROWS      100000    /* of one list; statements ask for one more */
#define PG_MAX_BYTES     (4 << 20) /* of one answer; what is left out makes it incomplete */
#define PG_MAX_BATCH     32
#define PG_RESERVE_MS    250 /* kept of the deadline for saying how far we came */

/* The server, and what is the same for every login to it. */
struct pg_peer {
    struct hg_probe *probe;
    const char *dial; /* the name that is resolved */
    const char *name; /* the name that is verified */
    int port;
    struct hg_address addresses[PG_MAX_ADDRESSES];
    size_t n;
};

enum pg_replication { PG_SQL, PG_LOGICAL, PG_PHYSICAL };

struct pg_login {
    const struct hg_secret *secret;
    const char *database;
    enum pg_replication replication;
    int version; /* server_version_num when a login has told it, or 0 */
    bool announce;
};

/* Logs in once. NULL: `ret` says where it ended. */
HG_MUST_CHECK PGconn *pg_log_in(struct pg_peer *peer, const struct pg_login *login,
                                struct hg_outcome *ret);

/* ---- outcome.c ---- */

/* Fills outcome, code and message from the error of a connection attempt that ended at
 * ret->stage. */
void pg_explain(const char *error, struct hg_outcome *ret);
/* True when the attempt ended before the server could see who we are. */
bool pg_before_login(const struct hg_outcome *outcome);
/* One line without libpq's prefixes and the LOCATION line. */
void pg_copy_message(const char *error, char *ret, size_t size);

/* ---- statements.c ---- */

extern const struct hg_statement pg_statements[];
const struct hg_statement *pg_statement(const char *id);

/* ---- query.c ---- */

struct pg_ask {
    const struct hg_statement *statement;
    const char *params[3];
    int n;

    /* the answer */
    bool answered;
    bool cut;     /* rows were left out */
    bool garbled; /* an answer that is not what the statement gives */
    size_t bytes;
    json_t *rows; /* array of objects */
    char code[6]; /* SQLSTATE, or "" when the connection was lost or time ran out */
    char message[512];
};

/* Sends all asks in one flight, each a transaction of its own, and reads all answers.
 * False: the connection is of no more use. */
bool pg_ask_all(struct hg_probe *probe, PGconn *conn, struct pg_ask *asks, size_t n);
void pg_ask_done(struct pg_ask *asks, size_t n);
/* One statement by the simple protocol, the only one replication connections know. Its rows
 * are left out. */
bool pg_ask_simple(struct hg_probe *probe, PGconn *conn, struct pg_ask *ask);
/* The first row of an answer, or NULL. */
json_t *pg_first(const struct pg_ask *ask);

/* ---- questions.c, values.c ---- */

/* What is known beside the facts and decides what may be tried. */
struct pg_state {
    int version;     /* 0: never logged in */
    bool account_in; /* the account logged in */
    bool in_recovery;
    int free_senders, free_slots; /* -1: not known */
    int old_transactions;         /* open or prepared, of those that can be seen */
    json_t *denied;               /* key: the server's words; asked again as the auditor */
};

struct pg_who {
    const char *account;  /* the role that facts are about, NULL: not known */
    const char *database; /* its database, NULL: not known */
    bool auditor;         /* it is the auditor who asks */
    bool elsewhere;       /* from another database */
};

/* What turns rows into the value of a fact. */
struct pg_answer {
    struct hg_probe *probe;
    PGconn *conn;
    const struct pg_ask *ask;
    const struct pg_who *who;
    const char *key; /* NULL: not a fact, only for `state` */
    struct pg_state *state;
};

/* Asks every wanted fact that has not been emitted yet, but for those denied: they are noted.
 */
void pg_question_all(struct hg_probe *probe, PGconn *conn, const struct pg_who *who,
                     struct pg_state *state);
/* Emits what nobody might see. */
void pg_question_denied(struct hg_probe *probe, const struct pg_state *state);

void pg_value_server(struct pg_answer *a);
void pg_value_row(struct pg_answer *a);
void pg_value_list(struct pg_answer *a);
void pg_value_settings(struct pg_answer *a);
void pg_value_free(struct pg_answer *a); /* slots and senders */
void pg_value_old(struct pg_answer *a);
void pg_value_nothing(struct pg_answer *a);
void pg_emit_tls(const struct pg_peer *peer, PGconn *conn, bool by_auditor);

/* ---- replication.c ---- */

/* replication.logical, replication.physical: a login each. */
void pg_try_replication(struct pg_peer *peer, const struct pg_state *state);
/* slot-trial. `witness` is a connection that stays open beside it. */
void pg_try_slot(struct pg_peer *peer, PGconn *witness, const struct pg_state *state);

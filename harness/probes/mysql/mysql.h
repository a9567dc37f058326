/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * mysql.h - shared by the files of this folder.
 *
 * main.c        what this probe can give, and the order in which it asks
 * connect.c     one login: options, the stage it reached, what an error means
 * hooks.c       what the client library is made to do through its hooks: look names up with us,
 *               wait no longer than the deadline, tell how far it is
 * statements.c  everything that may be sent, and the one function that sends it
 * server.c      who the server is, settings, the binary log
 * privileges.c  grants and the account's row
 * dump.c        level prove: a moment of binary log
 */

#include <jansson.h>
#include <mysql.h>
#include <stdbool.h>
#include <stddef.h>

#include "probes/common/probe.h"
#include "probes/common/secret.h"

/* MariaDB's connector and Oracle's library share a header name and most functions. */
#if defined(LIBMARIADB) || defined(MARIADB_PACKAGE_VERSION)
#    define MY_CONNECTOR_C 1
#endif

#define MY_FACT_NEEDS_USER "SELECT on mysql.user, for the account or an auditor"

/* One connection, as one user. */
struct my_session {
    struct hg_probe *probe;
    MYSQL *db; /* NULL: not connected */
    bool by_auditor;
    const char *host; /* dialled */
    int port;
    bool loopback, encrypted;
    bool mariadb;
    int version;            /* 80405, 101106 */
    unsigned error;         /* of the last statement; 0: it worked */
    char message[512];      /* the same in words */
    int sent;               /* statements so far */
    char user_text[200];    /* USER(), of the server */
    char account_text[200]; /* CURRENT_USER() */
    char role_text[1024];   /* CURRENT_ROLE(), "" or "NONE": no role */
    char version_text[128]; /* VERSION(); before that, the greeting's */
    char comment[256];      /* @@version_comment */
    char binlog_file[512];  /* of the status statement; "": not asked, or no binary log */
    unsigned long long binlog_position;
    unsigned server_id; /* 0: not known */
};

/* ---- hooks.c ---- */

/* Where the library is while it connects. */
struct my_progress {
    const char *stage; /* connect greeting tls auth */
    bool announce;     /* print stages as they come */
    bool timed_out;
    bool wants_tls;
    bool cut_without_tls;    /* the library itself would go on */
    bool no_tls;             /* and that is what happened */
    bool withheld;           /* a login was cut off that would have shown the password */
    int connect_errno;       /* of connect(), 0 when it worked */
    unsigned greeting_error; /* the code of an error packet in place of a greeting */
    bool foreign;            /* the first bytes are no MySQL */
    long long until_ms;      /* no wait goes beyond this */
    unsigned char head[256]; /* the first bytes of the greeting */
    size_t head_len;
};

/* From now on, every name is `address`, and every wait and stage is told to `progress`. */
void my_hooks_begin(struct hg_probe *probe, struct my_progress *progress, const char *address);
/* Installs what belongs to one handle; between mysql_init() and the connection. */
void my_hooks_install(MYSQL *db);
/* Ends the part of connecting: waits are bounded by `until_ms` alone. */
void my_hooks_end(long long until_ms);
/* A wait ended because of that. */
bool my_hooks_timed_out(void);
/* Greetings are seen before the library answers them. */
bool my_hooks_see_greetings(void);
/* Cuts the connection, so that nothing more is read from it. */
void my_hooks_cut(MYSQL *db);

/* ---- connect.c ---- */

/* Logs in, once. Fills `outcome` in every case. */
bool my_connect(struct my_session *session, const struct hg_secret *secret, bool announce,
                struct hg_outcome *outcome);
void my_disconnect(struct my_session *session);

/* ---- statements.c ---- */

enum my_statement {
    MY_LIMITS_MYSQL,
    MY_LIMITS_MARIADB,
    MY_LIMITS_OLD,
    MY_USE,
    MY_DATABASE,
    MY_IDENTITY,
    MY_IDENTITY_NO_ROLES,
    MY_SETTINGS,
    MY_STATUS,
    MY_STATUS_OLD,
    MY_GRANTS,
    MY_GRANTS_FOR,
    MY_GRANTS_FOR_USING,
    MY_GRANTS_FOR_ROLE,
    MY_DEFAULT_ROLES,
    MY_DEFAULT_ROLES_MARIADB,
    MY_ACCOUNT,
    MY_ACCOUNT_MARIADB,
    MY_ACCOUNT_MARIADB_VIEW,
    MY_REPLICAS,
    MY_REPLICAS_OLD,
    MY_DUMP_SETUP_MYSQL,
    MY_DUMP_SETUP_MARIADB,
    MY_DUMP,
};

extern const struct hg_statement my_statements[];

/* Sends one statement of the table and reads its rows: an array of objects, column name →
 * string or null. The parameters, as many as the text has slots, are quoted by the library;
 * {role} takes a list as CURRENT_ROLE() gives it. NULL: session->error says why. */
HG_MUST_CHECK json_t *my_send(struct my_session *session, enum my_statement id, ...);
/* The same for a statement without rows. */
bool my_send_plain(struct my_session *session, enum my_statement id, ...);
/* The raw command: a dump of `file` from `position`. */
bool my_send_dump(struct my_session *session, const char *file, unsigned long long position,
                  unsigned server_id);

/* The text of one column in a row, whatever the case of its name; NULL when there is none. */
const char *my_column(json_t *row, const char *name);

/* Emits why the last statement gave nothing. */
void my_emit_error(struct my_session *session, const char *key, const char *needs);
/* True for the errors that say "you may not". */
bool my_is_denied(unsigned error);

/* ---- server.c, privileges.c, dump.c: each emits its facts when they are wanted ---- */

bool my_ask_limits(struct my_session *session);
void my_ask_database(struct my_session *session, const char *name);
bool my_ask_identity(struct my_session *session);
void my_emit_tls(struct my_session *session);
/* What is known so far; `variables` may be NULL. */
void my_emit_server(struct my_session *session, json_t *variables);
void my_ask_settings(struct my_session *session);
void my_ask_status(struct my_session *session);
/* Asks for the current position and keeps it; false: session->error, or 0 where the server
 * writes no binary log. */
bool my_fetch_status(struct my_session *session);
void my_ask_grants(struct my_session *session);
void my_ask_account(struct my_session *session);
/* As the auditor, about `user`, who comes from our address. */
void my_audit(struct my_session *auditor, const char *user, const char *account);
void my_ask_dump(struct my_session *session);

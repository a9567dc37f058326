/* SPDX-License-Identifier: Apache-2.0 */
/*
 * login.c - one login.
 *
 * Which password may travel how: a server may ask for it in clear text (method `password`,
 * ldap, pam, or an impostor). That is answered only when the server was verified fully.
 * - verify-full: any method; it is the server that the plan names.
 * - verify-ca, required: somebody in between is possible, so only SCRAM with channel binding
 *   (channel_binding=require), which proves the peer by the password without giving it away.
 *   A server without it ends in login-refused with the code "channel-binding".
 * - off: no channel to bind. libpq 16 refuses clear text itself (require_auth). For 15, which
 *   gives the password to whoever asks, every message of the server is looked at (MSG_PEEK)
 *   before libpq sees it, and a request for clear text ends the login with the code
 * "cleartext". What arrives within microseconds between the look and libpq's read is not seen:
 * no honest server does that, for it waits for our answer. There is one attempt: another
 * address is tried only when the first did not accept a connection.
 */
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "probes/common/peer.h"
#include "probes/postgres/pg.h"

#define MAX_PARAMS   32
#define MAX_PEEK     65536
#define MAX_MESSAGE  40000 /* libpq refuses longer ones before the login */
#define NOT_A_FILE   "/dev/null/none"
#define CLEARTEXT    3
#define REQUIRE_AUTH 160000 /* the libpq that knows require_auth */

struct params {
    const char *names[MAX_PARAMS + 1], *values[MAX_PARAMS + 1];
    int n;
    char port[16], timeout[16], user_timeout[16], options[512];
};

static void put(struct params *p, const char *name, const char *value)
{
    if (value != NULL && p->n < MAX_PARAMS) {
        p->names[p->n] = name;
        p->values[p->n++] = value;
    }
}

static const char *system_ca(void)
{
    static const char *const files[] = {
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/ssl/ca-bundle.pem",
        "/etc/ssl/cert.pem",
    };

    for (size_t i = 0; i < HG_COUNT(files); i++) {
        if (access(files[i], R_OK) == 0) {
            return files[i];
        }
    }
    return files[0]; /* libpq's error names it */
}

static void put_tls(struct params *p, const struct hg_tls *tls)
{
    static const char *const modes[] = { "verify-full", "verify-ca", "require", "disable" };
    bool verified = tls->mode == HG_TLS_VERIFY_FULL || tls->mode == HG_TLS_VERIFY_CA;

    put(p, "sslmode", modes[tls->mode]);
    /* A name that is no file keeps libpq from the files in the user's home. */
    put(p, "sslrootcert", !verified ? NOT_A_FILE : tls->ca ? tls->ca : system_ca());
    put(p, "sslcert", tls->cert ? tls->cert : NOT_A_FILE);
    put(p, "sslkey", tls->key ? tls->key : tls->cert ? tls->cert : NOT_A_FILE);
    put(p, "sslcrl", NOT_A_FILE);
    put(p, "gssencmode", "disable");
    if (tls->mode == HG_TLS_OFF) {
        put(p, "channel_binding", "disable");
        if (PQlibVersion() >= REQUIRE_AUTH) {
            put(p, "require_auth", "!password");
        }
    } else {
        put(p, "channel_binding", tls->mode == HG_TLS_VERIFY_FULL ? "prefer" : "require");
    }
}

static void put_limits(struct params *p, const struct hg_probe *probe, int version)
{
    snprintf(p->timeout, sizeof(p->timeout), "%d", probe->deadline_ms / 1000 + 2);
    snprintf(p->user_timeout, sizeof(p->user_timeout), "%d", probe->deadline_ms);
    snprintf(p->options, sizeof(p->options),
             "-c statement_timeout=%d -c lock_timeout=500 "
             "-c idle_in_transaction_session_timeout=2000 "
             "-c default_transaction_read_only=on -c search_path=pg_catalog%s",
             hg_probe_statement_ms(probe),
             version >= 140000 ? " -c client_connection_check_interval=500" : "");
    put(p, "options", p->options);
    put(p, "connect_timeout", p->timeout);
    put(p, "tcp_user_timeout", p->user_timeout);
    put(p, "keepalives", "1");
    put(p, "keepalives_idle", "5");
    put(p, "keepalives_interval", "2");
    put(p, "keepalives_count", "2");
}

static void ignore_notice(void *arg, const PGresult *result)
{
    (void)arg;
    (void)result; /* a server may send any number of them */
}

static int no_passphrase(char *buf, int size, PGconn *conn)
{
    (void)conn; /* OpenSSL would ask the terminal */
    if (size > 0) {
        buf[0] = '\0';
    }
    return 0;
}

static PGconn *start(const struct pg_peer *peer, const struct pg_login *login,
                     const struct hg_address *address)
{
    static const char *const replication[] = { NULL, "database", "true" };
    struct params p = { 0 };
    PGconn *conn;

    snprintf(p.port, sizeof(p.port), "%d", peer->port);
    put(&p, "host", peer->name);
    put(&p, "hostaddr", address->text);
    put(&p, "port", p.port);
    put(&p, "dbname", login->database);
    put(&p, "user", login->secret->username);
    put(&p, "password", login->secret->password);
    put(&p, "passfile", "/dev/null");
    put(&p, "application_name", "headgate");
    put(&p, "client_encoding", "UTF8");
    put(&p, "target_session_attrs", "any");
    put(&p, "replication", replication[login->replication]);
    put_tls(&p, &peer->probe->tls);
    put_limits(&p, peer->probe, login->version);
    PQsetSSLKeyPassHook_OpenSSL(no_passphrase);
    conn = PQconnectStartParams(p.names, p.values, 0); /* 0: dbname is never a URI */
    if (conn != NULL) {
        PQsetErrorVerbosity(conn, PQERRORS_VERBOSE);
        PQsetNoticeReceiver(conn, ignore_notice, NULL);
    }
    hg_wipe(&p, sizeof(p));
    return conn;
}

static uint32_t get32(const unsigned char *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* How many bytes of a partial last message are missing; -1: a request for clear text. */
static long look(const unsigned char *p, size_t n)
{
    while (n > 0) {
        uint32_t len = n < 5 ? 8 : get32(p + 1);

        if (n >= 9 && p[0] == 'R' && get32(p + 5) == CLEARTEXT) {
            return -1;
        }
        if (strchr("RENSKZv", p[0]) == NULL || len < 4 || len > MAX_MESSAGE) {
            return 0; /* no message of a login; libpq will refuse it */
        }
        if (n < len + 1UL) {
            return (long)(len + 1UL - n);
        }
        p += len + 1UL;
        n -= len + 1UL;
    }
    return 0;
}

/* False: the server asks for the password in clear text. Waits until messages are whole. */
static bool guard(int fd, long long until)
{
    static unsigned char bytes[MAX_PEEK];
    const struct timespec pause = { .tv_nsec = 2000000 };

    while (hg_clock_ms() < until) {
        struct pollfd p = { .fd = fd, .events = POLLRDHUP };
        bool closed = poll(&p, 1, 0) > 0; /* then all there will be can be seen */
        ssize_t n = recv(fd, bytes, sizeof(bytes), MSG_PEEK | MSG_DONTWAIT);
        long missing = n > 0 ? look(bytes, (size_t)n) : 0;

        if (missing <= 0) {
            return missing == 0;
        }
        if (closed || n == (ssize_t)sizeof(bytes)) {
            return true;
        }
        nanosleep(&pause, NULL);
    }
    return true;
}

static const char *stage_of(const PGconn *conn, bool tls, const char *before)
{
    switch (PQstatus(conn)) {
    case CONNECTION_NEEDED:
    case CONNECTION_STARTED:
        return "connect";
    case CONNECTION_MADE:
        return tls ? "tls" : "auth";
    case CONNECTION_SSL_STARTUP:
    case CONNECTION_GSS_STARTUP:
        return "tls";
    case CONNECTION_OK:
        return "ready";
    case CONNECTION_BAD:
        return before;
    default:
        return "auth";
    }
}

/* Waits for the socket; false when time is up. */
static bool wait_for(PGconn *conn, PostgresPollingStatusType want, long long until)
{
    struct pollfd p = { .fd = PQsocket(conn),
                        .events = want == PGRES_POLLING_WRITING ? POLLOUT : POLLIN };
    long long left = until - hg_clock_ms();

    return left > 0 && poll(&p, 1, (int)left) > 0;
}

static bool in_clear(const struct pg_peer *peer, const char *stage)
{
    return peer->probe->tls.mode == HG_TLS_OFF && PQlibVersion() < REQUIRE_AUTH &&
           strcmp(stage, "auth") == 0;
}

static void set_stage(struct pg_peer *peer, const struct pg_login *login, const char *stage,
                      struct hg_outcome *ret)
{
    if (ret->stage == NULL || strcmp(ret->stage, stage) != 0) {
        ret->stage = stage;
        if (login->announce) {
            hg_emit_stage(peer->probe, stage);
        }
    }
}

/* Whether the server has asked for a password decides what an end of the connection means: a
 * proxy without a server behind it hangs up before; a server that is stopped may do so after,
 * and then the login has been tried. */
static void look_at_password(const PGconn *conn, struct hg_outcome *ret)
{
    bool asked = PQconnectionUsedPassword(conn);

    if (!asked && strcmp(ret->stage, "auth") == 0 && strcmp(ret->outcome, "reset") == 0) {
        ret->stage = "greeting";
    } else if (asked && strcmp(ret->outcome, "starting") == 0) {
        ret->outcome = "reset";
    }
}

/* Drives one attempt to its end. */
static bool drive(struct pg_peer *peer, const struct pg_login *login, PGconn *conn,
                  long long until, struct hg_outcome *ret)
{
    PostgresPollingStatusType want = PGRES_POLLING_WRITING;
    bool tls = peer->probe->tls.mode != HG_TLS_OFF;

    while (PQstatus(conn) != CONNECTION_BAD && PQstatus(conn) != CONNECTION_OK) {
        set_stage(peer, login, stage_of(conn, tls, ret->stage), ret);
        if (!wait_for(conn, want, until)) {
            ret->outcome = "timeout";
            snprintf(ret->message, sizeof(ret->message), "no answer within %lld ms",
                     hg_clock_ms() - peer->probe->started_ms);
            return false;
        }
        if (want == PGRES_POLLING_READING && in_clear(peer, ret->stage) &&
            !guard(PQsocket(conn), until)) {
            ret->outcome = "login-refused";
            snprintf(ret->code, sizeof(ret->code), "cleartext");
            snprintf(ret->message, sizeof(ret->message),
                     "no password was sent: the server asks for it in clear text, and the "
                     "connection is not encrypted");
            return false;
        }
        want = PQconnectPoll(conn);
    }
    if (PQstatus(conn) == CONNECTION_OK) {
        set_stage(peer, login, "ready", ret);
        ret->outcome = "ok";
        return true;
    }
    pg_explain(PQerrorMessage(conn), ret);
    look_at_password(conn, ret);
    (void)hg_peer_explain(ret); /* where it knows more than the library's words */
    return false;
}

static PGconn *try_address(struct pg_peer *peer, const struct pg_login *login, size_t i,
                           long long until, struct hg_outcome *ret)
{
    PGconn *conn;

    *ret = (struct hg_outcome){ 0 };
    set_stage(peer, login, "connect", ret);
    hg_peer_expect(peer->probe, peer->name, login->secret->password);
    conn = start(peer, login, &peer->addresses[i]);
    if (conn == NULL) {
        ret->outcome = "local";
        snprintf(ret->message, sizeof(ret->message), "out of memory");
        return NULL;
    }
    if (!drive(peer, login, conn, until, ret)) {
        PQfinish(conn);
        return NULL;
    }
    PQsetnonblocking(conn, 1);
    return conn;
}

PGconn *pg_log_in(struct pg_peer *peer, const struct pg_login *login, struct hg_outcome *ret)
{
    for (size_t i = 0; i < peer->n; i++) {
        int left = hg_probe_left_ms(peer->probe, PG_RESERVE_MS);
        long long until = hg_clock_ms() + left / (int)(peer->n - i);
        PGconn *conn = try_address(peer, login, i, until, ret);

        if (conn != NULL || strcmp(ret->stage, "connect") != 0) {
            peer->addresses[0] = peer->addresses[i]; /* later logins go where this one went */
            peer->n = 1;
            return conn;
        }
    }
    return NULL;
}

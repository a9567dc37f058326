/* SPDX-License-Identifier: Apache-2.0 */
/*
 * replication.c - is a replication connection let in, and can a slot be made?
 *
 * A replication login takes a WAL sender for as long as it lasts: only when one is free, one at
 * a time. It creates nothing. `host replication` lines of pg_hba.conf are for physical ones
 * only; a logical one is matched by its database (DESIGN section 12, 14).
 *
 * The trial makes a temporary slot by the SQL function, which statement_timeout stops (it does
 * not stop the replication command), on a connection of its own, and lets the closing of that
 * connection take it away; `witness` then looks whether it is gone.
 */
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "base/clock.h"
#include "probes/postgres/pg.h"

static void emit(struct hg_probe *probe, const char *key, const char *outcome, const char *code,
                 const char *message)
{
    hg_emit_known(
        probe, key,
        json_pack("{s:s, s:s, s:s}", "outcome", outcome, "code", code, "message", message));
}

static void pause_ms(long ms)
{
    const struct timespec pause = { .tv_nsec = ms * 1000000 };

    nanosleep(&pause, NULL);
}

/* The outcome of a replication login that failed. */
static const char *refused_how(const struct hg_outcome *out)
{
    if (strcmp(out->code, "28000") == 0 && strstr(out->message, "pg_hba.conf") != NULL) {
        return "no-hba";
    }
    if (strcmp(out->code, "42501") == 0) {
        return strstr(out->message, "database") != NULL ? "login-refused" : "no-attribute";
    }
    if (strcmp(out->code, "53300") == 0 && strstr(out->message, "max_wal_senders") != NULL) {
        return "no-sender";
    }
    return strcmp(out->outcome, "login-refused") == 0 ? "login-refused" : "error";
}

static void try_one(struct pg_peer *peer, const struct pg_state *state, const char *key,
                    enum pg_replication kind)
{
    struct pg_login login = { .secret = peer->probe->secret,
                              .replication = kind,
                              .version = state->version };
    struct pg_ask ask = { .statement = pg_statement("identify-system") };
    struct hg_outcome out = { 0 };
    PGconn *conn;

    login.database = kind == PG_LOGICAL ? login.secret->database : "replication";
    conn = pg_log_in(peer, &login, &out);
    if (conn == NULL) {
        emit(peer->probe, key, refused_how(&out), out.code, out.message);
        return;
    }
    (void)pg_ask_simple(peer->probe, conn, &ask);
    emit(peer->probe, key, ask.answered ? "ok" : "error", ask.code, ask.message);
    PQfinish(conn);
}

void pg_try_replication(struct pg_peer *peer, const struct pg_state *state)
{
    static const char *const keys[] = { "postgres.replication.logical",
                                        "postgres.replication.physical" };
    bool used = false;

    if (!state->account_in) {
        return; /* could not be asked, like everything else that only the account can tell */
    }
    for (int i = 0; i < 2; i++) {
        if (!hg_probe_wants(peer->probe, keys[i])) {
            continue;
        }
        if (state->free_senders < 0) {
            hg_emit_state(peer->probe, keys[i], HG_FACT_UNREACHABLE, NULL,
                          "not tried: how many WAL senders are free could not be seen");
            continue;
        }
        if (state->free_senders == 0) {
            emit(peer->probe, keys[i], "not-tried", "", "no WAL sender is free");
            continue;
        }
        if (used && state->free_senders == 1) {
            pause_ms(100); /* the sender of the login before has to end first */
        }
        try_one(peer, state, keys[i], i == 0 ? PG_LOGICAL : PG_PHYSICAL);
        used = true;
    }
}

/* ---- the trial ---- */

static const char *why_no_slot(const struct pg_state *state)
{
    return state->in_recovery       ? "the server is a standby"
           : state->free_slots == 0 ? "no replication slot is free"
           : state->old_transactions > 0
               ? "a transaction older than the deadline is open: making a slot would wait for it"
               : NULL;
}

static bool random_name(char *ret, size_t size)
{
    unsigned long long bits;

    if (getrandom(&bits, sizeof(bits), GRND_NONBLOCK) != (ssize_t)sizeof(bits)) {
        return false;
    }
    snprintf(ret, size, "headgate_%016llx", bits);
    return true;
}

/* Whether a slot of the name is there: 1, 0, or -1 when nobody could look. A server process
 * takes a moment to end. */
static int left_behind(struct hg_probe *probe, PGconn *witness, const char *name)
{
    long long until = hg_clock_ms() + 1000;
    int found = -1;

    do {
        struct pg_ask ask = { .statement = pg_statement("slot-left"),
                              .params = { name },
                              .n = 1 };
        bool alive = pg_ask_all(probe, witness, &ask, 1);
        const json_t *n = json_object_get(pg_first(&ask), "n");

        found = json_is_integer(n) ? json_integer_value(n) > 0 : -1;
        pg_ask_done(&ask, 1);
        if (!alive) {
            return found;
        }
        if (found == 1) {
            pause_ms(25);
        }
    } while (found == 1 && hg_clock_ms() < until);
    return found;
}

static void emit_trial(struct hg_probe *probe, const char *outcome, const char *code,
                       const char *message, int left)
{
    hg_emit_known(probe, "postgres.slot-trial",
                  json_pack("{s:s, s:s, s:s, s:s, s:o}", "outcome", outcome, "code", code,
                            "message", message, "plugin", "pgoutput", "left_behind",
                            left < 0 ? json_null() : json_boolean(left)));
}

void pg_try_slot(struct pg_peer *peer, PGconn *witness, const struct pg_state *state)
{
    struct pg_login login = { .secret = peer->probe->secret, .version = state->version };
    const char *why = why_no_slot(state);
    struct hg_outcome out = { 0 };
    char name[64];
    struct pg_ask ask = { .statement = pg_statement("slot-trial"), .params = { name }, .n = 1 };
    PGconn *conn;

    if (!state->account_in) {
        return;
    }
    if (state->version < 100000) {
        hg_emit_state(peer->probe, "postgres.slot-trial", HG_FACT_UNSUPPORTED, NULL,
                      "PostgreSQL 9.6 has neither temporary logical slots nor pgoutput");
        return;
    }
    if (state->free_slots < 0 || PQstatus(witness) != CONNECTION_OK) {
        hg_emit_state(peer->probe, "postgres.slot-trial", HG_FACT_UNREACHABLE, NULL,
                      "not tried: nobody could look for free slots, or afterwards");
        return;
    }
    if (why == NULL && !random_name(name, sizeof(name))) {
        why = "no random name could be made";
    }
    if (why != NULL) {
        emit_trial(peer->probe, "not-tried", "", why, 0);
        return;
    }
    login.database = login.secret->database;
    conn = pg_log_in(peer, &login, &out);
    if (conn == NULL) {
        emit_trial(peer->probe, "error", out.code, out.message, 0);
        return;
    }
    (void)pg_ask_all(peer->probe, conn, &ask, 1);
    PQfinish(conn);
    if (strcmp(ask.code, "55P03") == 0 || strcmp(ask.code, "57014") == 0) {
        size_t len = strlen(ask.message);

        snprintf(ask.message + len, sizeof(ask.message) - len, "%s",
                 " (it waited for a transaction that is still open)");
    }
    emit_trial(peer->probe, ask.answered ? "ok" : "error", ask.code, ask.message,
               left_behind(peer->probe, witness, name));
    pg_ask_done(&ask, 1);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * query.c - sends statements of the table, all of a batch in one flight (pipeline mode, a sync
 * after each, so that every statement is a transaction of its own and one that fails takes no
 * other with it), and reads rows one by one, bounded in number, bytes and time.
 */
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "probes/postgres/pg.h"

/* Sends what is buffered, takes in what has come. False: the connection or the time ended. */
static bool pump(PGconn *conn, long long until)
{
    int pending = PQflush(conn);
    struct pollfd p = { .fd = PQsocket(conn),
                        .events = (short)(POLLIN | (pending > 0 ? POLLOUT : 0)) };
    long long left = until - hg_clock_ms();

    if (pending < 0 || left <= 0 || poll(&p, 1, (int)left) <= 0) {
        return false;
    }
    return PQconsumeInput(conn) == 1;
}

/* The next result. False: no more use. */
static bool next(PGconn *conn, long long until, PGresult **ret)
{
    *ret = NULL;
    while (PQflush(conn) > 0 || PQisBusy(conn)) {
        if (!pump(conn, until)) {
            return false;
        }
    }
    *ret = PQgetResult(conn);
    return true;
}

/* Databases in SQL_ASCII send bytes as they are; JSON must be UTF-8. */
static json_t *parse_row(const char *bytes, size_t len)
{
    struct hg_buf text = { 0 };
    unsigned c;
    json_t *row;

    for (size_t i = 0; i < len;) {
        size_t n = hg_utf8_decode((const unsigned char *)bytes + i, len - i, &c);

        hg_buf_put(&text, n ? bytes + i : "\xef\xbf\xbd", n ? n : 3);
        i += n ? n : 1;
    }
    row = json_loadb(hg_buf_text(&text), text.len, 0, NULL);
    hg_buf_done(&text);
    return row;
}

static void take_row(struct pg_ask *ask, const PGresult *result)
{
    size_t len = PQnfields(result) > 0 ? (size_t)PQgetlength(result, 0, 0) : 0;
    json_t *row;

    ask->bytes += len;
    if (ask->bytes > PG_MAX_BYTES || json_array_size(ask->rows) >= PG_MAX_ROWS) {
        ask->cut = true;
        return;
    }
    row = parse_row(PQgetvalue(result, 0, 0), len);
    if (!json_is_object(row)) {
        ask->garbled = true;
        json_decref(row);
        return;
    }
    json_array_append_new(ask->rows, row);
}

static void take_error(struct pg_ask *ask, const PGresult *result)
{
    const char *code = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

    snprintf(ask->code, sizeof(ask->code), "%s", code ? code : "");
    snprintf(ask->message, sizeof(ask->message), "%s",
             text ? text : PQresultErrorMessage(result));
}

static void take(struct pg_ask *ask, const PGresult *result)
{
    switch (PQresultStatus(result)) {
    case PGRES_SINGLE_TUPLE:
        take_row(ask, result);
        break;
    case PGRES_TUPLES_OK: /* single-row mode: the end of the rows */
    case PGRES_COMMAND_OK:
        ask->answered = true;
        break;
    default:
        take_error(ask, result);
    }
}

/* Reads one statement's results up to its sync. */
static bool read_answer(PGconn *conn, struct pg_ask *ask, bool pipeline, long long until)
{
    bool alive = true, done = false;

    PQsetSingleRowMode(conn);
    while (alive && !done) {
        PGresult *result;

        alive = next(conn, until, &result);
        if (result == NULL) {
            done = !pipeline;
        } else if (PQresultStatus(result) == PGRES_PIPELINE_SYNC) {
            done = true;
        } else {
            take(ask, result);
        }
        PQclear(result);
        alive = alive && PQstatus(conn) == CONNECTION_OK;
    }
    return alive;
}

static void lost(struct pg_ask *ask, PGconn *conn, long long until)
{
    if (ask->answered || ask->code[0] != '\0') {
        return;
    }
    if (hg_clock_ms() >= until) {
        snprintf(ask->message, sizeof(ask->message), "no answer before the deadline");
    } else {
        pg_copy_message(PQerrorMessage(conn), ask->message, sizeof(ask->message));
    }
}

static bool send_all(PGconn *conn, const struct pg_ask *asks, size_t n)
{
    bool ok = PQenterPipelineMode(conn) == 1;

    for (size_t i = 0; ok && i < n; i++) {
        ok = PQsendQueryParams(conn, asks[i].statement->text, asks[i].n, NULL, asks[i].params,
                               NULL, NULL, 0) == 1 &&
             PQpipelineSync(conn) == 1;
    }
    return ok;
}

bool pg_ask_all(struct hg_probe *probe, PGconn *conn, struct pg_ask *asks, size_t n)
{
    long long until = hg_clock_ms() + hg_probe_left_ms(probe, PG_RESERVE_MS / 2);
    bool alive = send_all(conn, asks, n);

    for (size_t i = 0; i < n; i++) {
        asks[i].rows = json_array();
        alive = alive && read_answer(conn, &asks[i], true, until);
        lost(&asks[i], conn, until);
    }
    return alive && PQexitPipelineMode(conn) == 1;
}

bool pg_ask_simple(struct hg_probe *probe, PGconn *conn, struct pg_ask *ask)
{
    long long until = hg_clock_ms() + hg_probe_left_ms(probe, PG_RESERVE_MS / 2);
    bool alive = PQsendQuery(conn, ask->statement->text) == 1 &&
                 read_answer(conn, ask, false, until);

    lost(ask, conn, until);
    return alive;
}

void pg_ask_done(struct pg_ask *asks, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        json_decref(asks[i].rows);
        asks[i].rows = NULL;
    }
}

json_t *pg_first(const struct pg_ask *ask)
{
    return ask->answered ? json_array_get(ask->rows, 0) : NULL;
}

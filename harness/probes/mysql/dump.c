/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Level prove: a moment of binary log, in the one form that disturbs nobody. The server ends
 * the dump of another replica when a new one has its UUID (MySQL) or its server id (MariaDB;
 * MySQL without UUIDs): ours has both of its own, at random, clear of those in use. It starts
 * at the current end and does not wait there.
 */
#include <errmsg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "probes/mysql/mysql.h"

#define MAX_EVENTS  16
#define MAX_DUMP_MS 3000

/* The library's own (unsigned)-1, in an unsigned long. */
#define PACKET_ERROR 0xffffffffUL

struct dump {
    json_t *events, *in_use; /* in_use NULL: could not be asked */
    unsigned server_id;
    unsigned own_id; /* the server's */
    unsigned code;
    char message[600];
    const char *outcome;
};

#ifdef MY_CONNECTOR_C

static bool id_in_use(const struct dump *dump, unsigned id)
{
    json_t *item;
    size_t i;

    if (id == dump->own_id) {
        return true;
    }
    json_array_foreach (dump->in_use, i, item) {
        if (json_is_integer(item) && json_integer_value(item) == (json_int_t)id) {
            return true;
        }
    }
    return false;
}

/* Which ids are in use, as far as the account may know; replicas that did not register are not
 * among them. */
static void ask_ids(struct my_session *session, struct dump *dump)
{
    bool old = session->mariadb || session->version < 80022;
    json_auto_t *rows = my_send(session, old ? MY_REPLICAS_OLD : MY_REPLICAS);
    json_t *row;
    size_t i;

    if (rows == NULL) {
        snprintf(dump->message, sizeof(dump->message),
                 "which replicas there are could not be asked (%u: %.200s); the server id is "
                 "one of 268 million at random",
                 session->error, session->message);
        return;
    }
    dump->in_use = json_array();
    json_array_foreach (rows, i, row) {
        const char *id = my_column(row, "Server_Id");

        if (id != NULL) {
            json_array_append_new(dump->in_use, json_integer(strtoll(id, NULL, 10)));
        }
    }
}

static bool choose_id(struct hg_probe *probe, struct dump *dump)
{
    json_t *params = json_object_get(probe->request, "params");
    json_int_t wish = json_integer_value(json_object_get(params, "mysql.dump.server_id"));
    uint32_t noise = 0;

    if (wish > 0 && wish <= UINT32_MAX) {
        dump->server_id = (unsigned)wish;
        if (!id_in_use(dump, dump->server_id)) {
            return true;
        }
        snprintf(dump->message, sizeof(dump->message),
                 "the server id %u of the plan (mysql.dump.server_id) is in use: no dump "
                 "was asked for",
                 dump->server_id);
        dump->server_id = 0;
        return false;
    }
    do {
        if (getrandom(&noise, sizeof(noise), 0) != sizeof(noise)) {
            snprintf(dump->message, sizeof(dump->message), "no random number for a server id");
            return false;
        }
        dump->server_id = 0x70000000U | (noise & 0x0fffffffU);
    } while (id_in_use(dump, dump->server_id));
    return true;
}

static bool random_uuid(char *text, size_t size)
{
    unsigned char b[16];

    if (getrandom(b, sizeof(b), 0) != sizeof(b)) {
        return false;
    }
    b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
    b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
    snprintf(text, size, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
             b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12],
             b[13], b[14], b[15]);
    return true;
}

static void read_events(struct my_session *session, struct dump *dump)
{
    long long until = hg_clock_ms() + MAX_DUMP_MS;

    dump->outcome = "event";
    while (json_array_size(dump->events) < MAX_EVENTS && hg_clock_ms() < until) {
        unsigned long len = mysql_net_read_packet(session->db);
        const unsigned char *packet = session->db->net.read_pos;

        if (len >= PACKET_ERROR) {
            dump->code = mysql_errno(session->db);
            snprintf(dump->message, sizeof(dump->message), "%s", mysql_error(session->db));
            dump->outcome = "error";
            return;
        }
        if (len == 0 || (packet[0] == 0xfe && len < 9)) {
            break; /* the end of the log */
        }
        if (len > 5 && packet[0] == 0) {
            json_array_append_new(dump->events, json_integer(packet[5]));
        }
    }
    if (json_array_size(dump->events) == 0) {
        dump->outcome = "eof";
    }
}

static void stream(struct my_session *session, struct dump *dump, const char *file,
                   unsigned long long position)
{
    char uuid[40];
    bool ready = random_uuid(uuid, sizeof(uuid)) &&
                 (session->mariadb ? my_send_plain(session, MY_DUMP_SETUP_MARIADB, uuid)
                                   : my_send_plain(session, MY_DUMP_SETUP_MYSQL, uuid, uuid));

    if (ready && my_send_dump(session, file, position, dump->server_id)) {
        read_events(session, dump);
        return;
    }
    dump->code = session->error;
    snprintf(dump->message, sizeof(dump->message), "%s", session->message);
}

/* On a connection of its own: a dump can only be ended by closing it. The password was right a
 * moment ago, so this login locks nobody out. */
static void dump_once(struct hg_probe *probe, struct dump *dump, const char *file,
                      unsigned long long position)
{
    struct my_session session = { .probe = probe };
    struct hg_outcome outcome;

    if (my_connect(&session, probe->secret, false, &outcome)) {
        stream(&session, dump, file, position);
    } else {
        dump->code = (unsigned)strtoul(outcome.code, NULL, 10);
        snprintf(dump->message, sizeof(dump->message), "the second login: %.500s",
                 outcome.message);
    }
    my_disconnect(&session);
}

void my_ask_dump(struct my_session *session)
{
    struct hg_probe *probe = session->probe;
    struct dump dump = { .outcome = "error", .own_id = session->server_id };
    char code[16] = "";

    if (!hg_probe_wants(probe, "mysql.dump")) {
        return;
    }
    if (session->binlog_file[0] == '\0' && !my_fetch_status(session)) {
        if (session->error != 0) {
            my_emit_error(session, "mysql.dump",
                          session->mariadb ? "BINLOG MONITOR" : "REPLICATION CLIENT");
        } else {
            hg_emit_state(probe, "mysql.dump", HG_FACT_ABSENT, NULL,
                          "the server writes no binary log");
        }
        return;
    }
    dump.events = json_array();
    ask_ids(session, &dump);
    if (choose_id(probe, &dump)) {
        dump_once(probe, &dump, session->binlog_file, session->binlog_position);
    }
    if (dump.code != 0) {
        snprintf(code, sizeof(code), "%u", dump.code);
    }
    hg_emit_known(probe, "mysql.dump",
                  json_pack("{s:s, s:s, s:s, s:o, s:I, s:o*}", "outcome", dump.outcome, "code",
                            code, "message", dump.message, "events", dump.events, "server_id",
                            (json_int_t)dump.server_id, "clear_of", dump.in_use));
}

#else

void my_ask_dump(struct my_session *session)
{
    if (hg_probe_wants(session->probe, "mysql.dump")) {
        hg_emit_state(session->probe, "mysql.dump", HG_FACT_UNSUPPORTED, NULL,
                      "this headgate is built with Oracle's client library, which has no raw "
                      "command; build it with MariaDB Connector/C");
    }
}

#endif

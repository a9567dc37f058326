/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/attr.h"
#include "probes/common/peer.h"
#include "probes/mysql/mysql.h"

/* The first statement: what runs in the server ends before we do, waits for no lock, writes
 * nothing. */
bool my_ask_limits(struct my_session *session)
{
    char ms[16];

    snprintf(ms, sizeof(ms), "%d", hg_probe_statement_ms(session->probe));
    if (my_send_plain(session, session->mariadb ? MY_LIMITS_MARIADB : MY_LIMITS_MYSQL, ms)) {
        return true;
    }
    /* A server without one of them, or one that is not what its greeting says. */
    return session->error == 1193 && my_send_plain(session, MY_LIMITS_OLD);
}

/* USE tells a missing database (1049) from one the account has no right on (1044). Of the
 * latter only somebody who sees all databases knows whether it is there. */
void my_ask_database(struct my_session *session, const char *name)
{
    struct hg_probe *probe = session->probe;
    json_auto_t *rows = NULL;
    const char *there, *sees_all;
    bool used = !session->by_auditor && my_send_plain(session, MY_USE, name);

    if (!hg_probe_wants(probe, "mysql.database") || hg_emitted(probe, "mysql.database")) {
        return;
    }
    if (used || session->error == 1049) {
        hg_emit_known(probe, "mysql.database",
                      json_pack("{s:s, s:b}", "name", name, "exists", used));
        return;
    }
    if (session->by_auditor || session->error == 1044) {
        rows = my_send(session, MY_DATABASE, name);
    }
    there = my_column(json_array_get(rows, 0), "there");
    sees_all = my_column(json_array_get(rows, 0), "sees_all");
    if (there != NULL && sees_all != NULL && (atoi(there) > 0 || atoi(sees_all) > 0)) {
        hg_emit_known_by(probe, "mysql.database",
                         json_pack("{s:s, s:b}", "name", name, "exists", atoi(there) > 0),
                         session->by_auditor);
    } else if (rows == NULL) {
        my_emit_error(session, "mysql.database", NULL);
    } else if (probe->auditor == NULL || session->by_auditor) {
        hg_emit_state(probe, "mysql.database", HG_FACT_DENIED,
                      "any right on the database, or SHOW DATABASES",
                      "%s may not see whether there is a database `%s`",
                      session->by_auditor ? "the auditor" : "the account", name);
    }
}

/* ---- who the server is ---- */

struct evidence {
    const char *provider;
    json_t *items;
};

static void add_evidence(struct evidence *e, const char *provider, const char *name,
                         const char *value)
{
    json_t *text = json_sprintf("%.80s=%.200s", name, value);

    /* Aurora is RDS too: the more special one stands */
    if (e->provider == NULL || strcmp(e->provider, "rds") == 0) {
        e->provider = provider;
    }
    if (text != NULL) {
        json_array_append_new(e->items, text);
    }
}

static void look_for_provider(json_t *variables, const char *comment, struct evidence *e)
{
    static const struct {
        const char *provider, *text;
    } words[] = {
        { "cloudsql", "(Google)"                  },
        { "azure",    "Azure"                     },
        { "rds",      "Source distribution (RDS)" }
    };
    const char *name;
    json_t *value;

    for (size_t i = 0; i < HG_COUNT(words); i++) {
        if (strstr(comment, words[i].text) != NULL) {
            add_evidence(e, words[i].provider, "version_comment", comment);
        }
    }
    json_object_foreach (variables, name, value) {
        const char *text = json_string_value(value);

        if (text == NULL) {
            continue;
        }
        if (strcmp(name, "basedir") == 0 && strncmp(text, "/rdsdbbin", 9) == 0) {
            add_evidence(e, "rds", name, text);
        } else if (strncmp(name, "rds_", 4) == 0) {
            add_evidence(e, "rds", name, text);
        } else if (strcmp(name, "aurora_version") == 0) {
            add_evidence(e, "aurora", name, text);
        } else if (strncmp(name, "cloudsql", 8) == 0) {
            add_evidence(e, "cloudsql", name, text);
        } else if (strncmp(name, "azure_", 6) == 0) {
            add_evidence(e, "azure", name, text);
        }
    }
}

static const char *flavour(const struct my_session *session, const char *version,
                           const char *comment)
{
    if (session->mariadb || strstr(version, "MariaDB") != NULL ||
        strstr(comment, "MariaDB") != NULL) {
        return "mariadb";
    }
    if (strcasestr(comment, "percona") != NULL) {
        return "percona";
    }
    return strstr(version, "TiDB") != NULL     ? "tidb"
           : strstr(version, "Vitess") != NULL ? "vitess"
                                               : "mysql";
}

/* The dotted numbers at the start. */
static void plain_version(const char *text, char *out, size_t size)
{
    if (strncmp(text, "5.5.5-", 6) == 0) {
        text += 6;
    }
    snprintf(out, size, "%.*s", (int)strspn(text, "0123456789."), text);
}

void my_emit_server(struct my_session *session, json_t *variables)
{
    const char *version = session->version_text, *comment = session->comment;
    struct evidence e = { .items = json_array() };
    char numbers[32];

    plain_version(version, numbers, sizeof(numbers));
    look_for_provider(variables, comment, &e);
    if (e.provider == NULL && variables != NULL) {
        const char *basedir = json_string_value(json_object_get(variables, "basedir"));

        add_evidence(&e, "self", "basedir", basedir ? basedir : "");
    }
    hg_emit_known_by(session->probe, "mysql.server",
                     json_pack("{s:s, s:s, s:s, s:s, s:o, s:s}", "flavour",
                               flavour(session, version, comment), "version", numbers,
                               "version_text", version, "provider",
                               e.provider ? e.provider : "unknown", "evidence", e.items,
                               "comment", comment),
                     session->by_auditor);
}

static void keep(char *out, size_t size, json_t *row, const char *name)
{
    const char *text = my_column(row, name);

    snprintf(out, size, "%s", text ? text : "");
}

bool my_ask_identity(struct my_session *session)
{
    bool roles = session->version >= 80000; /* MariaDB's 10.x and 11.x too */
    json_auto_t *rows = my_send(session, roles ? MY_IDENTITY : MY_IDENTITY_NO_ROLES);
    json_t *row = json_array_get(rows, 0);

    if (row == NULL) {
        if (!session->by_auditor) {
            my_emit_error(session, "mysql.session", NULL);
        }
        return false;
    }
    keep(session->user_text, sizeof(session->user_text), row, "user");
    keep(session->account_text, sizeof(session->account_text), row, "account");
    keep(session->role_text, sizeof(session->role_text), row, "role");
    keep(session->version_text, sizeof(session->version_text), row, "version");
    keep(session->comment, sizeof(session->comment), row, "comment");
    if (!session->by_auditor) {
        /* A name may hold an @, a host may not. */
        const char *account = session->account_text, *at = strrchr(account, '@');

        hg_emit_known(session->probe, "mysql.session",
                      json_pack("{s:s, s:s, s:s%, s:s?}", "user", session->user_text, "account",
                                account, "account_name", account,
                                at ? (size_t)(at - account) : strlen(account), "database",
                                my_column(row, "db")));
    }
    return true;
}

void my_emit_tls(struct my_session *session)
{
    const char *cipher = mysql_get_ssl_cipher(session->db), *version = NULL;

#ifdef MY_CONNECTOR_C
    mariadb_get_infov(session->db, MARIADB_CONNECTION_TLS_VERSION, &version);
#endif
    hg_emit_known(
        session->probe, "mysql.tls",
        hg_peer_fact(session->probe, session->encrypted, version, cipher, session->loopback));
}

/* ---- settings ---- */

/* One name for what versions and flavours call differently; the old one stays. */
static void even_out(json_t *settings)
{
    json_t *replica = json_object_get(settings, "log_replica_updates");
    json_t *slave = json_object_get(settings, "log_slave_updates");
    const char *days = json_string_value(json_object_get(settings, "expire_logs_days"));
    const char *seconds = json_string_value(
        json_object_get(settings, "binlog_expire_logs_seconds"));

    if (replica == NULL && slave != NULL) {
        json_object_set(settings, "log_replica_updates", slave);
    } else if (slave == NULL && replica != NULL) {
        json_object_set(settings, "log_slave_updates", replica);
    }
    /* Where both exist, the one that is set holds (MySQL 8.0 refuses both at once). */
    if (days != NULL && (seconds == NULL || (atoi(seconds) == 0 && atof(days) > 0))) {
        json_object_set_new(settings, "binlog_expire_logs_seconds",
                            json_sprintf("%.0f", atof(days) * 86400));
    }
}

static unsigned number_of(json_t *settings, const char *name)
{
    const char *text = json_string_value(json_object_get(settings, name));

    return text ? (unsigned)strtoul(text, NULL, 10) : 0;
}

void my_ask_settings(struct my_session *session)
{
    struct hg_probe *probe = session->probe;
    bool wanted = hg_probe_wants(probe, "mysql.settings") &&
                  !hg_emitted(probe, "mysql.settings");
    json_auto_t *rows = NULL;
    json_auto_t *settings = NULL;
    json_t *row;
    size_t i;

    if (!wanted && hg_emitted(probe, "mysql.server")) {
        return; /* the auditor has nothing to add */
    }
    rows = my_send(session, MY_SETTINGS);
    settings = rows ? json_object() : NULL;
    json_array_foreach (rows, i, row) {
        const char *name = my_column(row, "Variable_name");

        if (name != NULL) {
            json_object_set_new_nocheck(settings, name,
                                        json_incref(json_object_get(row, "Value")));
        }
    }
    session->server_id = number_of(settings, "server_id");
    if (!hg_emitted(probe, "mysql.server") && session->version_text[0] != '\0') {
        my_emit_server(session, settings);
    }
    if (!wanted) {
        return;
    }
    if (json_object_size(settings) > 0) {
        even_out(settings);
        hg_emit_known_by(probe, "mysql.settings", json_incref(settings), session->by_auditor);
    } else if (rows != NULL) {
        hg_emit_state(probe, "mysql.settings", HG_FACT_GARBLED, NULL,
                      "SHOW GLOBAL VARIABLES gave no row");
    } else {
        my_emit_error(session, "mysql.settings", NULL);
    }
}

/* ---- the binary log ---- */

static json_t *split_list(const char *text)
{
    json_t *list = json_array();

    while (text != NULL && *text != '\0') {
        size_t len = strcspn(text, ",");

        json_array_append_new(list, json_stringn_nocheck(text, len));
        text += len + (text[len] == ',');
    }
    return list;
}

static json_t *status_rows(struct my_session *session)
{
    bool new_words = !session->mariadb && session->version >= 80200;
    json_t *rows = my_send(session, new_words ? MY_STATUS : MY_STATUS_OLD);
    const char *file = my_column(json_array_get(rows, 0), "File");
    const char *position = my_column(json_array_get(rows, 0), "Position");

    snprintf(session->binlog_file, sizeof(session->binlog_file), "%s", file ? file : "");
    session->binlog_position = position ? strtoull(position, NULL, 10) : 0;
    return rows;
}

bool my_fetch_status(struct my_session *session)
{
    json_auto_t *rows = status_rows(session);

    return rows != NULL && session->binlog_file[0] != '\0';
}

void my_ask_status(struct my_session *session)
{
    struct hg_probe *probe = session->probe;
    json_auto_t *rows = NULL;
    json_t *row;

    if (!hg_probe_wants(probe, "mysql.binlog.status") ||
        hg_emitted(probe, "mysql.binlog.status")) {
        return;
    }
    rows = status_rows(session);
    row = json_array_get(rows, 0);
    if (session->binlog_file[0] != '\0') {
        const char *position = my_column(row, "Position");

        hg_emit_known_by(probe, "mysql.binlog.status",
                         json_pack("{s:s, s:s, s:o, s:o}", "file", my_column(row, "File"),
                                   "position", position ? position : "", "do_db",
                                   split_list(my_column(row, "Binlog_Do_DB")), "ignore_db",
                                   split_list(my_column(row, "Binlog_Ignore_DB"))),
                         session->by_auditor);
    } else if (rows != NULL) {
        hg_emit_state(probe, "mysql.binlog.status", HG_FACT_ABSENT, NULL,
                      "the server writes no binary log");
    } else if (!my_is_denied(session->error) || probe->auditor == NULL || session->by_auditor) {
        my_emit_error(session, "mysql.binlog.status",
                      session->mariadb ? "BINLOG MONITOR" : "REPLICATION CLIENT");
    }
}

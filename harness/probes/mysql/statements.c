/* SPDX-License-Identifier: Apache-2.0 */
#include <errmsg.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "probes/mysql/mysql.h"

#define MAX_ROWS  5000
#define MAX_BYTES (2UL << 20)

/* What the settings statement asks: for the fact `mysql.settings`, and (last lines) to tell
 * whose server it is. */
#define SETTINGS                                                                               \
    "SHOW GLOBAL VARIABLES WHERE Variable_name IN ("                                           \
    "'activate_all_roles_on_login', 'binlog_checksum', 'binlog_encryption', "                  \
    "'binlog_expire_logs_auto_purge', 'binlog_expire_logs_seconds', 'binlog_format', "         \
    "'binlog_legacy_event_pos', 'binlog_row_image', 'binlog_row_metadata', "                   \
    "'binlog_row_value_options', 'binlog_transaction_compression', 'character_set_server', "   \
    "'default_authentication_plugin', 'enforce_gtid_consistency', 'expire_logs_days', "        \
    "'gtid_mode', 'gtid_strict_mode', 'have_ssl', 'innodb_read_only', 'local_infile', "        \
    "'log_bin', 'log_bin_compress', 'log_replica_updates', 'log_slave_updates', "              \
    "'lower_case_table_names', 'max_allowed_packet', 'max_binlog_size', 'max_connections', "   \
    "'max_execution_time', 'max_statement_time', 'net_read_timeout', 'net_write_timeout', "    \
    "'partial_revokes', 'read_only', 'require_secure_transport', 'secure_file_priv', "         \
    "'server_id', 'server_uuid', 'skip_name_resolve', 'sql_mode', 'super_read_only', "         \
    "'sync_binlog', 'system_time_zone', 'time_zone', 'tls_version', "                          \
    "'transaction_isolation', 'tx_isolation', 'version', 'version_comment', 'wait_timeout', "  \
    "'aurora_version', 'basedir') OR Variable_name LIKE 'cloudsql%' "                          \
    "OR Variable_name LIKE 'rds_%' OR Variable_name LIKE 'azure_%'"

/* `{str}` is a string, `{name}` an identifier, `{num}` a number, `{roles}` a list of roles. In
 * the order of enum my_statement. */
const struct hg_statement my_statements[] = {
    [MY_LIMITS_MYSQL] = { "limits-mysql", HG_LEVEL_LOOK,
                         "SET SESSION lock_wait_timeout = 1, innodb_lock_wait_timeout = 1, "
                          "max_execution_time = {num}, transaction_read_only = ON", "", "MySQL" },
    [MY_LIMITS_MARIADB] = { "limits-mariadb", HG_LEVEL_LOOK,
                         "SET SESSION lock_wait_timeout = 1, innodb_lock_wait_timeout = 1, "
                            "max_statement_time = {num} / 1000, tx_read_only = ON", "", "MariaDB" },
    [MY_LIMITS_OLD] = { "limits-old", HG_LEVEL_LOOK,
                         "SET SESSION lock_wait_timeout = 1, innodb_lock_wait_timeout = 1", "",
                         "where one of the variables of the other form is not known" },
    [MY_USE] = { "use", HG_LEVEL_LOOK, "USE {name}", "mysql.database mysql.session" },
    [MY_DATABASE] = { "database", HG_LEVEL_LOOK,
                         "SELECT (SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = {str}) AS "
                      "there, (SELECT COUNT(*) FROM information_schema.USER_PRIVILEGES WHERE PRIVILEGE_TYPE = "
                      "'SHOW DATABASES' AND GRANTEE = CONCAT('''', REPLACE(CURRENT_USER(), '@', '''@'''), "
                      "'''')) AS sees_all", "mysql.database" },
    [MY_IDENTITY] = { "identity", HG_LEVEL_LOOK,
                         "SELECT USER() AS user, CURRENT_USER() AS account, DATABASE() AS db, VERSION() AS "
                      "version, @@version_comment AS comment, CURRENT_ROLE() AS role", "mysql.session mysql.server mysql.grants", "MySQL from 8.0, MariaDB" },
    [MY_IDENTITY_NO_ROLES] = { "identity-no-roles", HG_LEVEL_LOOK,
                         "SELECT USER() AS user, CURRENT_USER() AS account, DATABASE() AS db, VERSION() AS "
                               "version, @@version_comment AS comment", "mysql.session mysql.server mysql.grants", "MySQL before 8.0" },
    [MY_SETTINGS] = { "settings", HG_LEVEL_LOOK, SETTINGS, "mysql.settings mysql.server" },
    [MY_STATUS] = { "binlog-status", HG_LEVEL_LOOK, "SHOW BINARY LOG STATUS",
                         "mysql.binlog.status mysql.dump", "MySQL from 8.2" },
    [MY_STATUS_OLD] = { "binlog-status-old", HG_LEVEL_LOOK, "SHOW MASTER STATUS",
                         "mysql.binlog.status mysql.dump", "MySQL before 8.2, MariaDB" },
    [MY_GRANTS] = { "grants", HG_LEVEL_LOOK, "SHOW GRANTS", "mysql.grants", "by the account" },
    [MY_GRANTS_FOR] = { "grants-for", HG_LEVEL_LOOK, "SHOW GRANTS FOR {str}@{str}",
                         "mysql.grants", "by an auditor" },
    [MY_GRANTS_FOR_USING] = { "grants-for-using", HG_LEVEL_LOOK,
                         "SHOW GRANTS FOR {str}@{str} USING {roles}", "mysql.grants",
                         "by an auditor, of an account with default roles: MySQL from 8.0" },
    [MY_GRANTS_FOR_ROLE] = { "grants-for-role", HG_LEVEL_LOOK, "SHOW GRANTS FOR {name}",
                         "mysql.grants", "by an auditor, of the default role: MariaDB" },
    [MY_DEFAULT_ROLES] = { "default-roles", HG_LEVEL_LOOK,
                         "SELECT DEFAULT_ROLE_USER AS user, DEFAULT_ROLE_HOST AS host FROM mysql.default_roles "
                           "WHERE USER = {str} AND HOST = {str} AND @@GLOBAL.activate_all_roles_on_login = 0 "
                           "UNION SELECT FROM_USER, FROM_HOST FROM mysql.role_edges "
                           "WHERE TO_USER = {str} AND TO_HOST = {str} AND "
                           "@@GLOBAL.activate_all_roles_on_login = 1 LIMIT 100", "mysql.grants", "by an auditor: MySQL from 8.0" },
    [MY_DEFAULT_ROLES_MARIADB] = { "default-roles-mariadb", HG_LEVEL_LOOK,
                         "SELECT default_role AS user FROM mysql.user WHERE User = {str} AND Host = {str} AND "
                                   "default_role <> '' LIMIT 1", "mysql.grants", "by an auditor: MariaDB" },
    [MY_ACCOUNT] = { "account", HG_LEVEL_LOOK,
                         "SELECT User AS user, Host AS host, plugin, account_locked AS locked, password_expired "
                     "AS expired, ssl_type AS ssl_type FROM mysql.user WHERE User = {str} LIMIT 200",
                         "mysql.account", "MySQL" },
    [MY_ACCOUNT_MARIADB] = { "account-mariadb", HG_LEVEL_LOOK,
                         "SELECT User AS user, Host AS host, JSON_VALUE(Priv, '$.plugin') AS plugin, "
                             "IF(JSON_VALUE(Priv, '$.account_locked') = 1, 'Y', 'N') AS locked, "
                             "IF(JSON_VALUE(Priv, '$.password_last_changed') = 0, 'Y', 'N') AS expired, "
                             "ELT(1 + JSON_VALUE(Priv, '$.ssl_type'), '', 'ANY', 'X509', 'SPECIFIED') AS ssl_type "
                             "FROM mysql.global_priv WHERE User = {str} LIMIT 200", "mysql.account", "MariaDB from 10.4" },
    [MY_ACCOUNT_MARIADB_VIEW] = { "account-mariadb-view", HG_LEVEL_LOOK,
                         "SELECT User AS user, Host AS host, plugin, password_expired AS expired, ssl_type AS "
                                  "ssl_type FROM mysql.user WHERE User = {str} LIMIT 200", "mysql.account",
                         "MariaDB before 10.4, or where mysql.global_priv may not be read" },
    [MY_REPLICAS] = { "replicas", HG_LEVEL_PROVE, "SHOW REPLICAS", "mysql.dump",
                         "MySQL from 8.0.22" },
    [MY_REPLICAS_OLD] = { "replicas-old", HG_LEVEL_PROVE, "SHOW SLAVE HOSTS", "mysql.dump",
                         "MySQL before 8.0.22, MariaDB" },
    [MY_DUMP_SETUP_MYSQL] = { "dump-setup-mysql", HG_LEVEL_PROVE,
                         "SET @source_binlog_checksum = 'CRC32', @master_binlog_checksum = 'CRC32', "
                              "@replica_uuid = {str}, @slave_uuid = {str}", "mysql.dump", "MySQL" },
    [MY_DUMP_SETUP_MARIADB] = { "dump-setup-mariadb", HG_LEVEL_PROVE,
                         "SET @mariadb_slave_capability = 4, @master_binlog_checksum = 'CRC32', "
                                "@slave_uuid = {str}", "mysql.dump", "MariaDB" },
    [MY_DUMP] = { "dump", HG_LEVEL_PROVE,
                         "COM_BINLOG_DUMP from the current position, which ends at the end of the log",
                         "mysql.dump" },
    { 0 },
};

static void fail(struct my_session *session, unsigned error, const char *message)
{
    session->error = error;
    snprintf(session->message, sizeof(session->message), "%s", message);
}

/* ---- parameters ---- */

static void put_string(MYSQL *db, struct hg_buf *out, const char *text)
{
    size_t len = strlen(text);
    char *quoted = malloc(2 * len + 1);

    if (quoted == NULL) {
        out->failed = true;
        return;
    }
    hg_buf_putc(out, '\'');
    hg_buf_put(out, quoted, mysql_real_escape_string(db, quoted, text, (unsigned long)len));
    hg_buf_putc(out, '\'');
    free(quoted);
}

static void put_name(struct hg_buf *out, const char *text)
{
    hg_buf_putc(out, '`');
    for (; *text != '\0'; text++) {
        hg_buf_puts(out, *text == '`' ? "``" : "");
        hg_buf_putc(out, *text);
    }
    hg_buf_putc(out, '`');
}

/* Takes `name` off a list such as CURRENT_ROLE() gives: `r1`@`%`,`r2`@`%`. */
static const char *take_quoted(const char *p, struct hg_buf *name)
{
    if (*p != '`') {
        while (*p != '\0' && *p != '@' && *p != ',') {
            hg_buf_putc(name, *p++);
        }
        return p;
    }
    for (p++; *p != '\0'; p++) {
        if (*p == '`' && *++p != '`') {
            return p;
        }
        hg_buf_putc(name, *p);
    }
    return p;
}

static void put_roles(MYSQL *db, struct hg_buf *out, const char *list)
{
    while (*list != '\0') {
        struct hg_buf user = { 0 }, host = { 0 };

        list = take_quoted(list, &user);
        if (*list == '@') {
            list = take_quoted(list + 1, &host);
        }
        put_string(db, out, hg_buf_text(&user));
        hg_buf_putc(out, '@');
        put_string(db, out, host.len > 0 ? hg_buf_text(&host) : "%");
        hg_buf_done(&user);
        hg_buf_done(&host);
        list += strcspn(list, ",");
        if (*list == ',') {
            hg_buf_puts(out, ", ");
            list++;
            list += strspn(list, " ");
        }
    }
}

static void put_number(struct hg_buf *out, const char *text)
{
    out->failed = out->failed || text[0] == '\0' || text[strspn(text, "0123456789")] != '\0';
    hg_buf_puts(out, text);
}

static void put_slot(MYSQL *db, struct hg_buf *out, const char *slot, const char *value)
{
    if (strncmp(slot, "{str}", 5) == 0) {
        put_string(db, out, value);
    } else if (strncmp(slot, "{name}", 6) == 0) {
        put_name(out, value);
    } else if (strncmp(slot, "{num}", 5) == 0) {
        put_number(out, value);
    } else {
        put_roles(db, out, value);
    }
}

static void fill(MYSQL *db, struct hg_buf *out, const char *text, va_list params)
{
    const char *slot;

    while ((slot = strchr(text, '{')) != NULL) {
        hg_buf_put(out, text, (size_t)(slot - text));
        put_slot(db, out, slot, va_arg(params, const char *));
        text = strchr(slot, '}') + 1;
    }
    hg_buf_puts(out, text);
}

/* ---- sending ---- */

/* True when the connection is there and the level allows the statement. */
static bool may_send(struct my_session *session, enum my_statement id)
{
    if (session->db == NULL) {
        fail(session, CR_SERVER_GONE_ERROR, "there is no connection");
        return false;
    }
    if (my_statements[id].level > session->probe->level) {
        fail(session, CR_UNKNOWN_ERROR, "the statement is above the run's level");
        return false;
    }
    return true;
}

/* A connection that is lost stays lost: later statements fail at once. */
static void failed(struct my_session *session)
{
    unsigned error = mysql_errno(session->db);

    fail(session, error ? error : CR_UNKNOWN_ERROR,
         my_hooks_timed_out() ? "no answer within the deadline" : mysql_error(session->db));
    if (error >= 2000 && error < 3000) {
        my_disconnect(session);
    }
}

static bool send_text(struct my_session *session, enum my_statement id, va_list params)
{
    struct hg_buf text = { 0 };
    bool ok;

    session->error = 0;
    session->message[0] = '\0';
    if (!may_send(session, id)) {
        return false;
    }
    fill(session->db, &text, my_statements[id].text, params);
    ok = hg_buf_ok(&text);
    if (!ok) {
        fail(session, CR_OUT_OF_MEMORY, "the statement could not be written");
    } else if (mysql_real_query(session->db, hg_buf_text(&text), (unsigned long)text.len) !=
               0) {
        failed(session);
        ok = false;
    }
    session->sent++;
    hg_buf_done(&text);
    return ok;
}

static json_t *read_row(MYSQL_RES *res, MYSQL_ROW row, size_t *bytes)
{
    const MYSQL_FIELD *fields = mysql_fetch_fields(res);
    const unsigned long *lengths = mysql_fetch_lengths(res);
    json_t *object = json_object();

    for (unsigned i = 0; i < mysql_num_fields(res); i++) {
        /* bytes as they are: printing a fact repairs them */
        json_object_set_new_nocheck(object, fields[i].name,
                                    row[i] ? json_stringn_nocheck(row[i], lengths[i])
                                           : json_null());
        *bytes += lengths[i];
    }
    return object;
}

static json_t *read_rows(struct my_session *session)
{
    json_t *rows = json_array();
    MYSQL_RES *res = mysql_use_result(session->db);
    size_t bytes = 0;
    MYSQL_ROW row;

    if (res == NULL) {
        if (mysql_errno(session->db) != 0) {
            failed(session);
            json_decref(rows);
            return NULL;
        }
        return rows; /* a statement without rows */
    }
    while ((row = mysql_fetch_row(res)) != NULL) {
        json_array_append_new(rows, read_row(res, row, &bytes));
        if (json_array_size(rows) > MAX_ROWS || bytes > MAX_BYTES) {
            fail(session, CR_MALFORMED_PACKET, "the server answered with more than was asked");
            /* Freeing the result would read the rest, which may never end. */
            my_hooks_cut(session->db);
            mysql_free_result(res);
            my_disconnect(session);
            json_decref(rows);
            return NULL;
        }
    }
    if (mysql_errno(session->db) != 0) {
        mysql_free_result(res);
        failed(session);
        json_decref(rows);
        return NULL;
    }
    mysql_free_result(res);
    return rows;
}

json_t *my_send(struct my_session *session, enum my_statement id, ...)
{
    va_list params;
    bool ok;

    va_start(params, id);
    ok = send_text(session, id, params);
    va_end(params);
    return ok ? read_rows(session) : NULL;
}

bool my_send_plain(struct my_session *session, enum my_statement id, ...)
{
    json_t *rows = NULL;
    va_list params;
    bool ok;

    va_start(params, id);
    ok = send_text(session, id, params);
    va_end(params);
    if (ok) {
        rows = read_rows(session);
    }
    json_decref(rows);
    return rows != NULL;
}

#ifdef MY_CONNECTOR_C

bool my_send_dump(struct my_session *session, const char *file, unsigned long long position,
                  unsigned server_id)
{
    struct hg_buf packet = { 0 };
    unsigned char head[10];
    bool ok;

    if (!may_send(session, MY_DUMP)) {
        return false;
    }
    for (int i = 0; i < 4; i++) {
        head[i] = (unsigned char)(position >> (8 * i));
        head[6 + i] = (unsigned char)(server_id >> (8 * i));
    }
    head[4] = 1; /* do not wait at the end of the log */
    head[5] = 0;
    hg_buf_put(&packet, head, sizeof(head));
    hg_buf_puts(&packet, file);
    ok = hg_buf_ok(&packet) &&
         session->db->methods->db_command(session->db, (enum enum_server_command)0x12,
                                          hg_buf_text(&packet), packet.len, 1, NULL) == 0;
    session->sent++;
    hg_buf_done(&packet);
    if (!ok) {
        failed(session);
    }
    return ok;
}

#endif

/* ---- answers ---- */

const char *my_column(json_t *row, const char *name)
{
    const char *key;
    json_t *value;

    json_object_foreach (row, key, value) {
        if (strcasecmp(key, name) == 0) {
            return json_string_value(value);
        }
    }
    return NULL;
}

bool my_is_denied(unsigned error)
{
    return error == 1044 || error == 1045 || error == 1142 || error == 1143 || error == 1227 ||
           error == 1370 || error == 1141 || error == 1132;
}

void my_emit_error(struct my_session *session, const char *key, const char *needs)
{
    enum hg_fact_state state = HG_FACT_UNREACHABLE;

    if (my_is_denied(session->error)) {
        state = HG_FACT_DENIED;
    } else if (session->error == CR_MALFORMED_PACKET) {
        state = HG_FACT_GARBLED;
    } else if (session->error == 1064 || session->error == 1193 || session->error == 1146) {
        state = HG_FACT_UNSUPPORTED;
    }
    hg_emit_state(session->probe, key, state, state == HG_FACT_DENIED ? needs : NULL, "%u: %s",
                  session->error, session->message);
}

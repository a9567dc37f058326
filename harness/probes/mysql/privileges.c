/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/text.h"
#include "probes/mysql/mysql.h"

/* ---- grants ---- */

/* SHOW GRANTS of MariaDB and of old MySQL prints password hashes: every string between
 * IDENTIFIED and REQUIRE goes. */
static json_t *without_hashes(const char *line)
{
    const char *from = strcasestr(line, " IDENTIFIED "), *to, *p;
    struct hg_buf out = { 0 };
    json_t *text;

    if (from == NULL) {
        return json_stringn_nocheck(line, strlen(line));
    }
    to = strcasestr(from, " REQUIRE ");
    to = to ? to : from + strlen(from);
    hg_buf_put(&out, line, (size_t)(from - line));
    for (p = from; p < to; p++) {
        hg_buf_putc(&out, *p);
        if (*p == '\'') {
            hg_buf_puts(&out, "[secret]'");
            for (p++; p < to && *p != '\''; p++) {
                p += *p == '\\' && p + 1 < to;
            }
        }
    }
    hg_buf_puts(&out, to);
    text = json_stringn_nocheck(hg_buf_text(&out), out.len);
    hg_buf_done(&out);
    return text;
}

static void add_lines(json_t *lines, json_t *rows)
{
    json_t *row, *value;
    const char *name;
    size_t i;

    json_array_foreach (rows, i, row) {
        json_object_foreach (row, name, value) {
            if (json_is_string(value)) {
                json_array_append_new(lines, without_hashes(json_string_value(value)));
            }
        }
    }
}

/* 'user'@'host' of user@host as CURRENT_USER() gives it; the last @ divides. */
static json_t *quoted_account(const char *account)
{
    const char *at = strrchr(account, '@');

    return at == NULL ? json_sprintf("'%s'", account)
                      : json_sprintf("'%.*s'@'%s'", (int)(at - account), account, at + 1);
}

static json_t *role_list(const char *roles)
{
    json_t *list = json_array();

    while (*roles != '\0' && strcasecmp(roles, "NONE") != 0) {
        size_t len = strcspn(roles, ",");

        json_array_append_new(list, json_stringn_nocheck(roles, len));
        roles += len + (roles[len] == ',');
        roles += strspn(roles, " ");
    }
    return list;
}

/* Plain SHOW GRANTS has what the active roles give in it: merged (MySQL) or as lines of the
 * roles (MariaDB). */
void my_ask_grants(struct my_session *session)
{
    struct hg_probe *probe = session->probe;
    json_auto_t *rows = NULL;
    json_t *lines;

    if (!hg_probe_wants(probe, "mysql.grants")) {
        return;
    }
    rows = my_send(session, MY_GRANTS);
    if (rows == NULL) {
        my_emit_error(session, "mysql.grants", NULL);
        return;
    }
    lines = json_array();
    add_lines(lines, rows);
    hg_emit_known(probe, "mysql.grants",
                  json_pack("{s:o, s:o, s:o, s:b}", "account",
                            quoted_account(session->account_text), "lines", lines, "roles",
                            role_list(session->role_text), "complete", true));
}

/* ---- the account's row ---- */

/* How narrow a host pattern is, when `host` matches it; -1: it does not. The server takes the
 * narrowest: a literal, then a network, then the pattern with the most before its wildcard. */
static int host_score(const char *pattern, const char *host)
{
    struct hg_buf glob = { 0 }, lower = { 0 };
    const char *slash = strchr(pattern, '/');
    int score = (int)strcspn(pattern, "%_");

    if (pattern[0] == '\0' || strcmp(pattern, "%") == 0) {
        return 0;
    }
    if (strcasecmp(pattern, host) == 0) {
        return 10000;
    }
    if (slash != NULL) {
        struct in_addr net, mask, ours;
        char text[64];

        snprintf(text, sizeof(text), "%.*s", (int)(slash - pattern), pattern);
        if (inet_pton(AF_INET, text, &net) != 1 || inet_pton(AF_INET, host, &ours) != 1) {
            return -1;
        }
        if (inet_pton(AF_INET, slash + 1, &mask) != 1) {
            int bits = atoi(slash + 1);

            mask.s_addr = bits <= 0 ? 0 : htonl(~0U << (32 - (bits > 32 ? 32 : bits)));
        }
        return (ours.s_addr & mask.s_addr) == net.s_addr
                   ? 1000 + __builtin_popcount(mask.s_addr)
                   : -1;
    }
    for (const char *p = pattern; *p != '\0'; p++) {
        hg_buf_putc(&glob, (char)(*p == '%' ? '*' : *p == '_' ? '?' : tolower(*p)));
    }
    for (const char *p = host; *p != '\0'; p++) {
        hg_buf_putc(&lower, (char)tolower(*p));
    }
    if (!hg_glob(hg_buf_text(&glob), hg_buf_text(&lower))) {
        score = -1;
    }
    hg_buf_done(&glob);
    hg_buf_done(&lower);
    return score;
}

/* The row that applies: the one with this very host, or else the best for a client from
 * `client`. NULL when there is none. */
static json_t *pick_row(json_t *rows, const char *host, const char *client)
{
    json_t *row, *best = NULL;
    int best_score = -1;
    size_t i;

    json_array_foreach (rows, i, row) {
        const char *pattern = my_column(row, "host");
        int score = pattern == NULL ? -1
                    : host != NULL  ? (strcasecmp(pattern, host) == 0 ? 1 : -1)
                                    : host_score(pattern, client);

        if (score > best_score) {
            best_score = score;
            best = row;
        }
    }
    return best;
}

static json_t *other_hosts(json_t *rows, json_t *but)
{
    json_t *list = json_array(), *row;
    size_t i;

    json_array_foreach (rows, i, row) {
        const char *host = my_column(row, "host");

        if (row != but && host != NULL) {
            json_array_append_new(list, json_stringn_nocheck(host, strlen(host)));
        }
    }
    return list;
}

static json_t *yes(json_t *row, const char *name)
{
    const char *text = my_column(row, name);

    return text == NULL ? NULL : json_boolean(text[0] == 'Y' || text[0] == 'y');
}

static void emit_account(struct my_session *session, json_t *rows, json_t *row)
{
    const char *plugin = my_column(row, "plugin"), *ssl = my_column(row, "ssl_type");

    hg_emit_known_by(session->probe, "mysql.account",
                     json_pack("{s:s, s:s, s:s, s:o*, s:o*, s:s, s:o}", "user",
                               my_column(row, "user") ? my_column(row, "user") : "", "host",
                               my_column(row, "host"), "plugin", plugin ? plugin : "", "locked",
                               yes(row, "locked"), "expired", yes(row, "expired"), "ssl",
                               ssl ? ssl : "", "others", other_hosts(rows, row)),
                     session->by_auditor);
}

static json_t *fetch_rows(struct my_session *session, const char *user)
{
    json_t *rows;

    if (!session->mariadb) {
        return my_send(session, MY_ACCOUNT, user);
    }
    if (session->version < 100400) {
        return my_send(session, MY_ACCOUNT_MARIADB_VIEW, user);
    }
    rows = my_send(session, MY_ACCOUNT_MARIADB, user);
    /* mysql.user is a view that may be granted without the table below it */
    return rows == NULL && my_is_denied(session->error)
               ? my_send(session, MY_ACCOUNT_MARIADB_VIEW, user)
               : rows;
}

/* Divides user@host at the last @. */
static void split_account(const char *account, char *user, size_t size, const char **ret_host)
{
    const char *at = strrchr(account, '@');

    snprintf(user, size, "%.*s", (int)(at ? at - account : (long)strlen(account)), account);
    *ret_host = at ? at + 1 : "";
}

void my_ask_account(struct my_session *session)
{
    struct hg_probe *probe = session->probe;
    json_auto_t *rows = NULL;
    char user[200];
    const char *host;
    json_t *row;

    if (!hg_probe_wants(probe, "mysql.account") || session->account_text[0] == '\0') {
        return;
    }
    split_account(session->account_text, user, sizeof(user), &host);
    rows = fetch_rows(session, user);
    row = pick_row(rows, host, NULL);
    if (row != NULL) {
        emit_account(session, rows, row);
    } else if (rows != NULL) {
        hg_emit_state(probe, "mysql.account", HG_FACT_GARBLED, NULL,
                      "mysql.user has no row for %s", session->account_text);
    } else if (!my_is_denied(session->error) || probe->auditor == NULL) {
        my_emit_error(session, "mysql.account", MY_FACT_NEEDS_USER);
    }
}

/* ---- as the auditor ---- */

/* The roles a login would have, as CURRENT_ROLE() would give them: `r1`@`%`,`r2`@`%` (MySQL),
 * r1 (MariaDB, at most one). */
static void default_roles(struct my_session *session, const char *user, const char *host,
                          struct hg_buf *roles)
{
    json_auto_t *rows = session->mariadb
                            ? my_send(session, MY_DEFAULT_ROLES_MARIADB, user, host)
                        : session->version >= 80000
                            ? my_send(session, MY_DEFAULT_ROLES, user, host, user, host)
                            : NULL;
    json_t *row;
    size_t i;

    json_array_foreach (rows, i, row) {
        const char *name = my_column(row, "user"), *from = my_column(row, "host");

        if (session->mariadb) {
            hg_buf_puts(roles, name ? name : "");
            break;
        }
        hg_buf_puts(roles, roles->len > 0 ? ",`" : "`");
        for (const char *p = name ? name : ""; *p != '\0'; p++) {
            hg_buf_puts(roles, *p == '`' ? "`" : "");
            hg_buf_putc(roles, *p);
        }
        hg_buf_printf(roles, "`@`%s`", from ? from : "%");
    }
}

static void audit_grants(struct my_session *session, const char *user, const char *host)
{
    struct hg_probe *probe = session->probe;
    struct hg_buf roles = { 0 };
    json_auto_t *rows = NULL;
    json_t *lines = NULL;
    bool mysql_roles, complete = true;

    default_roles(session, user, host, &roles);
    mysql_roles = roles.len > 0 && !session->mariadb;
    rows = mysql_roles ? my_send(session, MY_GRANTS_FOR_USING, user, host, hg_buf_text(&roles))
                       : my_send(session, MY_GRANTS_FOR, user, host);
    if (rows == NULL) {
        my_emit_error(session, "mysql.grants", "SELECT on mysql.*, for the auditor");
        hg_buf_done(&roles);
        return;
    }
    lines = json_array();
    add_lines(lines, rows);
    if (session->mariadb && roles.len > 0) {
        json_auto_t *more = my_send(session, MY_GRANTS_FOR_ROLE, hg_buf_text(&roles));

        add_lines(lines, more);
        complete = more != NULL;
    }
    hg_emit_known_by(probe, "mysql.grants",
                     json_pack("{s:o, s:o, s:o, s:b}", "account",
                               json_sprintf("'%s'@'%s'", user, host), "lines", lines, "roles",
                               role_list(hg_buf_text(&roles)), "complete", complete),
                     true);
    hg_buf_done(&roles);
}

void my_audit(struct my_session *auditor, const char *user, const char *account)
{
    struct hg_probe *probe = auditor->probe;
    bool rows_wanted = hg_probe_wants(probe, "mysql.account") &&
                       !hg_emitted(probe, "mysql.account");
    bool grants_wanted = hg_probe_wants(probe, "mysql.grants") &&
                         !hg_emitted(probe, "mysql.grants");
    const char *host = NULL, *client = strrchr(auditor->user_text, '@');
    json_auto_t *rows = NULL;
    char name[200];
    json_t *row;

    if (user == NULL && account[0] == '\0') {
        hg_emit_rest(probe, HG_FACT_UNREACHABLE,
                     "which account is meant is not known: there is no readable secret");
        return;
    }
    if (!rows_wanted && !grants_wanted) {
        return;
    }
    if (account[0] != '\0') {
        split_account(account, name, sizeof(name), &host);
    } else {
        snprintf(name, sizeof(name), "%s", user);
    }
    rows = fetch_rows(auditor, name);
    row = pick_row(rows, host, client ? client + 1 : "");
    if (row != NULL && rows_wanted) {
        emit_account(auditor, rows, row);
    } else if (rows == NULL && rows_wanted) {
        my_emit_error(auditor, "mysql.account", MY_FACT_NEEDS_USER);
    } else if (rows_wanted) {
        hg_emit_state(probe, "mysql.account", HG_FACT_ABSENT, NULL,
                      "no account `%s` matches a client from %s (%zu of that name for other "
                      "hosts)",
                      name, client ? client + 1 : "?", json_array_size(rows));
    }
    if (row != NULL && grants_wanted) {
        audit_grants(auditor, name, my_column(row, "host"));
    }
}

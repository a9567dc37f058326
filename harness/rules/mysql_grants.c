/* SPDX-License-Identifier: Apache-2.0 */
/* mysql_grants.c - what SHOW GRANTS adds up to. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "rules/mysql_grants_parse.h"
#include "rules/privileges.h"

/* MariaDB 10.5 renamed privileges; both names mean the same right. */
static const char *canonical(const char *privilege)
{
    static const char *const same[][2] = {
        { "BINLOG MONITOR",         "REPLICATION CLIENT" },
        { "REPLICATION REPLICA",    "REPLICATION SLAVE"  },
        { "REPLICA MONITOR",        "SLAVE MONITOR"      },
        { "DELETE VERSIONING ROWS", "DELETE HISTORY"     },
    };

    for (size_t i = 0; i < HG_COUNT(same); i++) {
        if (strcasecmp(same[i][0], privilege) == 0) {
            return same[i][1];
        }
    }
    return privilege;
}

/* Is it among what ALL PRIVILEGES of a level stands for? Dynamic privileges, which have an
 * underscore, never are, nor is the right to pass on. */
static bool in_all(enum hg_grant_level level, const char *wanted)
{
    /* The first are of tables, the last of routines, all of databases. */
    enum { OF_TABLES = 13, BEFORE_ROUTINES = 18, END = 20 };
    static const char *const names[END] = {
        "SELECT",         "INSERT",
        "UPDATE",         "DELETE",
        "CREATE",         "DROP",
        "REFERENCES",     "INDEX",
        "ALTER",          "CREATE VIEW",
        "SHOW VIEW",      "TRIGGER",
        "DELETE HISTORY", "LOCK TABLES",
        "CREATE ROUTINE", "CREATE TEMPORARY TABLES",
        "EVENT",          "SHOW CREATE ROUTINE",
        "EXECUTE",        "ALTER ROUTINE",
    };
    size_t from = level == HG_ON_ROUTINE ? BEFORE_ROUTINES : 0;
    size_t to = level == HG_ON_TABLE ? OF_TABLES : END;

    if (level == HG_ON_GLOBAL) {
        return strcasecmp(wanted, "GRANT OPTION") != 0 && strchr(wanted, '_') == NULL;
    }
    for (size_t i = from; i < to; i++) {
        if (strcasecmp(names[i], wanted) == 0) {
            return true;
        }
    }
    return false;
}

static bool listed(const struct hg_grant_line *line, const char *wanted)
{
    size_t i;
    json_t *item;

    if (strcasecmp(wanted, "GRANT OPTION") == 0 && line->grant_option) {
        return true;
    }
    json_array_foreach (line->privileges, i, item) {
        const char *have = canonical(json_string_value(item));

        if (strcasecmp(have, wanted) == 0 ||
            (strcmp(have, "ALL PRIVILEGES") == 0 && in_all(line->level, wanted)) ||
            (strcmp(have, "SUPER") == 0 && strcasecmp(wanted, "REPLICATION CLIENT") == 0 &&
             line->level == HG_ON_GLOBAL)) {
            return true;
        }
    }
    return false;
}

/* A database pattern: `\_` and `\%` are themselves, `_` one and `%` any characters. Database
 * names are compared as the server states them. Only the last `%` is ever tried again, so that
 * a hostile pattern costs no more than its length times the name's. */
static bool like(const char *pattern, const char *text)
{
    const char *after = NULL, *from = NULL;

    for (;;) {
        size_t escape = *pattern == '\\' && pattern[1] != '\0';

        if (*pattern == '%') {
            after = ++pattern;
            from = text;
        } else if (*text == '\0') {
            return *pattern == '\0';
        } else if (*pattern == '_' || (*pattern != '\0' && pattern[escape] == *text)) {
            pattern += escape + 1;
            text++;
        } else if (after != NULL) {
            pattern = after;
            text = ++from;
        } else {
            return false;
        }
    }
}

#define NO_WILDCARD ((size_t) - 1)

/* Where the first wildcard stands; the later, the more specific (MySQL's own order). A pattern
 * without one is the most specific of all. */
static size_t specificity(const char *pattern)
{
    for (size_t i = 0; pattern[i] != '\0'; i++) {
        if (pattern[i] == '\\' && pattern[i + 1] != '\0') {
            i++;
        } else if (pattern[i] == '%' || pattern[i] == '_') {
            return i;
        }
    }
    return NO_WILDCARD;
}

/*
 * How a server finds the one database row that counts. As measured on MySQL 9.7 and MariaDB
 * 10.11; tests/unit/test_privileges.c has what was recorded.
 */
enum way {
    BY_WILDCARD, /* MySQL: the row whose first wildcard stands last; among equals any */
    BY_NAME,     /* MySQL with active roles: the very name, else the first pattern by bytes */
    BY_LINE,     /* MariaDB: the first line, for the account, its role and PUBLIC apart */
};

struct sum {
    const char *wanted, *schema, *table; /* schema NULL: *.*; table NULL: schema.* */
    bool global, revoked, on_table;
    bool revokes;        /* partial revokes are in use: names of databases are no patterns */
    bool in_order;       /* BY_LINE */
    bool not_understood; /* some line */
    bool may_take;       /* … which is not even a GRANT */
    json_t *rows;        /* owned: [pattern, holds, grantee, to_role] of database rows */
};

static const char *row_pattern(const json_t *row)
{
    return json_string_value(json_array_get(row, 0));
}

static const char *row_grantee(const json_t *row)
{
    return json_string_value(json_array_get(row, 2));
}

static bool fits(const struct sum *sum, enum way way, const char *pattern)
{
    if (sum->revokes || (way == BY_NAME && strpbrk(pattern, "%_") == NULL)) {
        return strcmp(pattern, sum->schema) == 0;
    }
    return like(pattern, sum->schema);
}

/* More than 0: `a` is tried before `b`; 0: the server's own affair. */
static int before(enum way way, const json_t *a, const json_t *b)
{
    const char *p = row_pattern(a), *q = row_pattern(b);
    size_t i = specificity(p), j = specificity(q);
    bool p_name = strpbrk(p, "%_") == NULL, q_name = strpbrk(q, "%_") == NULL;

    switch (way) {
    case BY_NAME:
        return p_name != q_name ? (p_name ? 1 : -1) : -strcmp(p, q);
    case BY_LINE:
        if ((i == NO_WILDCARD) != (j == NO_WILDCARD)) {
            return i == NO_WILDCARD ? 1 : -1;
        }
        return strcmp(row_grantee(a), row_grantee(b)) == 0 ? -1 : 0; /* `b` came first */
    default:
        return i == j ? 0 : i > j ? 1 : -1;
    }
}

/* What the rows of one group (accounts; or roles; or PUBLIC) give. *ret_wild: by a pattern. */
static enum hg_verdict group_gives(const struct sum *sum, enum way way, bool role,
                                   bool everyone, bool *ret_wild)
{
    bool holds = false, contested = false;
    const json_t *best = NULL;
    size_t i;
    json_t *row;

    json_array_foreach (sum->rows, i, row) {
        bool is_role = json_is_true(json_array_get(row, 3)),
             it = json_is_true(json_array_get(row, 1));
        int order;

        if (is_role != role ||
            (role && (strcasecmp(row_grantee(row), "PUBLIC") == 0) != everyone) ||
            !fits(sum, way, row_pattern(row))) {
            continue;
        }
        if (best != NULL && strcmp(row_pattern(row), row_pattern(best)) == 0) {
            holds = holds || it; /* the same row, or a role's */
            continue;
        }
        order = best ? before(way, row, best) : 1;
        if (order > 0) {
            best = row;
            holds = it;
            contested = false;
        } else if (order == 0) {
            contested = contested || holds != it;
        }
    }
    *ret_wild = *ret_wild || (holds && specificity(row_pattern(best)) != NO_WILDCARD);
    return contested ? HG_UNKNOWN : holds ? HG_PASS : HG_FAIL;
}

static void add_schema_line(struct sum *sum, const struct hg_grant_line *line)
{
    bool same = strcmp(line->schema, sum->schema) == 0, it = listed(line, sum->wanted);

    if (line->revoke) {
        sum->revoked = sum->revoked || (same && it);
    } else if (same || like(line->schema, sum->schema)) {
        json_t *row = json_pack("[s, b, s, b]", line->schema, it, line->grantee, line->to_role);

        sum->not_understood = sum->not_understood || row == NULL;
        json_array_append_new(sum->rows, row);
    }
}

static void add_privileges(struct sum *sum, const struct hg_grant_line *line)
{
    switch (line->level) {
    case HG_ON_GLOBAL:
        sum->global = line->revoke ? sum->global && !listed(line, sum->wanted)
                                   : sum->global || listed(line, sum->wanted);
        break;
    case HG_ON_SCHEMA:
        sum->revokes = sum->revokes || line->revoke;
        if (sum->schema != NULL) {
            add_schema_line(sum, line);
        }
        break;
    case HG_ON_TABLE:
        sum->on_table = sum->on_table ||
                        (sum->table != NULL && !line->revoke &&
                         strcmp(line->schema, sum->schema) == 0 &&
                         strcmp(line->object, sum->table) == 0 && listed(line, sum->wanted));
        break;
    default:
        break;
    }
}

static void add_line(struct sum *sum, const char *text)
{
    struct hg_grant_line line;

    hg_grant_parse(text, &line);
    sum->in_order = sum->in_order || line.in_order;
    if (line.kind == HG_GRANT_UNKNOWN) {
        sum->not_understood = true;
        sum->may_take = sum->may_take || strncasecmp(text, "GRANT ", 6) != 0;
    } else if (line.kind == HG_GRANT_PRIVILEGES) {
        add_privileges(sum, &line);
    }
    json_decref(line.privileges);
}

static enum hg_verdict verdict_of(const struct sum *sum, const json_t *grants)
{
    enum way way = sum->in_order                                           ? BY_LINE
                   : json_array_size(json_object_get(grants, "roles")) > 0 ? BY_NAME
                                                                           : BY_WILDCARD;
    enum hg_verdict rows = HG_FAIL;
    bool wild = false;

    if (sum->on_table || (sum->global && !sum->revoked)) {
        return sum->may_take ? HG_UNKNOWN : HG_PASS;
    }
    if (sum->schema != NULL) {
        rows = hg_verdict_or(group_gives(sum, way, false, false, &wild),
                             hg_verdict_or(group_gives(sum, way, true, false, &wild),
                                           group_gives(sum, way, true, true, &wild)));
    }
    if (rows == HG_PASS) {
        /* The line could be a revoke, or a row that is tried before this pattern. */
        return sum->may_take || (wild && sum->not_understood) ? HG_UNKNOWN : HG_PASS;
    }
    return rows == HG_UNKNOWN || sum->not_understood ||
                   !json_is_true(json_object_get(grants, "complete"))
               ? HG_UNKNOWN
               : HG_FAIL;
}

/* `table` NULL: schema.*; a schema of "*" without a table: *.* */
static enum hg_verdict allows(const json_t *grants, const char *wanted, const char *schema,
                              const char *table)
{
    bool everywhere = table == NULL && strcmp(schema, "*") == 0;
    struct sum sum = { .wanted = wanted,
                       .schema = everywhere ? NULL : schema,
                       .table = table,
                       .rows = json_array() };
    enum hg_verdict verdict;
    size_t i;
    json_t *line;

    json_array_foreach (json_object_get(grants, "lines"), i, line) {
        if (json_is_string(line)) {
            add_line(&sum, json_string_value(line));
        } else {
            sum.not_understood = sum.may_take = true;
        }
    }
    verdict = verdict_of(&sum, grants);
    json_decref(sum.rows);
    return verdict;
}

enum hg_verdict hg_mysql_allows(const json_t *grants, const char *privilege, const char *object)
{
    const char *wanted = canonical(privilege), *dot = strrchr(object, '.');
    enum hg_verdict verdict = HG_UNKNOWN;
    bool first = true, all = dot != NULL && strcmp(dot, ".*") == 0;

    if (!json_is_array(json_object_get(grants, "lines"))) {
        return HG_UNKNOWN;
    }
    /* Names may have dots: each could be the one that divides. */
    for (dot = all ? dot : strchr(object, '.'); dot != NULL; dot = strchr(dot + 1, '.')) {
        char schema[256];
        enum hg_verdict one;

        if ((size_t)(dot - object) >= sizeof(schema)) {
            return HG_UNKNOWN;
        }
        memcpy(schema, object, (size_t)(dot - object));
        schema[dot - object] = '\0';
        one = allows(grants, wanted, schema, all ? NULL : dot + 1);
        if (!first && one != verdict) {
            return HG_UNKNOWN;
        }
        verdict = one;
        first = false;
    }
    return verdict;
}

static void say_object(const struct hg_grant_line *line, char *out, size_t size)
{
    switch (line->level) {
    case HG_ON_GLOBAL:
        snprintf(out, size, "*.*");
        break;
    case HG_ON_SCHEMA:
        snprintf(out, size, "%s.*", line->schema);
        break;
    default:
        snprintf(out, size, "%s.%s", line->schema, line->object);
    }
}

json_t *hg_mysql_privileges(const json_t *grants, bool *ret_all_understood)
{
    json_t *list = json_array(), *text, *item;
    size_t i, j;

    *ret_all_understood = json_is_array(json_object_get(grants, "lines")) &&
                          json_is_true(json_object_get(grants, "complete"));
    json_array_foreach (json_object_get(grants, "lines"), i, text) {
        struct hg_grant_line line;
        char object[600];

        hg_grant_parse(json_is_string(text) ? json_string_value(text) : "", &line);
        *ret_all_understood = *ret_all_understood && line.kind != HG_GRANT_UNKNOWN;
        if (line.kind == HG_GRANT_PRIVILEGES && !line.revoke) {
            say_object(&line, object, sizeof(object));
            if (line.grant_option) {
                json_array_append_new(line.privileges, json_string("GRANT OPTION"));
            }
            json_array_foreach (line.privileges, j, item) {
                json_array_append_new(list, json_pack("{s:s, s:s, s:O}", "privilege",
                                                      canonical(json_string_value(item)),
                                                      "object", object, "line", text));
            }
        }
        json_decref(line.privileges);
    }
    return list;
}

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

/* Does this line's list hold it? ALL PRIVILEGES holds everything but GRANT OPTION. */
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
            (strcmp(have, "ALL PRIVILEGES") == 0 && strcasecmp(wanted, "GRANT OPTION") != 0) ||
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

/* With partial_revokes wildcards are not wildcards; the escape still is one. */
static bool literally(const char *pattern, const char *text)
{
    for (; *pattern != '\0'; pattern++) {
        pattern += *pattern == '\\' && pattern[1] != '\0';
        if (*pattern != *text++) {
            return false;
        }
    }
    return *text == '\0';
}

/* Where the first wildcard stands; the later, the more specific (the server's own order). A
 * pattern without one is the most specific of all. */
static size_t specificity(const char *pattern)
{
    for (size_t i = 0; pattern[i] != '\0'; i++) {
        if (pattern[i] == '\\' && pattern[i + 1] != '\0') {
            i++;
        } else if (pattern[i] == '%' || pattern[i] == '_') {
            return i;
        }
    }
    return (size_t)-1;
}

struct sum {
    bool global, revoked_here, has_revokes, schema, table, not_understood;
    bool contested; /* another row is as specific and says otherwise */
    size_t best;    /* specificity of the database row that counts, + 1; 0: none yet */
    char row[256];
};

static bool has_revokes(const json_t *lines)
{
    size_t i;
    json_t *line;

    json_array_foreach (lines, i, line) {
        if (json_is_string(line) && strncasecmp(json_string_value(line), "REVOKE ", 7) == 0) {
            return true;
        }
    }
    return false;
}

static void add_schema_line(struct sum *sum, const struct hg_grant_line *line,
                            const char *wanted, const char *schema)
{
    bool fits = sum->has_revokes ? literally(line->schema, schema) : like(line->schema, schema);
    size_t rank = sum->has_revokes ? (size_t)-1 : specificity(line->schema);

    if (line->revoke) {
        sum->revoked_here |= (fits || strcmp(line->schema, schema) == 0) &&
                             listed(line, wanted);
        return;
    }
    if (!fits) {
        return;
    }
    rank = rank == (size_t)-1 ? rank : rank + 1;
    if (sum->best == 0 || rank > sum->best) {
        sum->best = rank ? rank : 1;
        sum->schema = listed(line, wanted);
        sum->contested = false;
        snprintf(sum->row, sizeof(sum->row), "%s", line->schema);
    } else if (strcmp(sum->row, line->schema) == 0) {
        sum->schema = sum->schema || listed(line, wanted); /* the same row, or a role's */
    } else if (rank == sum->best) {
        sum->contested = sum->contested || sum->schema != listed(line, wanted);
    }
}

static void add_line(struct sum *sum, const char *text, const char *wanted, const char *schema,
                     const char *table)
{
    struct hg_grant_line line;

    hg_grant_parse(text, &line);
    if (line.kind == HG_GRANT_UNKNOWN) {
        sum->not_understood = true;
    } else if (line.kind == HG_GRANT_PRIVILEGES) {
        switch (line.level) {
        case HG_ON_GLOBAL:
            sum->global = line.revoke ? sum->global && !listed(&line, wanted)
                                      : sum->global || listed(&line, wanted);
            break;
        case HG_ON_SCHEMA:
            if (schema != NULL) {
                add_schema_line(sum, &line, wanted, schema);
            }
            break;
        case HG_ON_TABLE:
            sum->table |= table != NULL && !line.revoke && strcmp(line.schema, schema) == 0 &&
                          strcmp(line.object, table) == 0 && listed(&line, wanted);
            break;
        default:
            break;
        }
    }
    json_decref(line.privileges);
}

/* "*.*" → no schema; "db.*" → schema; "db.table" → both. */
static bool split_object(const char *object, char *schema, size_t size, const char **ret_table)
{
    const char *dot = strrchr(object, '.');

    *ret_table = NULL;
    if (dot == NULL || (size_t)(dot - object) >= size) {
        return false;
    }
    memcpy(schema, object, (size_t)(dot - object));
    schema[dot - object] = '\0';
    if (strcmp(dot + 1, "*") != 0) {
        *ret_table = dot + 1;
    }
    return true;
}

enum hg_verdict hg_mysql_allows(const json_t *grants, const char *privilege, const char *object)
{
    json_t *lines = json_object_get(grants, "lines"), *line;
    const char *wanted = canonical(privilege), *table;
    struct sum sum = { .has_revokes = has_revokes(lines) };
    char schema[256];
    bool everywhere, holds;
    size_t i;

    if (!json_is_array(lines) || !split_object(object, schema, sizeof(schema), &table)) {
        return HG_UNKNOWN;
    }
    everywhere = strcmp(schema, "*") == 0;
    json_array_foreach (lines, i, line) {
        if (!json_is_string(line)) {
            sum.not_understood = true;
            continue;
        }
        add_line(&sum, json_string_value(line), wanted, everywhere ? NULL : schema, table);
    }
    holds = (sum.global && !sum.revoked_here) || (!everywhere && (sum.schema || sum.table));
    if (sum.schema && sum.contested && !sum.table && !(sum.global && !sum.revoked_here)) {
        return HG_UNKNOWN; /* which of the two rows counts is the server's own affair */
    }
    if (holds) {
        /* A line that was not understood could be the revoke that takes it away. */
        return sum.not_understood && sum.has_revokes ? HG_UNKNOWN : HG_PASS;
    }
    return sum.not_understood || sum.contested ||
                   !json_is_true(json_object_get(grants, "complete"))
               ? HG_UNKNOWN
               : HG_FAIL;
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

/* SPDX-License-Identifier: Apache-2.0 */
/* mysql_grants_parse.c - the lines of SHOW GRANTS: MySQL Reference Manual, GRANT and SHOW
 * GRANTS; MariaDB Knowledge Base, GRANT. What is not of this form is not understood, and says
 * so. */
#include "rules/mysql_grants_parse.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char *skip(const char *p)
{
    return p + strspn(p, " \t");
}

/* The rest after a word of the grammar, or NULL when another stands here. */
static const char *word(const char *p, const char *expected)
{
    size_t len = strlen(expected);

    p = skip(p);
    return strncasecmp(p, expected, len) == 0 && (p[len] == ' ' || p[len] == '\0') ? p + len
                                                                                   : NULL;
}

/* A quoted or bare name; the quote doubled inside is the quote. NULL when there is none. */
static const char *name(const char *p, char *ret, size_t size)
{
    size_t n = 0;
    char quote;

    p = skip(p);
    quote = *p == '`' || *p == '\'' || *p == '"' ? *p++ : '\0';
    for (; *p != '\0'; p++) {
        if (quote != '\0' && *p == quote) {
            if (p[1] != quote) {
                break;
            }
            p++;
        } else if (quote == '\0' && strchr(" .,()@;*", *p) != NULL) {
            break;
        }
        if (n + 1 >= size) {
            return NULL;
        }
        ret[n++] = *p;
    }
    ret[n] = '\0';
    if (quote != '\0') {
        return *p == quote ? p + 1 : NULL;
    }
    return n > 0 ? p : NULL;
}

/* Upper case, single spaces: "select" and "REPLICATION  SLAVE" are what they mean. */
static void add_privilege(json_t *list, const char *text, size_t len, bool columns)
{
    char out[160];
    size_t n = 0;

    for (size_t i = 0; i < len && n + 12 < sizeof(out); i++) {
        char c = text[i] >= 'a' && text[i] <= 'z' ? (char)(text[i] - 32) : text[i];

        if (c != ' ' || (n > 0 && out[n - 1] != ' ')) {
            out[n++] = c;
        }
    }
    while (n > 0 && out[n - 1] == ' ') {
        n--;
    }
    out[n] = '\0';
    if (columns) {
        strcat(out, " (COLUMNS)");
    }
    if (strcmp(out, "ALL") == 0) {
        strcpy(out, "ALL PRIVILEGES");
    }
    if (n > 0) {
        json_array_append_new(list, json_string(out));
    }
}

/* Past "(`a`, b)"; a quoted column may have anything in its name. NULL when it never ends. */
static const char *columns_end(const char *p)
{
    char ignored[512];

    do {
        p = name(p + 1, ignored, sizeof(ignored));
        p = p ? skip(p) : NULL;
    } while (p != NULL && *p == ',');
    return p != NULL && *p == ')' ? p + 1 : NULL;
}

/* "SELECT, INSERT (`a`, `b`), GRANT OPTION" up to " ON "; NULL when that never comes. */
static const char *privileges(const char *p, json_t *list)
{
    const char *start = p = skip(p);

    for (;; p++) {
        bool columns = false;
        const char *end = p;

        if (*p == '\0') {
            return NULL;
        }
        if (*p == '(') {
            columns = true;
            p = columns_end(p);
            if (p == NULL) {
                return NULL;
            }
        }
        if (*p == ',' || strncasecmp(p, " ON ", 4) == 0) {
            add_privilege(list, start, (size_t)(end - start), columns);
            if (*p != ',') {
                return p + 4;
            }
            start = skip(p + 1);
            p = start - 1;
        } else if (columns && *p != ' ') {
            return NULL;
        } else if (strchr("`'\"", *p) != NULL) {
            return NULL; /* a name here: this is no list of privileges */
        }
    }
}

static const char *routine_kind(const char *p)
{
    static const char *const kinds[] = { "PROCEDURE", "FUNCTION", "PACKAGE BODY", "PACKAGE",
                                         "LIBRARY" };

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        const char *rest = word(p, kinds[i]);

        if (rest != NULL && *rest == ' ') {
            return rest;
        }
    }
    return NULL;
}

/* *.* | schema.* | schema.table | PROCEDURE schema.routine */
static const char *object(const char *p, struct hg_grant_line *ret)
{
    const char *rest = routine_kind(p);
    bool routine = rest != NULL;

    p = skip(rest ? rest : word(p, "TABLE") ? word(p, "TABLE") : p);
    if (strncmp(p, "*.*", 3) == 0) {
        ret->level = HG_ON_GLOBAL;
        return routine ? NULL : p + 3;
    }
    p = name(p, ret->schema, sizeof(ret->schema));
    if (p == NULL || *p != '.') {
        return NULL;
    }
    p++;
    if (*p == '*') {
        ret->level = HG_ON_SCHEMA;
        return routine ? NULL : p + 1;
    }
    ret->level = routine ? HG_ON_ROUTINE : HG_ON_TABLE;
    return name(p, ret->object, sizeof(ret->object));
}

/* 'u'@'h', `u`@`h`, u@h, or a role without a host. */
static const char *account(const char *p, struct hg_grant_line *ret)
{
    char ignored[512];

    p = name(p, ret->grantee, sizeof(ret->grantee));
    ret->to_role = p != NULL && *p != '@';
    if (p != NULL && *p == '@') {
        /* A bare host pattern has dots and percent signs. */
        p++;
        if (*p == '`' || *p == '\'' || *p == '"') {
            return name(p, ignored, sizeof(ignored));
        }
        return p + strcspn(p, " ,;");
    }
    return p;
}

static bool at_end(const char *p)
{
    p = skip(p);
    return *skip(p + (*p == ';')) == '\0';
}

/* Past a quoted text of any length; NULL when it never ends. */
static const char *quoted(const char *p)
{
    char quote = *p++;

    for (;;) {
        p = strchr(p, quote);
        if (p == NULL || p[1] != quote) {
            return p ? p + 1 : NULL;
        }
        p += 2;
    }
}

/* What may follow the account: IDENTIFIED …, REQUIRE …, WITH …, AS …. Nothing that is quoted
 * there is a word of it. */
static bool tail(const char *p, struct hg_grant_line *ret)
{
    const char *rest;

    ret->grant_option = false;
    if (at_end(p)) {
        return true;
    }
    if (word(p, "IDENTIFIED") == NULL && word(p, "REQUIRE") == NULL &&
        word(p, "WITH") == NULL && word(p, "AS") == NULL) {
        return false;
    }
    /* Of MySQL only versions before 5.7 show this; those and MariaDB list rows in order. */
    ret->in_order = ret->in_order || word(p, "IDENTIFIED") != NULL;
    for (p = skip(p); p != NULL && *p != '\0'; p = p ? skip(p) : NULL) {
        if (strchr("`'\"", *p) != NULL) {
            p = quoted(p);
            continue;
        }
        rest = word(p, "GRANT");
        ret->grant_option = ret->grant_option || (rest != NULL && word(rest, "OPTION") != NULL);
        p += strcspn(p, " \t`'\"");
    }
    return p != NULL;
}

static bool role_list(const char *p, struct hg_grant_line *ret)
{
    const char *rest;

    for (;;) {
        p = account(p, ret);
        if (p == NULL) {
            return false;
        }
        ret->in_order = ret->in_order || ret->to_role;
        p = skip(p);
        if (*p != ',') {
            break;
        }
        p++;
    }
    p = word(p, ret->revoke ? "FROM" : "TO");
    p = p ? account(p, ret) : NULL;
    rest = p ? word(p, "WITH") : NULL;
    rest = rest ? word(rest, "ADMIN") : NULL;
    rest = rest ? word(rest, "OPTION") : NULL;
    return p != NULL && at_end(rest ? rest : p);
}

/* PROXY ON account TO account [WITH GRANT OPTION] */
static bool proxy(const char *p, struct hg_grant_line *ret)
{
    p = word(p, "PROXY");
    p = p ? word(p, "ON") : NULL;
    p = p ? account(p, ret) : NULL;
    p = p ? word(p, ret->revoke ? "FROM" : "TO") : NULL;
    p = p ? account(p, ret) : NULL;
    return p != NULL && tail(p, ret);
}

/* SET DEFAULT ROLE role [FOR account]: MariaDB's */
static bool default_role(const char *p, struct hg_grant_line *ret)
{
    const char *rest;

    p = word(p, "SET");
    p = p ? word(p, "DEFAULT") : NULL;
    p = p ? word(p, "ROLE") : NULL;
    p = p ? account(p, ret) : NULL;
    rest = p ? word(p, "FOR") : NULL;
    p = rest ? account(rest, ret) : p;
    ret->in_order = p != NULL;
    return p != NULL && at_end(p);
}

void hg_grant_parse(const char *line, struct hg_grant_line *ret)
{
    const char *p = word(line, "GRANT"), *rest;

    *ret = (struct hg_grant_line){ .kind = HG_GRANT_UNKNOWN, .privileges = json_array() };
    if (p == NULL) {
        p = word(line, "REVOKE");
        ret->revoke = p != NULL;
    }
    if (p == NULL || proxy(p, ret)) {
        ret->kind = p != NULL || default_role(line, ret) ? HG_GRANT_OTHER : HG_GRANT_UNKNOWN;
        return;
    }
    rest = privileges(p, ret->privileges);
    if (rest != NULL && json_array_size(ret->privileges) > 0) {
        rest = object(rest, ret);
        rest = rest ? word(rest, ret->revoke ? "FROM" : "TO") : NULL;
        rest = rest ? account(rest, ret) : NULL;
        ret->in_order = rest != NULL && ret->to_role;
        ret->kind = rest != NULL && tail(rest, ret) ? HG_GRANT_PRIVILEGES : HG_GRANT_UNKNOWN;
        return;
    }
    json_array_clear(ret->privileges);
    ret->kind = role_list(p, ret) ? HG_GRANT_ROLES : HG_GRANT_UNKNOWN;
}

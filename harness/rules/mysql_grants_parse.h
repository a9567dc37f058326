/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* mysql_grants_parse.h - one line of SHOW GRANTS taken apart. Private to rules. */

#include <stdbool.h>
#include <stddef.h>

struct json_t;

enum hg_grant_kind {
    HG_GRANT_PRIVILEGES, /* GRANT or REVOKE of privileges ON an object */
    HG_GRANT_ROLES,      /* GRANT role TO account */
    HG_GRANT_OTHER,      /* PROXY, SET DEFAULT ROLE: understood, of no weight here */
    HG_GRANT_UNKNOWN,    /* not understood */
};

enum hg_grant_level { HG_ON_GLOBAL, HG_ON_SCHEMA, HG_ON_TABLE, HG_ON_ROUTINE };

struct hg_grant_line {
    enum hg_grant_kind kind;
    bool revoke;
    enum hg_grant_level level;
    char schema[256];  /* a pattern at HG_ON_SCHEMA: escapes kept */
    char object[256];  /* table or routine */
    char grantee[520]; /* without its host */
    bool to_role;      /* a grantee without a host: a role of MariaDB's, or PUBLIC */
    bool in_order;     /* written as by a server that lists rows in the order it tries them */
    bool grant_option;
    struct json_t
        *privileges; /* owned: upper-case names, "SELECT (COLUMNS)" for column grants */
};

/* Fills `ret`; `ret->privileges` is to be freed with json_decref(). */
void hg_grant_parse(const char *line, struct hg_grant_line *ret);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * privileges.h - what an account may do, from what the server states about it. Pure.
 *
 * MySQL / MariaDB: SHOW GRANTS lines (MySQL Reference Manual 15.7.7.22 SHOW GRANTS; 8.2.2
 * Privileges Provided by MySQL; 8.2.12 Privilege Restriction Using Partial Revokes; for
 * patterns 15.7.1.6 GRANT: of several database-level rows that match only the most specific one
 * counts). MongoDB: the privileges array of connectionStatus/usersInfo (resource documents).
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "model/finding.h"

struct json_t;

/* Does the account hold `privilege` on `object` ("*.*", "db.*", "db.table")? `grants` is the
 * value of the fact mysql.grants. Unknown when a line cannot be understood and no other
 * decides, or grants.complete is not true and nothing grants it. `*.*` asks for the global
 * privilege itself. MariaDB's names are equal to MySQL's: BINLOG MONITOR = REPLICATION CLIENT;
 * ALL PRIVILEGES holds every static privilege of its level (not GRANT OPTION); SUPER covers
 * REPLICATION CLIENT. "db.*" is held by the global privilege (less partial revokes) or the
 * database row. Column-level SELECT is not table SELECT. */
enum hg_verdict hg_mysql_allows(const struct json_t *grants, const char *privilege,
                                const char *object);

/* Every privilege held at any level, as an array of {"privilege","object","line"} in the order
 * of the lines; *ret_all_understood is false when a line was not understood. */
struct json_t *hg_mysql_privileges(const struct json_t *grants, bool *ret_all_understood);

/* Does the account hold every one of `actions` on the resource? `collection` "" asks for the
 * whole database ({db, collection: ""}), which only such a resource, {db: "", collection: ""}
 * (any non-system database) or {anyResource: true} gives. Missing actions are appended to
 * `missing` (may be NULL). Unknown when the value has another shape. */
enum hg_verdict hg_mongodb_allows(const struct json_t *privileges, const struct json_t *actions,
                                  const char *db, const char *collection,
                                  struct json_t *missing);

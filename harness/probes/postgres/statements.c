/* SPDX-License-Identifier: Apache-2.0 */
/*
 * statements.c - everything this probe can send. Catalogues only, none that waits for a lock
 * on a user's table (no pg_relation_size, no pg_publication_tables: that one opens the
 * tables). Each gives rows of one JSON object in the shape of docs/PROBES.md. Columns that
 * only newer servers have are read through to_jsonb(), which gives NULL where they are missing;
 * whole catalogues that are missing need a text of their own.
 */
#include <string.h>

#include "probes/postgres/pg.h"

#define ROWS(query) "SELECT row_to_json(t) FROM (" query ") t"

#define PROVIDER_ROLES                                                                         \
    "'rds_superuser','rds_replication','rdsadmin','cloudsqlsuperuser','cloudsqladmin',"        \
    "'azure_pg_admin','azuresu','alloydbsuperuser','alloydbadmin','supabase_admin',"           \
    "'neon_superuser'"

#define SETTINGS                                                                                \
    "'wal_level','max_replication_slots','max_wal_senders','max_slot_wal_keep_size',"           \
    "'wal_keep_size','wal_keep_segments','wal_sender_timeout','idle_replication_slot_timeout'," \
    "'logical_decoding_work_mem','max_worker_processes','max_connections',"                     \
    "'superuser_reserved_connections','reserved_connections','hot_standby_feedback',"           \
    "'ssl','ssl_min_protocol_version','ssl_ciphers','password_encryption',"                     \
    "'scram_iterations','db_user_namespace','authentication_timeout','listen_addresses',"       \
    "'log_connections','log_disconnections','log_replication_commands','log_statement',"        \
    "'row_security','server_version','server_version_num','server_encoding',"                   \
    "'shared_preload_libraries','track_commit_timestamp','fsync','full_page_writes',"           \
    "'rds.logical_replication','rds.force_ssl','cloudsql.logical_decoding',"                    \
    "'cloudsql.enable_pgaudit','cloudsql.iam_authentication','alloydb.logical_decoding',"       \
    "'azure.extensions','azure.replication_support'"

/* $1: the account */
#define ACCOUNT "a AS (SELECT oid, rolsuper FROM pg_roles WHERE rolname = $1::text)"

/* Schemas that are not the server's own. */
#define USER_SCHEMA(n) n ".nspname !~ '^pg_' AND " n ".nspname <> 'information_schema'"

/* up: a partition and every table above it. cover: a table and each publication that sends
 * its changes, by name, by schema or through a table above it. */
#define COVER(and_schemas)                                                                     \
    "up(oid, above) AS ("                                                                      \
    "SELECT i.inhrelid, i.inhparent FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid " \
    "WHERE c.relispartition "                                                                  \
    "UNION SELECT up.oid, i.inhparent FROM up JOIN pg_inherits i ON i.inhrelid = up.above "    \
    "JOIN pg_class c ON c.oid = i.inhrelid WHERE c.relispartition), "                          \
    "listed(oid, pub) AS (SELECT prrelid, prpubid FROM pg_publication_rel" and_schemas "), "   \
    "cover(oid, pub) AS (SELECT oid, pub FROM listed "                                         \
    "UNION SELECT up.oid, l.pub FROM up JOIN listed l ON l.oid = up.above)"

#define AND_SCHEMAS                                                                            \
    " UNION SELECT c.oid, s.pnpubid FROM pg_publication_namespace s "                          \
    "JOIN pg_class c ON c.relnamespace = s.pnnspid AND c.relkind IN ('r','p')"

/* $2: patterns, schema.table */
#define TABLES(kind, publications, from)                                                            \
    ROWS(                                                                                           \
        "SELECT n.nspname AS schema, c.relname AS name, " kind " AS kind, "                         \
        "coalesce(has_table_privilege(a.oid, c.oid, 'SELECT'), false) AS \"select\", "              \
        "pg_get_userbyid(c.relowner) AS owner, "                                                    \
        "CASE c.relreplident WHEN 'd' THEN 'default' WHEN 'f' THEN 'full' "                         \
        "WHEN 'n' THEN 'nothing' WHEN 'i' THEN CASE WHEN EXISTS (SELECT 1 FROM pg_index i "         \
        "WHERE i.indrelid = c.oid AND i.indisreplident AND i.indimmediate AND i.indisvalid) "       \
        "THEN 'index' ELSE 'nothing' END END AS identity, "                                         \
        "EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary "             \
        "AND i.indimmediate AND i.indisvalid) "                                                     \
        "AS primary_key, "                                                                          \
        "CASE c.relpersistence WHEN 'p' THEN 'permanent' WHEN 'u' THEN 'unlogged' "                 \
        "ELSE 'temporary' END AS persistence, " publications " AS publications, "                   \
        "c.relrowsecurity AS rls "                                                                  \
        "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "                            \
        "LEFT JOIN a ON true " from "WHERE c.relkind IN ('r','p') AND " USER_SCHEMA(                \
            "n") " "                                                                                \
                 "AND ($2::text[] IS NULL OR n.nspname || '.' || c.relname LIKE ANY ($2::text[])) " \
                 "ORDER BY 1, 2 LIMIT 100001")

/* A publication without updates or deletes does not carry a stream. */
#define WHOLE(p) "AND " p ".pubinsert AND " p ".pubupdate AND " p ".pubdelete"

#define TABLES_10(and_schemas)                                                                                 \
    "WITH RECURSIVE " ACCOUNT ", " COVER(                                                                      \
        and_schemas) ", "                                                                                      \
                     "pubs AS (SELECT cover.oid, array_agg(p.pubname ORDER BY p.pubname) AS names "            \
                     "FROM cover JOIN pg_publication p ON p.oid = cover.pub " WHOLE(                           \
                         "p") " GROUP BY 1), "                                                                 \
                              "every AS (SELECT coalesce(array_agg(pubname ORDER BY pubname), '{}') AS names " \
                              "FROM pg_publication p WHERE puballtables " WHOLE("p") ") " TABLES(              \
                                  "CASE WHEN c.relispartition THEN 'partition' WHEN c.relkind = 'p' "          \
                                  "THEN 'partitioned' ELSE 'table' END",                                       \
                                  "CASE WHEN c.relpersistence = 'p' THEN e.names ELSE '{}' END "               \
                                  "|| coalesce(p.names, '{}')",                                                \
                                  "CROSS JOIN every e LEFT JOIN pubs p ON p.oid = c.oid ")

#define PUBLICATIONS(and_schemas)                                                              \
    "WITH RECURSIVE " COVER(and_schemas) " " ROWS(                                             \
        "SELECT p.pubname AS name, p.puballtables AS all_tables, p.pubinsert AS \"insert\", "  \
        "p.pubupdate AS \"update\", p.pubdelete AS \"delete\", "                               \
        "coalesce((to_jsonb(p)->>'pubtruncate')::bool, false) AS \"truncate\", "               \
        "coalesce((to_jsonb(p)->>'pubviaroot')::bool, false) AS via_root, "                    \
        "pg_get_userbyid(p.pubowner) AS owner, "                                               \
        "CASE WHEN p.puballtables THEN (SELECT count(*) FROM pg_class c "                      \
        "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r','p') "          \
        "AND c.relpersistence = 'p' AND " USER_SCHEMA(                                         \
            "n") ") "                                                                          \
                 "ELSE (SELECT count(*) FROM cover WHERE cover.pub = p.oid) END AS tables "    \
                 "FROM pg_publication p ORDER BY 1 LIMIT 100001")

/* A role counts that owns tables in scope, or that may create some: one that can log in, that
 * owns the schema, or that a grant names. Superusers may create everywhere: they are named only
 * where they own tables or have default privileges of theirs (the seed's statement gives the
 * superuser who runs it some). $2: patterns for schemas, $3: for tables. */
#define DEFAULT_PRIVILEGES                                                                               \
    "WITH " ACCOUNT ", "                                                                                 \
    "reads AS (SELECT bool_or(a.rolsuper OR coalesce(pg_has_role(a.oid, r.oid, 'USAGE'), "               \
    "false)) AS all_data FROM a LEFT JOIN pg_roles r ON r.rolname = 'pg_read_all_data'), "               \
    "s AS (SELECT n.oid, n.nspname, n.nspowner, n.nspacl FROM pg_namespace n "                           \
    "WHERE " USER_SCHEMA(                                                                                \
        "n") " AND ($2::text[] IS NULL OR n.nspname LIKE ANY ($2::text[]))), "                           \
             "owns AS (SELECT c.relnamespace AS nsp, c.relowner AS role, count(*) AS n "                 \
             "FROM pg_class c JOIN s ON s.oid = c.relnamespace WHERE c.relkind IN ('r','p') "            \
             "AND ($3::text[] IS NULL OR s.nspname || '.' || c.relname LIKE ANY ($3::text[])) "          \
             "GROUP BY 1, 2), "                                                                          \
             "given AS (SELECT d.defaclrole AS role, d.defaclnamespace AS nsp, bool_or(x.grantee = 0 "   \
             "OR x.grantee = a.oid OR pg_has_role(a.oid, x.grantee, 'USAGE')) AS yes "                   \
             "FROM pg_default_acl d CROSS JOIN a CROSS JOIN LATERAL aclexplode(d.defaclacl) x "          \
             "WHERE d.defaclobjtype = 'r' AND x.privilege_type = 'SELECT' GROUP BY 1, 2), "              \
             "named AS (SELECT s.oid AS nsp, x.grantee AS role FROM s "                                  \
             "CROSS JOIN LATERAL aclexplode(s.nspacl) x WHERE x.privilege_type = 'CREATE'), "            \
             "pairs AS (SELECT s.oid AS nsp, s.nspname, r.oid AS role, r.rolname, r.rolsuper, o.n, "     \
             "EXISTS (SELECT 1 FROM given g WHERE g.yes AND g.role = r.oid AND g.nsp IN (0, s.oid)) "    \
             "AS given, r.rolname !~ '^pg_' AND (r.rolcanlogin OR r.oid = s.nspowner OR EXISTS "         \
             "(SELECT 1 FROM named m WHERE m.nsp = s.oid AND m.role = r.oid)) AS able "                  \
             "FROM s CROSS JOIN pg_roles r LEFT JOIN owns o ON o.nsp = s.oid AND o.role = r.oid) " ROWS( \
                 "SELECT p.rolname AS role, p.nspname AS schema, "                                       \
                 "CASE WHEN p.n = 1 THEN 'owns 1 table here' "                                           \
                 "WHEN p.n > 1 THEN 'owns ' || p.n || ' tables here' "                                   \
                 "WHEN p.rolsuper THEN 'a superuser with default privileges of its own' "                \
                 "ELSE 'may create tables here' END AS why, "                                            \
                 "p.given OR coalesce((SELECT all_data FROM reads), false) "                             \
                 "OR coalesce(pg_has_role(a.oid, p.role, 'USAGE'), false) AS covered "                   \
                 "FROM pairs p LEFT JOIN a ON true WHERE p.n > 0 OR (p.rolsuper AND p.given) "           \
                 "OR (NOT p.rolsuper AND p.able AND has_schema_privilege(p.role, p.nsp, 'CREATE')) "     \
                 "ORDER BY 2, 1 LIMIT 100001")

const struct hg_statement pg_statements[] = {
    { "watch-client", HG_LEVEL_LOOK, "SET client_connection_check_interval = '500ms'", "",
     "PostgreSQL from 14" },
    { "server", HG_LEVEL_LOOK,
     ROWS("SELECT version() AS version_text, pg_is_in_recovery() AS in_recovery, "
           "ARRAY(SELECT rolname FROM pg_roles WHERE rolname IN (" PROVIDER_ROLES ") "
           "ORDER BY 1) AS roles, "
           "ARRAY(SELECT name FROM pg_settings "
           "WHERE name ~ '^(rds|cloudsql|azure|alloydb|neon)[.]' ORDER BY 1 LIMIT 5) "
           "AS settings, "
           "EXISTS (SELECT 1 FROM pg_proc WHERE proname = 'aurora_version' "
           "AND pronamespace = 'pg_catalog'::regnamespace) AS aurora"),
     "postgres.server postgres.slot-trial" },
    { "session", HG_LEVEL_LOOK,
     ROWS("SELECT current_user AS \"user\", session_user AS session_user, "
           "current_database() AS database, pg_backend_pid() AS pid"),
     "postgres.session" },
    { "settings", HG_LEVEL_LOOK,
     ROWS("SELECT name, setting, unit, source, pending_restart FROM pg_settings "
           "WHERE name IN (" SETTINGS ") ORDER BY name"),
     "postgres.settings" },
    { "role", HG_LEVEL_LOOK,
     "WITH RECURSIVE m(oid) AS (SELECT am.roleid FROM pg_auth_members am "
      "JOIN pg_roles r ON r.oid = am.member WHERE r.rolname = $1::text "
      "UNION SELECT am.roleid FROM pg_auth_members am JOIN m ON am.member = m.oid) " ROWS(
          "SELECT r.rolname AS name, r.rolsuper AS superuser, r.rolreplication AS "
          "replication, r.rolbypassrls AS bypassrls, r.rolcanlogin AS login, "
          "r.rolconnlimit AS connection_limit, CASE WHEN isfinite(r.rolvaliduntil) THEN "
          "to_char(r.rolvaliduntil AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') "
          "END AS valid_until, ARRAY(SELECT x.rolname FROM pg_roles x JOIN m "
          "ON m.oid = x.oid WHERE x.rolname IN (" PROVIDER_ROLES ") ORDER BY 1) "
          "AS provider_roles, ARRAY(SELECT x.rolname FROM pg_roles x JOIN m "
          "ON m.oid = x.oid ORDER BY 1) AS member_of "
          "FROM pg_roles r WHERE r.rolname = $1::text"),
     "postgres.role" },
    { "database", HG_LEVEL_LOOK,
     ROWS("SELECT $2::text AS name, d.oid IS NOT NULL AS exists, "
           "coalesce(has_database_privilege(a.oid, d.oid, 'CONNECT'), false) AS connect, "
           "ARRAY(SELECT DISTINCT CASE WHEN x.grantee = 0 THEN 'PUBLIC' "
           "ELSE pg_get_userbyid(x.grantee)::text END "
           "FROM aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) x "
           "WHERE x.privilege_type = 'CONNECT' AND d.oid IS NOT NULL AND (x.grantee = 0 "
           "OR pg_has_role(a.oid, x.grantee, 'USAGE'))) AS connect_from "
           "FROM (SELECT 1) one LEFT JOIN pg_database d ON d.datname = $2::text "
           "LEFT JOIN pg_roles a ON a.rolname = $1::text"),
     "postgres.database" },
    { "schemas", HG_LEVEL_LOOK,
     "WITH " ACCOUNT
      " " ROWS("SELECT n.nspname AS name, "
               "coalesce(has_schema_privilege(a.oid, n.oid, 'USAGE'), false) AS usage, "
               "pg_get_userbyid(n.nspowner) AS owner FROM pg_namespace n LEFT JOIN a ON true "
               "WHERE " USER_SCHEMA("n") " AND ($2::text[] IS NULL "
                                         "OR n.nspname LIKE ANY ($2::text[])) "
                                         "ORDER BY 1 LIMIT 100001"),
     "postgres.schemas" },
    { "tables", HG_LEVEL_LOOK, TABLES_10(AND_SCHEMAS), "postgres.tables",
     "PostgreSQL from 15" },
    { "tables-10-to-14", HG_LEVEL_LOOK, TABLES_10(""), "postgres.tables",
     "PostgreSQL 10 to 14" },
    { "tables-9.6", HG_LEVEL_LOOK,
     "WITH " ACCOUNT " " TABLES("'table'::text", "'{}'::text[]", ""), "postgres.tables",
     "PostgreSQL before 10" },
    { "default-privileges", HG_LEVEL_LOOK, DEFAULT_PRIVILEGES, "postgres.default-privileges" },
    { "slots", HG_LEVEL_LOOK,
     ROWS("SELECT m AS max, u AS used, greatest(m - u, 0) AS free FROM (SELECT "
           "current_setting('max_replication_slots')::int AS m, "
           "(SELECT count(*)::int FROM pg_replication_slots) AS u) x"),
     "postgres.slots postgres.slot-trial" },
    { "senders", HG_LEVEL_LOOK,
     ROWS("SELECT m AS max, u AS used, greatest(m - u, 0) AS free FROM (SELECT "
           "current_setting('max_wal_senders')::int AS m, "
           "(SELECT count(*)::int FROM pg_stat_replication) AS u) x"),
     "postgres.senders postgres.replication.logical postgres.replication.physical" },
    { "slot-list", HG_LEVEL_LOOK,
     ROWS("SELECT s.slot_name AS name, s.plugin, s.slot_type AS type, s.database, s.active, "
           "to_jsonb(s)->>'wal_status' AS wal_status, "
           "coalesce((to_jsonb(s)->>'temporary')::bool, false) AS temporary, "
           "s.confirmed_flush_lsn::text AS confirmed, "
           "coalesce(to_jsonb(s)->>'invalidation_reason', CASE WHEN "
           "(to_jsonb(s)->>'conflicting')::bool THEN 'conflicting' END) AS invalidation "
           "FROM pg_replication_slots s ORDER BY 1 LIMIT 100001"),
     "postgres.slot-list" },
    { "publications", HG_LEVEL_LOOK, PUBLICATIONS(AND_SCHEMAS), "postgres.publications",
     "PostgreSQL from 15" },
    { "publications-10-to-14", HG_LEVEL_LOOK, PUBLICATIONS(""), "postgres.publications",
     "PostgreSQL 10 to 14" },
    { "hba", HG_LEVEL_LOOK,
     ROWS("SELECT h.line_number AS line, h.type, coalesce(h.database, '{}') AS databases, "
           "coalesce(h.user_name, '{}') AS users, h.address, h.netmask, "
           "h.auth_method AS method, ARRAY(SELECT CASE WHEN o ~ '^[a-z]*(passwd|secret)' "
           "THEN split_part(o, '=', 1) || '=(left out)' ELSE o END FROM unnest(h.options) o) "
           "AS options, h.error FROM pg_hba_file_rules() WITH ORDINALITY h "
           "ORDER BY h.ordinality LIMIT 100001"),
     "postgres.hba", "PostgreSQL from 10" },
    { "old-transactions", HG_LEVEL_PROVE,
     ROWS("SELECT (SELECT count(*)::int FROM pg_stat_activity s "
           "WHERE s.xact_start < now() - $1::int * interval '1 millisecond' "
           "AND s.pid <> pg_backend_pid() "
           "AND coalesce(to_jsonb(s)->>'backend_type', 'client backend') = 'client backend') "
           "+ (SELECT count(*)::int FROM pg_prepared_xacts "
           "WHERE prepared < now() - $1::int * interval '1 millisecond') AS old"),
     "postgres.slot-trial" },
    { "identify-system", HG_LEVEL_LOOK, "IDENTIFY_SYSTEM",
     "postgres.replication.logical postgres.replication.physical" },
    { "slot-trial", HG_LEVEL_PROVE,
     ROWS("SELECT c.slot_name AS name FROM "
           "pg_create_logical_replication_slot($1::text, 'pgoutput', true) c"),
     "postgres.slot-trial" },
    { "slot-left", HG_LEVEL_PROVE,
     ROWS("SELECT count(*)::int AS n FROM pg_replication_slots WHERE slot_name = $1::text"),
     "postgres.slot-trial" },
    { 0 },
};

const struct hg_statement *pg_statement(const char *id)
{
    for (const struct hg_statement *s = pg_statements; s->id != NULL; s++) {
        if (strcmp(s->id, id) == 0) {
            return s;
        }
    }
    return NULL;
}

-- Tonight's list: tonight \! touch /tmp/x
-- 2026-11-24T20:00:00Z, level look, headgate 0.1.0. The gate is CLOSED: 18
-- failures (12 blocker, 6 major), 2 unknown, 3 waiting; it fails on major and
-- worse.
--
-- What postgres can do of it: psql ... --file=FILE. A statement is commented
-- out where <...> has to be filled in, where it closes nothing, and where it
-- cannot be undone. Then run headgate again: what waited may show.
\set ON_ERROR_STOP on

-- audit: PostgreSQL 15.20 at a'$(touch x) b:5432, account u DROP ROLE u;
-- connect: psql --host='a'\''$(touch x) b' --port=5432 --username=<admin> --dbname='o'\''d\d "db" :x'
\connect -reuse-previous=on "dbname='o\'d\\d ""db"" :x'"

-- 1. BLOCKER postgres.wal.level
--    postgres.wal.level does not hold
--    do    Set it.
ALTER SYSTEM SET wal_level = 'logical';

-- All of this works after a restart: systemctl restart postgresql

-- 2. BLOCKER postgres.slot.healthy
--    postgres.slot.healthy does not hold
--    do    Make it anew.
--    this cannot be undone; take the comment sign away to do it:
-- SELECT pg_drop_replication_slot('s');

-- 3. BLOCKER postgres.hba.logical-line
--    no line /* ' " ` \! � \! touch /tmp/x DROP TABLE t; -- */ # // $(x) �next�
--    which line 4: /* ' " ` \! � \! touch /tmp/x DROP TABLE t; -- */ # // $(x)
--          �next�
--          and 29 more: they show when these are done
--    why   Because /* ' " ` \! � \! touch /tmp/x DROP TABLE t; -- */ # // $(x)
--          �next�
--    do    Add it /* ' " ` \! � \! touch /tmp/x DROP TABLE t; -- */ # // $(x)
--          �next�
--    in    pg_hba.conf (SHOW hba_file; says where it is), above the lines that
--          are there:
--          (fill in what stands in <...>)
--         hostssl "d" "u" <range> scram-sha-256
--         hostssl x /* ' " ` \! �
--         \! touch /tmp/x
--         DROP TABLE t; -- */ # // $(x) �next�

-- 4. MAJOR postgres.hba.open-range
--    postgres.hba.open-range does not hold
--    do    Narrow it.
--    in    pg_hba.conf (SHOW hba_file; says where it is):
--         # take out line 4
SELECT pg_reload_conf();

-- 5. BLOCKER postgres.publication.exists
--    postgres.publication.exists does not hold
--    do    Make it.
CREATE PUBLICATION p FOR TABLE "s"."a;b";

-- 6. BLOCKER postgres.slot.exists
--    postgres.slot.exists does not hold
--    do    Make it.
SELECT pg_create_logical_replication_slot('s', 'pgoutput');

-- hidden: PostgreSQL 15.20 at a'$(touch x) b:5432
-- connect: psql --host='a'\''$(touch x) b' --port=5432 --username=<admin> --dbname='un�seen'
-- The database's name holds characters that are not shown.

-- 7. MAJOR postgres.grant.usage
--    postgres.grant.usage does not hold
--    do    Grant it.
-- GRANT USAGE ON SCHEMA "s" TO "u";

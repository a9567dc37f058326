# Tonight's list: compared with an earlier run
# 2026-11-24T09:30:00Z, level look, headgate 0.1.0. The gate is CLOSED: 4
# failures (2 blocker, 2 major), 2 unknown, 2 waiting, 1 fault of ours; it fails
# on major and worse.
#
# What a shell can do of it: sh FILE. A statement is commented out where <...>
# has to be filled in, where it closes nothing, and where it cannot be undone.
# Then run headgate again: what waited may show.

# contributor: MySQL 9.7.0 at 127.0.0.1:3306, account
# 'datastream_user'@'10.1.0.%'

# 1. BLOCKER mysql.grant.select (could not be looked at)
#     could not be decided: mysql.grants is denied: SELECT command denied
#     why   Backfill reads every table.

# 2. INFO mysql.grant.reload (optional: it closes nothing)
#     RELOAD is more than is needed

# qualityaudit: PostgreSQL 15.14 at 127.0.0.1:5432, account datastream_user

# 3. BLOCKER postgres.connection.login
#     the login was refused: password authentication failed for user
#     "datastream_user" (28P01)
#     why   Nothing else can be asked.
#     do    Put the right password into the secret.
#     then  2 checks wait on this

# 4. MAJOR postgres.table.replica-identity
#     53 tables cannot be updated once they are published: public.table_00,
#     public.table_01, public.table_02 and 50 more
#     which public.table_00
#           public.table_01
#           public.table_02
#           public.table_03
#           public.table_04
#           public.table_05
#           public.table_06
#           public.table_07
#           public.table_08
#           public.table_09
#           public.table_10
#           public.table_11
#           public.table_12
#           public.table_13
#           public.table_14
#           public.table_15
#           public.table_16
#           public.table_17
#           public.table_18
#           public.table_19
#           and 33 more: they show when these are done

# programops: mongodb

# 5. BLOCKER mongodb.connection.reached (could not be looked at)
#     could not be decided: mongodb.connection is unreachable: no free local
#     port

# plan: plan

# 6. MINOR plan.waiver.not-expiring (optional: it closes nothing)
#     one waiver ends within 14 days
#     which mysql.binlog.retention on contributor, until 2026-11-30

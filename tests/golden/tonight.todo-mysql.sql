-- Tonight's list: tonight \! touch /tmp/x
-- 2026-11-24T20:00:00Z, level look, headgate 0.1.0. The gate is CLOSED: 18
-- failures (12 blocker, 6 major), 2 unknown, 3 waiting; it fails on major and
-- worse.
--
-- What mysql can do of it: mysql ... <FILE. A statement is commented out where
-- <...> has to be filled in, where it closes nothing, and where it cannot be
-- undone. Then run headgate again: what waited may show.

-- one: MySQL 9.7.4 at 10.0.1.5:3306, account 'u'@'%'
-- connect: mysql --host=10.0.1.5 --port=3306 --user=<admin> --password

-- 1. BLOCKER mysql.binlog.enabled
--    mysql.binlog.enabled does not hold
--    do    Switch it on.
--    then  2 checks wait on this
--    in    the server's settings file (usually /etc/my.cnf, or one below
--          /etc/mysql), below [mysqld]:
--         log-bin=mysql-bin
--         server-id=1

-- 2. MAJOR mysql.binlog.log-replica-updates
--    mysql.binlog.log-replica-updates does not hold
--    do    Switch it on.
SET PERSIST_ONLY log_replica_updates = ON;

-- All of this works after a restart: systemctl restart mysql

-- 3. BLOCKER mysql.grant.select
--    mysql.grant.select does not hold
--    do    Grant it.
GRANT SELECT ON `shop`.* TO 'u'@'%';

-- 4. BLOCKER mysql.grant.select-everywhere
--    mysql.grant.select-everywhere does not hold
--    do    Grant, then revoke.
--    a statement of mysql.grant.select, above, is of this too
REVOKE SELECT ON *.* FROM 'u'@'%';

-- 5. MINOR mysql.grant.reload (optional: it closes nothing)
--    mysql.grant.reload does not hold
--    do    Take it away.
--    optional; take the comment sign away to do it:
-- REVOKE RELOAD ON *.* FROM 'u'@'%';

-- 6. BLOCKER mysql.account.host-wildcard
--    the account may come from everywhere
--    why   Everybody may.
--    do    Rename it.
RENAME USER 'u'@'%' TO 'u'@'10.1.0.%';

-- two: MariaDB 11.8.2 at 10.0.1.6:3306
-- connect: mysql --host=10.0.1.6 --port=3306 --user=<admin> --password
-- Another server than the first: its statements are comments here. For a script
-- of its own, run headgate with --target and its name.

-- 7. MAJOR mysql.binlog.retention
--    mysql.binlog.retention does not hold
--    do    Keep it longer.
-- SET GLOBAL binlog_expire_logs_seconds = 604800;
--    in    the server's settings file (usually /etc/my.cnf, or one below
--          /etc/mysql), below [mysqld]:
--         binlog-expire-logs-seconds=604800

-- again: MySQL 9.7.4 at 10.0.1.5:3306
-- connect: mysql --host=10.0.1.5 --port=3306 --user=<admin> --password

-- 8. MAJOR mysql.connection.as-meant
--    mysql.connection.as-meant does not hold
--    do    Look who it is.
SELECT user, host FROM mysql.user;
--    this holds characters that are not shown; write it yourself:
-- SELECT 'holds � what is not shown';

-- Tonight's list: compared with an earlier run
-- 2026-11-24T09:30:00Z, level look, headgate 0.1.0. The gate is CLOSED: 4
-- failures (2 blocker, 2 major), 2 unknown, 2 waiting, 1 fault of ours; it
-- fails on major and worse.
--
-- What mysql can do of it: mysql ... <FILE. A statement is commented out where
-- <...> has to be filled in, where it closes nothing, and where it cannot be
-- undone. Then run headgate again: what waited may show.

-- contributor: MySQL 9.7.0 at 127.0.0.1:3306, account
-- 'datastream_user'@'10.1.0.%'
-- connect: mysql --host=127.0.0.1 --port=3306 --user=<admin> --password

-- 1. MAJOR mysql.account.host-wildcard
--    the account may come from any host
--    do    Make it two statements.
--    fill in what stands in <...>, then take the comment sign away:
-- CREATE USER 'datastream_user'@'10.1.0.%' IDENTIFIED BY '<password>';
-- DROP USER 'datastream_user'@'%';

-- 2. BLOCKER mysql.binlog.format
--    binlog_format is MIXED; it must be ROW
--    why   Statement and mixed formats log SQL text; a change stream needs the
--          rows themselves.
--    do    Set the format, make it last over a restart, and let old sessions
--          reconnect, since they keep the old value.
SET PERSIST binlog_format = 'ROW';

-- 3. MINOR mysql.gtid.mode (optional: it closes nothing)
--    gtid_mode is OFF
--    do    Set the format, make it last over a restart, and let old sessions
--          reconnect, since they keep the old value.

-- Tonight's list: all is ready
-- 2026-11-24T09:30:00Z, level look, headgate 0.1.0. The gate is OPEN; it fails
-- on major and worse.
--
-- What mysql can do of it: mysql ... <FILE. A statement is commented out where
-- <...> has to be filled in, where it closes nothing, and where it cannot be
-- undone. Then run headgate again: what waited may show.

-- contributor: MySQL 9.7.0 at 127.0.0.1:3306, account
-- 'datastream_user'@'10.1.0.%'
-- connect: mysql --host=127.0.0.1 --port=3306 --user=<admin> --password

-- 1. MINOR mysql.gtid.mode (optional: it closes nothing)
--    gtid_mode is OFF; it should be ON
--    why   Without it a switch of the source loses the place.
--    do    Set the format, make it last over a restart, and let old sessions
--          reconnect, since they keep the old value.
--    optional; take the comment sign away to do it:
-- SET PERSIST binlog_format = 'ROW';

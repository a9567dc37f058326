-- Tonight's list: what a run can hold and seldom does
-- 2026-02-30 yesterday, level prove, headgate 0.1.0. The gate is CLOSED: 2
-- failures (1 blocker, 1 major), 7 waiting, interrupted; it fails on minor and
-- worse.
--
-- What mysql can do of it: mysql ... <FILE. A statement is commented out where
-- <...> has to be filled in, where it closes nothing, and where it cannot be
-- undone. Then run headgate again: what waited may show.

--  : mysql at [fe80::1]:3306, dialled at 127.0.0.1:13306
-- connect: mysql --host=fe80::1 --port=3306 --user=<admin> --password

-- 1. BLOCKER mysql.reached (could not be looked at)
--    mysql.reached is unknown
--    then  2 checks wait on this
--    in the server's client:
-- GRANT SELECT ON *.* TO 'a'@'b';
-- 
-- -- The gate is OPEN

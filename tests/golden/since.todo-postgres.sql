-- Tonight's list: compared with an earlier run
-- 2026-11-24T09:30:00Z, level look, headgate 0.1.0. The gate is CLOSED: 4
-- failures (2 blocker, 2 major), 2 unknown, 2 waiting, 1 fault of ours; it
-- fails on major and worse.
--
-- What postgres can do of it: psql ... --file=FILE. A statement is commented
-- out where <...> has to be filled in, where it closes nothing, and where it
-- cannot be undone. Then run headgate again: what waited may show.
\set ON_ERROR_STOP on
-- Nothing in it.

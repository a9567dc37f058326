-- Tonight's list: what a run can hold and seldom does
-- 2026-02-30 yesterday, level prove, headgate 0.1.0. The gate is CLOSED: 2
-- failures (1 blocker, 1 major), 7 waiting, interrupted; it fails on minor and
-- worse.
--
-- What postgres can do of it: psql ... --file=FILE. A statement is commented
-- out where <...> has to be filled in, where it closes nothing, and where it
-- cannot be undone. Then run headgate again: what waited may show.
\set ON_ERROR_STOP on
-- Nothing in it.

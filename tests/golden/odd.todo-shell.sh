# Tonight's list: what a run can hold and seldom does
# 2026-02-30 yesterday, level prove, headgate 0.1.0. The gate is CLOSED: 2
# failures (1 blocker, 1 major), 7 waiting, interrupted; it fails on minor and
# worse.
#
# What a shell can do of it: sh FILE. A statement is commented out where <...>
# has to be filled in, where it closes nothing, and where it cannot be undone.
# Then run headgate again: what waited may show.

#  : mysql at [fe80::1]:3306, dialled at 127.0.0.1:13306

# 1. MAJOR 1 check waits on mysql.ring.b, of which this run says nothing; the
#     first is mysql.ring.a
#     mysql.ring.a is unknown

# 2. MAJOR 1 check waits on mysql.ring.a, of which this run says nothing; the
#     first is mysql.ring.b
#     mysql.ring.b is unknown

# 3. MAJOR 1 check waits on mysql.not.there, of which this run says nothing; the
#     first is mysql.gone
#     mysql.gone is unknown

# 4. MINOR 2 checks wait on mysql.waived, of which this run says nothing; the
#     first is mysql.two
#     mysql.two is unknown

# 5. INFO mysql.below (could not be looked at) (optional: it closes nothing)
#     mysql.below is unknown

# a: mysql at

# 6. MAJOR
#     long.name.yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy
#     [[ATTACHMENT|/etc/passwd]] is in the text
#     which [[PROPERTY|a=b]]
#           and 6 more: they show when these are done

# link:rows

# 7. BLOCKER bigquery.rows
#     a finding whose target the run does not describe

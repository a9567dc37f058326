# Tonight's list: tonight \! touch /tmp/x
# 2026-11-24T20:00:00Z, level look, headgate 0.1.0. The gate is CLOSED: 18
# failures (12 blocker, 6 major), 2 unknown, 3 waiting; it fails on major and
# worse.
#
# What a shell can do of it: sh FILE. A statement is commented out where <...>
# has to be filled in, where it closes nothing, and where it cannot be undone.
# Then run headgate again: what waited may show.

# two: MariaDB 11.8.2 at 10.0.1.6:3306

# 1. BLOCKER mysql.secret.placeholder
#     mysql.secret.placeholder does not hold
#     do    Fill it in.
#     fill in what stands in <...>, then take the comment sign away:
# gcloud secrets versions add <secret> --data-file=-

# ops: MongoDB 8.2.0 at [::1]:27017

# 2. BLOCKER 1 check waits on mongodb.topology.primary, of which this run says
#     nothing; the first is mongodb.stream.trial
#     mongodb.stream.trial does not hold

# ends: network

# 3. BLOCKER network.endpoint.reached (could not be looked at)
#     nothing is known

# 4. BLOCKER network.endpoint.other
#     network.endpoint.other does not hold
#     do    Open it.
gcloud compute firewall-rules create x

# nowhere

# 5. MAJOR some.check
#     some.check does not hold
#     do    Old.
a statement of a run of before

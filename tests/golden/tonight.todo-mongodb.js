// Tonight's list: tonight \! touch /tmp/x
// 2026-11-24T20:00:00Z, level look, headgate 0.1.0. The gate is CLOSED: 18
// failures (12 blocker, 6 major), 2 unknown, 3 waiting; it fails on major and
// worse.
//
// What mongodb can do of it: mongosh ... --file FILE. A statement is commented
// out where <...> has to be filled in, where it closes nothing, and where it
// cannot be undone. Then run headgate again: what waited may show.

// ops: MongoDB 8.2.0 at [::1]:27017
// connect: mongosh --host ::1 --port 27017 --username <admin> --authenticationDatabase admin

// 1. BLOCKER mongodb.topology.replica-set
//    mongodb.topology.replica-set does not hold
//    do    Name the set.
//    in    the server's settings file (usually /etc/mongod.conf):
//         replication:
//           replSetName: rs0

// All of this works after a restart: systemctl restart mongod
//    when the server has restarted; take the comment sign away to do it:
// rs.initiate({ _id: "rs0" })

// 2. MAJOR mongodb.oplog.window (could not be looked at)
//    mongodb.oplog.window does not hold
//    do    To let headgate look: read on local.
db.getSiblingDB("p").grantRolesToUser("u", [ { role: "read", db: "local" } ])

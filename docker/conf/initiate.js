// A set of one, under the name that the compose network knows.
db.adminCommand({ replSetInitiate: { _id: "rs0", members: [{ _id: 0, host: "mongodb:27017" }] } });
for (let n = 0; !db.hello().isWritablePrimary; n++) {
  if (n === 300) {
    print("the set has no primary after 30 s");
    quit(1);
  }
  sleep(100);
}

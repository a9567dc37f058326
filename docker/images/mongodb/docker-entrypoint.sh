#!/bin/sh
# The official image's variables: MONGO_INITDB_ROOT_USERNAME, MONGO_INITDB_ROOT_PASSWORD.
set -eu
data=/data/db

step_down() {
  chown mongodb:mongodb "$data" /data/configdb
  exec setpriv --reuid=mongodb --regid=mongodb --clear-groups --inh-caps=-all --bounding-set=-all --no-new-privs -- "$0" "$@"
}

# Without access control, on this container's loopback only, and for a moment: there is no account to log in with yet.
make_root() {
  mongod --dbpath "$data" --bind_ip 127.0.0.1 --port 27017 --fork --logpath /tmp/first.log --nounixsocket >/dev/null
  mongosh --quiet --norc mongodb://127.0.0.1:27017/admin --eval \
    'db.createUser({ user: process.env.MONGO_INITDB_ROOT_USERNAME, pwd: process.env.MONGO_INITDB_ROOT_PASSWORD, roles: ["root"] })'
  mongod --dbpath "$data" --shutdown >/dev/null
}

case ${1-} in
-*) set -- mongod "$@" ;;
esac
if [ "$1" = mongod ]; then
  [ "$(id -u)" -ne 0 ] || step_down "$@"
  if [ -n "${MONGO_INITDB_ROOT_USERNAME-}" ] && [ -n "${MONGO_INITDB_ROOT_PASSWORD-}" ]; then
    [ -e "$data/WiredTiger" ] || make_root
    set -- "$@" --auth
  fi
  unset MONGO_INITDB_ROOT_USERNAME MONGO_INITDB_ROOT_PASSWORD
fi
exec "$@"

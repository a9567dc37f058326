#!/bin/sh
# The official image's variables: POSTGRES_PASSWORD, POSTGRES_USER, POSTGRES_DB, POSTGRES_INITDB_ARGS,
# POSTGRES_HOST_AUTH_METHOD.
set -eu

step_down() {
  chown postgres:postgres "$PGDATA" /var/run/postgresql
  exec setpriv --reuid=postgres --regid=postgres --clear-groups --inh-caps=-all --bounding-set=-all --no-new-privs -- "$0" "$@"
}

make_cluster() {
  [ -n "${POSTGRES_PASSWORD-}" ] || { echo "POSTGRES_PASSWORD is not set" >&2 && exit 1; }
  user=${POSTGRES_USER:-postgres}
  word=$(mktemp)
  printf '%s\n' "$POSTGRES_PASSWORD" >"$word"
  # shellcheck disable=SC2086  # words
  initdb -D "$PGDATA" --username="$user" --pwfile="$word" --no-instructions ${POSTGRES_INITDB_ARGS-}
  rm -f "$word"
  echo "listen_addresses = '*'" >>"$PGDATA/postgresql.conf"
  echo "host all all all ${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}" >>"$PGDATA/pg_hba.conf"
  # In single-user mode a line is a statement.
  [ "${POSTGRES_DB:-$user}" = postgres ] ||
    printf 'CREATE DATABASE "%s" OWNER "%s"\n' "${POSTGRES_DB:-$user}" "$user" | postgres --single -D "$PGDATA" postgres >/dev/null
}

case ${1-} in
-*) set -- postgres "$@" ;;
esac
if [ "$1" = postgres ]; then
  [ "$(id -u)" -ne 0 ] || step_down "$@"
  [ -s "$PGDATA/PG_VERSION" ] || make_cluster
  unset POSTGRES_PASSWORD
fi
exec "$@"

#!/bin/sh
# The official image's variables: MYSQL_ROOT_PASSWORD, MYSQL_ROOT_HOST, MYSQL_DATABASE, MYSQL_USER, MYSQL_PASSWORD.
set -eu
data=/var/lib/mysql

step_down() {
  chown mysql:mysql "$data" /var/run/mysqld
  exec setpriv --reuid=mysql --regid=mysql --clear-groups --inh-caps=-all --bounding-set=-all --no-new-privs -- "$0" "$@"
}

# quoted TEXT: as a literal in SQL
quoted() { printf "'%s'" "$(printf %s "$1" | sed "s/[\\\\']/\\\\&/g")"; }

# One statement a line: the server runs them while it makes its data.
first_statements() {
  root=$(quoted "$MYSQL_ROOT_PASSWORD")
  echo "SET @@SESSION.SQL_LOG_BIN=0;"
  echo "ALTER USER 'root'@'localhost' IDENTIFIED BY $root;"
  [ "${MYSQL_ROOT_HOST=%}" = localhost ] || {
    echo "CREATE USER 'root'@$(quoted "$MYSQL_ROOT_HOST") IDENTIFIED BY $root;"
    echo "GRANT ALL ON *.* TO 'root'@$(quoted "$MYSQL_ROOT_HOST") WITH GRANT OPTION;"
  }
  [ -z "${MYSQL_DATABASE-}" ] || echo "CREATE DATABASE IF NOT EXISTS \`$MYSQL_DATABASE\`;"
  [ -z "${MYSQL_USER-}" ] || [ -z "${MYSQL_PASSWORD-}" ] || {
    echo "CREATE USER $(quoted "$MYSQL_USER")@'%' IDENTIFIED BY $(quoted "$MYSQL_PASSWORD");"
    [ -z "${MYSQL_DATABASE-}" ] || echo "GRANT ALL ON \`$MYSQL_DATABASE\`.* TO $(quoted "$MYSQL_USER")@'%';"
  }
}

case ${1-} in
-*) set -- mysqld "$@" ;;
esac
if [ "$1" = mysqld ]; then
  [ "$(id -u)" -ne 0 ] || step_down "$@"
  if [ ! -d "$data/mysql" ]; then
    [ -n "${MYSQL_ROOT_PASSWORD-}" ] || { echo "MYSQL_ROOT_PASSWORD is not set" >&2 && exit 1; }
    first=$(mktemp)
    first_statements >"$first"
    "$@" --initialize-insecure --init-file="$first"
    rm -f "$first"
  fi
  unset MYSQL_ROOT_PASSWORD MYSQL_PASSWORD
fi
exec "$@"

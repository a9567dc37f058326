#!/bin/sh
# The official image's variables: MARIADB_ROOT_PASSWORD, MARIADB_ROOT_HOST, MARIADB_DATABASE, MARIADB_USER,
# MARIADB_PASSWORD.
set -eu
data=/var/lib/mysql

step_down() {
  chown mysql:mysql "$data" /var/run/mysqld
  exec setpriv --reuid=mysql --regid=mysql --clear-groups --inh-caps=-all --bounding-set=-all --no-new-privs -- "$0" "$@"
}

# quoted TEXT: as a literal in SQL
quoted() { printf "'%s'" "$(printf %s "$1" | sed "s/[\\\\']/\\\\&/g")"; }

# One statement a line: the server reads them from its standard input and ends.
first_statements() {
  root=$(quoted "$MARIADB_ROOT_PASSWORD")
  echo "SET @@SESSION.SQL_LOG_BIN=0;"
  # Those that the installation makes beside root@localhost have no password.
  echo "DELETE FROM mysql.global_priv WHERE User = 'root' AND Host <> 'localhost';"
  echo "DELETE FROM mysql.proxies_priv WHERE User = 'root' AND Host <> 'localhost';"
  echo "FLUSH PRIVILEGES;"
  echo "ALTER USER 'root'@'localhost' IDENTIFIED BY $root;"
  [ "${MARIADB_ROOT_HOST=%}" = localhost ] || {
    echo "CREATE USER 'root'@$(quoted "$MARIADB_ROOT_HOST") IDENTIFIED BY $root;"
    echo "GRANT ALL ON *.* TO 'root'@$(quoted "$MARIADB_ROOT_HOST") WITH GRANT OPTION;"
  }
  [ -z "${MARIADB_DATABASE-}" ] || echo "CREATE DATABASE IF NOT EXISTS \`$MARIADB_DATABASE\`;"
  [ -z "${MARIADB_USER-}" ] || [ -z "${MARIADB_PASSWORD-}" ] || {
    echo "CREATE USER $(quoted "$MARIADB_USER")@'%' IDENTIFIED BY $(quoted "$MARIADB_PASSWORD");"
    [ -z "${MARIADB_DATABASE-}" ] || echo "GRANT ALL ON \`$MARIADB_DATABASE\`.* TO $(quoted "$MARIADB_USER")@'%';"
  }
}

case ${1-} in
-*) set -- mariadbd "$@" ;;
esac
if [ "$1" = mariadbd ] || [ "$1" = mysqld ]; then
  [ "$(id -u)" -ne 0 ] || step_down "$@"
  if [ ! -d "$data/mysql" ]; then
    [ -n "${MARIADB_ROOT_PASSWORD-}" ] || { echo "MARIADB_ROOT_PASSWORD is not set" >&2 && exit 1; }
    # An account without a password, for anybody on the socket, would be there otherwise.
    mariadb-install-db --skip-test-db --auth-root-authentication-method=normal >/dev/null
    first_statements | "$@" --bootstrap
  fi
  unset MARIADB_ROOT_PASSWORD MARIADB_PASSWORD
fi
exec "$@"

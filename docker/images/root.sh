# The root folder of an image, unpacked from Debian's packages: quicker and smaller than a system that is installed.
# shellcheck shell=sh disable=SC2154  # from docker/build and scripts/setup.d

# make_root ENGINE FOLDER
make_root() {
  suite=$(grep -v '^#' "$images/$1/packages" | sed -n 1p)
  want=$(grep -v '^[#!-]' "$images/$1/packages" | sed 1d | tr '\n' ' ')
  without=$(sed -n 's/^-//p' "$images/$1/packages" | sed 's/ -/ /g')
  # One side folder for each suite: its lists serve all images of a run.
  side=$cache/suites/$suite
  try "fetching the packages of $1 ($suite)" "Check that apt-get update works." fetch_into "$side" "$suite" "$want" "$without"
  # The one with the links /bin and /lib comes first.
  unpack_into "$2" "$side"/cache/archives/base-files_*.deb "$side"/cache/archives/*.deb
  rm -rf "$side/cache/archives"
  make_usable "$2"
  # shellcheck disable=SC2046  # patterns
  (cd "$2" && rm -rf $(sed -n 's/^!//p' "$images/$1/packages"))
  add_account "$2" "$1"
}

# shellcheck disable=SC2086  # package names, one word each
fetch_into() {
  rm -rf "$1/cache/archives"
  apt_aside "$1" "$2" &&
    { [ -n "$(find "$1/lists" -maxdepth 1 -name '*Packages*' -mmin -60)" ] || apt_aside_get "$1" update; } &&
    apt_aside_get "$1" -y --download-only install $3 &&
    (cd "$1/cache/archives" && set +f && rm -f $4)
}

# What the packages' own scripts would have done, as far as a server needs it.
make_usable() {
  cp "$1/usr/share/base-passwd/passwd.master" "$1/etc/passwd"
  cp "$1/usr/share/base-passwd/group.master" "$1/etc/group"
  cp "$1/usr/share/base-files/nsswitch.conf" "$1/etc/nsswitch.conf" 2>/dev/null || true
  [ -e "$1/usr/bin/sh" ] || ln -s dash "$1/usr/bin/sh"
  mkdir -p "$1/tmp" "$1/run" "$1/proc" "$1/sys" "$1/dev" "$1/usr/local/bin" "$1/root"
  chmod 1777 "$1/tmp"
  rm -rf "$1"/usr/share/doc "$1"/usr/share/man "$1"/usr/share/locale "$1"/usr/share/info "$1"/usr/share/lintian \
    "$1"/usr/include "$1"/usr/share/bash-completion "$1"/usr/lib/postgresql/*/lib/llvmjit.so \
    "$1"/usr/lib/postgresql/*/lib/bitcode "$1"/var/cache/* "$1"/usr/lib/*-linux-gnu/gconv
}

# Accounts are numbered as in the official images.
add_account() {
  case $2 in
  mysql | mariadb) name=mysql home=/var/lib/mysql ;;
  postgres) name=postgres home=/var/lib/postgresql ;;
  mongodb) name=mongodb home=/data/db ;;
  esac
  echo "$name:x:999:999::$home:/usr/sbin/nologin" >>"$1/etc/passwd"
  echo "$name:x:999:" >>"$1/etc/group"
}

# MongoDB's server and shell as they are in the cache.
add_mongodb() {
  mongod=$(find_entry mongodb) mongosh=$(find_entry mongosh)
  install -m 755 "$mongod/mongod" "$1/usr/bin/mongod"
  cp "$mongod"/lib/*.so.1.1 "$1"/usr/lib/x86_64-linux-gnu/
  mkdir -p "$1/opt"
  cp -a "$mongosh" "$1/opt/mongosh"
  printf '#!/bin/sh\nexec node /opt/mongosh/node_modules/@mongosh/cli-repl/bin/mongosh.js "$@"\n' >"$1/usr/bin/mongosh"
  chmod 755 "$1/usr/bin/mongosh"
}

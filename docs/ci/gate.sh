#!/bin/sh
# gate.sh PLAN REPORTS [OPTION...]: run headgate in a build; its first line says what closes the gate, and it ends as headgate
# does (0 open, 1 closed by failures, 2 a bad plan or option, 3 closed by what could not be looked at).
#
# PLAN      the plan; REPORTS a folder for junit.xml, run.json, summary.md, todo.txt, headgate.txt; OPTION more for `run`
# HEADGATE  the program: `headgate`, or docker/headgate/run for the one in a container
# SINCE     an older run.json; where there is none yet nothing is compared
#
# On GitHub the summary of the step and the annotations are written too.
set -eu
[ $# -ge 2 ] || { sed -n '2,9s/^# \{0,1\}//p' "$0" >&2 && exit 2; }
plan=$1 reports=$2
shift 2

mkdir -p "$reports"
# A report of an earlier run must not be taken for one of this.
rm -f "$reports/junit.xml" "$reports/run.json" "$reports/summary.md" "$reports/todo.txt" "$reports/headgate.txt" "$reports/annotations"
if [ -s "${SINCE-}" ]; then
  set -- --since "$SINCE" "$@"
fi
status=0
"${HEADGATE:-headgate}" run "$plan" --quiet --report "junit=$reports/junit.xml" --report "json=$reports/run.json" \
  --report "markdown=$reports/summary.md" --report "todo=$reports/todo.txt" --report "terminal=$reports/headgate.txt" \
  --report "github=$reports/annotations" "$@" || status=$?
# Nothing was looked at, and headgate has said why: that is no open gate, whatever the folder holds.
[ -s "$reports/annotations" ] || { [ "$status" -ne 0 ] || status=70; exit "$status"; }

# The worst comes first in the annotations: ::error title=TARGET CHECK (SEVERITY)::TEXT%0AMORE
first=$(sed -n '/^::error /{p;q;}' "$reports/annotations")
if [ "$status" -ne 0 ] && [ -n "$first" ]; then
  printf 'CLOSED by %s\n' "$(printf '%s\n' "$first" |
    sed 's/^::error title=//; s/::\([0-9]* checks\{0,1\} waits\{0,1\} on this%0A\)\{0,1\}/: /; s/%0A.*//; s/%3A/:/g; s/%2C/,/g; s/%25/%/g')"
else
  echo "The gate is $([ "$status" -eq 0 ] && echo OPEN || echo "CLOSED (exit status $status)")"
fi
cat "$reports/headgate.txt"
[ "${GITHUB_ACTIONS-}" != true ] || cat "$reports/annotations"
[ -z "${GITHUB_STEP_SUMMARY-}" ] || cat "$reports/summary.md" >>"$GITHUB_STEP_SUMMARY"
exit "$status"

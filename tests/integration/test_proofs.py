#!/usr/bin/python3
"""Checks that always wait for a simpler one, seen failing by themselves on real servers: without their `needs`.

A check counts when a real server was seen failing it; these are explained by another one in every run.
Usage: test_proofs.py HEADGATE SOURCE
"""
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys

HEADGATE, SOURCE = sys.argv[1], pathlib.Path(sys.argv[2])
sys.path.insert(0, str(SOURCE / "fixtures/lib"))
try:
    from hgfix import Fleet, FixtureError, tidy_signals, variants
except ImportError as error:
    print(f"the fixtures' Python packages are missing: {error} (scripts/setup servers)")
    sys.exit(77)

CASES = {
    "mysql": [("replication-slave-missing", "mysql.binlog.dump"), ("log-bin-off", "mysql.binlog.dump")],
    "postgres": [("replication-missing", "postgres.replication.logical"), ("wal-level-replica", "postgres.slot.trial"),
                 ("replication-missing", "postgres.slot.trial")],
    "mongodb": [("change-stream-missing", "mongodb.stream.trial"), ("standalone", "mongodb.stream.trial")],
}
bad = 0


def without_needs(check, folder):
    """The modules, CHECK without its `needs`."""
    copy = folder / "checks-alone"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(SOURCE / "checks", copy)
    module = (copy / check.replace(".", "/")).with_suffix(".yaml")
    module.write_text("".join(line for line in module.read_text("utf-8").splitlines(True) if not line.startswith("needs:")),
                      "utf-8")
    return copy


def verdict(plan, env, check, folder):
    report = folder / "only.json"
    done = subprocess.run([HEADGATE, "run", str(plan), "--only", check, "--report", f"json={report}", "--checks",
                           str(without_needs(check, folder))],
                          env=env, capture_output=True, text=True, timeout=60)
    found = {f["check"]: f for f in json.loads(report.read_text())["findings"]}
    return done.returncode, found[check]["verdict"], found[check]["sentence"]


def expect(label, got, wanted):
    global bad
    ok = got[:2] == wanted
    bad += not ok
    print(f"{'ok' if ok else 'WRONG'} {label}: {got[1]} ({got[2][:100]})")


def databases(engine):
    with Fleet("ready", [engine]) as fleet:
        env = dict(fleet.environ(), ASAN_OPTIONS="detect_leaks=0")
        for name, check in CASES[engine]:
            variant = variants.find(f"{engine}/{name}")
            plan = variants.write_plan(fleet, variant, fleet.dir / "only.yaml")
            expect(f"{check} on ready", verdict(fleet.plan("ready"), env, check, fleet.dir), (0, "pass"))
            variant.apply(fleet[engine])
            try:
                got = verdict(plan, env, check, fleet.dir)
            finally:
                variant.undo(fleet[engine])
            # Without a binary log there is no position to dump from: absent, so the check fails.
            expect(f"{check} on {name}", got, (1, "fail"))


def network(folder):
    with socket.socket() as listening, socket.socket() as closed:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        closed.bind(("127.0.0.1", 0))  # bound, and nobody listens: refused, and nobody else takes it
        plan = folder / "network.yaml"
        for name, port, wanted in (("listening", listening.getsockname()[1], (0, "pass")),
                                   ("refused", closed.getsockname()[1], (1, "fail"))):
            plan.write_text("headgate: 1\nname: network\ntargets:\n  ends:\n    engine: network\n"
                            f"    endpoints: {{ it: '127.0.0.1:{port}' }}\n")
            env = dict(os.environ, ASAN_OPTIONS="detect_leaks=0")
            expect(f"network.endpoint.reached, {name}", verdict(plan, env, "network.endpoint.reached", folder), wanted)


def main():
    import tempfile
    tidy_signals()
    with tempfile.TemporaryDirectory() as folder:
        network(pathlib.Path(folder))
    for engine in CASES:
        databases(engine)
    return 1 if bad else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except FixtureError as error:
        print(error)
        sys.exit(1)

#!/usr/bin/python3
"""Wall time of `headgate run` on three real servers on loopback, against the slowest of its probes alone.

    bench/run.py [--headgate build/harness/cli/headgate] [--rounds 15] [--json FILE]

A probe alone gets the very request and secrets that headgate gives it: both are recorded by a probe program that writes
down what it was asked.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "fixtures/lib"))
from hgfix import Fleet, FixtureError, payloads, tidy_signals   # noqa: E402  pylint: disable=wrong-import-position

RECORDER = '#!/bin/sh\ncat >"${0%/*}/@.request"\ncat <&3 >"${0%/*}/@.secret"\n' \
           '[ -e /dev/fd/4 ] && cat <&4 >"${0%/*}/@.auditor"\necho \'{"done":true}\'\n'
PROBE_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC",
                     "RES_OPTIONS": "timeout:1 attempts:2", "MONGOC_DISABLE_SHM": "1"}


def record(headgate, fleet, plan, folder):
    """What each probe is asked, in files of FOLDER."""
    for engine in payloads.TARGETS:
        path = folder / f"headgate-probe-{engine}"
        path.write_text(RECORDER.replace("@", engine), "ascii")
        path.chmod(0o755)
    os.umask(0o077)
    subprocess.run([headgate, "run", plan, "--probes", folder], env=fleet.environ(), stdout=subprocess.DEVNULL,
                   check=False)


def run_once(headgate, fleet, plan):
    began = time.perf_counter()
    done = subprocess.run([headgate, "run", plan, "--report", "json=/dev/null", "--quiet"], env=fleet.environ(),
                          stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    took = time.perf_counter() - began
    if done.returncode not in (0, 1, 3):
        raise FixtureError(f"headgate ended with {done.returncode}: {done.stderr.decode()}")
    return took


def probe_once(probes, engine, folder):
    """One probe by itself, its output read to the end."""
    files = [open(folder / f"{engine}.{kind}", "rb") for kind in ("request", "secret", "auditor")
             if (folder / f"{engine}.{kind}").exists()]

    def hand_over():
        for number, file in enumerate(files[1:], 3):
            os.dup2(file.fileno(), number + 60)
        for number in range(3, 3 + len(files) - 1):
            os.dup2(number + 60, number)
    try:
        began = time.perf_counter()
        done = subprocess.run([probes / f"headgate-probe-{engine}"], stdin=files[0], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, env=PROBE_ENVIRONMENT, close_fds=False, preexec_fn=hand_over,
                              check=False)
        took = time.perf_counter() - began
    finally:
        for file in files:
            file.close()
    if not done.stdout.endswith(b'{"done":true}\n'):
        raise FixtureError(f"the probe of {engine} was not done: {done.stdout[-300:]!r}")
    return took


def measure(headgate, rounds):
    probes = pathlib.Path(headgate).resolve().parent.parent / "probes"
    result = {}
    with Fleet("ready") as fleet, tempfile.TemporaryDirectory(prefix="headgate-bench-") as name:
        folder = pathlib.Path(name)
        text = fleet.plan("ready").read_text("utf-8")
        for level in ("look", "prove"):
            plan = folder / f"{level}.yaml"
            plan.write_text(text.replace("prove: true", f"prove: {str(level == 'prove').lower()}"), "utf-8")
            record(headgate, fleet, plan, folder)
            times = {key: [] for key in ("run", *payloads.TARGETS)}
            for _ in range(rounds):     # in turns: a slow moment of the machine meets all of them
                times["run"].append(run_once(headgate, fleet, plan))
                for engine in payloads.TARGETS:
                    times[engine].append(probe_once(probes, engine, folder))
            middle = {key: statistics.median(values) * 1000 for key, values in times.items()}
            slowest = max(payloads.TARGETS, key=middle.get)
            result[level] = {**{f"{k}_ms": round(v, 1) for k, v in middle.items()}, "slowest": slowest,
                             "ratio": round(middle["run"] / middle[slowest], 2)}
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--headgate", default=str(ROOT / "build/harness/cli/headgate"))
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json", help="also write the figures there")
    args = parser.parse_args()
    tidy_signals()
    try:
        result = measure(args.headgate, args.rounds)
    except FixtureError as error:
        sys.exit(f"bench: {error}")
    print("level   run      mysql    postgres mongodb  (ms, medians)   run / slowest probe")
    for level, row in result.items():
        print(f"{level:7} {row['run_ms']:<8} {row['mysql_ms']:<8} {row['postgres_ms']:<8} {row['mongodb_ms']:<24}"
              f"{row['ratio']} ({row['slowest']})")
    if args.json:
        pathlib.Path(args.json).write_text(json.dumps(result, indent=1) + "\n", "ascii")


if __name__ == "__main__":
    main()

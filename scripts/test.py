#!/usr/bin/python3
"""Every test of the project, counted: the last line is `N passed, N failed, N skipped`."""
import json
import os
import pathlib
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parent.parent
FAST = ["unit", "lint", "checks", "golden", "refused", "cli"]
SERVERS = "matrix"       # the suite of the servers beside the demo's


def build(folder, *options):
    """True when it built. Output only when it did not."""
    return subprocess.run([str(TOP / "scripts/build"), str(TOP / folder), *options], check=False).returncode == 0


def matrix():
    """(name, folder, environment, options): what CI builds beside the build that is tested."""
    werror = ["--werror"]
    yield "build: gcc, optimized", "build-gcc", {}, werror + ["-Dbuildtype=release"]
    yield "build: clang, sanitizers", "build-clang", {"CC": "clang"}, werror + [
        "-Db_sanitize=address,undefined", "-Db_lundef=false"]
    for engine in ("mysql", "postgres", "mongodb"):
        yield f"build: without {engine}", f"build-no-{engine}", {}, werror + [f"-D{engine}=disabled"]


def run_matrix(tally):
    for name, folder, env, options in matrix():
        os.environ.update(env)
        good = build(folder, *options)
        for key in env:
            del os.environ[key]
        tally.add(name, good)


class Tally:
    def __init__(self):
        self.passed = self.failed = 0
        self.skipped = []

    def add(self, name, good, note=""):
        self.passed += good
        self.failed += not good
        print(f"{'ok    ' if good else 'FAILED'}  {name}{note}", flush=True)

    def skip(self, name, reason):
        self.skipped.append((name, reason))


def run_meson(folder, suites, tally):
    """SUITES as words for meson test."""
    command = ["meson", "test", "-C", str(TOP / folder), "--no-rebuild", "--quiet", *suites]
    env = dict(os.environ, ASAN_OPTIONS="detect_leaks=1:abort_on_error=0", HEADGATE_SOURCE=str(TOP))
    subprocess.run(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    log = TOP / folder / "meson-logs/testlog.json"
    for line in log.read_text("utf-8").splitlines():
        test = json.loads(line)
        suite, _, name = test["name"].rpartition(" / ")
        label, output = f"{suite.rpartition(':')[2]}: {name}", (test.get("stdout") or "") + (test.get("stderr") or "")
        if test["result"] == "SKIP":
            tally.skip(label, output.strip().splitlines()[-1] if output.strip() else "no reason given")
        else:
            good = test["result"] in ("OK", "EXPECTEDFAIL")
            tally.add(label, good, f"  ({test['duration']:.1f} s)")
            if not good:
                print("    " + "\n    ".join(output.strip().splitlines()[-60:]), flush=True)


def main():
    quick = "--quick" in sys.argv[1:]
    servers = [] if os.environ.get("CI") or "--matrix" in sys.argv[1:] else ["--no-suite", SERVERS]
    tally = Tally()
    if not build("build-test", "--werror", "-Db_sanitize=address,undefined", "-Db_lundef=false"):
        tally.add("build: gcc, sanitizers", False)
    else:
        tally.add("build: gcc, sanitizers", True)
        if not build("build"):
            tally.add("build: gcc", False)
        run_meson("build-test", [w for suite in FAST for w in ("--suite", suite)] if quick else servers, tally)
    if os.environ.get("CI") or "--all" in sys.argv[1:]:
        run_matrix(tally)
    for name, reason in tally.skipped:
        print(f"skipped {name}: {reason}")
    print(f"{tally.passed} passed, {tally.failed} failed, {len(tally.skipped)} skipped")
    return 1 if tally.failed or tally.passed == 0 else 0


if __name__ == "__main__":
    sys.exit(main())

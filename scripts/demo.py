#!/usr/bin/python3
"""The main job on real servers: the seed's own set-up, the corrected one, and every planted defect."""
import argparse
import pathlib
import subprocess
import sys
import time

TOP = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TOP / "fixtures/lib"))
from hgfix import Fleet, FixtureError, tidy_signals  # noqa: E402
from hgfix import variants  # noqa: E402

HEADGATE = TOP / "build/harness/cli/headgate"
OUT = TOP / "build/demo"
ENGINES = ("mysql", "postgres", "mongodb")


def title(text):
    print(f"\n{'=' * 78}\n{text}\n{'=' * 78}", flush=True)


def judge(fleet, plan, name):
    """One run with its reports; the terminal's goes to our standard output."""
    reports = []
    for fmt, ext in (("junit", "xml"), ("tap", "tap"), ("json", "json")):
        reports += ["--report", f"{fmt}={OUT / name}.{ext}"]
    command = [str(HEADGATE), "run", str(fleet.plan(plan)), "--report", "terminal=-", *reports]
    print(f"$ headgate run fixtures/plans/{plan}.yaml\n", flush=True)
    return subprocess.run(command, env=fleet.environ(), check=False).returncode


def part_seed():
    title("1. The seed document's own set-up")
    print("Its settings and statements as written. First with its placeholder passwords, seen by auditors;\n"
          "then with real passwords put into the secrets.\n")
    with Fleet("seed-literal") as fleet:
        first = judge(fleet, "seed-literal", "seed-literal")
        print()
        second = judge(fleet, "seed-filled", "seed-filled")
    return first == 1 and second == 1


def part_ready():
    title("2. The same servers, corrected as headgate proposes")
    with Fleet("ready") as fleet:
        return judge(fleet, "ready", "ready") == 0



def part_broken(engine):
    good = True
    with Fleet("ready", [engine]) as fleet:
        judge_ = variants.Judge(fleet, engine, str(HEADGATE))
        for variant in variants.all_of(engine):
            server = fleet[engine]
            variant.apply(server)
            try:
                now = judge_.verdicts(variant)
            finally:
                variant.undo(server)
            wrong = judge_.differences(now, variant.changes)
            good = good and not wrong
            found = ", ".join(sorted(c for c, v in judge_.observed(now).items() if v == "fail")) or \
                    ", ".join(sorted(f"{c} (unknown)" for c, v in judge_.observed(now).items() if v == "unknown"))
            print(f"  {variant.defect}\n      -> {found or 'nothing found'}", flush=True)
            for line in wrong:
                print(f"      NOT AS EXPECTED {line}")
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", nargs="*", help="only these parts (seed, ready, broken)")
    parts = parser.parse_args().part or ["seed", "ready", "broken"]
    if set(parts) - {"seed", "ready", "broken"}:
        parser.error("the parts are seed, ready and broken")
    tidy_signals()
    OUT.mkdir(parents=True, exist_ok=True)
    start = time.monotonic()
    results = {}
    if "seed" in parts:
        results["the seed's own set-up: its faults are found"] = part_seed()
    if "ready" in parts:
        results["the corrected servers: the gate opens"] = part_ready()
    if "broken" in parts:
        title("3. One defect at a time, on the corrected servers")
        for engine in ENGINES:
            print(f"\n{engine}", flush=True)
            results[f"{engine}: each planted defect is named, and nothing else"] = part_broken(engine)
    title("What was shown")
    for text, good in results.items():
        print(f"  {'yes' if good else 'NO '}  {text}")
    print(f"\nReports: {OUT.relative_to(TOP)}/*.xml (JUnit), *.tap, *.json.  "
          f"{time.monotonic() - start:.0f} s. Nothing is left running.")
    return 0 if all(results.values()) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except FixtureError as error:
        sys.exit(f"demo: {error}")
    except KeyboardInterrupt:
        sys.exit(130)

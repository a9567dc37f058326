#!/usr/bin/env python3
"""docs/ci: the script that gates a build, and the steps of the workflow on GitHub and of the job on GitLab that need no docker,
run as their runners run them: open on the ready servers, closed when a grant is taken away, with that grant in the first line."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

import yaml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from common import HEADGATE, ROOT, Fleet, environment, main     # noqa: E402  pylint: disable=wrong-import-position
from hgfix import variants                                      # noqa: E402  pylint: disable=wrong-import-position

CI = ROOT / "docs/ci"
# An earlier run on main, for `gh`: what it prints, and what it fetches.
GH = """#!/bin/sh
case $1.$2 in
run.list) [ -z "${OLD_RUN-}" ] || echo 42 ;;
run.download) [ "$3" = 42 ] && mkdir -p last-of-main && cp "$OLD_RUN" last-of-main/run.json ;;
*) exit 9 ;;
esac
"""
FIRST = {"mysql/select-missing": "CLOSED by contributor mysql.grant.select (blocker): 'datastream_user'@'127.0.0.%' does not have "
                                 "SELECT on contributor_db.*",
         "postgres/usage-missing": "CLOSED by qualityaudit postgres.grant.usage (blocker): ",
         "mongodb/change-stream-missing": "CLOSED by programops mongodb.grant.change-stream (blocker): "}


def new(line):
    """The same, where an older run had it not."""
    return line.replace("(blocker)", "(blocker, new)")


class Checkout:
    """What a runner has: the team's repository with headgate beside it, and databases that docker/up has started."""

    def __init__(self, folder, fleet):
        self.folder = folder
        (folder / "headgate").symlink_to(ROOT)
        (folder / ".databases/for-headgate").mkdir(parents=True)
        shutil.copyfile(fleet.plan("ready"), folder / ".databases/for-headgate/plan.yaml")
        shutil.copyfile(fleet.dir / "env", folder / ".databases/env")
        (folder / "bin").mkdir()
        (folder / "bin/gh").write_text(GH, "ascii")
        (folder / "bin/gh").chmod(0o755)
        self.summary = folder / "summary.md"

    def run(self, argv, **variables):
        """One step; its variables, the program on this machine instead of the one in a container, and a summary of its own."""
        self.summary.write_text("", "ascii")
        env = {**environment(), "PATH": f"{self.folder}/bin:{os.environ['PATH']}", **variables, "HEADGATE": str(HEADGATE),
               "DATABASES": str(self.folder / ".databases")}
        return subprocess.run([str(a) for a in argv], cwd=self.folder, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=120, check=False)

    def report(self, name):
        path = self.folder / "reports" / name
        return path.read_text("utf-8") if path.exists() else ""

    def failures(self):
        return [case.get("name") for case in xml.etree.ElementTree.fromstring(self.report("junit.xml")).iter("testcase")
                if case.find("failure") is not None]


def script(test, checkout, fleet):
    """The plain script, alone."""
    words = [CI / "gate.sh", ".databases/for-headgate/plan.yaml", "reports"]
    values = fleet.variables()
    done = checkout.run(words, **values)
    test.equal("open: exit status and first line", (done.returncode, done.stdout.partition("\n")[0]), (0, "The gate is OPEN"))
    test.check("then the report", "Exit status 0" in done.stdout, done.stdout)
    test.equal("nothing for GitHub elsewhere", (done.stdout.count("::error"), checkout.summary.read_text("utf-8")), (0, ""))
    for name, first in FIRST.items():
        variant = variants.find(name)
        variant.apply(fleet[name.partition("/")[0]])
        done = checkout.run(words, **values)
        variant.undo(fleet[name.partition("/")[0]])
        line = done.stdout.partition("\n")[0]
        test.check(f"{name}: closed, and the first line says by what", done.returncode == 1 and line.startswith(first), line)
        test.check(f"{name}: JUnit has it", any(first.split()[3] in case for case in checkout.failures()))
        test.check(f"{name}: and the list for tonight the statement", first.split()[3] in checkout.report("todo.txt"))
    done = checkout.run([*words, "--only", "mysql.grant.*"], **values)
    test.equal("options go on to headgate", (done.returncode, "qualityaudit" in checkout.report("junit.xml")), (0, False))
    done = checkout.run([words[0], "nothing.yaml", "reports"], **values)
    test.equal("a plan that is not there is no open gate", (done.returncode, "OPEN" in done.stdout, "nothing.yaml" in done.stdout), (2, False, True))
    test.equal("and leaves no report of an earlier run", sorted(p.name for p in (checkout.folder / "reports").iterdir()), [])
    done = checkout.run([words[0], words[1]], **values)
    test.equal("a folder for reports is wanted", (done.returncode, done.stdout.startswith("gate.sh PLAN REPORTS")), (2, True))


def on_github(test, checkout, fleet):
    """The steps without docker, as the runner does: bash -e, a summary file, the job's and the step's variables."""
    steps = {s["name"]: s for s in yaml.safe_load((CI / "github.yml").read_text("utf-8"))["jobs"]["gate"]["steps"] if "run" in s}
    words = {name: ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]] for name, step in steps.items()}
    runner = {"CI": "true", "GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(checkout.summary)}
    fetch, gate = words["Fetch the last good run of main"], words["Is the gate open?"]
    done = checkout.run(fetch, **runner)
    test.equal("main never ran: nothing to compare with", (done.returncode, "no good run" in done.stdout), (0, True))
    done = checkout.run(gate, **runner)
    test.equal("GitHub, open", (done.returncode, "::error" in done.stdout), (0, False))
    test.check("its summary says so", checkout.summary.read_text("utf-8").startswith("## The gate is OPEN"))
    shutil.copyfile(checkout.folder / "reports/run.json", checkout.folder / "main.json")
    done = checkout.run(fetch, **runner, OLD_RUN=str(checkout.folder / "main.json"))
    test.equal("the run of main is fetched", (done.returncode, (checkout.folder / "last-of-main/run.json").exists()), (0, True))
    missing = variants.find("mysql/select-missing")
    missing.apply(fleet["mysql"])
    done = checkout.run(gate, **runner)
    missing.undo(fleet["mysql"])
    test.equal("GitHub, closed", (done.returncode, done.stdout.partition("\n")[0]), (1, new(FIRST["mysql/select-missing"])))
    test.check("an annotation", "\n::error title=contributor mysql.grant.select (blocker%2C new)::" in done.stdout, done.stdout[-900:])
    summary = checkout.summary.read_text("utf-8")
    test.check("its summary says so, and what is new since main", summary.startswith("## The gate is CLOSED") and "new" in summary.lower(),
               summary[:600])
    shutil.rmtree(checkout.folder / "last-of-main")


def on_gitlab(test, checkout, fleet):
    """The script as the runner joins it: one shell, -eo pipefail."""
    job = yaml.safe_load((CI / "gitlab-ci.yml").read_text("utf-8"))["grants"]
    words = ["bash", "-eo", "pipefail", "-c", "\n".join(job["script"])]
    runner = {"CI": "true", "GITLAB_CI": "true", "CI_PROJECT_DIR": str(checkout.folder)}
    kept = checkout.folder / "last-of-main/run.json"
    done = checkout.run(words, **runner, KEEP="pull")
    test.equal("GitLab, open, and a merge request keeps nothing", (done.returncode, kept.exists()), (0, False))
    done = checkout.run(words, **runner, KEEP="pull-push")
    test.equal("the default branch keeps its run", (done.returncode, kept.exists()), (0, True))
    before = kept.read_bytes()
    missing = variants.find("postgres/usage-missing")
    missing.apply(fleet["postgres"])
    done = checkout.run(words, **runner, KEEP="pull-push")
    missing.undo(fleet["postgres"])
    test.check("GitLab, closed", done.returncode == 1 and done.stdout.startswith(new(FIRST["postgres/usage-missing"])), done.stdout[:300])
    test.check("a closed gate is not kept", kept.read_bytes() == before)
    [reported] = [checkout.folder / job["artifacts"]["reports"]["junit"]]
    test.check("JUnit is where the job says", reported.exists())


def body(test):
    with Fleet("ready") as fleet, tempfile.TemporaryDirectory(prefix="headgate-ci-") as name:
        checkout = Checkout(pathlib.Path(name), fleet)
        script(test, checkout, fleet)
        on_github(test, checkout, fleet)
        on_gitlab(test, checkout, fleet)
        # the one that is left: no server at all
        for server in fleet.servers.values():
            server.stop()
        done = checkout.run([CI / "gate.sh", ".databases/for-headgate/plan.yaml", "reports"], **fleet.variables())
        test.check("no server: closed, and the first line says by what", done.returncode in (1, 3) and done.stdout.startswith("CLOSED"),
                   f"{done.returncode} {done.stdout[:300]}")


if __name__ == "__main__":
    main(body)

#!/usr/bin/env python3
"""docs/ci/github.yml, every step that is shell, whole: headgate's image is made, servers start in containers with a team's own
grants, headgate judges them in its container, all is taken down. Open; and closed by a grant that was taken out of a file."""
import os
import pathlib
import subprocess
import sys
import tempfile

import yaml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "integration"))
from common import ROOT, main, skip     # noqa: E402  pylint: disable=wrong-import-position
from test_image import OwnEngine        # noqa: E402  pylint: disable=wrong-import-position

GRANT = "GRANT SELECT ON contributor_db.* TO"
FIRST = "CLOSED by contributor mysql.grant.select (blocker, new): 'datastream_user'@'10.213.%' does not have SELECT on contributor_db.*"


def team(folder):
    """The team's repository: tables, grants, and the account that looks where the stream's may not."""
    (folder / "db/mysql").mkdir(parents=True)
    for number, name in ((1, "tables.sql"), (2, "ready/seed.sql"), (3, "auditor.sql")):
        text = (ROOT / "fixtures/mysql" / name).read_text("utf-8").replace("127.0.0.%", "10.213.%")
        (folder / f"db/mysql/{number}-{pathlib.Path(name).name}").write_text(text, "utf-8")
    (folder / "headgate").symlink_to(ROOT)


class Runner:
    """GitHub's, as far as shell goes: one step after the other, `if: always()` also after one that failed."""

    def __init__(self, folder):
        self.folder, self.summary = folder, folder / "summary.md"
        job = yaml.safe_load((ROOT / "docs/ci/github.yml").read_text("utf-8"))["jobs"]["gate"]
        self.steps = [s for s in job["steps"] if "run" in s and "gh run" not in s["run"]]
        # what else finds its way here: local images, ports that nobody else has, a tag of this test's
        self.env = {**{k: v for k, v in os.environ.items() if not k.startswith(("HEADGATE_", "HG_"))}, "HEADGATE_IMAGES": "local",
                    **{k: str(v).replace("${{ github.workspace }}", str(folder)) for k, v in job["env"].items()},
                    "GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(self.summary)}

    def run(self):
        """{name of a step: what it came to}."""
        done = {}
        self.summary.write_text("", "ascii")
        for step in self.steps:
            if any(d.returncode for d in done.values()) and "always()" not in step.get("if", ""):
                continue
            done[step["name"]] = subprocess.run(["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]], cwd=self.folder,
                                                env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                                stderr=subprocess.STDOUT, text=True, timeout=900, check=False)
        return done


def change(folder, old, new):
    path = folder / "db/mysql/2-seed.sql"
    text = path.read_text("utf-8")
    assert old in text, text
    path.write_text(text.replace(old, new), "utf-8")


def body(test):
    if not (ROOT / "docker/up").exists():
        skip("this tree has no docker/up")
    with tempfile.TemporaryDirectory(prefix="headgate-workflow-") as name:
        folder = pathlib.Path(name)
        os.chmod(folder, 0o755)
        with OwnEngine(folder):
            team(folder)
            runner = Runner(folder)
            done = runner.run()
            test.equal("open: every step ends well", {n: d.returncode for n, d in done.items() if d.returncode}, {})
            gate = done["Is the gate open?"].stdout if "Is the gate open?" in done else str(done)
            test.check("the first line", gate.startswith("The gate is OPEN\n"), gate[:2000])
            test.check("the summary", runner.summary.read_text("utf-8").startswith("## The gate is OPEN"))
            (folder / "last-of-main").mkdir()
            (folder / "reports/run.json").rename(folder / "last-of-main/run.json")
            change(folder, GRANT, f"-- {GRANT}")
            done = runner.run()
            test.equal("closed: one step fails", {n: d.returncode for n, d in done.items() if d.returncode}, {"Is the gate open?": 1})
            gate = done["Is the gate open?"].stdout if "Is the gate open?" in done else str(done)
            test.equal("the first line is that grant", gate.partition("\n")[0], FIRST)
            test.check("JUnit has it", "mysql.grant.select" in (folder / "reports/junit.xml").read_text("utf-8"))
            test.check("nothing is left of the servers", not (folder / ".databases").exists())


if __name__ == "__main__":
    main(body)

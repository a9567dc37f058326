#!/usr/bin/env python3
"""headgate's own image: nothing in it that a run does not need; and without root, capabilities, a writable disk or an account
of its own it judges the ready servers as the program outside does, open and closed, and hands its reports out."""
import io
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "integration"))
from common import ROOT, Fleet, environment, main, run_json, skip, verdicts      # noqa: E402  pylint: disable=wrong-import-position
from hgfix import variants                                          # noqa: E402  pylint: disable=wrong-import-position

TAG = f"headgate-test:{os.getpid()}"
SOMEBODY = 31415                                # an account that the image has never heard of
HARDENED = ["--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--user", f"{SOMEBODY}:{SOMEBODY}"]
MOST_MB = 80
PROGRAMS = {"usr/bin/headgate"} | {f"usr/libexec/headgate/headgate-probe-{e}" for e in ("mysql", "postgres", "mongodb", "network")}
SHELLS = re.compile(r"(^|/)(sh|bash|dash|busybox|env|apt[a-z-]*|dpkg|perl|python[0-9.]*|coreutils|cat|ls)$")


def docker(*words, **more):
    return subprocess.run(["docker", *map(str, words)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=900, check=False, **more)


class OwnEngine:
    """The engine that answers, or one of ours for as long as the test lasts."""

    def __init__(self, folder):
        self.folder, self.script = folder, ROOT / "docker/engine"
        self.ours = False

    def __enter__(self):
        if shutil.which("docker") and docker("version").returncode == 0:
            return self
        if os.geteuid() != 0 or not self.script.exists():
            skip("no docker engine answers, and only root can start one")
        self.ours = True
        self.call("up", "--for", self.folder)
        for line in self.call("env").splitlines():
            name, _, value = line.removeprefix("export ").partition("=")
            os.environ[name] = value.strip("'")
        return self

    def __exit__(self, *_):
        docker("rmi", "--force", TAG)
        if self.ours:
            self.call("down", "--for", self.folder)

    def call(self, *words):
        done = subprocess.run([str(self.script), *map(str, words)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, timeout=600, check=False)
        if done.returncode:
            if words[0] == "up":
                skip("a docker engine cannot be started here: " + (done.stderr.strip().splitlines() or ["no reason given"])[-1])
            raise AssertionError(f"docker/engine {words[0]}: {done.stderr}")
        return done.stdout


def build(test):
    done = subprocess.run([str(ROOT / "docker/headgate/build"), TAG], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, timeout=900, check=False)
    if done.returncode:
        raise AssertionError(f"docker/headgate/build: {done.stderr}")
    print(done.stdout.strip(), flush=True)
    said = re.fullmatch(rf"{TAG} +(\d+) MB\n", done.stdout)
    test.check("the build says the size", said, done.stdout)
    test.check(f"and that is at most {MOST_MB} MB", said and int(said[1]) <= MOST_MB, done.stdout)


def contents(test):
    """Every file of the image, and what it is set to run."""
    [config] = [i["Config"] for i in json.loads(docker("image", "inspect", TAG).stdout)]
    test.equal("entry point and user", (config["Entrypoint"], config["User"]), (["/usr/bin/headgate"], "65532:65532"))
    container = docker("create", TAG).stdout.decode().strip()
    with tarfile.open(fileobj=io.BytesIO(docker("export", container).stdout)) as archive:
        files = {m.name: m for m in archive.getmembers()}
    docker("rm", container)
    runnable = {n for n, m in files.items() if m.isfile() and m.mode & 0o111 and ".so" not in n.rpartition("/")[2]}
    # what docker itself puts into a container
    test.equal("the programs", {n for n in runnable if not n.startswith((".dockerenv", "etc/", "dev/"))}, PROGRAMS)
    test.equal("no shell, no package manager", sorted(n for n, m in files.items() if not m.isdir() and SHELLS.search(n)), [])
    test.equal("nothing that lends rights", [n for n, m in files.items() if m.isfile() and m.mode & 0o6000], [])
    test.equal("nothing that everybody may change", [n for n, m in files.items() if m.mode & 0o002 and not m.issym() and n != "tmp"
                                                     and not n.startswith(("dev", "proc", "sys"))], [])
    test.equal("no password goes out as it is", [n for n in files if "clear_password" in n], [])
    test.check("certificate authorities", files["etc/ssl/certs/ca-certificates.crt"].size > 100000)
    terms = {n.split("/")[3] for n in files if n.startswith("usr/share/doc/") and n.endswith("/copyright")}
    test.check("the terms of what is not ours", {"libc6", "libpq5", "libmariadb3", "libmongoc-1.0-0"} <= terms, str(terms))
    known = {n.rpartition("/")[2] for n in files if n.startswith("var/lib/dpkg/status.d/")}
    test.equal("and its versions, for scanners", known - {"status.d"}, terms)


class Job:
    """What a CI job mounts: a plan, secrets to read, a folder for reports."""

    def __init__(self, folder, fleet):
        self.folder, self.fleet = folder, fleet
        for name, mode in (("plan", 0o755), ("secrets", 0o750), ("reports", 0o770)):
            (folder / name).mkdir()
            os.chmod(folder / name, mode)
            os.chown(folder / name, -1, SOMEBODY)
        shutil.copyfile(fleet.plan("ready"), folder / "plan/plan.yaml")
        shutil.copyfile(fleet.ca, folder / "plan/ca.pem")
        for path in (fleet.dir / "secrets").glob("*.json"):
            copy = folder / "secrets" / path.name
            shutil.copyfile(path, copy)
            os.chmod(copy, 0o440)
            os.chown(copy, 0, SOMEBODY)
        values = {**fleet.variables(), "HG_CA": "/work/ca.pem", "HG_SECRETS": "/secrets"}
        (folder / "variables").write_text("".join(f"{k}={v}\n" for k, v in values.items()), "utf-8")

    def run(self, *words):
        return docker("run", "--rm", *HARDENED, "--network", "host", "--env-file", self.folder / "variables",
                      "-v", f"{self.folder}/plan:/work:ro", "-v", f"{self.folder}/secrets:/secrets:ro",
                      "-v", f"{self.folder}/reports:/reports", TAG, *words)

    def judge(self):
        done = self.run("run", "plan.yaml", "--report", "json=/reports/run.json", "--report", "junit=/reports/junit.xml")
        report = self.folder / "reports/run.json"
        said = done.stderr.decode("utf-8", "replace")
        return done, json.loads(report.read_text("utf-8")) if report.exists() else {"exit": said, "findings": []}


def same_as_outside(test, fleet, job):
    """Open, then with a grant taken away closed; the verdicts are those of the program outside."""
    outside = verdicts(run_json("run", fleet.plan("ready"), fleet=fleet, status=0))
    done, run = job.judge()
    test.equal("open, in the container", (done.returncode, verdicts(run)), (0, outside))
    test.equal("reports belong to who asked for them", {os.stat(p).st_uid for p in (job.folder / "reports").iterdir()}, {SOMEBODY})
    missing = variants.find("mysql/select-missing")
    missing.apply(fleet["mysql"])
    outside = verdicts(run_json("run", fleet.plan("ready"), fleet=fleet, status=1))
    done, run = job.judge()
    test.equal("closed, in the container", (done.returncode, verdicts(run)), (1, outside))
    test.equal("by that grant", verdicts(run).get(("mysql.grant.select", "contributor")), "fail")
    test.check("the report for CI has it", b"mysql.grant.select" in (job.folder / "reports/junit.xml").read_bytes())
    missing.undo(fleet["mysql"])
    done = job.run("run", "nothing.yaml")
    test.equal("a plan that is not there", (done.returncode, done.stderr.count(b"nothing.yaml")), (2, 1))
    done = job.run("run", "plan.yaml", "--report", "json=/work/run.json")
    test.equal("a report that cannot be written", (done.returncode, b"/work/run.json" in done.stderr), (70, True))


def in_place_of_the_program(test, fleet, folder):
    """docker/headgate/run with the script for builds: paths, variables and exit status are those of the program."""
    checkout = folder / "checkout"
    checkout.mkdir()
    shutil.copyfile(fleet.plan("ready"), checkout / "plan.yaml")
    env = {**environment(fleet), "HEADGATE": str(ROOT / "docker/headgate/run"), "HEADGATE_IMAGE": TAG}

    def gate(plan):
        return subprocess.run([ROOT / "docs/ci/gate.sh", plan, "reports"], cwd=checkout, env=env, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120, check=False)

    done = gate("plan.yaml")
    test.equal("the script with the container, open", (done.returncode, done.stdout.partition("\n")[0]), (0, "The gate is OPEN"))
    missing = variants.find("mysql/select-missing")
    missing.apply(fleet["mysql"])
    done = gate(fleet.plan("ready"))            # a plan in another folder, as it is called from here
    missing.undo(fleet["mysql"])
    test.check("closed, by the grant that was taken away",
               done.returncode == 1 and done.stdout.startswith("CLOSED by contributor mysql.grant.select (blocker): "), done.stdout[:300])
    test.check("its reports are here", (checkout / "reports/junit.xml").stat().st_size > 1000)
    test.equal("a plan that is not there", gate("nothing.yaml").returncode, 2)


def body(test):
    if os.geteuid() != 0:
        skip("only root can give files to the container's account")
    with tempfile.TemporaryDirectory(prefix="headgate-image-") as name:
        folder = pathlib.Path(name)
        os.chmod(folder, 0o755)
        with OwnEngine(folder):
            build(test)
            contents(test)
            with Fleet("ready") as fleet:
                same_as_outside(test, fleet, Job(folder, fleet))
                in_place_of_the_program(test, fleet, folder)


if __name__ == "__main__":
    main(body)

"""What the tests on real servers share."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HEADGATE, ROOT = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "fixtures/lib"))


# Leak checking works with ptrace, which a probe's sandbox forbids; what fixtures start inherits this too.
os.environ["ASAN_OPTIONS"] = "detect_leaks=0"


def skip(reason):
    """Meson's word for a test that cannot be made here."""
    print(reason)
    sys.exit(77)


_INSIDE = "HEADGATE_TEST_IN_A_NAMESPACE"

try:
    from hgfix import Fleet, FixtureError, tidy_signals
except ImportError as error:
    skip(f"the fixtures' Python modules are not installed ({error}): scripts/setup servers")


def need(*tools):
    for tool in tools:
        if shutil.which(tool) is None:
            skip(f"{tool} is not installed: scripts/setup test")


def need_servers():
    from hgfix.paths import cached      # pylint: disable=import-outside-toplevel
    try:
        for name in ("mysql", "mongodb-8.2.0"):
            cached(name)
    except FixtureError as error:
        skip(str(error))
    if not pathlib.Path("/usr/lib/postgresql/15/bin/postgres").exists():
        skip("PostgreSQL 15 is not installed: scripts/setup servers")


def in_namespace(setup, body, resolv_conf=""):
    """Ends with what BODY(folder) ends with, run where there is no network but the one that SETUP (shell) makes."""
    tidy_signals()
    if _INSIDE in os.environ:
        sys.exit(body(pathlib.Path(os.environ[_INSIDE])))
    need("unshare", "ip")
    with tempfile.TemporaryDirectory(prefix="headgate-namespace-") as folder:
        path = pathlib.Path(folder) / "resolv.conf"
        path.write_text(resolv_conf, "ascii")
        script = f'{setup} && mount --bind "$1" /etc/resolv.conf && shift && exec "$@"'
        user = [] if os.geteuid() == 0 else ["--map-root-user"]
        argv = ["unshare", *user, "--net", "--mount", "sh", "-c", script, "sh", str(path)]
        if subprocess.run([*argv, "true"], capture_output=True, check=False).returncode:
            skip("no network namespace can be made here (unshare --net --mount)")
        done = subprocess.run([*argv, sys.executable, *sys.argv], env={**os.environ, _INSIDE: folder}, check=False)
    sys.exit(done.returncode)


def environment(fleet=None, **more):
    """What headgate runs with."""
    env = {k: v for k, v in (fleet.environ() if fleet else os.environ).items() if not k.startswith("HEADGATE")}
    return {**env, **more}


def headgate(*words, fleet=None, status=None, env=None, **more):
    """One headgate; STATUS, a number or several, is what it must end with."""
    words = [str(w) for w in words]
    done = subprocess.run([str(HEADGATE), *words], env=env or environment(fleet), stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120, check=False, **more)
    wanted = (status,) if isinstance(status, int) else status
    if wanted is not None and done.returncode not in wanted:
        raise AssertionError(f"headgate {' '.join(words)}: exit status {done.returncode}, not {status}\n"
                             f"{done.stdout.decode('utf-8', 'replace')}{done.stderr.decode('utf-8', 'replace')}")
    return done


def run_json(*words, **more):
    """The run document of one headgate that writes a report as JSON."""
    with tempfile.TemporaryDirectory(prefix="headgate-run-") as folder:
        report = pathlib.Path(folder) / "run.json"
        headgate(*words, "--report", f"json={report}", **more)
        return json.loads(report.read_text("utf-8"))


def verdicts(run, target=None):
    return {(f["check"], f["target"]): f["verdict"] for f in run["findings"] if target in (None, f["target"])}


class Test:
    """Counts what does not hold; a test script ends with sys.exit(test.end())."""

    def __init__(self):
        self.asked, self.wrong = 0, 0

    def check(self, what, good, said=""):
        self.asked += 1
        if not good:
            self.wrong += 1
            print(f"NOT SO: {what}{': ' if said else ''}{said}", flush=True)
        return good

    def equal(self, what, got, wanted):
        return self.check(what, got == wanted, f"{got!r}, wanted {wanted!r}")

    def end(self):
        print(f"{self.asked} questions, {self.wrong} wrong answers")
        return 1 if self.wrong or not self.asked else 0


def main(body):
    """Run BODY(test): what it needs and is not there skips, and a signal ends its servers too."""
    tidy_signals()
    need_servers()
    test = Test()
    body(test)
    sys.exit(test.end())

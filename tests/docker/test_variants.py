"""fixtures/variants --docker: one variant of each kind, an announcement that is not so, and an interrupted run."""
import concurrent.futures
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
HEADGATE, ROOT = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
sys.path.insert(0, str(ROOT / "fixtures/lib"))

from hgfix import boxed, containers, engine, matrix, paths, proc, variants  # noqa: E402  pylint: disable=wrong-import-position

WRONG = []


def check(what, good, said=""):
    if not good:
        WRONG.append(what)
        print(f"NOT SO: {what}\n{said}", flush=True)


def need(folder):
    """Without root and without an engine there is nothing to try. The engine runs until the end of the test."""
    # leak checking works with ptrace, which a probe's sandbox forbids
    os.environ["ASAN_OPTIONS"] = "detect_leaks=0"
    for name in [name for name in os.environ if name.startswith("HEADGATE_") and name != "HEADGATE_ENGINE_DIR"]:
        del os.environ[name]
    os.environ["HEADGATE_IMAGES"] = "local"
    answers = shutil.which("docker") and subprocess.run(["docker", "version"], capture_output=True, check=False).returncode == 0
    if not answers and os.geteuid() != 0:
        skip("no docker engine answers, and only root can start one")
    done = subprocess.run([boxed.DOCKER / "engine", "up", "--for", folder], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        skip("no docker engine can be had here: " + (done.stderr.strip().splitlines() or ["no reason given"])[-1])


def skip(reason):
    print(reason)
    sys.exit(77)


def command(*words):
    return [ROOT / "fixtures/variants", *words, "--docker", "--headgate", HEADGATE]


def run(*words):
    done = subprocess.run(command(*words), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=600)
    return done.returncode, done.stdout, done.stderr


def data():
    """What is left out is a variant, with a reason."""
    for path in boxed.EXPECTED.glob("*.yaml"):
        left = boxed.expected(path.stem).doc.get("leave", {})
        names = {p.stem for p in paths.variant_files(path.stem)}
        check(f"{path.name} leaves variants out that there are, and says why", set(left) <= names and all(left.values()), left)


def mysql():
    """Statements, an address, options and secrets; and one announcement, made wrong here, is found to be."""
    good = ["anonymous-account", "gtid-off", "password-wrong", "server-stopped"]
    said, real = [], boxed.expected

    def with_a_mistake(name, doc=matrix.Expected("mysql", boxed.EXPECTED)):
        doc.doc = {"variants": {"select-missing": {"mysql.grant.select": None}}}
        return doc if name == "mysql" else real(name)

    boxed.expected = with_a_mistake
    try:
        result = variants.run_in_container("mysql", str(HEADGATE), [*good, "select-missing"], said.append)
    finally:
        boxed.expected = real
    check("mysql: a wrong announcement makes the run fail", result is False, said)
    for name in good:
        check(f"mysql/{name} is as announced", f"mysql/{name}: ok" in said, said)
    check("the verdict that was not announced is named", "mysql/select-missing: WRONG" in said
          and "    mysql.grant.select: fail, expected pass" in said, said)
    check("nothing else is wrong, and nothing is left of a variant", sum("WRONG" in line for line in said) == 1, said)


def postgres():
    names = ["usage-missing", "hba-md5", "senders-none-free", "wal-level-replica"]
    status, out, err = run("postgres", *names)
    check("postgres: all as announced", status == 0 and all(f"postgres/{n}: ok" in out for n in names), out + err)


def mongodb():
    names = ["read-missing", "standalone"]
    status, out, err = run("mongodb", *names, "members-on-loopback")
    check("mongodb: all as announced", status == 0 and all(f"mongodb/{n}: ok" in out for n in names), out + err)
    check("what cannot be done is said, with the reason", "mongodb/members-on-loopback: not in a container: the set" in out, out)


def refused():
    for words in (("mysql@8.0.15",), ("mysql", "--rehearse")):
        status, _, err = run(*words)
        check(f"{' '.join(words)} --docker is refused", status == 2 and "--docker is for mysql, postgres, mongodb" in err, err)


def interrupted(scratch):
    """Told to end in the middle, it takes everything away."""
    said = scratch / "said"
    with open(said, "w", encoding="utf-8") as out:
        child = subprocess.Popen(command("postgres"), env={**os.environ, "TMPDIR": str(scratch)}, stdin=subprocess.DEVNULL,
                                 stdout=out, stderr=out, start_new_session=True)
    started = time.monotonic()
    while child.poll() is None and "ready: ok" not in said.read_text("utf-8") and time.monotonic() - started < 300:
        time.sleep(0.05)
    folders = list(scratch.glob("headgate-variants-*"))
    check("it was still at work", child.poll() is None and len(folders) == 1, said.read_text("utf-8"))
    os.killpg(child.pid, signal.SIGTERM)
    status = child.wait(120)
    check("ended by the signal", status == 128 + signal.SIGTERM, f"status {status}\n{said.read_text('utf-8')}")
    check("its folder is gone", not list(scratch.glob("headgate-variants-*")))
    docker = engine.Engine(scratch)
    docker.find()
    label = f"label=com.docker.compose.project={containers.project_of(folders[0] / 'run')}"
    check("its container is gone", docker.ask("ps", "-aq", "--filter", label).strip() == "")


def timed(step, *words):
    started = time.monotonic()
    step(*words)
    print(f"{step.__name__}: {time.monotonic() - started:.1f} s", flush=True)


def main(scratch):
    """Side by side: each mostly waits for its server."""
    data()
    refused()
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        others = [pool.submit(timed, mongodb), pool.submit(timed, postgres), pool.submit(timed, interrupted, scratch)]
        timed(mysql)        # it handles signals itself, which only the main thread may
        for other in others:
            other.result()
    return 1 if WRONG else 0


if __name__ == "__main__":
    proc.tidy_signals()
    with tempfile.TemporaryDirectory(prefix="headgate-docker-test-") as FOLDER:
        try:
            need(FOLDER)
            RESULT = main(pathlib.Path(FOLDER))
        finally:
            subprocess.run([boxed.DOCKER / "engine", "down", "--for", FOLDER], capture_output=True, check=False)
    sys.exit(RESULT)

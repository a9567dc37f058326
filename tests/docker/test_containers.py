"""docker/up, docker/down and docker/acceptance: whole, interrupted, with moved ports, and with the user's own seeds."""
import hashlib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree

HEADGATE, ROOT = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
FIXTURES = ROOT / "fixtures"
DOCKER = ROOT / "docker"
WRONG = []

JS = """
const d = db.getSiblingDB("programops_db");
for (const name of ["programs", "enrollments"]) {
  d.createCollection(name, { changeStreamPreAndPostImages: { enabled: true } });
  d[name].insertMany([{ _id: 1 }, { _id: 2 }]);
}
d.createUser({ user: "datastream_user", pwd: "SECURE_PASSWORD", roles: ["read", { role: "read", db: "local" }] });
"""


def check(what, good, said=""):
    if not good:
        WRONG.append(what)
        print(f"NOT SO: {what}\n{said}", flush=True)


def need():
    """Without root and without an engine there is nothing to try."""
    # leak checking works with ptrace, which a probe's sandbox forbids
    os.environ["ASAN_OPTIONS"] = "detect_leaks=0"
    answers = shutil.which("docker") and subprocess.run(["docker", "version"], capture_output=True, check=False).returncode == 0
    if not answers and os.geteuid() != 0:
        skip("no docker engine answers, and only root can start one")
    done = subprocess.run([DOCKER / "engine", "up", "--for", FOLDER], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        skip("no docker engine can be had here: " + (done.stderr.strip().splitlines() or ["no reason given"])[-1])
    check("docker/engine up is repeatable", run("engine", "up", "--for", FOLDER)[0] == 0)
    run("engine", "down", "--for", FOLDER)


def skip(reason):
    print(reason)
    sys.exit(77)


def run(script, *words, **variables):
    """(exit status, standard output, standard error); a port or an image of the caller's own does not reach it."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("HEADGATE_") or k == "HEADGATE_ENGINE_DIR"}
    done = subprocess.run([DOCKER / script, *map(str, words)], env={**environment, "HEADGATE_IMAGES": "local", **variables},
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=900)
    return done.returncode, done.stdout, done.stderr


# ---- what must be as it was

def said_by(*argv):
    try:
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    # counters and the time of asking are not what is asked
    return re.sub(r"\[\d+:\d+\]|^#.*\n", "", done.stdout, flags=re.M)


def processes():
    """Of our engine and its containers, and proxies that lost theirs; others may be at work beside us."""
    ours = re.compile(rf"{re.escape(str(RUN))}|{re.escape(str(FOLDER))}|^ *1 \S*docker-proxy|start\.sh")
    return sorted(line for line in said_by("ps", "-eo", "ppid,args").splitlines() if ours.search(line))


def machine():
    def read(path):
        return pathlib.Path(path).read_text("ascii") if pathlib.Path(path).exists() else ""
    return {
        "processes": processes(),
        "links": sorted(re.findall(r"^\d+: ([^:@]+)", said_by("ip", "link"), re.M)),
        "routes": said_by("ip", "route"),
        "iptables": said_by("iptables-save"),
        "ip6tables": said_by("ip6tables-save"),
        "nft": said_by("nft", "list", "ruleset"),
        "forwarding": read("/proc/sys/net/ipv4/ip_forward") + read("/proc/sys/net/ipv6/conf/all/forwarding"),
        "containers": said_by("docker", "ps", "-a"),
        "mounts": [x for x in read("/proc/mounts").splitlines() if str(RUN) in x or str(CACHE) in x],
        "folders": [p for p in ("/etc/docker", "/run/docker", "/opt/containerd") if os.path.exists(p)],
        "cgroups": sorted(str(p) for p in pathlib.Path("/sys/fs/cgroup").glob("*/docker*")),
        "engine": RUN.exists(),
        "others": others(),
    }


def others():
    """Who else needs the engine now: it goes on then, with what is theirs."""
    return [line for line in run("engine", "status")[1].splitlines() if "needed by" in line and str(FOLDER) not in line]


def ours_in_the_engine():
    said = ""
    for kind in (["ps", "-a"], ["network", "ls"], ["volume", "ls"]):
        said += in_engine(*kind, "-q", "--filter", f"label=com.docker.compose.project={PROJECT}")
    return said


def as_it_was(when):
    check(f"the folder is gone, {when}", not FOLDER.exists())
    if BEFORE["others"] or others():
        print(f"others need the engine: only what is ours is looked for, {when}", flush=True)
        check(f"nothing of ours is in the engine, {when}", ours_in_the_engine() == "")
        return
    after = machine()
    for name, value in BEFORE.items():
        check(f"{name} as before, {when}", after[name] == value, f"before: {value}\nafter:  {after[name]}")


# ---- what is tried

def whole_cycle(reports):
    """With headgate in its own container; the other runs have it on this machine."""
    status, out, err = run("acceptance", "--dir", FOLDER, "--free-ports", "--reports", reports, "--in-container")
    check("ready servers open the gate", status == 0 and "The gate is OPEN" in out, f"status {status}\n{out}{err}")
    document = json.loads((reports / "run.json").read_text("utf-8"))
    judged = {f["target"] for f in document["findings"] if f["verdict"] == "pass"}
    check("all four servers were judged", {"contributor", "contributor-mariadb", "qualityaudit", "programops"} <= judged, judged)
    check("reports are there", {p.name for p in reports.iterdir()} == {"run.json", "junit.xml", "summary.md", "todo.txt"})
    as_it_was("after a whole cycle")


def write_seeds(folder):
    """A team's own files: several, in order, and JavaScript that is more than documents."""
    def text(name):
        return (FIXTURES / name).read_text("utf-8").replace("127.0.0.%", "10.213.%")
    for name in ("mysql", "mongodb"):
        (folder / name).mkdir()
    (folder / "mysql/10-tables.sql").write_text(text("mysql/tables.sql"), "utf-8")
    (folder / "mysql/20-grants.sql").write_text(text("mysql/ready/seed.sql"), "utf-8")
    (folder / "mysql/30-auditor.sql").write_text(text("mysql/auditor.sql"), "utf-8")
    (folder / "mongodb/10-all.js").write_text(JS, "utf-8")


def own_seeds(folder, reports):
    write_seeds(folder)
    words = ("acceptance", "--dir", FOLDER, "--free-ports", "--reports", reports, "--headgate", HEADGATE)
    status, out, err = run(*words, HEADGATE_SEED_DIR=str(folder))
    check("the user's own seeds open the gate", status == 0, f"status {status}\n{out}{err}")

    grants = folder / "mysql/20-grants.sql"
    kept = grants.read_text("utf-8")
    grants.write_text(kept.replace("REPLICATION SLAVE, REPLICATION CLIENT", "REPLICATION CLIENT"), "utf-8")
    status, out, err = run(*words, "mysql", HEADGATE_SEED_DIR=str(folder))
    check("a grant that is taken out closes the gate", status == 1, f"status {status}\n{out}{err}")
    first = next((line for line in out.splitlines() if re.match(r"  (BLOCKER|MAJOR) ", line)), "")
    check("the first failure names the grant", "REPLICATION SLAVE" in first, out)
    cases = xml.etree.ElementTree.parse(reports / "junit.xml").iter("testcase")
    failed = [case.get("name") for case in cases if case.find("failure") is not None]
    check("JUnit's first failure is that grant's", failed[:1] and "replication-slave" in failed[0], failed)

    grants.write_text("GRANT NONSENSE ON *.* TO nobody;\n", "utf-8")
    status, out, err = run(*words, "mysql", HEADGATE_SEED_DIR=str(folder))
    check("a seed that the server refuses is named", status == 2 and "mysql/20-grants.sql" in err, f"status {status}\n{out}{err}")
    check("passwords stay out of it", "hgfix-" not in out + err, err)
    as_it_was("after own seeds")


def moved_port():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        status, _, err = run("up", "postgres", "--dir", FOLDER, HEADGATE_POSTGRES_PORT=str(held.getsockname()[1]))
    check("a port in use is refused by its variable", status == 2 and "HEADGATE_POSTGRES_PORT" in err, err)
    check("and nothing is left of it", not FOLDER.exists())
    status, out, err = run("up", "postgres", "--dir", FOLDER, HEADGATE_POSTGRES_PORT="19543", HEADGATE_SUBNET="10.214.7.0/28")
    check("a moved port is used", status == 0 and "postgres: 127.0.0.1:19543" in out, out + err)
    check("the network asked for is used", "10.214.7.1" in said_by("ip", "address"))
    check("only loopback listens", "0.0.0.0:19543" not in said_by("ss", "-ltn"))
    check("a second up in the same folder is refused", run("up", "postgres", "--dir", FOLDER)[0] == 2)
    with socket.create_connection(("127.0.0.1", 19543), timeout=5):
        pass
    modes = {p.name: p.stat().st_mode & 0o777 for p in FOLDER.rglob("*") if p.is_file() and "hgfix-" in p.read_text("utf-8")}
    check("what holds a password is private", modes and set(modes.values()) == {0o600}, modes)
    check("down", run("down", "--dir", FOLDER)[0] == 0)
    status, out, _ = run("down", "--dir", FOLDER)
    check("down again has nothing to do", status == 0 and "nothing to do" in out, out)
    as_it_was("after moved ports")


def interrupted(when, number, moment):
    """docker/up is told to end at MOMENT(what it has said so far, seconds); it and all that it started end."""
    environment = {**os.environ, "HEADGATE_IMAGES": "local"}
    said = FOLDER.parent / "said"
    with open(said, "w", encoding="utf-8") as out:
        child = subprocess.Popen([DOCKER / "up", "postgres", "mongodb", "--free-ports", "--dir", FOLDER], env=environment,
                                 stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True)
    started = time.monotonic()
    while child.poll() is None and not moment(said.read_text("utf-8"), time.monotonic() - started):
        time.sleep(0.02)
    check(f"it was still at work {when}", child.poll() is None, said.read_text("utf-8"))
    os.killpg(child.pid, number)
    try:
        status = child.wait(120)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        status = child.wait()
    check(f"ended by the signal {when}", status in (130, 128 + number), f"status {status}\n{said.read_text('utf-8')}")
    as_it_was(when)


def in_engine(*words):
    host = re.search(r"DOCKER_HOST='(.*)'", run("engine", "env")[1])
    env = {**os.environ, **({"DOCKER_HOST": host.group(1)} if host else {})}
    return subprocess.run(["docker", *words], env=env, capture_output=True, text=True, check=False).stdout


def running(name):
    return f"{PROJECT}-{name}" in in_engine("ps", "--format", "{{.Names}}")


def killed():
    """After SIGKILL nobody cleans up: docker/down does, also when the engine was killed too."""
    status, out, err = run("up", "postgres", "--free-ports", "--dir", FOLDER)
    check("up, before it is killed", status == 0, out + err)
    if RUN.exists() and not others():
        os.kill(int((RUN / "pid").read_text("ascii")), signal.SIGKILL)
    status, out, err = run("down", "--dir", FOLDER)
    check("down after a kill", status == 0, out + err)
    as_it_was("after a killed engine")


def main():
    with tempfile.TemporaryDirectory(prefix="headgate-seeds-") as seeds, tempfile.TemporaryDirectory() as reports:
        steps = [
            lambda: whole_cycle(pathlib.Path(reports)),
            lambda: own_seeds(pathlib.Path(seeds), pathlib.Path(reports)),
            moved_port,
            lambda: interrupted("at once", signal.SIGINT, lambda said, seconds: FOLDER.exists()),
            lambda: interrupted("while the engine starts", signal.SIGINT, lambda said, seconds: seconds > 1),
            lambda: interrupted("while containers start", signal.SIGINT, lambda said, seconds: "starting" in said),
            lambda: interrupted("when a container runs", signal.SIGTERM, lambda said, seconds: running("mongodb")),
            killed,
        ]
        for step in steps:
            started = time.monotonic()
            step()
            print(f"{time.monotonic() - started:6.1f} s", flush=True)
    return 1 if WRONG else 0


if __name__ == "__main__":
    CACHE = pathlib.Path(os.environ.get("HEADGATE_ENGINE_DIR", "/var/cache/headgate/engine"))
    RUN = pathlib.Path("/run/headgate-engine-" + hashlib.sha256(str(CACHE).encode()).hexdigest()[:8])
    SCRATCH = tempfile.TemporaryDirectory(prefix="headgate-docker-test-")
    FOLDER = pathlib.Path(SCRATCH.name) / "run"
    PROJECT = "headgate-" + hashlib.sha256(str(FOLDER).encode()).hexdigest()[:8]
    need()
    BEFORE = machine()
    try:
        sys.exit(main())
    finally:
        run("down", "--dir", FOLDER)

#!/usr/bin/env python3
"""The first half of docs/TUTORIAL.md, done again: its commands are run, and what it says was printed is printed.

Numbers may differ (ports, times, counts of seconds); `...` stands for any lines. The second half is test_todo.py's.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from common import Fleet, HEADGATE, ROOT, main, need   # noqa: E402  pylint: disable=wrong-import-position
from test_tunnel import give_names, make_bastion, payload     # noqa: E402  pylint: disable=wrong-import-position
from hgfix import proc     # noqa: E402  pylint: disable=wrong-import-position

FILES = {"mysql": "contributor-mysql-connection", "postgres": "qualityaudit-postgres-connection",
         "mongodb": "programops-mongo-connection"}
PORTS = {"mysql": "13306", "postgres": "15432", "mongodb": "27018"}


def session():
    """[(command, lines it is said to print)] of the first half."""
    text = (ROOT / "docs/TUTORIAL.md").read_text("utf-8")
    half = text[text.index("## The first report"):text.index("## From the seed document's servers")]
    steps = []
    for line in half.splitlines():
        if line.startswith("    $ "):
            steps.append((line[6:], []))
        elif line.startswith("    ") and steps:
            steps[-1][1].append(line[4:])
    return steps


def like(line):
    """A line as a pattern: figures may be others, and with them the width of what is padded."""
    return re.sub(r"(\\ )+", r"\\s+", re.sub(r"[0-9]+", "[0-9]+", re.escape(line.strip())))


def not_printed(said, printed):
    """The first line of the tutorial that was not printed, in its order, or None."""
    text = [line.strip() for line in printed.splitlines() if line.strip()]
    at, gap = 0, True
    for line in said:
        if line.strip() == "...":
            gap = True
        elif line.strip():
            here = [i for i in range(at, len(text)) if re.fullmatch(like(line), text[i])]
            if not here or (not gap and here[0] != at):
                return line
            at, gap = here[0] + 1, False
    return None


def lay(fleet, folder):
    (folder / "secrets").mkdir(mode=0o700)
    for engine, name in FILES.items():
        proc.write_private(folder / f"secrets/{name}.json", json.dumps(payload(fleet[engine], "user")))
    shutil.copy(fleet.environ()["HG_CA"], folder / "ca.pem")


def follow(test, fleet, folder, bastion):
    ports = {PORTS[engine]: str(proc.free_port()) for engine in PORTS}
    env = {"PATH": f"{HEADGATE.parent}:/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": str(folder)}
    for key in ("ASAN_OPTIONS", "UBSAN_OPTIONS"):
        if key in os.environ:
            env[key] = os.environ[key]
    steps = session()
    test.check("the tutorial has its steps", len(steps) >= 5 and sum(bool(said) for _, said in steps) >= 4, len(steps))
    for command, said in steps:
        if command.startswith("ssh "):
            ways = {int(ports[port]): ("127.0.0.1", fleet[engine].port) for engine, port in PORTS.items()}
            test.check("the tunnel's line names every port", all(f"-L {port}:" in command for port in PORTS.values()), command)
            bastion.open(ways)
            continue
        for port, real in ports.items():
            command = command.replace(port, real)
        done = subprocess.run(command, shell=True, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=120, text=True, check=False)
        missing = not_printed(said, done.stdout)
        test.check(f"$ {command}: prints what the tutorial says", missing is None, f"not printed: {missing}\n{done.stdout}")
        test.check(f"$ {command}: no password", not any(p in done.stdout for s in fleet.servers.values() for p in s.passwords.values()))


def body(test):
    need("ssh", "ssh-keygen")
    with Fleet("ready") as fleet, tempfile.TemporaryDirectory(prefix="headgate-tutorial-") as name, make_bastion(fleet) as bastion:
        give_names(fleet["mongodb"])
        lay(fleet, pathlib.Path(name))
        follow(test, fleet, pathlib.Path(name), bastion)


if __name__ == "__main__":
    main(body)

#!/usr/bin/python3
"""What was recorded on every server of the matrix is judged as it was then, holds no secret, and differs as explained.

Usage: test_recorded.py HEADGATE SOURCE. No server is needed; scripts/record records anew.
"""
import pathlib
import re
import sys
import tempfile

sys.dont_write_bytecode = True
HEADGATE, ROOT = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
sys.path.insert(0, str(ROOT / "fixtures/lib"))
try:
    from hgfix import matrix, serversdoc
    from hgfix.paths import ENGINES
except ImportError as error:
    print(f"the fixtures' Python modules are not installed ({error}): scripts/setup servers")
    sys.exit(77)

SECRET = re.compile(r"hgfix-|identified by '|\"password\":|/tmp/|/root/|SCRAM-SHA-256\$", re.I)
# An impostor, or a server that no stream can be read from: never open.
CLOSED = {"mongodb@5.0-standalone", "ferretdb@1.24"}


def recorded(server, kind, folder):
    text = matrix.facts_file(server, kind).read_text("utf-8")
    found = SECRET.search(text)
    wrong = [f"the facts hold {found.group()!r}"] if found else []
    got = matrix.judged(server, kind, HEADGATE, folder)
    wrong += matrix.wrong_verdicts(server, kind, got)
    stopped = set(got.values()) & {"fail", "unknown"}
    if kind == "ready" and bool(stopped) != (server in CLOSED):
        wrong.append("the gate would be " + ("closed" if stopped else "open"))
    return [f"{server}, {kind}: {line}" for line in wrong]


def main():
    wrong, asked = [], 0
    with tempfile.TemporaryDirectory(prefix="headgate-recorded-") as folder:
        for server in matrix.all_servers():
            for kind in matrix.KINDS:
                wrong += recorded(server, kind, pathlib.Path(folder))
                asked += 1
            if server not in ENGINES:
                wrong += [f"fixtures/expected/matrix/{server}.yaml: {line}" for line in matrix.unexplained(server)]
    wrong += serversdoc.problems()
    if serversdoc.DOCUMENT.read_text("utf-8") != serversdoc.render():
        wrong.append("docs/SERVERS.md was not made of what is recorded: scripts/servers-doc")
    print("\n".join(wrong) or f"{asked} recordings are judged as they were")
    return 1 if wrong or asked < 2 * len(ENGINES) else 0


sys.exit(main())

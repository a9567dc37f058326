#!/usr/bin/env python3
"""Passwords that somebody wrote into a plan, in every place: an error has a line and a caret, and never the password.

(tests/refused holds what each error says; tests/unit/test_excerpt.c looks at every place of every line.)
"""
import os
import pathlib
import subprocess
import sys
import tempfile

HEADGATE, ROOT = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
MARK = "hunter2-a-marker"
ENVIRONMENT = {"PATH": os.environ["PATH"], "HOME": "/", "LC_ALL": "C.UTF-8", "DB_PORT": MARK,
               **{k: v for k, v in os.environ.items() if k.startswith(("ASAN", "UBSAN", "LSAN"))}}
HEAD = "headgate: 1\nname: n\ntargets:\n"

# (the targets, a word of what is said, what the excerpt shows: its first line; None: there is none)
ROWS = (
    ("  db: {engine: mysql, password: MARK, secret: {env: X}}", "a password does not belong", "  db: {engine: …, password: …"),
    ("  db:\n    engine: mysql\n    password: MARK\n    secret: {env: X}", "a password does not belong", "    password: …"),
    ("  db: {engine: mysql, pasword: MARK, secret: {env: X}}", "`pasword` is not a key", "  db: {engine: …, pasword: …"),
    ("  db: {secret: {env: X}, engine: mysql, pwd: MARK}", "`pwd` is not a key", "  db: {secret: {env: …}, engine: …, pwd: …"),
    ("  db: {engine: mysql, secret: MARK, scpe: [a.b]}", "`scpe` is not a key", "  db: {engine: …, secret: …, scpe: …"),
    ("  db: {engine: mysql, secret: \"MARK, scope: MARK\", scpe: [a.b]}", "`scpe`", "  db: {engine: …, secret: …, scpe: …"),
    ("  db: {engine: mysql, secret: 'it''s MARK', scpe: x}", "`scpe`", "  db: {engine: …, secret: …, scpe: …"),
    ("  db: {engine: mysql, secret: {env: X}, connect: {host: \"u:MARK@h\", prt: 1}}", "`prt`",
     "  db: {engine: …, secret: {env: …}, connect: {host: …, prt: …"),
    ("  db: {engine: mysql, secret: MARK}", "never held in it", None),
    ("  db: {engine: mysql, secret: [MARK]}", "never held in it", None),
    ("  db:\n    engine: mysql\n    secret: MARK", "never held in it", None),
    ("  db:\n    engine: mysql\n    secret: |\n      MARK", "never held in it", None),
    ("  db: {engine: mysql, secret: {env: MARK}}", "the name of a variable", None),
    ("  db: {engine: mysql, secret: {env: \"x MARK\"}}", "the name of a variable", None),
    ("  db: {engine: mysql, secret: {file: f, password: MARK}}", "a password does not belong", None),
    ("  db: {engine: mysql, secret: {fiel: MARK}}", "`fiel`", None),
    ("  db: {engine: mysql, secret: {file: [MARK]}}", "must be a text", None),
    ("  db: {engine: mysql, secret: {command: [echo, MARK], env: X}}", "a secret is one of", None),
    ("  db: {engine: mysql, secret: {command: MARK}}", "must be a list of texts", None),
    ("  db: {engine: mysql, secret: {command: [echo, {MARK: 1}]}}", "must be a list of texts", None),
    ("  db: {engine: mysql, secret: {env: X}, auditor: MARK}", "never held in it", None),
    ("  db: {engine: mysql, secret: {env: X}, auditor: {password: MARK}}", "a password does not belong", None),
    ("  db: {engine: mysql, secret: {env: X}, auditor: {secret: MARK}}", "never held in it", None),
    ("  db: {engine: mysql, secret: {env: X}, secret: MARK}", "stands here twice", None),
    ("  db: {engine: mysql, secret: &MARK {env: X}}", "anchors", None),
    ("  db: {engine: mysql, secret: !MARK x}", "tags", None),
    ("  db: {engine: mysql, secret: {env: X}, scope: \"MARK\"}", "`scope` must be", "  db: {engine: …, secret: {env: …}, scope: …"),
    ("  db: {engine: mysql, secret: {env: X}, scope: [a.b, {x: MARK}]}", "`scope` must be",
     "  db: {engine: …, secret: {env: …}, scope: […, { …"),
    ("  db: {engine: mysql, secret: {env: X}, deadline: [MARK]}", "is a duration",
     "  db: {engine: …, secret: {env: …}, deadline: [ …"),
    ("  db: {engine: mysql, secret: {env: X}, tls: {key: MARK, cart: x}}", "`cart`",
     "  db: {engine: …, secret: {env: …}, tls: {key: …, cart: …"),
    ("  net: {engine: network, endpoints: {a: \"u:MARK@h\"}}", "an endpoint is", "  net: {engine: …, endpoints: {a: …"),
    ("  net: {engine: network, endpoints: [{name: MARK, host: MARK, prt: 1}]}", "`prt`",
     "  net: {engine: …, endpoints: [{name: …, host: …, prt: …"),
    # not well-formed: nobody knows what is a key
    ("  db: {engine: mysql, password: \"MARK}\n", "not well-formed", False),
    ("  db: {engine: mysql, password: MARK: MARK: }}}\n", "not well-formed", False),
    ("  db: {engine: mysql, secret: MARK\n  MARK: [MARK\n", "not well-formed", False),
    ("  db: engine: MARK, secret: MARK", "not well-formed", False),
    ("  db: 'MARK' MARK", "not well-formed", False),
    ("  db: {engine: mysql}\n\tMARK: MARK", "not well-formed", False),
    ("  db: \"MARK\\x\"", "not well-formed", False),
    ("  db: {engine: mysql, password: MARK\x01}", "not well-formed", False),
    ("  ? [MARK, engine: MARK]\n  : MARK", "a key must be a word", False),
    # what a variable holds is not in the file
    ("  db: {engine: mysql, secret: {env: X}, connect: {port: \"${DB_PORT}\", host: MARK}}", "is no port",
     "  db: {engine: …, secret: {env: …}, connect: {port: …"),
)
# Files that are no plans and no checks at all.
OTHERS = (
    '{"hostname": "h", "username": "u", "password": "MARK"}', '{"password":"MARK","hostname":"h"}', "MARK", "- MARK\n- MARK\n",
    "password = MARK\n", "mongodb://u:MARK@h:27017/d", "headgate: 1\nname: {MARK: MARK}\ntargets: MARK\n", "\x00MARK", "MARK\n---\nMARK\n",
)


def run(command, path):
    done = subprocess.run([str(HEADGATE), *command, str(path)], env=ENVIRONMENT, stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr


def main():
    wrong, shown = [], 0
    with tempfile.TemporaryDirectory(prefix="headgate-carets-") as room:
        path = pathlib.Path(room) / "plan.yaml"
        for targets, said, excerpt in ROWS:
            path.write_text(HEAD + targets.replace("MARK", MARK), "utf-8")
            for command in (["plan", "--checks", str(ROOT / "checks")], ["run", "--checks", str(ROOT / "checks")]):
                status, out, err = run(command, path)
                lines = err.splitlines()
                first = lines[1].partition(" | ")[2] if len(lines) > 1 else None
                shown += len(lines) > 1
                # A port is said as it is: a variable of that name was meant to hold one.
                below = "\n".join(lines[1:] if "is no port" in said else lines)
                if status != 2 or out or said not in lines[0] or MARK in below or (excerpt is not False and first != excerpt):
                    wrong.append(f"{targets}\n  {status} {err}")
        for text in OTHERS:
            path.write_text(text.replace("MARK", MARK), "utf-8")
            for command in (["plan", "--checks", str(ROOT / "checks")], ["lint"]):
                status, out, err = run(command, path)
                if status != 2 or out or MARK in err:
                    wrong.append(f"{text!r} for {command[0]}\n  {status} {err}")
    print(*wrong, f"{len(ROWS) + len(OTHERS)} files, {shown} excerpts, {len(wrong)} problems", sep="\n")
    return 1 if wrong or shown < 20 else 0


sys.exit(main())

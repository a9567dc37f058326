#!/usr/bin/env python3
"""Every malformed plan and check of fixtures/refused is refused with exactly the words beside it.

PLAN.yaml is refused by `run` and by `plan` in the same words, CHECK.yaml by `lint` as the one check mysql.sample of a folder, PROFILE.yaml as its one profile; the words on standard
error (without the folder) must be those of the .error file, and the exit status 2: one line, and mostly two more with the line of the file and a
caret. `--update` rewrites the words.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HEADGATE, ROOT = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
REFUSED = ROOT / "fixtures/refused"
UPDATE = "--update" in sys.argv[3:]
# The plans name these; what the caller's shell has must not matter.
ENVIRONMENT = {k: v for k, v in os.environ.items() if not k.startswith(("HEADGATE", "HG_"))}
ENVIRONMENT.update(HOME="/", LC_ALL="C.UTF-8")


def run(argv, folder):
    done = subprocess.run([str(HEADGATE), *argv], cwd=folder, env=ENVIRONMENT, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr


def judge_plan(path, command="run"):
    return run([command, path.name, "--checks", str(ROOT / "checks")], REFUSED)


def judge_check(path, folder):
    sample = pathlib.Path(folder) / "mysql/sample.yaml"
    sample.parent.mkdir(exist_ok=True)
    sample.write_bytes(path.read_bytes())
    return run(["lint", "."], folder)


def judge_profile(path, folder):
    """As the profile `sample` of a folder with one good check, which asks for the parameter `sample.wanted`."""
    folder = pathlib.Path(folder) / "profiled"
    for part in ("mysql", "profiles"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    good = (REFUSED / "check-good.yaml").read_text("utf-8")
    (folder / "mysql/sample.yaml").write_text(good.replace("{ equals: ROW }", "{ equals: { param: sample.wanted } }").replace(
        "verdict:", "params: { sample.wanted: ROW }, verdict:"), "utf-8")
    (folder / "profiles/sample.yaml").write_bytes(path.read_bytes())
    return run(["lint", "."], folder)


def problems(path, folder):
    """What is wrong with how one file was refused."""
    plan = path.name.startswith("plan-")
    status, out, err = (judge_plan(path) if plan else judge_profile(path, folder) if path.name.startswith("profile-")
                        else judge_check(path, folder))
    if plan and (again := judge_plan(path, "plan")) != (status, out, err):
        yield f"`headgate plan` says {again}"
    words = path.with_suffix(".error")
    if UPDATE and not path.stem.endswith("-good"):
        words.write_bytes(err)
    wanted = words.read_bytes() if words.exists() else b""
    good = path.stem.endswith("-good")
    if status != (0 if good else 2):
        yield f"exit status {status}"
    if err != wanted:
        yield f"said   {err!r}\n    wanted {wanted!r}"
    yield from odd(err.decode("utf-8"))
    if out and not good:
        yield f"standard output: {out!r}"


def odd(err):
    """What is wrong with the form of what was said."""
    first, *rest = err.splitlines()[:1] or [""], *err.splitlines()[1:]
    if any(c < " " and c != "\n" or "\x7f" <= c < "\xa0" for c in err):
        yield f"a control character: {err!r}"
    if rest and (len(rest) != 2 or not re.fullmatch(r" *[0-9]+ \| .*\S", rest[0]) or not re.fullmatch(r" +\| +\^~*", rest[1]) or
                 rest[0].index("|") != rest[1].index("|") or max(map(len, rest)) > 80):
        yield f"no line with a caret: {rest}"
    if rest and int(rest[0].split()[0]) != int(re.search(r":([0-9]+):[0-9]+: ", err)[1]):
        yield f"another line than that of the error: {err!r}"


def main():
    files = sorted(REFUSED.glob("*.yaml"))
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="headgate-refused-") as folder:
        for path in files:
            for text in problems(path, folder):
                wrong += 1
                print(f"{path.name}: {text}")
    strays = {p.stem for p in REFUSED.glob("*.error")} - {p.stem for p in files}
    print(f"{len(files)} files, {wrong} problems")
    return 1 if wrong or strays or len(files) < 30 else 0


sys.exit(main())

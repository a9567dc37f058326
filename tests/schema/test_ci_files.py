#!/usr/bin/env python3
"""docs/ci as GitHub and GitLab would read it: the workflow by actionlint (which reads its shell by shellcheck), the job by GitLab's own
schema, the scripts by shellcheck; and that each of the three readers refuses what is wrong.

Usage: test_ci_files.py HEADGATE SOURCE
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

SOURCE = pathlib.Path(sys.argv[2])


def where(name):
    done = subprocess.run([str(SOURCE / "scripts/setup"), "--where", name], capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"{name} is not in the cache: scripts/setup test")
        sys.exit(77)
    return pathlib.Path(done.stdout.strip())


CI, TOOLS = SOURCE / "docs/ci", where("ci-lint")
if "HEADGATE_IN_VENV" not in os.environ:
    os.environ["HEADGATE_IN_VENV"] = "1"
    python = str(where("venv") / "bin/python")
    os.execv(python, [python, *sys.argv])
if shutil.which("shellcheck") is None:
    print("no shellcheck here: scripts/setup test")
    sys.exit(77)

sys.path.append("/usr/lib/python3/dist-packages")       # Debian's PyYAML
import jsonschema       # noqa: E402
import yaml             # noqa: E402

wrong = []


def must(what, good, said=""):
    if not good:
        wrong.append(f"{what}: {said}")


def actionlint(text):
    """What it says of the workflow TEXT; nothing when all is well."""
    done = subprocess.run([str(TOOLS / "actionlint"), "-no-color", "-shellcheck", "shellcheck", "-pyflakes", "", "-"], input=text,
                          capture_output=True, text=True, check=False)
    must("actionlint itself", done.returncode in (0, 1), done.stderr)
    return done.stdout


def workflow():
    text = (CI / "github.yml").read_text("utf-8")
    must("actionlint", actionlint(text) == "", actionlint(text))
    for what, old, new in (("a context that is none", "github.token", "github.tokn"), ("a key that is none", "timeout-minutes:", "timeout:"),
                           ("shell that splits words", '"$last"', "$last")):
        must(f"actionlint refuses {what}", old in text and actionlint(text.replace(old, new)) != "")


def gitlab():
    schema = json.loads((TOOLS / "gitlab-ci.json").read_text("utf-8"))
    validator = jsonschema.validators.validator_for(schema)(schema)
    text = (CI / "gitlab-ci.yml").read_text("utf-8")
    must("GitLab's schema", validator.is_valid(yaml.safe_load(text)), [e.message[:300] for e in validator.iter_errors(yaml.safe_load(text))])
    for what, old, new in (("a key that is none", "after_script:", "finally:"), ("a report that is none", "junit:", "j-unit:"),
                           ("a policy that is none", "when: always", "when: ever")):
        must(f"GitLab's schema refuses {what}", old in text and not validator.is_valid(yaml.safe_load(text.replace(old, new))))


def scripts():
    files = [CI / "gate.sh", *(p for p in (SOURCE / "docker/headgate").iterdir() if p.read_bytes().startswith(b"#!/bin/sh"))]
    done = subprocess.run(["shellcheck", *map(str, files)], capture_output=True, text=True, check=False)
    must("shellcheck", done.returncode == 0, done.stdout)
    done = subprocess.run(["shellcheck", "-s", "sh", "-"], input="rm $1\n", capture_output=True, text=True, check=False)
    must("shellcheck refuses a word that splits", done.returncode == 1)


def page():
    """docs/CI.md names each file of docs/ci, and none that is not there."""
    named = set(re.findall(r"docs/ci/([\w.-]*\w)", (SOURCE / "docs/CI.md").read_text("utf-8")))
    must("docs/CI.md and docs/ci", named == {p.name for p in CI.iterdir()}, str(sorted(named)))


workflow()
gitlab()
scripts()
page()
print("\n".join(wrong) or "docs/ci is what GitHub, GitLab and a shell take")
sys.exit(1 if wrong else 0)

#!/usr/bin/env python3
"""The published schema of plans and the loader agree: what one refuses for its form, the other does too.

What only a loader can know (a variable, a profile, a date in the calendar) is named below.
Usage: test_schema.py HEADGATE SOURCE
"""
import json
import os
import pathlib
import subprocess
import sys

HEADGATE, SOURCE = sys.argv[1], pathlib.Path(sys.argv[2])
where = subprocess.run([str(SOURCE / "scripts/setup"), "--where", "venv"], capture_output=True, text=True)
python = pathlib.Path(where.stdout.strip()) / "bin/python"
if where.returncode or not python.exists():
    print("no jsonschema here (scripts/setup test)")
    sys.exit(77)
if "HEADGATE_IN_VENV" not in os.environ:
    os.environ["HEADGATE_IN_VENV"] = "1"
    os.execv(python, [str(python), *sys.argv])

sys.path.append("/usr/lib/python3/dist-packages")  # Debian's PyYAML
import jsonschema  # noqa: E402
import yaml        # noqa: E402

# Refused for what they mean or for how they are written, not for their form.
NOT_FORM = ("unset", "variable", "profile", "param", "date", "duplicate", "alias", "anchor", "tag", "deep", "utf", "empty",
            "yaml", "well-formed", "tab", "documents", "expires", "nul", "engine-misspelt", "no-such-day", "twice", "${")


class Loader(yaml.SafeLoader):
    """YAML as the loader of headgate reads it: no dates, no octal numbers, `off` is a word."""


Loader.yaml_implicit_resolvers = {
    key: [(tag, regexp) for tag, regexp in value if tag in ("tag:yaml.org,2002:int", "tag:yaml.org,2002:null")]
    for key, value in yaml.SafeLoader.yaml_implicit_resolvers.items()}
import re  # noqa: E402
Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(true|false)$"), list("tf"))

schema = json.loads((SOURCE / "docs/schema/plan.schema.json").read_text())
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
bad = seen = 0


def valid(path):
    errors = list(validator.iter_errors(yaml.load(path.read_text(), Loader)))
    return (not errors, errors[0].message[:200] if errors else "")


for path in sorted((SOURCE / "fixtures/plans").glob("*.yaml")):
    ok, why = valid(path)
    seen += 1
    if not ok:
        bad += 1
        print(f"{path.name}: the schema refuses what the loader takes: {why}")
for path in sorted((SOURCE / "fixtures/refused").glob("plan-*.yaml")):
    sentence = path.with_suffix(".error").read_text()
    if any(word in path.stem.lower() for word in NOT_FORM):
        continue
    try:
        ok, _ = valid(path)
    except (yaml.YAMLError, UnicodeDecodeError):
        continue
    seen += 1
    if ok:
        bad += 1
        print(f"{path.name}: the schema takes what the loader refuses: {sentence.strip()[:160]}")
print(f"{seen} plans, {bad} disagreements")
sys.exit(1 if bad or seen < 10 else 0)

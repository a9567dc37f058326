#!/usr/bin/env python3
"""docs/PLAN.md, of which the man page headgate-plan(5) is made, names every key of the plan's schema, and no other."""
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(sys.argv[1])
schema = json.loads((ROOT / "docs/schema/plan.schema.json").read_text("utf-8"))
FREE = {"from", "targets"}  # mappings of names that the plan chooses; what params holds is the checks' business


def keys(node, path=""):
    """Every key that may be written: "gate.fail_on", "targets.NAME.tls.ca", "waivers[].check"."""
    if "$ref" in node:
        node = schema["$defs"][node["$ref"].rpartition("/")[2]]
    for part in ("oneOf", "anyOf"):
        for alternative in node.get(part, []):
            yield from keys(alternative, path)
    for name, below in node.get("properties", {}).items():
        yield f"{path}.{name}".lstrip(".")
        yield from keys(below, f"{path}.{name}")
    if isinstance(node.get("items"), dict):
        yield from keys(node["items"], f"{path}[]")
    if isinstance(node.get("additionalProperties"), dict):
        yield from keys(node["additionalProperties"], f"{path}.NAME")


def documented(text):
    for section in re.split(r"(?m)^## ", text)[1:]:
        prefix = "targets.NAME." if section.startswith("A target") else ""
        for row in re.findall(r"(?m)^\| `([^`]+)` \|", section):
            yield prefix + row


wanted = set(keys(schema))
said = list(documented((ROOT / "docs/PLAN.md").read_text("utf-8")))
problems = [f"docs/PLAN.md says nothing of `{key}`" for key in sorted(wanted - set(said))]
problems += [f"docs/PLAN.md describes `{key}`, which docs/schema/plan.schema.json does not know" for key in sorted(set(said) - wanted)]
problems += [f"docs/PLAN.md describes `{key}` twice" for key in sorted({key for key in said if said.count(key) > 1})]
print(*problems, f"{len(wanted)} keys, {len(problems)} problems", sep="\n")
sys.exit(1 if problems or len(wanted) < 40 else 0)

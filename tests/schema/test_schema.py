#!/usr/bin/env python3
"""The published schema of plans and the loader agree: what one refuses for its form, the other does too.

What only a loader can know (a variable, a profile, a date in the calendar) is named below.
Usage: test_schema.py HEADGATE SOURCE
"""
import concurrent.futures
import functools
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

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

# Refused for what they mean (a profile that is not there, the 30th of February) or for how they are written (a tag, a
# tab), not for their form. Every other file of fixtures/refused must be refused by the schema, too.
NOT_FORM = {f"plan-{stem}" for stem in (
    "alias", "anchor", "bracket-open", "duplicate-key", "empty", "engine-misspelt", "from-host-bits",
    "from-host-bits-of-ipv6", "from-variable-that-is-none", "key-not-a-word", "keys-too-long",
    "not-utf8", "nul", "only-a-comment", "param-unknown", "profile-unknown", "surrogate-alone", "tabs", "tag",
    "tag-on-a-key", "too-deep", "two-documents", "variable-form", "variable-in-a-default", "variable-not-closed",
    "variable-not-set")}
SEMANTIC = ("there is no profile", "no check and no profile knows", "no check is about", "needs the parameter")
ENVIRONMENT = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": "/", "HG_SECRETS": "/s", "HG_CA": "/ca.pem"}


class Loader(yaml.SafeLoader):
    """YAML as the loader of headgate reads it: no dates, no octal numbers, `off` is a word."""


Loader.yaml_implicit_resolvers = {
    key: [(tag, regexp) for tag, regexp in value if tag in ("tag:yaml.org,2002:int", "tag:yaml.org,2002:null")]
    for key, value in yaml.SafeLoader.yaml_implicit_resolvers.items()}
Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(true|false)$"), list("tf"))

schema = json.loads((SOURCE / "docs/schema/plan.schema.json").read_text())
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
problems, seen = [], 0

# Every key there is, each with a value that is right.
WHOLE = {
    "headgate": 1, "name": "n", "profile": ["datastream", "seed"], "params": {"mysql.cdc": "gtid"},
    "from": {"datastream": "10.1.0.0/29", "office": ["10.2.0.0/24"]}, "vantage": "tunnel", "prove": True, "deadline": "30s",
    "targets": {
        "a": {"engine": "mysql", "secret": {"file": "s.json"}, "auditor": {"secret": {"env": "X"}},
              "connect": {"host": "h", "port": 3306}, "scope": ["db.*"], "params": {"mysql.cdc": "gtid"}, "deadline": "5s",
              "tls": {"mode": "verify-full", "ca": "ca.pem", "name": "n", "cert": "c", "key": "k"}},
        "b": {"engine": "postgres", "secret": {"command": ["cat", "s"]}, "tls": "off"},
        "c": {"engine": "network", "endpoints": {"x": "h:1"}},
        "d": {"engine": "network", "endpoints": [{"name": "x", "host": "h", "port": 1}]}},
    "waivers": [{"check": "a.*", "target": "a", "reason": "r", "owner": "o", "expires": "2027-01-31"}],
    "gate": {"fail_on": "major", "unknown": "fail"}}
CHECK = {
    "id": "ENGINE.one", "title": "t", "severity": "info", "applies": {"engine": "ENGINE"}, "why": "w", "refs": ["r"],
    "expect": {"ENGINE.a": {"equals": 1}},
    "examples": [{"name": "a", "facts": {"ENGINE.a": 1}, "verdict": "pass"},
                 {"name": "b", "facts": {"ENGINE.a": 2}, "verdict": "fail"},
                 {"name": "c", "unknown": {"ENGINE.a": "denied"}, "verdict": "unknown"}]}
OTHERS = (None, True, 0, 7, 70000, 1.5, "", "word", "a.b", "30s", "3306", "h:1", "h:x", [], [1], ["word"], [""], {},
          {"word": 1}, {"word": "word"}, {"password": "word"})


def variants(value):
    """The value with one thing in it replaced, left out or added."""
    yield from (other for other in OTHERS if other != value or type(other) is not type(value))
    if isinstance(value, dict):
        yield {**value, "wrod": "word"}
        for key, below in value.items():
            yield {k: v for k, v in value.items() if k != key}
            yield from ({**value, key: other} for other in variants(below))
    elif isinstance(value, list):
        for i, below in enumerate(value):
            yield from (value[:i] + [other] + value[i + 1:] for other in variants(below))


def schema_says(document):
    return next((error.message[:160] for error in validator.iter_errors(document)), "")


def make_checks(folder):
    """One check an engine: what is looked at here is the plan, a thousand times over."""
    for engine in ("mysql", "postgres", "network"):
        (folder / engine).mkdir(parents=True)
        check = json.loads(json.dumps(CHECK).replace("ENGINE", engine))
        (folder / engine / "one.yaml").write_text(json.dumps(check))
    (folder / "profiles").symlink_to(SOURCE / "checks/profiles")
    return folder


def loader_says(path, checks=SOURCE / "checks"):
    done = subprocess.run([HEADGATE, "plan", str(path), "--checks", str(checks)], env=ENVIRONMENT, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    if done.returncode not in (0, 2):
        problems.append(f"{path.name}: exit status {done.returncode}: {done.stderr[:300]}")
    return done.stderr.strip()


for path in sorted((SOURCE / "fixtures/plans").glob("*.yaml")):
    seen += 1
    for who, why in (("schema", schema_says(yaml.load(path.read_text(), Loader))), ("loader", loader_says(path))):
        if why:
            problems.append(f"{path.name}: the {who} refuses it: {why}")
refused = {path.stem: path for path in (SOURCE / "fixtures/refused").glob("plan-*.yaml")}
problems += [f"{stem} is named here, and is not in fixtures/refused" for stem in sorted(NOT_FORM - set(refused))]
for stem in sorted(set(refused) - NOT_FORM):
    seen += 1
    if not schema_says(yaml.load(refused[stem].read_text(), Loader)):
        problems.append(f"{stem}: the schema takes it; the loader: {refused[stem].with_suffix('.error').read_text().strip()[:160]}")
if schema_says(WHOLE):
    problems.append(f"the plan with every key: the schema refuses it: {schema_says(WHOLE)}")
with tempfile.TemporaryDirectory(prefix="headgate-schema-") as folder:
    checks = make_checks(pathlib.Path(folder) / "checks")
    documents = [WHOLE, *variants(WHOLE)]
    paths = [pathlib.Path(folder) / f"{i}.json" for i in range(len(documents))]
    for path, document in zip(paths, documents):
        path.write_text(json.dumps(document))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        said = list(pool.map(functools.partial(loader_says, checks=checks), paths))
for document, loader in zip(documents, said):
    schema_word = schema_says(document)
    seen += 1
    if bool(schema_word) != bool(loader) and not any(word in loader for word in SEMANTIC):
        problems.append(f"schema: {schema_word or 'takes it'}; loader: {loader.split(': ', 2)[-1] or 'takes it'}: {json.dumps(document)}")
print(*problems[:20], f"{seen} plans, {len(problems)} disagreements", sep="\n")
sys.exit(1 if problems else 0)

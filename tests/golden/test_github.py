#!/usr/bin/env python3
"""What GitHub's runner reads from our reports: of `github` the annotations that were meant, of any other format nothing.

The runner is not to be had here; Runner reads lines as its sources do (ActionCommand, ExecutionContext).
"""
import json
import pathlib
import random
import subprocess
import sys
import tempfile

HEADGATE, ROOT = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
EMPTY = ROOT / "tests/golden/empty.run.json"
KINDS = ("error", "warning", "notice")
# Every command that the runner knows.
COMMANDS = KINDS + ("debug", "group", "endgroup", "add-mask", "stop-commands", "echo", "set-output", "save-state", "set-env", "add-path",
                    "add-matcher", "remove-matcher", "internal-set-repo-path", "x")
OTHERS = ("terminal", "junit", "junit:strict", "tap", "tap14", "json", "markdown")


def unescape(text, more=()):
    for code, char in (("%0D", "\r"), ("%0A", "\n"), *more, ("%25", "%")):
        text = text.replace(code, char)
    return text


def command_of(line):
    """(name, properties, message) when the runner would obey this line, else None."""
    text = line.lstrip()
    if text.startswith("::") and "::" in text[2:]:
        info, _, data = text[2:].partition("::")
        name, _, rest = info.partition(" ")
        if name in COMMANDS:
            pairs = [p.split("=", 1) for p in rest.strip().split(",") if "=" in p]
            return name, {k: unescape(v, (("%3A", ":"), ("%2C", ","))) for k, v in pairs}, unescape(data)
    _, found, rest = line.partition("##[")
    if found and "]" in rest and rest.partition("]")[0].partition(" ")[0] in COMMANDS:
        return rest.partition("]")[0].partition(" ")[0], {}, rest.partition("]")[2]
    return None


def report(path, form):
    done = subprocess.run([str(HEADGATE), "report", str(path), "--to", form], stdout=subprocess.PIPE, timeout=60, check=True)
    return done.stdout.decode("utf-8")


def examine(name, run, text):
    lines = text.split("\n")
    read = [command_of(line) for line in lines]
    wrong = [] if lines[-1] == "" and lines[-2].startswith("headgate: The gate is ") else [f"{name}: ends in {lines[-2:]}"]
    wrong += [f"{name}: no annotation: {line[:100]!r}" for line, r in zip(lines[:-2], read) if r is None or r[0] not in KINDS]
    wrong += [f"{name}: {r}" for r in read[-2:] if r is not None]
    notes = [r for r in read if r]
    for kind in KINDS:
        wrong += [f"{name}: more than ten of {kind}"] if sum(n[0] == kind for n in notes) > 10 else []
    wrong += [f"{name}: {len(n[2])} characters"for n in notes if len(n[2]) > 4096]
    wrong += [f"{name}: properties {n[1]}" for n in notes if list(n[1]) != ["title"]]
    faults = run.get("errors", []) + [e for t in run["targets"] for e in t["errors"]]
    alone = [f for f in run["findings"] if not f.get("waits_on")]
    bad = [f for f in alone if f["verdict"] in ("fail", "unknown")]
    want = {"error": [f for f in bad if f.get("closes_gate")], "notice": [f for f in alone if f["verdict"] == "waived"]}
    # With nothing that waits, every one has its annotation, or is counted in the last of its kind.
    if len(alone) == len(run["findings"]) and bad:
        for kind, own in want.items():
            all_ = len(own) + (len(faults) if kind == "error" else 0)
            found = [n for n in notes if n[0] == kind]
            more = [int(n[2].split()[0]) for n in found if n[1]["title"] == "headgate: and more"]
            if len(found) - len(more) + sum(more) != all_:
                wrong.append(f"{name}: {len(found)} of {kind}, {more} more, of {all_}")
        order = ["blocker", "major", "minor", "info"]
        ranks = [order.index(n[1]["title"].rpartition(")")[0].rpartition("(")[2].split(", ")[0]) for n in notes
                 if n[0] == "error" and n[1]["title"].endswith(")") and "(unknown" not in n[1]["title"] and "headgate.error" not in n[1]["title"]]
        wrong += [f"{name}: errors in the order {ranks}"] if ranks != sorted(ranks) else []
    return wrong


PIECES = ("::", "::error::", "::stop-commands::x", "::add-mask::a", "##[", "##[error]", "##[add-mask]a", "\n", "\r\n", "\r", "%0A", "%", "%25", ":", ",",
          "=", "title=x", " ", "word", "\t", "\u2028", "\v", "\f", "\x85", "\u00a0", "\u3000", "\u2003", "\u00e9", "]", "::x::", "    ", "x" * 70)


def hostile(dice):
    return "".join(dice.choice(PIECES) for _ in range(dice.randrange(1, 20))) + "."


def random_run(dice):
    findings = []
    for i in range(dice.randrange(1, 40)):
        verdict = dice.choice(("fail", "unknown", "waived", "skip", "pass"))
        findings.append({
            "check": f"{hostile(dice)}{i}", "target": "t", "verdict": verdict, "severity": dice.choice(("info", "minor", "major", "blocker")),
            "closes_gate": verdict in ("fail", "unknown") and dice.random() < 0.5, "waiver": hostile(dice),
            **{key: hostile(dice) for key in ("sentence", "expected", "actual", "why")}, "offenders": [hostile(dice)], "refs": [hostile(dice)],
            "fix": {"text": hostile(dice), "statement": hostile(dice) * dice.choice((1, 50)), "language": "sql", "who": hostile(dice)}})
    return {"headgate_run": 1, "version": hostile(dice), "name": hostile(dice), "started_at": hostile(dice), "level": hostile(dice),
            "vantage": hostile(dice), "fail_on": "major", "interrupted": False, "exit_status": 1, "errors": [hostile(dice)],
            "targets": [{"id": "t", "engine": hostile(dice), "host": hostile(dice), "account": hostile(dice), "server": hostile(dice),
                         "errors": [hostile(dice)]}], "findings": findings}


def silent(name, path):
    """No line of another format is a command, whatever a server said: they are printed in logs as well."""
    printed = [(form, report(path, form)) for form in OTHERS]
    printed += [(f"diff {form}", subprocess.run([str(HEADGATE), "diff", str(EMPTY), str(path), "--verbose", "--to", form], stdout=subprocess.PIPE,
                                                timeout=60, check=False).stdout.decode("utf-8")) for form in ("terminal", "markdown", "json")]
    return [f"{name}: {form} would be obeyed: {line[:150]!r}" for form, text in printed for line in text.split("\n") if command_of(line)]


def main():
    wrong, asked = [], 0
    with tempfile.TemporaryDirectory(prefix="headgate-github-") as folder:
        path = pathlib.Path(folder) / "run.json"
        for golden in sorted((ROOT / "tests/golden").glob("*.run.json")):
            wrong += examine(golden.name, json.loads(golden.read_text("utf-8")), report(golden, "github")) + silent(golden.name, golden)
            asked += 1
        for seed in range(60):
            run = random_run(random.Random(seed))
            path.write_text(json.dumps(run), "utf-8")
            wrong += examine(f"random run {seed}", run, report(path, "github")) + silent(f"random run {seed}", path)
            asked += 1
    for line in wrong[:40]:
        print(line)
    print(f"{asked} runs, {len(wrong)} wrong answers")
    return 1 if wrong or asked < 60 else 0


sys.exit(main())

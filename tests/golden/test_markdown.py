#!/usr/bin/env python3
"""What GitHub's own Markdown makes of our report (cmark-gfm, every extension on): no element but ours, no link, nothing
that GitHub looks for in rendered text, every text as it was; and below 1 MiB, whatever the run holds."""
import html.parser
import json
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile

HEADGATE, ROOT = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
HERE = ROOT / "tests/golden"
ELEMENTS = {"h2", "h3", "p", "strong", "br", "table", "thead", "tbody", "tr", "th", "td", "ul", "li", "details", "summary",
            "b", "code", "pre", "span"}
ATTRIBUTES = {("th", "align", "right"), ("td", "align", "right"), ("pre", "lang", "sql"), ("pre", "lang", "js"),
              ("pre", "lang", "shell")}
# What GitHub makes something of in a text of the rendered page: mentions, issues, addresses, emoji, formulas.
FOUND = re.compile(r"(?i)@\w|#[0-9a-z]|\bgh-\d|://|\bwww\.|:[\w+-]+:|\$.+\$", re.ASCII)
UNSAFE = re.compile("[\0-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufffe\uffff\ufffd]")
LIMIT = 1 << 20


def safe(text):
    """As every writer shows it: what could drive a terminal or a runner is U+FFFD."""
    text = UNSAFE.sub("\ufffd", text.replace("\t", " ").replace("##[", "##\ufffd"))
    return re.sub(r"(?m)^(\s*):(:[a-z_-]+(?: .*)?::)", "\\1\ufffd\\2", text)


def clean(text):
    """The same on one line, and HTML has one blank where there are many."""
    return " ".join(x for x in re.split("[ \n]+", safe(text)) if x)


class Page(html.parser.HTMLParser):
    """The rendered page: its texts, its code blocks, its folded entries, and what is wrong with it."""
    def __init__(self, text):
        super().__init__()
        self.open, self.texts, self.blocks, self.entries, self.rows, self.wrong = [], [], [], [], [], []
        self.cells = []
        self.feed(text)
        self.close()
        self.wrong += [f"not closed: {self.open}"] if self.open else []
        self.text = clean("".join(self.texts))

    def handle_starttag(self, tag, attrs):
        self.wrong += [f"<{tag}>"] if tag not in ELEMENTS else []
        self.wrong += [f"<{tag} {a}={v!r}>" for a, v in attrs if (tag, a, v) not in ATTRIBUTES]
        if tag == "details":
            self.wrong += ["an entry inside of an entry"] if "details" in self.open else []
            self.entries.append([])
        self.rows += [0] if tag == "tr" else []
        if tag in ("td", "th"):
            self.rows[-1] += 1
            self.cells.append("")
        self.blocks += [""] if tag == "pre" else []
        if tag in ("br", "td", "th", "tr", "li", "p", "h2", "h3", "pre", "summary", "details"):
            self.texts.append("\n")
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> closes something else")

    def handle_data(self, data):
        self.texts.append(data)
        if "details" in self.open:
            self.entries[-1].append(data)
        if "td" in self.open:
            self.cells[-1] += data
        if "pre" in self.open:
            self.blocks[-1] += data
        elif "code" not in self.open and FOUND.search(data):
            self.wrong.append(f"GitHub would find something in {data!r}")
        if "span" in self.open and data not in set("$@#:.-"):
            self.wrong.append(f"<span> around {data!r}")

    def handle_comment(self, data):
        self.wrong.append(f"a comment: {data!r}")

    handle_decl = handle_pi = unknown_decl = handle_comment


def report(path, *words):
    done = subprocess.run([str(HEADGATE), "report", str(path), "--to", "markdown", *words], stdout=subprocess.PIPE,
                          timeout=60, check=True)
    return done.stdout


def diff(old, new):
    done = subprocess.run([str(HEADGATE), "diff", str(old), str(new), "--to", "markdown"], stdout=subprocess.PIPE, timeout=60, check=False)
    return done.stdout


def rendered(text):
    done = subprocess.run(["cmark-gfm", "--unsafe", "--github-pre-lang", "-e", "table", "-e", "strikethrough", "-e", "autolink", "-e", "tasklist",
                           "-e", "footnotes"], input=text, stdout=subprocess.PIPE, timeout=60, check=True)
    return Page(done.stdout.decode("utf-8"))


def texts_of(finding):
    fix = finding.get("fix") or {}
    yield from (finding.get(k) for k in ("check", "target", "sentence", "expected", "actual", "why", "waiver"))
    yield from (fix.get(k) for k in ("text", "effect", "who"))
    for name in ("offenders", "refs", "evidence"):
        yield from finding.get(name) or []


def questions(run, verbose):
    """Everything that the page has to say: (what, text)."""
    for finding in run["findings"]:
        if finding["verdict"] in ("fail", "unknown") and not finding.get("waits_on"):
            yield from ((finding["check"], text) for text in texts_of(finding) if text)
        elif finding["verdict"] == "waived" or (verbose and finding["verdict"] in ("skip", "pass")):
            yield from ((finding["check"], finding.get(k)) for k in ("target", "sentence", "waiver") if finding.get(k))
    for entry in [e for name in ("fixed", "lost") for e in (run.get("since") or {}).get(name, [])]:
        yield "what changed", f"{entry['check']} on {entry['target']} ({entry['severity']}, {entry['was']} then)"
    for fault in run.get("errors", []) + [e for t in run["targets"] for e in t["errors"]]:
        yield "a fault", fault


def examine(name, run, page, verbose):
    wrong = [f"{name}: {what}" for what in page.wrong]
    for what, text in questions(run, verbose):
        # What begins a line in one place may stand after other words here.
        if clean(text).replace("\ufffd:", "::") not in page.text.replace("\ufffd:", "::"):
            wrong.append(f"{name}: {what}: {clean(text)[:200]!r} is not on the page")
    cells = {clean(text) for text in page.cells}
    for finding in run["findings"]:
        wanted = clean(finding["sentence"]) + clean(finding["check"])
        if finding.get("closes_gate") and not finding.get("waits_on") and len(wanted.encode()) < 300 and wanted not in cells:
            wrong.append(f"{name}: {wanted!r} is in no cell")
    statements = {safe(s).rstrip("\n") for f in run["findings"]
                  if f["verdict"] in ("fail", "unknown") and not f.get("waits_on")
                  for s in [(f.get("fix") or {}).get("statement")] if s}
    blocks = {block.rstrip("\n") for block in page.blocks}
    if statements != blocks:
        wrong.append(f"{name}: statements {statements ^ blocks!r}")
    if set(page.rows) - {5, 8}:
        wrong.append(f"{name}: rows of {set(page.rows)} cells")
    return wrong


# Words that mean something to somebody, put together at random.
PIECES = ("|", "`", "``", "```", "~~~", "<", ">", "&", "&lt;", "&#35;", "[", "](", "![", ")", "*", "**", "_", "__", "~", "$", "$$", "\\",
          "@", "@a", "#1", "#", "GH-1", "http://e.example", "www.", "WWW.e.example", "a@e.example", ":smile:", ":", "- ", "+ ", "1. ", "1) ",
          "> ", "    ", "\n", "\n\n", "\r", "\t", "---", "===", "<!--", "-->", "<![CDATA[", "]]>", "<?", "?>", "</details>", "</summary>",
          "<b>", "<a href=x>", "<pre>", "</pre>", "{", "}", "^", "!", "[^1]", "[^1]: x", "[x]: http://e.example", "[ ]", "\u202e", "\x1b[31m",
          "\u00e9", "\u4e2d", "x", "word", " ", "  ", "\"", "'", "%", "::error::", "##[error]", "\U0001f600", "0", "-", "=", "mailto:", "xmpp:")


def hostile(dice):
    return "".join(dice.choice(PIECES) for _ in range(dice.randrange(1, 30))) + dice.choice(("x", "."))


def random_run(dice):
    def some():
        return [hostile(dice) for _ in range(dice.randrange(3))]

    findings = []
    for i in range(dice.randrange(1, 12)):
        verdict = dice.choice(("fail", "unknown", "waived", "skip", "pass"))
        findings.append({
            "check": f"{hostile(dice)}{i}", "target": dice.choice(("t", hostile(dice))), "verdict": verdict, "sentence": hostile(dice),
            "severity": dice.choice(("info", "minor", "major", "blocker")), "expected": hostile(dice), "actual": hostile(dice),
            "why": hostile(dice), "offenders": some(), "refs": some(), "evidence": some(), "waiver": hostile(dice),
            "closes_gate": verdict in ("fail", "unknown") and dice.random() < 0.5,
            "waits_on": hostile(dice) if dice.random() < 0.1 else "",
            "fix": {"text": hostile(dice), "statement": dice.choice(("", hostile(dice))), "effect": hostile(dice), "who": hostile(dice),
                    "language": dice.choice(("sql", "js", "shell", "mermaid", hostile(dice))), "incomplete": dice.random() < 0.5}})
    return {"headgate_run": 1, "version": hostile(dice), "name": hostile(dice), "started_at": hostile(dice), "level": hostile(dice),
            "vantage": hostile(dice), "fail_on": "major", "interrupted": False, "exit_status": 1, "errors": some(),
            "targets": [{"id": "t", "engine": hostile(dice), "host": hostile(dice), "account": hostile(dice), "server": hostile(dice),
                         "errors": some()}], "findings": findings}


def large_run(n, size):
    findings = [{"check": f"mysql.c{i}", "target": f"t{i % 999}", "severity": ("blocker", "info")[i % 2], "verdict": ("fail", "unknown", "waived")[i % 3],
                 "sentence": f"finding {i}: " + "<`|@a> " * size, "closes_gate": i % 3 < 2 and i % 2 == 0,
                 "fix": {"statement": "```\n" * size, "language": "sql"}} for i in range(n)]
    return {"headgate_run": 1, "version": "1", "name": "large", "started_at": "2026-01-01T00:00:00Z", "level": "look", "fail_on": "blocker",
            "interrupted": False, "exit_status": 1, "errors": ["fault " * size] * n, "findings": findings,
            "targets": [{"id": f"t{i}", "engine": "mysql", "errors": []} for i in range(n)]}


def examine_diff(name, run, text):
    """Everything in `run` is new to an empty one."""
    page = rendered(text)
    wrong = [f"{name}: {what}" for what in page.wrong] + ([f"{name}: {page.blocks}"] if page.blocks else [])
    for finding in run["findings"]:
        for key in ("check", "target", "sentence") if finding["verdict"] in ("fail", "unknown", "waived") else ():
            if clean(finding[key]) not in {clean(c) for c in page.cells} | {clean(c).partition("waits on")[0] for c in page.cells}:
                wrong.append(f"{name}: {clean(finding[key])[:200]!r} is in no cell")
    return wrong + ([f"{name}: rows of {set(page.rows)} cells"] if set(page.rows) - {6} else [])


def examine_large(name, run, text):
    """Below the limit, whole, the closing failures before anything else, and what was left out is said."""
    page, wrong = rendered(text), []
    wrong += [f"{name}: {len(text)} bytes"] if len(text) >= LIMIT else []
    wrong += [f"{name}: {what}" for what in page.wrong]
    counts = dict((what, (int(n), int(all_))) for n, all_, what in re.findall(r"(?m)^- (\d+) of the (\d+) (.*)$", text.decode("utf-8")))
    entries = [what for what in counts if what.startswith("entries under") and "Waived" not in what]
    shown = sum(all_ - n for n, all_ in (counts[what] for what in entries))
    all_entries = sum(counts[what][1] for what in entries)
    troubles = sum(f["verdict"] != "waived" for f in run["findings"])
    whole = troubles - all_entries          # entries of sections of which nothing was left out
    if not counts or len(page.entries) != shown + whole:
        wrong.append(f"{name}: {len(page.entries)} entries, {shown} and {whole} by {counts}")
    return wrong


def main():
    if shutil.which("cmark-gfm") is None:
        print("cmark-gfm is not there (scripts/setup test)")
        return 77
    wrong, asked = [], 0
    with tempfile.TemporaryDirectory(prefix="headgate-markdown-") as folder:
        path = pathlib.Path(folder) / "run.json"
        for golden in sorted(HERE.glob("*.run.json")):
            run = json.loads(golden.read_text("utf-8"))
            for words in ([], ["--verbose"]):
                wrong += examine(golden.name, run, rendered(report(golden, *words)), bool(words))
                asked += 1
        for seed in range(150):
            run = random_run(random.Random(seed))
            path.write_text(json.dumps(run), "utf-8")
            wrong += examine_diff(f"random diff {seed}", run, diff(HERE / "empty.run.json", path))
            wrong += examine(f"random run {seed}", run, rendered(report(path, "--verbose")), True)
            asked += 1
        for n, size in ((6000, 5), (400, 300), (12, 60000)):
            run = large_run(n, size)
            path.write_text(json.dumps(run), "utf-8")
            wrong += examine_large(f"{n} of {size}", run, report(path))
            text = diff(HERE / "empty.run.json", path)
            wrong += [f"the diff of {n} of {size}: {len(text)} bytes"] if len(text) >= LIMIT else []
            wrong += [f"the diff of {n} of {size}: {what}" for what in rendered(text).wrong]
            asked += 1
    for line in wrong[:40]:
        print(line)
    print(f"{asked} pages, {len(wrong)} wrong answers")
    return 1 if wrong or asked < 160 else 0


sys.exit(main())

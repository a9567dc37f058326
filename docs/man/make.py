#!/usr/bin/env python3
"""Makes one man page, out of headgate's own tables and of the Markdown that people read.

    make.py TABLES FOLDER DATE NAME SECTION [TEXT] >PAGE

TABLES is what `headgate help --tables` prints, FOLDER this one. A page of section 1 has its name, synopsis, options and
exit status from TABLES; FOLDER/COMMAND.md adds what is worth saying beyond (text in front of the first heading goes
into DESCRIPTION), and FOLDER/options.md more about single options. Both may be absent: a new command or option needs
its row in the table and nothing else. A page of section 5 is the Markdown file TEXT. Nothing here knows the time: the
same input gives the same bytes.
"""
import json
import pathlib
import re
import sys

SPECIAL = {"…": "...", "→": r"\(->", "×": r"\(mu", "≤": r"\(<=", "–": r"\(en", "—": r"\(em", "’": r"\(cq"}
COMMON_EXIT = [("0", "done"), ("2", "bad usage or a bad file; nothing was contacted"), ("70", "a fault of headgate's own")]


def escape(text, code=False):
    out = text.replace("\\", "\\e").replace("`", "\\(ga").replace("^", "\\(ha").replace("~", "\\(ti")
    out = out.replace("-", "\\-") if code else re.sub(r"(?<!\w)-(?=[-\w])", r"\\-", out)
    out = out.replace('"', "\\(dq").replace("'", "\\(aq") if code else out
    return "".join(SPECIAL.get(c, c if ord(c) < 128 else f"\\[u{ord(c):04X}]") for c in out)


def inline(text):
    """`code` and **bold** in bold, *emphasis* in italics, [links](…) as their text."""
    out = []
    for part in re.split(r"(``.+?``|`[^`]+`|\*\*[^*]+\*\*|\*[^*\s][^*]*\*|\[[^\]]+\]\([^)]+\))", text):
        if part.startswith("`"):
            word = escape(part.strip("`").strip(), code=True)
            word = word if len(word) > 40 else word.replace(" ", "\\ ")  # short ones are not broken
            out.append(f"\\fB{word}\\fR")
        elif part.startswith("**"):
            out.append(f"\\fB{escape(part[2:-2])}\\fR")
        elif len(part) > 2 and part.startswith("*"):
            out.append(f"\\fI{escape(part[1:-1])}\\fR")
        elif part.startswith("[") and "](" in part:
            out.append(escape(part[1:part.index("](")]))
        else:
            out.append(escape(part))
    return "".join(out)


class Page:
    """man(7), line by line."""

    def __init__(self):
        self.lines, self.fresh = [], True  # fresh: a heading or an item stands right above

    def macro(self, name, *words):
        quoted = (' "%s"' % w.replace('"', '\\(dq') for w in words)
        self.lines.append(f".{name}{''.join(quoted)}")

    def text(self, line):
        self.lines.append("\\&" + line if line[:1] in (".", "'") else line)
        self.fresh = False

    def heading(self, title, sub=False):
        self.macro("SS" if sub else "SH", escape(title))
        self.fresh = True

    def paragraph(self, text):
        if not self.fresh:
            self.macro("PP")
        self.text(text)

    def item(self, term, text):
        self.macro("TP")
        self.text(term)
        self.text(text)

    def bullets(self, items):
        for text in items:
            self.macro("IP", "\\(bu", "2")
            self.text(inline(text))

    def code(self, lines):
        self.lines += ([] if self.fresh else [".PP"]) + [".RS 4", ".nf"]
        for line in lines:
            self.text(escape(line, code=True) if line else "")
        self.lines += [".fi", ".RE"]
        self.fresh = False

    def table(self, rows):
        """The first column is what is described. Of type and default, what stands beside it; the last says what it is. In a
        table that compares, each column is named by its head."""
        head, rest = rows[0], rows[1:]
        compares = any(name not in ("type", "default") for name in head[1:-1])
        for row in rest:
            between = [f"default {inline(cell)}" if name == "default" and "required" not in cell else inline(cell)
                       for name, cell in zip(head[1:-1], row[1:-1]) if cell and not compares]
            what = "; ".join(f"{inline(name)}: {inline(cell)}" for name, cell in zip(head[1:], row[1:])) if compares else inline(row[-1])
            term = re.sub(r"^(?!\\fB)(.*)$", r"\\fB\1\\fR", inline(row[0]))
            self.item(term + (f"  ({', '.join(between)})" if between else ""), what or "\\&")


def cells(line):
    return [c.replace("\\|", "|").strip() for c in re.split(r"(?<!\\)\|", line.strip().strip("|"))]


def blocks(text):
    """(kind, content) of the Markdown that this project writes."""
    lines = text.splitlines()
    while lines:
        line = lines.pop(0)
        if not line.strip():
            continue
        if line.startswith("```") or line.startswith("    "):
            fenced, body = line.startswith("```"), [] if line.startswith("```") else [line[4:]]
            while lines and (not lines[0].startswith("```") if fenced else not lines[0].strip() or lines[0].startswith("    ")):
                body.append(lines.pop(0)[0 if fenced else 4:])
            if fenced:
                lines.pop(0)
            while body and not body[-1].strip():
                body.pop()
            yield "code", body
        elif match := re.match(r"(#+) +(.*)", line):
            yield f"h{len(match[1])}", match[2]
        elif line.startswith("|"):
            rows = [cells(line)]
            while lines and lines[0].startswith("|"):
                rows.append(cells(lines.pop(0)))
            yield "table", [rows[0], *rows[2:]]
        elif match := re.match(r"(- |\d+\. )(.*)", line):
            items = [match[2]]
            while lines and (lines[0].startswith("  ") or re.match(r"- |\d+\. ", lines[0])):
                more = lines.pop(0)
                if match := re.match(r"(- |\d+\. )(.*)", more):
                    items.append(match[2])
                else:
                    items[-1] += " " + more.strip()
            yield "list", items
        else:
            while lines and lines[0].strip() and not re.match(r"```|#|\||- ", lines[0]):
                line += " " + lines.pop(0).strip()
            yield "paragraph", line


def put(page, text):
    for kind, content in blocks(text):
        if kind in ("h2", "h3", "h4"):
            page.heading(content.upper() if kind == "h2" else content, sub=kind != "h2")
        elif kind != "h1":
            {"code": page.code, "table": page.table, "list": page.bullets,
             "paragraph": lambda words: page.paragraph(inline(words))}[kind](content)


def notes(folder):
    """More about an option, from options.md: { name: Markdown }."""
    parts = re.split(r"(?m)^## +--([a-z-]+)$", (folder / "options.md").read_text("utf-8"))
    return dict(zip(parts[1::2], parts[2::2]))


def synopsis(page, command):
    """Names to be typed in bold, placeholders in italics."""
    page.heading("Synopsis".upper())
    words = [re.sub(r"[A-Z]+", r"\\fI\g<0>\\fR", escape(w)) if w.isupper() or re.search(r"[A-Z]{2}", w) else
             f"\\fB{escape(w, code=True)}\\fR" if re.match(r"-", w) else escape(w) for w in command["operands"].split()]
    page.text(f"\\fBheadgate {escape(command['name'])}\\fR {' '.join(words)} [\\fIoptions\\fR]".replace("  ", " "))


def options(page, command, more):
    page.heading("OPTIONS")
    for option in command["options"]:
        names = [option["brief"]] if option["brief"] else []
        term = ", ".join(f"\\fB{escape(n, code=True)}\\fR" for n in [*names, f"--{option['name']}"])
        term += f" \\fI{escape(option['value'])}\\fR" if option["value"] else ""
        text = option["help"][0].upper() + option["help"][1:] + "."
        if option["repeats"]:
            text += " May be given more than once."
        page.item(term, inline(text))
        words = [w["word"].rstrip("=") for w in option.get("words", [])]
        if words:
            page.text(f"{escape(option['value'].partition('=')[0])} is one of " +
                      ", ".join(f"\\fB{escape(w, code=True)}\\fR" for w in words) + ".")
        for kind, content in blocks(more.get(option["name"], "")):
            if kind == "paragraph":
                page.text(inline(content))


def exit_status(page, command, text=""):
    """The sentence of the table, `Exit status: 0 this; 1 that.`, as a list; nothing where the text has a section of its own."""
    if re.search(r"(?mi)^## exit status$", text):
        return
    page.heading("EXIT STATUS")
    rows = COMMON_EXIT
    sentence = " ".join((command["detail"] or "").split()).partition("Exit status: ")[2].rstrip(".")
    if sentence:
        rows = [part.strip().partition(" ")[::2] for part in sentence.split(";")]
    for number, meaning in rows:
        page.item(f"\\fB{number}\\fR", inline(meaning) + ".")


def see_also(page, tables, name):
    page.heading("SEE ALSO")
    pages = [("headgate", 1)] + [(f"headgate-{c['name']}", 1) for c in tables["commands"] if c["name"] != "help"]
    pages += [("headgate-check", 5), ("headgate-facts", 5), ("headgate-plan", 5)]
    page.text(", ".join(f"\\fB{escape(n, code=True)}\\fR({s})" for n, s in pages if (n, s) != name))


def command_page(page, tables, folder, command):
    page.heading("NAME")
    summary = command["summary"][0].lower() + command["summary"][1:]
    page.text(f"headgate\\-{escape(command['name'], code=True)} \\- {inline(summary)}")
    synopsis(page, command)
    page.heading("DESCRIPTION")
    path = folder / f"{command['name']}.md"
    parts = re.split(r"(?m)^(?=## )", path.read_text("utf-8") if path.exists() else "", maxsplit=1)
    detail = command["detail"] or ""
    if parts[0].strip():
        put(page, parts[0])
    else:
        page.paragraph(inline(command["summary"] + "."))
        detail = " ".join(detail.partition("Exit status:")[0].split())
        if detail:
            page.paragraph(inline(detail))
    options(page, command, notes(folder))
    exit_status(page, command, parts[1] if len(parts) > 1 else "")
    put(page, parts[1] if len(parts) > 1 else "")


def overview_page(page, tables, folder):
    page.heading("NAME")
    page.text("headgate \\- say whether a database is ready to be put on a change stream")
    page.heading("SYNOPSIS")
    page.text("\\fBheadgate\\fR \\fICOMMAND\\fR ...")
    page.heading("DESCRIPTION")
    parts = re.split(r"(?m)^(?=## )", (folder / "headgate.md").read_text("utf-8"), maxsplit=1)
    put(page, parts[0])
    page.heading("COMMANDS")
    for command in tables["commands"]:
        page.item(f"\\fB{escape(command['name'], code=True)}\\fR", inline(command["summary"] + "."))
    exit_status(page, next(c for c in tables["commands"] if c["name"] == "run"))
    put(page, parts[1])


def text_page(page, text, name):
    """A page of section 5: the heading of the file is what NAME says."""
    title = re.match(r"# +(.*)", text)[1]
    page.heading("NAME")
    page.text(f"{escape(name, code=True)} \\- {inline(title[0].lower() + title[1:])}")
    page.heading("DESCRIPTION")
    put(page, text)


def main():
    tables, folder = json.loads(pathlib.Path(sys.argv[1]).read_text("utf-8")), pathlib.Path(sys.argv[2])
    date, name, section = sys.argv[3:6]
    page = Page()
    page.macro("TH", name.upper().replace("-", "\\-"), section, date, f"headgate {tables['version']}", "headgate")
    page.lines += [".nh", ".ad l"]
    command = next((c for c in tables["commands"] if f"headgate-{c['name']}" == name), None)
    if section == "5":
        text_page(page, pathlib.Path(sys.argv[6]).read_text("utf-8"), name)
    elif command:
        command_page(page, tables, folder, command)
    else:
        overview_page(page, tables, folder)
    see_also(page, tables, (name, int(section)))
    sys.stdout.buffer.write(("\n".join(page.lines) + "\n").encode("utf-8"))


main()

#!/usr/bin/env python3
"""Completion, in the shells themselves: bash, zsh at a terminal, fish. Usage: test_completion.py HEADGATE ROOT [SHELL]"""
import os
import pathlib
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time

HEADGATE, ROOT = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
SHELL = sys.argv[3]
PLAN = """\
headgate: 1
name: a plan
targets:
  contributor: { engine: mysql, secret: { env: A-MARKER-WORD } }
  programops: { engine: mongodb, secret: { file: a-marker-word } }
"""
CHECKS = ("mysql.binlog.format", "mysql.binlog.retention")
FORMATS = ("terminal", "junit", "junit:strict", "tap", "tap14", "json", "todo", "todo:mysql", "todo:postgres", "todo:mongodb",
           "todo:shell")

# (what is typed, what must be offered, what must not be). A word of the second is the whole word of the line.
ROWS = (
    ("headgate ", ("run", "collect", "explain", "help"), ("--report",)),
    ("headgate ru", ("run",), ("report",)),
    ("headgate help re", ("report",), ("run",)),
    ("headgate run --re", ("--report",), ("--to", "--skip")),
    ("headgate run plan.yaml --", ("--report", "--only", "--help"), ("--to", "--facts")),
    ("headgate report run.json --", ("--to", "--output"), ("--report", "--only")),
    ("headgate report run.json --to ", FORMATS, ("junit=",)),
    ("headgate report run.json --to ta", ("tap", "tap14"), ("json",)),
    ("headgate run plan.yaml --report jun", ("junit=", "junit:strict="), ("tap=",)),
    ("headgate run plan.yaml --report junit:", ("junit:strict=",), ("junit=",)),
    ("headgate run plan.yaml --report=ta", ("--report=tap=", "--report=tap14="), ("--report=json=",)),
    ("headgate run plan.yaml --report tap=out.t", ("tap=out.tap",), ("tap=plan.yaml",)),
    ("headgate run plan.yaml --fail-on ", ("info", "minor", "major", "blocker"), ("plan.yaml",)),
    ("headgate run plan.yaml --fail-on=b", ("--fail-on=blocker",), ("--fail-on=major",)),
    ("headgate run plan.yaml --only mysql.binlog.", CHECKS, ("mysql.grant.select",)),
    ("headgate run plan.yaml --skip mysql.binlog.f", ("mysql.binlog.format",), ("mysql.binlog.retention",)),
    ("headgate run plan.yaml --only=b", ("--only=blocker",), ("--only=major",)),
    ("headgate explain mysql.binlog.", CHECKS, ("mysql.grant.select",)),
    ("headgate explain mysql.binlog.format mysql.binlog.r", ("mysql.binlog.retention",), ("mysql.binlog.format",)),
    ("headgate run plan.yaml --profile ", ("datastream", "seed"), ("plan.yaml",)),
    ("headgate run plan.yaml --target ", ("contributor", "programops"), ("plan.yaml",)),
    ("headgate run --quiet plan.yaml --target c", ("contributor",), ("programops",)),
    ("headgate run ", ("plan.yaml", "folder/"), ("out.tap", "run.json.gz")),
    ("headgate run pl", ("plan.yaml",), ("run.json",)),
    ("headgate collect plan.yaml -o ou", ("out.tap",), ("plan.yaml",)),
    ("headgate run plan.yaml --checks ", ("folder/",), ("plan.yaml",)),
    ("headgate lint fo", ("folder/",), ("plan.yaml",)),
    ("headgate run plan.yaml --jobs ", (), ("plan.yaml", "--report")),
    ("headgate run plan.yaml --vantage ", ("inside", "tunnel", "outside"), ("plan.yaml",)),
    ("headgate init --connect ", (), ("plan.yaml", "--checks")),
    ("headgate diff run.json ", ("run.json",), ("plan.yaml",)),
    ("headgate init p", ("plan.yaml",), ("out.tap",)),
    ("headgate explain mysql.gtid.mode --plan p", ("plan.yaml",), ("run.json",)),
    ("headgate run broken.yaml --target ", (), ("broken.yaml", "contributor")),
    ("headgate nonsense ", (), ("run", "plan.yaml")),
)


def environment(folder):
    env = {"PATH": f"{folder}/bin:{os.environ['PATH']}", "HOME": str(folder), "TERM": "dumb", "LC_ALL": "C.UTF-8",
           "XDG_CONFIG_HOME": str(folder / "config"), "XDG_DATA_HOME": str(folder / "data"), "COLUMNS": "200"}
    return {**env, **{k: v for k, v in os.environ.items() if k.startswith(("ASAN", "UBSAN", "LSAN"))}}


def cut(line):
    """The words of a line as bash cuts them."""
    words = re.findall(r"[=:]|[^\s=:]+", line)
    return words if line[-1] in "=:" or not line[-1].isspace() else [*words, ""]


class Bash:
    """The function that `complete` names, with the variables that bash sets for it."""
    SCRIPT = """\
. "$1"; shift
COMP_LINE=$1 COMP_POINT=${#1}; shift
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
[[ $(complete -p headgate) == "complete -F "*" headgate" ]] || exit 9
_headgate headgate "${COMP_WORDS[-1]}" "${COMP_WORDS[-2]}"
printf '%s\\n' "${COMPREPLY[@]}"
"""

    def __init__(self, folder):
        self.folder = folder

    def offered(self, line):
        words = cut(line)
        done = subprocess.run(["bash", "--norc", "-c", self.SCRIPT, "bash", str(ROOT / "completions/headgate.bash"), line,
                               *words], cwd=self.folder, env=environment(self.folder), capture_output=True, text=True,
                              timeout=60, check=False)
        assert done.returncode == 0, (line, done.returncode, done.stderr)
        assert not done.stderr, (line, done.stderr)
        # What bash puts in place of its own last word, seen as the whole word.
        last = line.rpartition(" ")[2]
        before = last[:len(last) - len("" if words[-1] in ("=", ":") else words[-1])]
        return {before + word + ("/" if (self.folder / (before + word)).is_dir() and not word.endswith("/") else "")
                for word in done.stdout.split("\n") if word}


class Fish:
    def __init__(self, folder):
        self.folder = folder

    def offered(self, line):
        done = subprocess.run(["fish", "--no-config", "-c", f"source {ROOT}/completions/headgate.fish; complete -C $argv[1]", line],
                              cwd=self.folder, env=environment(self.folder), capture_output=True, text=True, timeout=60,
                              check=False)
        assert done.returncode in (0, 1) and not done.stderr, (line, done.returncode, done.stderr)
        return {row.partition("\t")[0] for row in done.stdout.splitlines()}


class Terminal:
    """An interactive shell on a terminal: what it shows when the TAB key is pressed."""

    def __init__(self, folder, argv, start):
        try:
            self.child, self.fd = pty.fork()
        except OSError as error:
            print(f"no terminal to be had: {error}")
            sys.exit(77)
        if self.child == 0:
            os.chdir(folder)
            os.execvpe(argv[0], argv, environment(folder))
        self.seen = b""
        self.type(start + "\n")
        self.type("echo rea''dy\n")
        self.until(lambda: b"ready" in self.seen)

    def type(self, text):
        os.write(self.fd, text.encode())

    def until(self, condition, seconds=30):
        end = time.monotonic() + seconds
        while not condition():
            left = end - time.monotonic()
            assert left > 0, self.seen[-2000:]
            if select.select([self.fd], [], [], min(left, 1))[0]:
                self.seen += os.read(self.fd, 65536)

    def close(self):
        os.close(self.fd)
        os.waitpid(self.child, 0)


class Zsh(Terminal):
    """compadd is watched: what it was given is what would be shown, whatever the width of the terminal."""
    START = """\
PS1= PS2= RPS1= ; unsetopt prompt_cr prompt_sp beep auto_menu list_beep; autoload -Uz compinit; fpath=(ROOT/completions $fpath)
compinit -D -u -d HOME/.zcompdump; bindkey -e; zstyle ':completion:*' list-rows-first yes; zstyle ':completion:*' verbose no; LISTMAX=9999; COLUMNS=200
compadd() { local -a got; builtin compadd -O got "$@"; print -rl -- "${(@)got/#/$IPREFIX}" >>HOME/offered; builtin compadd "$@" }
done-listing() { print -r -- '--end--' >>HOME/offered; zle -M '' }; zle -N done-listing; bindkey '^Xz' done-listing
""".rstrip().replace("\n", "; ")

    def __init__(self, folder):
        self.folder = folder
        super().__init__(folder, ["zsh", "-f", "-i"], self.START.replace("ROOT", str(ROOT)).replace("HOME", str(folder)))

    def offered(self, line):
        log = self.folder / "offered"
        log.write_text("")
        self.type(line + "\t\x18z")
        self.until(lambda: "--end--" in log.read_text())
        self.type("\x15\n")
        words = {w for w in log.read_text().splitlines() if w and w != "--end--"}
        # Of files compadd is given names without the folder's slash.
        return {w + ("/" if (self.folder / w).is_dir() else "") for w in words}


class BashTerminal(Terminal):
    """What stands on the line of a real bash after TAB: bash itself cuts the words, quotes and adds spaces."""
    ROWS = (
        ("headgate ru", "headgate run "),
        ("headgate run --rep", "headgate run --report "),
        ("headgate run plan.yaml --report junit:s", "headgate run plan.yaml --report junit:strict="),
        ("headgate run plan.yaml --report=js", "headgate run plan.yaml --report=json="),
        ("headgate run plan.yaml --report tap=ou", "headgate run plan.yaml --report tap=out.tap "),
        ("headgate run plan.yaml --fail-on=bl", "headgate run plan.yaml --fail-on=blocker "),
        ("headgate run plan.yaml --target pro", "headgate run plan.yaml --target programops "),
        ("headgate explain mysql.binlog.fo", "headgate explain mysql.binlog.format "),
        ("headgate run pl", "headgate run plan.yaml "),
        ("headgate run plan.yaml --checks fo", "headgate run plan.yaml --checks folder/"),
    )

    def __init__(self, folder):
        self.line = folder / "line"
        super().__init__(folder, ["bash", "--norc", "--noprofile", "-i"],
                         f". {ROOT}/completions/headgate.bash; bind 'set bell-style none'; "
                         f"bind -x '\"\\C-xl\": printf \"%s|\" \"$READLINE_LINE\" >{self.line}'")

    def becomes(self, typed):
        self.line.write_text("")
        self.type(typed + "\t\x18l")
        self.until(lambda: self.line.read_text().endswith("|"))
        self.type("\x15")
        return self.line.read_text()[:-1]


def typed_in_bash(folder):
    terminal, wrong = BashTerminal(folder), 0
    for typed, wanted in BashTerminal.ROWS:
        got = terminal.becomes(typed)
        if got != wanted:
            wrong += 1
            print(f"`{typed}` and TAB becomes `{got}`, not `{wanted}`")
    terminal.type("exit\n")
    terminal.close()
    return wrong


def main():
    if shutil.which(SHELL) is None:
        print(f"no {SHELL} here (scripts/setup test)")
        return 77
    problems = 0
    with tempfile.TemporaryDirectory(prefix="headgate-completion-") as room:
        folder = pathlib.Path(room)
        (folder / "bin").mkdir()
        (folder / "bin/headgate").symlink_to(HEADGATE)
        (folder / "folder").mkdir()
        for name, text in (("plan.yaml", PLAN), ("broken.yaml", PLAN + "{"), ("run.json", "{}"), ("run.json.gz", ""), ("out.tap", "")):
            (folder / name).write_text(text)
        shell = {"bash": Bash, "zsh": Zsh, "fish": Fish}[SHELL](folder)
        for line, wanted, not_wanted in ROWS:
            got = shell.offered(line)
            wrong = [w for w in wanted if w not in got], [w for w in not_wanted if w in got]
            if any(wrong) or any("marker" in w.lower() for w in got):
                problems += 1
                print(f"`{line}`: missing {wrong[0]}, too many {wrong[1]}; offered {sorted(got)[:12]}")
        problems += typed_in_bash(folder) if SHELL == "bash" else 0
    print(f"{len(ROWS)} lines in {SHELL}, {problems} problems")
    return 1 if problems else 0


sys.exit(main())

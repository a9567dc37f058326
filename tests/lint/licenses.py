#!/usr/bin/env python3
"""docs/LICENSES lists what there is: the dependencies that Meson found, the libraries that each built program names (and,
on Debian 12, what these bring), and every package that scripts/setup and debian/control name. The project's own licence
and version are the same wherever they are written.

Usage: licenses.py SOURCE BUILD
"""
import fnmatch
import json
import pathlib
import re
import shutil
import subprocess
import sys

SOURCE, BUILD = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
SPDX = re.compile(r"[A-Za-z0-9.+-]+(?: (?:AND|OR|WITH) [A-Za-z0-9.+-]+)*|as the libraries above")
wrong = []


def text(name):
    return (SOURCE / name).read_text("utf-8")


def info(name):
    return json.loads((BUILD / "meson-info" / f"intro-{name}.json").read_text("utf-8"))


def tables():
    """Every table of docs/LICENSES: its head and its rows, as lists of cells."""
    found = []
    for block in re.findall(r"(?:^\|.*\|\n)+", text("docs/LICENSES"), re.M):
        head, _, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in block.splitlines()]
        found.append((head, [dict(zip(head, row)) for row in rows]))
    return found


def words(cell):
    return re.findall(r"`([^`]+)`", cell)


def listed(column):
    """Words of a column, in all tables that have it."""
    return {word: row for head, rows in TABLES if column in head for row in rows for word in words(row[column])}


def need(names, known, where):
    """Every one of NAMES is listed."""
    names = set(names)
    if not names:
        wrong.append(f"{where}: nothing was found; this test is blind there")
    wrong.extend(f"{where}: {name} is not in docs/LICENSES" for name in sorted(names)
                 if not any(fnmatch.fnmatchcase(name, pattern) for pattern in known))


def row_of(library):
    return next((row for pattern, row in LIBRARIES.items() if fnmatch.fnmatchcase(library, pattern)), {})


def programs():
    """What is installed to be run: file in the build folder, name."""
    return [(pathlib.Path(file), pathlib.Path(place).name) for file, place in info("installed").items()
            if re.search(r"/(?:bin|libexec/headgate)/[^/]*$", place)]


def linked():
    """Each library that a program names is listed, and listed for that program."""
    for file, name in programs():
        said = subprocess.run(["readelf", "-d", str(file)], capture_output=True, text=True, check=True).stdout
        needed = re.findall(r"\(NEEDED\).*\[(.*)\]", said)
        need(needed, [lib for lib, row in LIBRARIES.items() if "programs" in row], name)
        for library in needed:
            users = row_of(library).get("programs", "all")
            if users != "all" and name not in users.split(", "):
                wrong.append(f"{name}: {library} is listed for {users} only")
        if 'VERSION_ID="12"' in OS and "ID=debian\n" in OS and not any("san.so" in lib for lib in needed):
            said = subprocess.run(["ldd", str(file)], capture_output=True, text=True, check=True).stdout
            need(re.findall(r"^\t(\S+) =>", said, re.M), LIBRARIES, f"{name}, with what its libraries bring")


def once(names, where):
    wrong.extend(f"{where} names {name} twice" for name in sorted({n for n in names if names.count(n) > 1}))


def packages():
    known = listed("package")
    for file in sorted((SOURCE / "scripts/packages").iterdir()):
        once(file.read_text("ascii").split(), f"scripts/packages/{file.name}")
        need(file.read_text("ascii").split(), known, f"scripts/packages/{file.name}")
    need(re.findall(r"^([A-Za-z][\w.-]*)==", text("scripts/requirements.txt"), re.M), known, "scripts/requirements.txt")
    shell = "".join(file.read_text("utf-8") for file in sorted((SOURCE / "scripts/setup.d").glob("*.sh")))
    need(re.findall(r"\bfetch_(?:closure|one) \S+ \S+ ([a-z][\w.-]*)", shell) +
         re.findall(r"^mongodb_package=(\S+)", shell, re.M), known, "scripts/setup.d")
    control = re.search(r"^Build-Depends:\n((?: .*\n)+)", text("debian/control"), re.M).group(1)
    names = [re.match(r" ([a-z0-9.+-]+)", line).group(1) for line in control.splitlines()]
    once(names, "debian/control")
    need(set(names) - {"debhelper-compat"}, known, "debian/control")


def identifiers():
    for head, rows in TABLES:
        for row in rows:
            if len(row) != len(head) or not SPDX.fullmatch(row["licence"]):
                wrong.append(f"not a row with an SPDX expression: {row}")


def ours():
    """The project's own licence and version, in each place where they stand."""
    version = re.search(r"version: '(.*?)'", text("meson.build")).group(1)
    places = {"debian/changelog": re.match(r"headgate \((.*?)\)", text("debian/changelog")).group(1),
              "CHANGELOG.md": re.search(r"^## (\S+)", text("CHANGELOG.md"), re.M).group(1)}
    wrong.extend(f"meson.build says version {version}, {name} {said}" for name, said in places.items() if said != version)
    for name, pattern in (("meson.build", r"license: '(.*)'"), ("debian/copyright", r"^License: (.*)"),
                          ("docs/LICENSES", r"headgate is (\S+)")):
        said = set(re.findall(pattern, text(name), re.M))
        if said != {"Apache-2.0"}:
            wrong.append(f"{name} names the licences {said}, not Apache-2.0 alone")
    if "Apache License" not in text("LICENSE") or "Version 2.0" not in text("LICENSE"):
        wrong.append("LICENSE is not the Apache License 2.0")
    for folder in ("harness", "reports", "tests"):
        wrong.extend(f"{file.relative_to(SOURCE)} has no SPDX line" for file in sorted((SOURCE / folder).rglob("*.[ch]"))
                     if "SPDX-License-Identifier: Apache-2.0" not in file.read_text("utf-8"))


TABLES = tables()
LIBRARIES = listed("library")
OS = pathlib.Path("/etc/os-release").read_text("utf-8") if pathlib.Path("/etc/os-release").exists() else ""

need([found["name"] for found in info("dependencies")], {**listed("dependency"), **listed("package")}, "Meson")
packages()
identifiers()
ours()
if shutil.which("readelf"):
    linked()
print("\n".join(wrong))
print(f"{len(LIBRARIES)} libraries, {len(listed('package'))} packages, {len(wrong)} wrong")
if not wrong and not shutil.which("readelf"):
    print("no readelf: the programs' libraries were not looked at")
    sys.exit(77)
sys.exit(1 if wrong else 0)

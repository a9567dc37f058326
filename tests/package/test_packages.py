#!/usr/bin/env python3
"""The packages: built from the source tarball in a clean Debian 12 by a user without a network, the same twice; then
installed in another clean one, where headgate judges the ready servers, and taken away again without a trace."""
import concurrent.futures
import hashlib
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import xml.etree.ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "integration"))
from common import ROOT, Fleet, main, skip      # noqa: E402  pylint: disable=wrong-import-position

sys.path.insert(0, str(ROOT / "scripts"))
import clean_packages as packaging              # noqa: E402  pylint: disable=wrong-import-position

PROBES = [f"headgate-probe-{engine}" for engine in packaging.ENGINES]
NEEDS = {                                       # and nothing else; libheadgate-dev needs what its headers name
    "headgate": {"libc6", "libjansson4", "libmd0", "libpcre2-8-0", "libyaml-0-2"},
    "headgate-probe-mysql": {"libc6", "libjansson4", "libmariadb3", "libssl3"},
    "headgate-probe-postgres": {"libc6", "libjansson4", "libpq5", "libssl3"},
    "headgate-probe-mongodb": {"libc6", "libjansson4", "libbson-1.0-0", "libmongoc-1.0-0", "libssl3"},
    "headgate-probe-network": {"libc6", "libjansson4"},
    "libheadgate-dev": {"libjansson-dev", "libmd-dev", "libpcre2-dev", "libyaml-dev"},
}
DATABASES = re.compile(r"libpq|libmariadb|libmysql|libmongoc|libbson")
# Another folder, time zone, language and number of jobs, and no tests: the bytes must be the same.
ELSEWHERE = ("TZ=Pacific/Kiritimati", "LC_ALL=C", "DEB_BUILD_OPTIONS='nocheck parallel=1'")
# What apt and dpkg write for themselves.
THEIRS = ("var/lib/dpkg", "var/lib/apt", "var/cache", "var/log", "etc/ld.so.cache", "proc", "tmp", "srv")


def sums(folder):
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.glob("*.deb")}


def field(deb, name):
    return packaging.run(["dpkg-deb", "-f", deb, name], f"reading {deb.name}").strip()


def debs(folder):
    return {name: next(folder.glob(f"{name}_*.deb")) for name in NEEDS}


class Building:
    """From the tarball to packages."""

    def __init__(self, test, folder):
        self.test = test
        self.tarball = packaging.make_tarball(folder, dirty=True)
        self.root = packaging.Root("build-root", folder)

    def source(self):
        """The tarball holds what git holds, and nothing else."""
        with tarfile.open(self.tarball) as archive:
            names = [m.name.partition("/")[2] for m in archive.getmembers() if not m.isdir()]
        tracked = packaging.run(["git", "-c", f"safe.directory={ROOT}", "-C", ROOT, "ls-tree", "-r", "--name-only", "-z",
                                 "HEAD"], "git ls-tree").split("\0")[:-1]
        self.test.equal("files of the tarball", sorted(names), sorted(tracked))
        version = re.search(r"version: '(.*)'", (ROOT / "meson.build").read_text("utf-8")).group(1)
        self.test.equal("name of the tarball", self.tarball.name, f"headgate-{version}.tar.xz")
        with packaging.workshop() as again:
            other = packaging.make_tarball(again, dirty=True).read_bytes()
            self.test.check("the tarball made again has the same bytes", other == self.tarball.read_bytes())

    def build(self):
        self.test.check("the clean root has no git", not (self.root.dir / "usr/bin/git").exists())
        self.folder, log = packaging.build_packages(self.root, self.tarball, "first")
        for suite in ("unit", "checks", "golden", "refused", "cli"):
            self.test.check(f"the build runs the tests of {suite}", f"headgate:{suite} / " in log)
        self.test.check("no test of the build fails", re.search(r"^Fail: +0 *$", log, re.M))
        (self.folder / "build.log").write_text(log, "utf-8")
        self.root.run("blhc", "--bindnow", "/build/first/build.log", what="blhc (hardening flags)")
        said = packaging.lint(self.root, self.folder)
        self.test.check("lintian says nothing", not said.strip(), said)
        return debs(self.folder)

    def again(self):
        folder, log = packaging.build_packages(self.root, self.tarball, "somewhere/else", ELSEWHERE, ["-b"])
        self.test.check("nocheck runs no test", "headgate:unit / " not in log)
        self.test.equal("packages of a second build", sums(folder), sums(self.folder))

    def licences(self):
        """No file says that it has another licence than debian/copyright has."""
        tree = f"/build/{self.tarball.name.removesuffix('.tar.xz')}"
        said = self.root.sh(f"cd /build && tar -xf first/{self.tarball.name} && grep -rlIiE 'licen[cs]e|copyright' {tree} | "
                            "grep -v /debian/copyright | xargs licensecheck --machine")
        found = {line.split("\t")[1] for line in said.splitlines()}
        self.test.equal("licences that files name", found - {"UNKNOWN"}, {"Apache License 2.0"})

    def library(self, deb):
        """A program that embeds the library, built with nothing but the package."""
        self.root.run("dpkg", "-i", "/" / deb.relative_to(self.root.dir))
        place = self.root.owned("build/embed")
        shutil.copy(ROOT / "tests/package/embed.c", place)
        shutil.copy(ROOT / "tests/golden/open.run.json", place)
        said = self.root.sh("cd /build/embed && cc -Wall -Werror -o embed embed.c $(pkg-config --cflags --libs headgate) "
                            "&& ./embed open.run.json", user=packaging.USER)
        self.test.equal("what the library writes", said, (ROOT / "tests/golden/open.tap").read_text("utf-8"))
        alone = self.root.sh("cd /usr/include/headgate && for h in */*.h; do echo \"#include \\\"$h\\\"\" | cc -std=c17 "
                             "-fsyntax-only -xc $(pkg-config --cflags headgate) - || exit 1; echo $h; done")
        self.test.check("installed headers compile alone", len(alone.split()) > 15, alone)

    def next_version(self, made):
        """The same packages as of a later version: what an upgrade sees."""
        old = field(made["headgate"], "Version")
        self.root.sh("mkdir -p /build/next && cd /build/next && for deb in /build/first/*.deb; do "
                     f"dpkg-deb -R $deb tree && sed -i 's/{re.escape(old)}/{old}+next/' tree/DEBIAN/control && "
                     "dpkg-deb --root-owner-group -b tree . >/dev/null && rm -r tree; done")
        return debs(self.root.dir / "build/next")


def contents(test, made):
    """Each package depends on its own client library only, and on OpenSSL to judge certificates."""
    for name, deb in made.items():
        needs = {word.split()[0] for word in field(deb, "Depends").split(",")}
        test.equal(f"dependencies of {name}", needs, NEEDS[name])
        listing = packaging.run(["dpkg-deb", "-c", deb], f"listing {deb.name}")
        programs = re.findall(r" \./(usr/(?:bin|libexec)/\S*[^/\s])$", listing, re.M)
        wanted = [] if name == "libheadgate-dev" else ["usr/bin/headgate"] if name == "headgate" else [
            f"usr/libexec/headgate/{name}"]
        test.equal(f"programs of {name}", programs, wanted)


def hardened(test, root, program):
    said = packaging.run(["readelf", "-hd", root.dir / program], "readelf")
    test.check(f"{program} is position independent and bound at once",
               re.search(r"Type: +DYN", said) and "BIND_NOW" in said, said)


class Installed:
    """A clean root and what apt makes of it."""

    def __init__(self, test, folder, made):
        self.test = test
        self.root = packaging.Root("clean-root", folder)
        (self.root.dir / "srv/debs").mkdir()
        self.before = self.snapshot()
        self.add(made)

    def add(self, made):
        for deb in made.values():
            shutil.copy(deb, self.root.dir / "srv/debs")
        return {name: f"/srv/debs/{deb.name}" for name, deb in made.items()}

    def snapshot(self):
        """Every path outside what apt and dpkg keep, with what it is."""
        found = {}
        for path in sorted(self.root.dir.rglob("*")):
            name = str(path.relative_to(self.root.dir))
            if name.startswith(THEIRS):
                continue
            stat = path.lstat()
            data = path.read_bytes() if path.is_file() and not path.is_symlink() and name.startswith("etc") else b""
            found[name] = (oct(stat.st_mode), stat.st_uid, stat.st_gid, hashlib.sha256(data).hexdigest())
        return found

    def install(self, *files):
        self.root.run("apt-get", "-y", "-q", "--no-install-recommends", "install", *files)

    def purge(self):
        """What apt takes away again leaves nothing behind."""
        self.root.run("apt-get", "-y", "-q", "--autoremove", "purge", "headgate", *PROBES)
        after = self.snapshot()
        differ = sorted(name for name in self.before.keys() | after.keys() if self.before.get(name) != after.get(name))
        self.test.equal("paths that purging leaves or changes", differ, [])
        left = self.root.run("dpkg-query", "-W", "-f", "${Package} ${db:Status-Abbrev}\n")
        self.test.check("dpkg knows of no package of ours", "headgate" not in left, left)


class Auditing:
    """The installed headgate, as nobody in the clean root, on servers of this machine's loopback."""

    def __init__(self, test, root, fleet):
        self.test, self.root = test, root
        self.desk = root.dir / "srv/desk"
        self.desk.mkdir()
        shutil.copytree(fleet.dir / "secrets", self.desk / "secrets")
        shutil.copy(fleet.ca, self.desk)
        shutil.copy(fleet.plan("ready"), self.desk / "plan.yaml")
        root.run("chown", "-R", "nobody:nogroup", "/srv/desk")
        self.env = {**packaging.ENVIRONMENT, **fleet.variables(), "HG_SECRETS": "/srv/desk/secrets",
                    "HG_CA": "/srv/desk/ca.pem"}

    def headgate(self, *words):
        enter = self.root.words(["env", "-C", "/srv/desk", "headgate", *words], user="nobody", network=True)
        return subprocess.run(enter, env=self.env, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=120, check=False)

    def judge(self, status):
        reports = [f"--report={form}={file}" for form, file in (
            ("json", "run.json"), ("junit", "run.xml"), ("tap", "run.tap"), ("terminal", "run.txt"))]
        done = self.headgate("run", "plan.yaml", *reports)
        if done.returncode != status:
            raise AssertionError(f"the installed headgate: exit status {done.returncode}, not {status}\n{done.stderr}")
        run = json.loads((self.desk / "run.json").read_text("utf-8"))
        xml.etree.ElementTree.parse(self.desk / "run.xml")
        self.test.check("a TAP report is written", (self.desk / "run.tap").read_text("utf-8").startswith("TAP version 13"))
        return run

    def whole(self):
        run = self.judge(0)
        wrong = [f"{f['check']} {f['target']} {f['verdict']}" for f in run["findings"]
                 if f["verdict"] not in ("pass", "skip")]
        self.test.equal("what is not well on ready servers", wrong, [])
        self.test.check("many checks pass", sum(f["verdict"] == "pass" for f in run["findings"]) > 50)
        self.test.check("the gate is open", "The gate is OPEN" in (self.desk / "run.txt").read_text("utf-8"))

    def without_probes(self):
        """With one probe alone: its target is judged, and the others say what to install."""
        run = self.judge(3)
        for target, engine in (("contributor", "mysql"), ("programops", "mongodb")):
            causes = [f for f in run["findings"] if f["target"] == target and not f.get("waits_on")]
            self.test.equal(f"verdicts without a probe for {engine}", {f["verdict"] for f in causes} - {"skip"}, {"unknown"})
            wanted = f"there is no probe for {engine}: install headgate-probe-{engine}"
            self.test.check(f"what to install for {engine} is said", causes and all(
                wanted in f["sentence"] for f in causes if f["verdict"] == "unknown"), [f["sentence"] for f in causes])
        found = {f["verdict"] for f in run["findings"] if f["target"] == "qualityaudit"}
        self.test.check("the target with a probe passes", found <= {"pass", "skip"} and "pass" in found, found)


def trial(test, folder, building, made):
    """Installing, using, upgrading, purging."""
    place = Installed(test, folder, made)
    files = place.add(made)
    with Fleet("ready") as fleet:
        audit = Auditing(test, place.root, fleet)
        place.install(files["headgate"], files["headgate-probe-postgres"])
        for program in ("usr/bin/headgate", "usr/libexec/headgate/headgate-probe-postgres"):
            hardened(test, place.root, program)
        linked = place.root.run("ldd", "/usr/bin/headgate")
        test.check("headgate is linked to no database library", not DATABASES.search(linked), linked)
        others = place.root.run("dpkg-query", "-W", "-f", "${Package} ")
        test.check("nor is one installed for probes that are not", not re.search("libmariadb|libmongoc|libbson", others))
        test.check("what is installed shows among the paths", "usr/bin/headgate" in place.snapshot())
        audit.without_probes()
        place.install(*(files[name] for name in PROBES))
        audit.whole()
        later = place.add(building.next_version(made))
        place.install(later["headgate"], *(later[name] for name in PROBES))
        known = place.root.run("dpkg-query", "-W", "-f", "${Version}\n", "headgate", *PROBES)
        test.equal("versions after an upgrade", set(known.split()), {field(made["headgate"], "Version") + "+next"})
        audit.whole()
    place.purge()


def body(test):
    packaging.run([ROOT / "scripts/setup", "package"], "scripts/setup package")
    with packaging.workshop() as folder, concurrent.futures.ThreadPoolExecutor(1) as pool:
        building = Building(test, folder)
        building.source()
        made = building.build()
        contents(test, made)
        second = pool.submit(building.again)
        trial(test, folder, building, made)
        second.result()
        building.licences()
        building.library(made["libheadgate-dev"])


if packaging.cannot():
    skip(packaging.cannot())
if subprocess.run(["git", "-c", f"safe.directory={ROOT}", "-C", ROOT, "diff", "--quiet", "HEAD"], check=False).returncode:
    print("what is not committed is not in the packages that are tried")
main(body)

"""Debian packages, built and tried in clean roots. scripts/package and tests/package share it."""
import contextlib
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

TOP = pathlib.Path(__file__).resolve().parent.parent
ENGINES = ("mysql", "postgres", "mongodb", "network")
USER = "builder"
# What a command inside has: nothing of the caller's.
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/tmp",
               "DEBIAN_FRONTEND": "noninteractive"}

# The mounts and the processes of a command end with it. A root has what Debian's own builders have: /proc, terminals,
# shared memory, its own device files; and nothing of ours.
_ENTER = ('mount -t proc proc "$0/proc" && mount -t devpts -o newinstance,ptmxmode=0666 devpts "$0/dev/pts" && '
          'mount -t tmpfs -o mode=1777,size=64m tmpfs "$0/dev/shm" && exec chroot "$0" "$@"')


class PackagingError(Exception):
    """What went wrong, in words for a person; `log` is all that the program said."""

    def __init__(self, said, log=""):
        super().__init__(said)
        self.log = log


def run(words, what, **more):
    """Standard output of one program; what it said, when it ends badly."""
    done = subprocess.run([str(w) for w in words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=False,
                          stderr=subprocess.STDOUT, text=True, errors="replace", **more)
    if done.returncode:
        raise PackagingError(f"{what} failed (exit status {done.returncode}):\n{done.stdout[-6000:]}", done.stdout)
    return done.stdout


def cannot():
    """Why no clean root can be made here, or None."""
    if os.geteuid() != 0:
        return "clean roots are made as root"
    if subprocess.run(["unshare", "--mount", "--pid", "--net", "--fork", "mount", "-t", "proc", "proc", "/proc"],
                      stderr=subprocess.DEVNULL, check=False).returncode:
        return "no namespaces can be made here, or nothing mounted in them (unshare)"
    if not (TOP / ".git").exists():
        return "this is no git clone, and the source tarball is made from one (meson dist)"
    return None


class Root:
    """A Debian 12 of its own, unpacked from the cache."""

    def __init__(self, name, folder):
        self.dir = pathlib.Path(folder) / name
        self.dir.mkdir()
        cache = run([TOP / "scripts/setup", "--where", name], f"looking for {name}").strip()
        run(["tar", "--numeric-owner", "-xpf", f"{cache}/root.tar", "-C", self.dir], f"unpacking {name}")

    def words(self, words, user="root", network=False):
        """The words that run WORDS inside; without NETWORK there is none, not even loopback."""
        who = ["setpriv", f"--reuid={user}", f"--regid={'nogroup' if user == 'nobody' else user}", "--clear-groups"] if user != "root" else []
        enter = ["unshare", "--mount", "--pid", "--fork", "--kill-child", *([] if network else ["--net"]),
                 "sh", "-c", _ENTER, str(self.dir)]
        return enter + who + [str(w) for w in words]

    def run(self, *words, what=None, **more):
        return run(self.words(words, **more), what or " ".join(str(w) for w in words), env=ENVIRONMENT)

    def sh(self, script, **more):
        return self.run("sh", "-ec", script, what=script, **more)

    def owned(self, path):
        """A new folder of the root that its unprivileged user owns."""
        (self.dir / path).mkdir(parents=True)
        self.run("chown", USER, f"/{path}")
        return self.dir / path


@contextlib.contextmanager
def workshop():
    with tempfile.TemporaryDirectory(prefix="headgate-package-") as folder:
        os.chmod(folder, 0o755)
        yield pathlib.Path(folder)


def make_tarball(folder, dirty=False):
    """`meson dist` of what is committed; the archive, in FOLDER."""
    # A clone in CI may belong to somebody else than who runs this; git would refuse it.
    env = dict(os.environ, GIT_CONFIG_COUNT="1", GIT_CONFIG_KEY_0="safe.directory", GIT_CONFIG_VALUE_0=str(TOP))
    with tempfile.TemporaryDirectory(prefix="headgate-dist-") as build:
        run(["meson", "setup", build, TOP], "meson setup", env=env)
        run(["meson", "dist", "-C", build, "--no-tests", "--formats", "xztar", *(["--allow-dirty"] if dirty else [])],
            "meson dist", env=env)
        for file in sorted(pathlib.Path(build, "meson-dist").iterdir()):
            shutil.move(str(file), folder)
    return next(pathlib.Path(folder).glob("headgate-*.tar.xz"))


def failed_tests(log):
    """The part of Meson's log that is about tests that failed; all of it where there is none."""
    parts = re.split(r"^=+ \d+/\d+ =+$", log, flags=re.M)
    bad = [part for part in parts if re.search(r"^result: +(?!exit status (?:0|77)$)\S", part, re.M)]
    return "\n".join(bad) or log


def build_packages(root, tarball, place, environment=(), options=()):
    """Source and binary packages from TARBALL, as a user without a network; their folder and the log."""
    if not re.search(rf"^{USER}:", (root.dir / "etc/passwd").read_text(), re.M):
        root.run("useradd", "--no-create-home", USER)
    folder = root.owned(f"build/{place}")
    source = tarball.name.removesuffix(".tar.xz")
    shutil.copyfile(tarball, folder / tarball.name)
    try:
        log = root.sh(f"cd /build/{place} && tar -xf {tarball.name} && cd {source} && "
                      f"env {' '.join(environment)} dpkg-buildpackage -us -uc {' '.join(options)}", user=USER)
    except PackagingError as error:
        raise PackagingError(f"the packages were not built:\n{failed_tests(error.log)[-6000:]}", error.log) from None
    return folder, log


def lint(root, folder):
    """What lintian says; errors and warnings are failures."""
    inside = "/" / folder.relative_to(root.dir)
    return root.sh(f"lintian --display-info --pedantic --fail-on error,warning {inside}/*.changes", user=USER)

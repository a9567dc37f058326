#!/usr/bin/env python3
"""An engine that headgate does not know, examined by a probe in another language (fixtures/probes)."""
import contextlib
import json
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading

HEADGATE, ROOT = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
PROBES = ROOT / "fixtures/probes"
PASSWORD = "marker-7fbd1c"
wrong = []


@contextlib.contextmanager
def server(line):
    """A demo server on a free port; LINE is all it says, None hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        def serve():
            with contextlib.suppress(OSError):
                while True:
                    link, _ = listener.accept()
                    with link:
                        if line is not None:
                            link.sendall(line)
        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)


def run(port, *words, secret=None, tls='"off"', password=PASSWORD):
    """Exit status, {check: verdict}, and everything that was written."""
    with tempfile.TemporaryDirectory(prefix="headgate-demo-") as name:
        folder = pathlib.Path(name)
        payload = {"hostname": "127.0.0.1", "port": port, "username": "u", "password": password, "database": "d"}
        (folder / "secret.json").write_text(json.dumps(payload) if secret is None else secret)
        (folder / "plan.yaml").write_text("headgate: 1\nname: a demo\nprofile: demo\ntargets:\n"
                                          f"  it: {{ engine: demo, tls: {tls}, secret: {{ file: secret.json }} }}\n")
        done = subprocess.run([str(HEADGATE), "run", str(folder / "plan.yaml"), "--probes", str(PROBES), "--checks",
                               str(PROBES / "checks"), "--report", f"json={folder / 'run.json'}", "--report",
                               "terminal=-", "--verbose", *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=60, check=False)
        said = done.stdout.decode("utf-8", "replace")
        report = folder / "run.json"
        text = report.read_text("utf-8") if report.exists() else "{}"
        document = json.loads(text)
        return done.returncode, {f["check"]: f["verdict"] for f in document.get("findings", [])}, said + text


def expect(what, got, status, reached, colour, words=""):
    wanted = {"demo.connection.reached": reached, "demo.settings.colour": colour}
    if got[0] != status or got[1] != wanted or words not in got[2] or PASSWORD in got[2]:
        wrong.append(what)
        print(f"NOT SO: {what}: exit {got[0]}, {got[1]}; wanted {status}, {wanted}, `{words}` said\n{got[2]}")


with server(b"DEMO 2.1 colour=blue size=5\n") as port:
    expect("all is well", run(port), 0, "pass", "pass", "2.1")
with server(b"DEMO 2.1 colour=red\n") as port:
    expect("a setting is another", run(port), 1, "pass", "fail", "red")
with server(f"DEMO 2.1 colour={PASSWORD}\x1b[31m\n".encode()) as port:
    expect("a server that says the password", run(port), 1, "pass", "fail", "[hidden]")
with server(b"SSH-2.0-x\n") as port:
    expect("another service", run(port), 1, "fail", "unknown", "protocol")
with server(None) as port:
    expect("a server that hangs up", run(port), 1, "fail", "unknown", "reset")
    expect("TLS is asked for", run(port, tls="verify-full"), 1, "fail", "unknown", "tls-refused")
    expect("a placeholder", run(port, password="REPLACE_WITH_PW"), 1, "fail", "unknown", "not-attempted")
    expect("a secret that is none", run(port, secret="[]"), 1, "fail", "unknown", "not-attempted")
expect("the server is gone", run(port), 1, "fail", "unknown", "refused")
with socket.create_server(("127.0.0.1", 0)) as silent:
    expect("a silent server", run(silent.getsockname()[1], "--deadline", "2s"), 1, "fail", "unknown", "timeout")

described = json.loads(subprocess.run([PROBES / "headgate-probe-demo", "--describe"], capture_output=True, timeout=30,
                                      check=True).stdout)
if described["engine"] != "demo" or not all({"key", "level", "shape"} <= set(f) for f in described["facts"]):
    wrong.append("--describe")
    print(f"NOT SO: --describe: {described}")
refused = subprocess.run([PROBES / "headgate-probe-demo"], input=b'{"headgate":2,"engine":"demo"}', capture_output=True,
                         timeout=30, check=False)
if refused.returncode != 2 or refused.stdout:
    wrong.append("a request of another version")
    print(f"NOT SO: a request of another version: {refused}")
sys.exit(1 if wrong else 0)

#!/usr/bin/env python3
"""A connection that leaves this machine and is not verified in full is a finding, on real servers of each engine.

The servers run on loopback in a network of the test's own; beside it they are reached, through a relay, at an address that is
no loopback. Nothing leaves the namespace.
"""
import json
import pathlib
import socket
import sys
import threading

import yaml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from common import Fleet, Test, in_namespace, need_servers, run_json     # noqa: E402  pylint: disable=wrong-import-position
from hgfix import payloads      # noqa: E402  pylint: disable=wrong-import-position

AWAY = "10.1.0.2"       # on the namespace's own lo


def pump(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
    except OSError:
        pass
    for end in (source, sink):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def relay(port):
    """The server on loopback's PORT, at the other address too."""
    listener = socket.create_server((AWAY, port))

    def serve():
        while True:
            here, _ = listener.accept()
            there = socket.create_connection(("127.0.0.1", port))
            for ends in ((here, there), (there, here)):
                threading.Thread(target=pump, args=ends, daemon=True).start()
    threading.Thread(target=serve, daemon=True).start()


def judged(fleet, folder, mode, host):
    """{engine: the finding of E.connection.encrypted}"""
    plan = yaml.safe_load(fleet.plan("ready").read_text("utf-8"))
    plan["vantage"] = "inside"
    for target in plan["targets"].values():
        target["connect"] = {"host": host}
        target["tls"]["mode"] = mode
    path = folder / "plan.yaml"
    path.write_text(json.dumps(plan), "utf-8")
    run = run_json("run", path, fleet=fleet, status=(0, 1))
    return {f["check"].split(".")[0]: f for f in run["findings"] if f["check"].endswith(".connection.encrypted")}


def looked(test, fleet, folder):
    for host, mode, wanted in (("127.0.0.1", "verify-full", "pass"), (AWAY, "verify-full", "pass"),
                               ("127.0.0.1", "verify-ca", "pass"), (AWAY, "verify-ca", "fail"), (AWAY, "required", "fail")):
        found = judged(fleet, folder, mode, host)
        test.equal(f"{mode} to {host}", {engine: f["verdict"] for engine, f in found.items()},
                   {engine: wanted for engine in payloads.TARGETS})
        if wanted == "fail":
            for engine, f in found.items():
                words = f"encrypted true, verified {'ca' if mode == 'verify-ca' else 'none'}"
                test.check(f"{mode} to {host}, {engine}: says what was verified", words in f["sentence"], f["sentence"])
                test.check(f"{mode} to {host}, {engine}: closes the gate", f.get("closes_gate") is True, f)


def body(folder):
    need_servers()
    test = Test()
    with Fleet("ready") as fleet:
        for server in fleet.servers.values():
            relay(server.port)
        looked(test, fleet, folder)
    return test.end()


if __name__ == "__main__":
    in_namespace(f"ip link set lo up && ip address add {AWAY}/32 dev lo", body)

#!/usr/bin/env python3
"""Silence, no route and no such name, in a network of the test's own: unknown from outside, with the line that collects inside; a
failure inside. Nothing leaves the namespace: it has a loopback interface, and on it a range that swallows every packet.
"""
import json
import pathlib
import socket
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from common import Test, environment, headgate, in_namespace, run_json     # noqa: E402  pylint: disable=wrong-import-position
from hgfix import payloads       # noqa: E402  pylint: disable=wrong-import-position

ENGINES = ("mysql", "postgres", "mongodb")
SILENT, NOWHERE = "10.1.0.5", "10.2.0.5"


def deny_names():
    """A name server that knows no name: the ones of a private zone, asked from outside."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 53))

    def serve():
        while True:
            question, peer = server.recvfrom(4096)
            server.sendto(question[:2] + b"\x81\x83" + question[4:6] + b"\0" * 6 + question[12:12 + question[12:].index(b"\0") + 5], peer)
    threading.Thread(target=serve, daemon=True).start()


def make_plan(folder, host, **more):
    targets = {"ends": {"engine": "network", "endpoints": {"database": f"{host}:3306"}}}
    for engine in ENGINES:
        document = payloads.payload(engine, 3306, "u", "hgfix-outside-marker", "d")
        if engine == "mongodb":
            document["connection_string"] = document["connection_string"].replace("127.0.0.1", host)
        else:
            document["hostname"] = host
        (folder / f"{engine}.json").write_text(json.dumps(document), "utf-8")
        targets[engine] = {"engine": engine, "secret": {"file": f"{engine}.json"}}
    path = folder / "plan.yaml"
    path.write_text(json.dumps({"headgate": 1, "name": "seen from elsewhere", "targets": targets, **more}), "utf-8")
    return path


def reached(run):
    return {f["target"]: f for f in run["findings"] if f["check"].endswith((".connection.reached", ".endpoint.reached"))}


def looked(test, folder, host, what, words):
    """The verdicts from every place, and the sentence from outside."""
    for where, wanted in (("outside", "unknown"), ("", "unknown"), ("inside", "fail")):
        plan = make_plan(folder, host, **({"vantage": where} if where else {}))
        run = run_json("run", plan, "--deadline", "1500ms", status=1 if wanted == "fail" else 3)
        for target, f in reached(run).items():
            label = f"{what}, {target} from {where or 'a place not named'}"
            test.equal(label, f["verdict"], wanted)
            if wanted == "unknown":
                test.check(f"{label}: in words", words in f["sentence"] or target == "ends", f["sentence"])
                test.check(f"{label}: from where", ("outside the network" if where else "does not name") in f["sentence"], f["sentence"])
                test.equal(f"{label}: how to look", f["fix"]["statement"],
                           f"headgate collect {plan} --vantage inside -o facts   # inside the network\n"
                           f"headgate judge {plan} --facts facts   # here")
        test.equal(f"{what} from {where}: all were asked", sorted(reached(run)), sorted(["ends", *ENGINES]))
        test.equal(f"{what} from {where}: nothing of ours failed", [t["errors"] for t in run["targets"]], [[]] * 4)


def carried(test, folder):
    """Silence that was met inside is a failure, wherever it is judged."""
    plan, facts = make_plan(folder, SILENT, vantage="outside"), folder / "facts"
    headgate("collect", plan, "--vantage", "inside", "--deadline", "1s", "-o", facts, status=0)
    run = run_json("judge", plan, "--facts", facts, status=1)
    test.equal("judged by where the facts come from", {f["verdict"] for f in reached(run).values()}, {"fail"})
    headgate("collect", plan, "--deadline", "1s", "-o", facts, status=0)
    make_plan(folder, SILENT, vantage="inside")
    run = run_json("judge", plan, "--facts", facts, status=3)
    test.equal("and not by what the plan says today", {f["verdict"] for f in reached(run).values()}, {"unknown"})


def inside_namespace(folder):
    test = Test()
    deny_names()
    looked(test, folder, SILENT, "silence", "that says nothing about the stream")
    looked(test, folder, NOWHERE, "no route", "that says nothing about the stream")
    looked(test, folder, "db.corp.test", "no such name", "a private name resolves only inside the network")
    carried(test, folder)
    said = headgate("run", make_plan(folder, SILENT, vantage="outside"), "--deadline", "1s", "--target", "mysql", status=3,
                    env=environment()).stdout.decode()
    print(said)
    test.check("the terminal's head says from where", "seen from outside" in said)
    return test.end()


if __name__ == "__main__":
    in_namespace("ip link set lo up && ip route add 10.1.0.0/24 dev lo", inside_namespace, "nameserver 127.0.0.1\n")

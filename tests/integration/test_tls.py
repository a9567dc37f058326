#!/usr/bin/env python3
"""TLS in full: for each mode of the plan, certificates right and wrong on real servers, and what is said of them; then
servers that ask for the password itself, which must not get it."""
import datetime
import json
import pathlib
import re
import sys
import tempfile
import time

import yaml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from common import Fleet, headgate, main     # noqa: E402  pylint: disable=wrong-import-position
from hgfix import payloads, tls     # noqa: E402  pylint: disable=wrong-import-position

ENGINES = ("mysql", "postgres", "mongodb")
MODES = ("verify-full", "verify-ca", "required")
VERIFIED = {"verify-full": "full", "verify-ca": "ca", "required": "none"}

# What is said of each certificate, where the mode does not let it pass.
SAYS = {
    "expired": r"the server's certificate \(`CN=\w+,O=headgate fixtures`\) expired on \d{4}-\d\d-\d\d; the server needs a new",
    "not-yet-valid": r"is valid only from \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ on",
    "wrong-name": r"is for `another\.fixture\.test`, not for `127\.0\.0\.1`; .*`tls: \{name: …\}`",
    "another-authority": r"is of `CN=another fixture authority`: the authority is not in /\S+/ca\.pem; write `tls: \{ca: FILE\}`",
    "self-signed": r"\(`CN=\w+,O=headgate fixtures`\) is signed by itself, and it is not in /\S+/ca\.pem",
}


def passes(kind, mode):
    """Which certificate gets through in which mode."""
    return kind == "right" or mode == "required" or (kind == "wrong-name" and mode == "verify-ca")


class Room:
    """A folder with secrets and a plan."""

    def __init__(self, fleet, folder):
        self.fleet, self.folder = fleet, folder

    def target(self, engine, port, password, mode, **more):
        """One target of the plan. MODE is one of MODES, or a whole `tls`."""
        document = payloads.payload(engine, port, payloads.USER, password, payloads.DATABASES[engine])
        number = len(list(self.folder.iterdir()))
        secret = self.folder / f"secret-{number}.json"
        secret.write_text(json.dumps(document), "utf-8")
        setting = mode if isinstance(mode, dict) or mode == "off" else {"mode": mode, "ca": str(self.fleet.ca)}
        return {"engine": engine, "secret": {"file": str(secret)}, "tls": setting, **more}

    def server(self, engine, mode, **more):
        server = self.fleet[engine]
        return self.target(engine, server.port, server.passwords["user"], mode, **more)

    def run(self, targets, status=(0, 1, 3)):
        """{target: (the value of E.connection, that of E.tls or None, {check: finding})}"""
        plan, facts, report = (self.folder / n for n in ("plan.yaml", "facts", "run.json"))
        plan.write_text(yaml.safe_dump({"headgate": 1, "name": "TLS", "profile": ["datastream", "seed"],
                                        "targets": targets}), "utf-8")
        headgate("collect", plan, "-o", facts, "--jobs", "1", "--deadline", "5s", status=(0, 70))
        headgate("judge", plan, "--facts", facts, "--report", f"json={report}", status=status)
        run, result = json.loads(report.read_text("utf-8")), {}
        lines = [json.loads(line) for line in facts.read_text("utf-8").splitlines()]
        for name, target in targets.items():
            known = {f["key"]: f["value"] for f in lines if f.get("target") == name and f.get("state") == "known"}
            result[name] = (known.get(f"{target['engine']}.connection"), known.get(f"{target['engine']}.tls"),
                            {f["check"]: f for f in run["findings"] if f["target"] == name})
        return result


def certificate_of(test, label, fact, engine, kind):
    """What the fact says of the server's certificate."""
    shown = (fact or {}).get("certificate", {})
    test.equal(f"{label}: its subject", shown.get("subject"), f"CN={engine},O=headgate fixtures")
    test.equal(f"{label}: its issuer", shown.get("issuer"),
               {"self-signed": f"CN={engine},O=headgate fixtures", "another-authority": "CN=another fixture authority"}.get(
                   kind, "CN=headgate fixture authority"))
    test.equal(f"{label}: its names", shown.get("names"),
               ["another.fixture.test"] if kind == "wrong-name" else ["127.0.0.1", "localhost", f"{engine}.fixture.test"])
    left = (datetime.datetime.fromisoformat(shown["not_after"].replace("Z", "+00:00"))
            - datetime.datetime.now(datetime.timezone.utc)).days
    test.check(f"{label}: its days", abs(shown["days_left"] - left) <= 1, f"{shown['days_left']}, not {left}")


def judge(test, engine, kind, results):
    """One certificate of one server, in each mode."""
    for mode in MODES:
        connection, fact, findings = results[mode]
        label = f"{engine}, a certificate that is {kind}, {mode}"
        tls_check = findings[f"{engine}.connection.tls"]
        if passes(kind, mode):
            test.equal(label, (connection["outcome"], connection["message"]), ("ok", ""))
            test.equal(f"{label}: the check", tls_check["verdict"], "pass")
            test.equal(f"{label}: what was verified", (fact["encrypted"], fact["verified"]), (True, VERIFIED[mode]))
            test.check(f"{label}: version and cipher", fact["version"] == "TLSv1.3" and fact["cipher"], str(fact))
            certificate_of(test, label, fact, engine, kind)
        else:
            test.equal(label, (connection["outcome"], connection["stage"]), ("tls-failed", "tls"))
            test.equal(f"{label}: the check", tls_check["verdict"], "fail")
            test.check(f"{label}: the sentence", re.search(SAYS[kind], tls_check["sentence"]), tls_check["sentence"])
            test.equal(f"{label}: no connection", fact, None)
            test.equal(f"{label}: what passes of the rest",
                       [c for c, f in findings.items() if f["verdict"] == "pass"
                        and not re.fullmatch(rf"{engine}\.(secret\..*|connection\.reached)", c)], [])


def certificates(test, room, engine):
    server = room.fleet[engine]
    # MySQL's first login hands over the password itself, which only verify-full does: see first_logins()
    test.equal(f"{engine}: a first login", room.run({"first": room.server(engine, "verify-full")})["first"][0]["outcome"], "ok")
    for kind in tls.KINDS:
        if engine != "postgres" and kind == "not-yet-valid":
            continue        # only PostgreSQL shows such a one: see strangers()
        # the others take none that is over either: one that ends while it is shown
        soon = kind == "expired" and engine != "postgres"
        until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=6) if soon else None
        server.present(*tls.make_certificate(room.fleet.authority, room.certificates, kind, engine, until))
        if soon:
            time.sleep(max(0.0, (until - datetime.datetime.now(datetime.timezone.utc)).total_seconds()) + 1.1)
        judge(test, engine, kind, room.run({mode: room.server(engine, mode) for mode in MODES}))
    server.present(*tls.make_certificate(room.fleet.authority, room.certificates, "right", engine))


def body(test):
    only = sys.argv[3:]
    with Fleet("ready", [e for e in ENGINES if not only or e in only]) as fleet, \
            tempfile.TemporaryDirectory(prefix="headgate-tls-") as name:
        room = Room(fleet, pathlib.Path(name))
        room.certificates = fleet.dir / "certificates"
        room.certificates.mkdir(mode=0o700)
        for engine in fleet.engines:
            began = time.monotonic()
            certificates(test, room, engine)
            print(f"certificates of {engine}: {time.monotonic() - began:.1f} s", flush=True)


if __name__ == "__main__":
    main(body)

#!/usr/bin/env python3
"""TLS in full: for each mode of the plan, certificates right and wrong on real servers, and what is said of them; then
servers that ask for the password itself, which must not get it."""
import contextlib
import datetime
import itertools
import json
import pathlib
import re
import ssl
import subprocess
import sys
import tempfile
import time

import yaml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from common import Fleet, FixtureError, headgate, main     # noqa: E402  pylint: disable=wrong-import-position
from hgfix import fakes, models, paths, payloads, thieves, tls     # noqa: E402  pylint: disable=wrong-import-position

ENGINES = ("mysql", "postgres", "mongodb")
HOSTNAME = pathlib.Path("/etc/hostname").read_bytes()
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
        self.fleet, self.folder, self.errors = fleet, folder, {}

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

    def run(self, targets, status=(0, 1, 3), jobs=1):
        """{target: (the value of E.connection, that of E.tls or None, {check: finding})}"""
        plan, facts, report = (self.folder / n for n in ("plan.yaml", "facts", "run.json"))
        plan.write_text(yaml.safe_dump({"headgate": 1, "name": "TLS", "profile": ["datastream", "seed"],
                                        "targets": targets}), "utf-8")
        headgate("collect", plan, "-o", facts, "--jobs", str(jobs), "--deadline", "5s", status=(0, 70))
        headgate("judge", plan, "--facts", facts, "--report", f"json={report}", status=status)
        run, result = json.loads(report.read_text("utf-8")), {}
        self.errors = {t["id"]: t["errors"] for t in run["targets"]}
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


# ---- MySQL's first login

def first_logins(test, room):
    """The account's plugin asks for the password itself after FLUSH PRIVILEGES, and only verify-full gives it."""
    server = room.fleet["mysql"]
    for mode, wanted in (("verify-ca", "login-refused"), ("required", "login-refused"), ("verify-full", "ok"),
                         ("verify-ca", "ok"), ("required", "ok")):
        if wanted != "ok":
            server.sql("FLUSH PRIVILEGES")
        connection = room.run({"it": room.server("mysql", mode)})["it"][0]
        test.equal(f"a first login, {mode}", connection["outcome"], wanted)
        if wanted != "ok":
            test.equal(f"a first login, {mode}: the code", connection["code"], "cleartext")
            test.check(f"a first login, {mode}: the sentence",
                       re.search("no password was sent: .* `tls: {mode: verify-full, ca: FILE}`", connection["message"]),
                       connection["message"])


# ---- a certificate that ends soon

def near_their_end(test, room, engine):
    """The check of the days that are left, seen failing: soon, and when it is over already."""
    server, check = room.fleet[engine], f"{engine}.tls.certificate-expires"
    for days, severity in ((3, "minor"),) if engine != "postgres" else ((3, "minor"), (-2, "major")):
        end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)
        start = end - datetime.timedelta(days=9)
        server.present(*tls.sign(room.fleet.authority, room.certificates, "soon", engine, None, start, end))
        found = room.run({"it": room.server(engine, "required")})["it"][2][check]
        test.equal(f"{engine}: {days} days are left", (found["verdict"], found["severity"]), ("fail", severity))
        test.check(f"{engine}: {days} days, the sentence", f"holds until {end:%Y-%m-%dT%H:%M:%SZ}: " in found["sentence"],
                   found["sentence"])
    server.present(*tls.make_certificate(room.fleet.authority, room.certificates, "right", engine)[:2])
    found = room.run({"it": room.server(engine, "required")})["it"][2][check]
    test.equal(f"{engine}: a month is left", found["verdict"], "pass")


# ---- certificates of clients

ACCOUNT = f"'{payloads.USER}'@'127.0.0.%'"
SUBJECT = f"/O=headgate fixtures/CN={payloads.USER}"


def ask_for_certificates(room, engine):
    """The server lets the account in with a certificate only."""
    server = room.fleet[engine]
    if engine == "mysql":
        server.sql(f"ALTER USER {ACCOUNT} REQUIRE SUBJECT '{SUBJECT}'")
    elif engine == "postgres":
        server.restart({"ssl_ca_file": str(room.fleet.ca)})
        server.reload_hba([f"hostssl all {payloads.USER} 127.0.0.1/32 scram-sha-256 clientcert=verify-full"])
    else:
        server.certificate = server.dir / "server.both"
        server.restart({"net": {"tls": {"allowConnectionsWithoutCertificates": False}}})


# (outcome, code, what is said) of a client without one, which is not the same everywhere; the others are.
WITHOUT = {
    "mysql": ("login-refused", "1045", "Access denied .*; or the account requires a client's certificate: `tls: {cert: FILE, key"),
    "postgres": ("login-refused", "28000", "connection requires a valid client certificate"),
    "mongodb": ("tls-failed", "", "it asks for one, and the plan names none; write `tls: {cert: FILE, key: FILE}`"),
}
OWN = {
    "right": ("ok", ""),
    "another-authority": ("tls-failed", "the client's certificate of the plan.* its authority, `CN=another fixture authority`"),
    "expired": ("tls-failed", r"the client's certificate of the plan: it expired on \d{4}-"),
}


def clients(test, room, engine):
    ask_for_certificates(room, engine)
    own = {kind: tls.make_certificate(room.fleet.authority, room.certificates, kind, payloads.USER) for kind in OWN}
    plain = {"mode": "verify-full", "ca": str(room.fleet.ca)}
    targets = {kind: room.server(engine, {**plain, "cert": str(own[kind][0]), "key": str(own[kind][1])}) for kind in own}
    targets["without"] = room.server(engine, plain)
    both = room.certificates / "both.pem"
    both.write_bytes(own["right"][0].read_bytes() + own["right"][1].read_bytes())
    both.chmod(0o600)
    targets["in-one-file"] = room.server(engine, {**plain, "cert": str(both)})
    results = room.run(targets)
    for kind in (*OWN, "in-one-file"):
        connection, fact, _ = results[kind]
        label = f"{engine}, a client's certificate: {kind}"
        outcome, said = OWN.get(kind, OWN["right"])
        test.equal(label, connection["outcome"], outcome)
        test.check(f"{label}: the sentence", re.search(said, connection["message"]), connection["message"])
        if outcome == "ok":
            test.equal(f"{label}: the fact", fact["client_certificate"], "sent")
    connection = results["without"][0]
    outcome, code, said = WITHOUT[engine]
    test.equal(f"{engine} without a client's certificate", (connection["outcome"], connection["code"]), (outcome, code))
    test.check(f"{engine} without a client's certificate: the sentence", re.search(said, connection["message"]),
               connection["message"])


def useless_files(test, room, engine):
    """A key that cannot be used is an error of ours, told before anybody is contacted."""
    right = tls.make_certificate(room.fleet.authority, room.certificates, "right", payloads.USER)
    other = tls.make_certificate(room.fleet.authority, room.certificates, "expired", payloads.USER)
    locked, wide, text = (room.certificates / n for n in ("locked.key", "wide.key", "text.key"))
    subprocess.run(["openssl", "pkey", "-in", right[1], "-aes256", "-passout", "pass:x", "-out", locked], check=True)
    wide.write_bytes(right[1].read_bytes())
    wide.chmod(0o644)
    text.write_text("no key\n", "ascii")
    plain = {"mode": "verify-full", "ca": str(room.fleet.ca), "cert": str(right[0])}
    for name, setting, said in (
            ("locked", {**plain, "key": str(locked)}, "is encrypted with a passphrase, and headgate has none: write it without"),
            ("of another", {**plain, "key": str(other[1])}, "does not belong to the certificate in"),
            ("no key", {**plain, "key": str(text)}, "holds no private key in PEM form"),
            ("missing", {**plain, "key": str(room.certificates / "nowhere.key")}, "cannot be read: No such file"),
            ("wide", {**plain, "key": str(wide)}, r"may be read by others \(mode 0644\)")):
        if name == "wide" and engine != "postgres":
            continue
        with fakes.silent() as fake:
            room.run({"it": room.target(engine, fake.port, MARKER, setting)}, status=70)
            test.equal(f"{engine}, a key that is {name}: nobody is contacted", fake.connections, 0)
        test.check(f"{engine}, a key that is {name}: the error", re.search(said, str(room.errors["it"])), str(room.errors))


# ---- servers that ask for the password itself

MARKER = "hgfix-tls-marker-9b1c"
ASKS = {"mysql": (thieves.mysql, thieves.MYSQL), "postgres": (thieves.postgres, thieves.POSTGRES),
        "mongodb": (thieves.mongodb, thieves.MONGODB)}
# What shows no certificate, one that holds, and those that must not pass.
SHOWN = ("none", *tls.KINDS)


def may_have_it(kind, mode, ask):
    """Only the server that was verified in full, and only by a way of asking that real ones have."""
    return kind == "right" and mode == "verify-full" and ask in ("sha256", "sha2-full", "sha2-key", "cleartext",
                                                                 "cleartext-instead-of-tls")


def contexts(room, engine):
    """{kind of certificate: a server's context}"""
    result = {"none": None}
    for kind in tls.KINDS:
        result[kind] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        result[kind].load_cert_chain(*tls.make_certificate(room.fleet.authority, room.certificates, kind, engine)[:2])
    return result


def strangers(test, room, engine):
    """Each way of asking, with each certificate, in each mode: one run, and the password is looked for in what came."""
    maker, asks = ASKS[engine]
    shown = contexts(room, engine)
    targets, stolen = {}, {}
    with contextlib.ExitStack() as stack:
        for kind, mode, ask in itertools.product(SHOWN, (*MODES, "off"), asks):
            if mode == "off" and kind not in ("none", "right"):
                continue
            name = f"{kind}.{mode}.{ask}"
            stolen[name] = stack.enter_context(maker(ask, shown[kind]))
            targets[name] = room.target(engine, stolen[name].port, MARKER, mode)
        results = room.run(targets, jobs=8)
    for name, (connection, fact, findings) in results.items():
        kind, mode, ask = name.split(".")
        if ask.endswith("tls"):
            kind = "none"       # it would have one, and comes to its point before
        label, thief = f"{engine} that asks {ask}, certificate {kind}, {mode}", stolen[name]
        told = b"".join(thief.received)
        test.check(f"{label}: was it called", thief.connections > 0)
        if not may_have_it(kind, mode, ask):
            test.check(f"{label}: the password", MARKER.encode() not in told, str(thief.answers))
            test.check(f"{label}: nothing that hides it", not [a for _, a in thief.answers if len(a) >= 200], str(thief.answers))
        if mode != "off" and not (kind != "none" and passes(kind, mode)):
            test.equal(f"{label}: what was said inside, or without TLS", thief.answers, [])
            test.check(f"{label}: not a name either", payloads.USER.encode() not in told, str(told))
            test.check(f"{label}: it fails in TLS", (connection["stage"], connection["outcome"]) in (
                ("tls", "tls-failed"), ("tls", "tls-refused"), ("tls", "protocol")), str(connection))
            check = "reached" if connection["outcome"] == "protocol" else "tls"
            test.equal(f"{label}: the check", findings[f"{engine}.connection.{check}"]["verdict"], "fail")
            if kind in SAYS and ask == asks[0]:
                sentence = findings[f"{engine}.connection.tls"]["sentence"]
                test.check(f"{label}: the sentence", re.search(SAYS[kind], sentence), sentence)
        else:
            test.check(f"{label}: it was asked", payloads.USER.encode() in told or engine == "mongodb", str(told))
        if (kind, mode, ask) in (("right", "verify-full", "sha2-full"), ("right", "verify-full", "cleartext")):
            test.check(f"{label}: the one who may have it gets it, so the search finds it", MARKER.encode() in told, str(told))
        test.check(f"{label}: no file", HOSTNAME not in told, str(thief.answers))
        test.check(f"{label}: nothing passes", findings[f"{engine}.connection.login"]["verdict"] != "pass"
                   or ask in ("trust", "local-infile"), str(connection))
    return len(targets)


def examine(test, name):
    """All of it on one server."""
    with Fleet("ready", [name]) as fleet, tempfile.TemporaryDirectory(prefix="headgate-tls-") as folder:
        room, began = Room(fleet, pathlib.Path(folder)), time.monotonic()
        room.certificates = fleet.dir / "certificates"
        room.certificates.mkdir(mode=0o700)
        engine = name.partition("@")[0].replace("mariadb", "mysql")
        certificates(test, room, engine)
        if name == "mysql":
            first_logins(test, room)
        near_their_end(test, room, engine)
        clients(test, room, engine)
        useless_files(test, room, engine)
        print(f"{name}: {time.monotonic() - began:.1f} s", flush=True)
        if name in ENGINES:
            began = time.monotonic()
            number = strangers(test, room, engine)
            print(f"{number} strangers instead of {name}: {time.monotonic() - began:.1f} s", flush=True)


def body(test):
    for name in sys.argv[3:] or (*ENGINES, "mariadb@10.11"):
        try:
            paths.cached(models.load(name)["cache"] or "mysql")
        except FixtureError as error:
            print(f"{name} is left out: {error}")
            continue
        examine(test, name)


if __name__ == "__main__":
    main(body)

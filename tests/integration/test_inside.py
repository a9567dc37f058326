#!/usr/bin/env python3
"""The Job that collects inside: its container's own command, from the manifest, as its user, with its files; the facts it hands
out are judged where no server and no secret is, and the gate is that of a direct run."""
import json
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile

import yaml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from common import HEADGATE, ROOT, Fleet, environment, headgate, main, run_json, verdicts   # noqa: E402  pylint: disable=wrong-import-position
from hgfix import payloads      # noqa: E402  pylint: disable=wrong-import-position

MANIFESTS = {"kubernetes": ROOT / "docker/kubernetes/collect-job.yaml", "cloud-run": ROOT / "docker/cloud-run/collect-job.yaml"}


def shape(test):
    """What makes the Jobs safe to apply."""
    job = yaml.safe_load(MANIFESTS["kubernetes"].read_text("utf-8"))
    pod = job["spec"]["template"]["spec"]
    [container] = pod["containers"]
    test.equal("kind", (job["apiVersion"], job["kind"]), ("batch/v1", "Job"))
    test.equal("a login is tried once", (job["spec"]["backoffLimit"], pod["restartPolicy"]), (0, "Never"))
    test.equal("no token of the cluster", pod["automountServiceAccountToken"], False)
    test.check("not as root", pod["securityContext"]["runAsNonRoot"] and pod["securityContext"]["runAsUser"] > 0)
    test.equal("nothing to write to", container["securityContext"],
               {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}})
    test.equal("every mount is of a volume, for reading", [(m["name"], m["readOnly"]) for m in container["volumeMounts"]],
               [(v["name"], True) for v in pod["volumes"]])
    secret = next(v["secret"] for v in pod["volumes"] if "secret" in v)
    test.equal("secrets are the group's to read", (secret["defaultMode"], pod["securityContext"]["fsGroup"]), (0o440, 65532))
    test.check("no variable holds anything", "env" not in container and "envFrom" not in container)
    test.check("the image has no other program", "command" not in container)
    run = yaml.safe_load(MANIFESTS["cloud-run"].read_text("utf-8"))["spec"]["template"]
    task = run["spec"]["template"]["spec"]
    test.equal("a login is tried once on Cloud Run", (task["maxRetries"], run["spec"]["taskCount"]), (0, 1))
    network = json.loads(run["metadata"]["annotations"]["run.googleapis.com/network-interfaces"])
    test.equal("it stands in the network", network, [{"network": "NETWORK", "subnetwork": "SUBNET"}])
    mounts = {m["name"] for m in task["containers"][0]["volumeMounts"]}
    test.equal("Cloud Run's mounts and volumes", mounts, {v["name"] for v in task["volumes"]})
    return pod, container, task["containers"][0]


def install(folder):
    """The program as it is installed (tests/docker/test_image.py runs the image itself)."""
    out = folder / "image"
    subprocess.run(["meson", "install", "-C", HEADGATE.parents[2], "--no-rebuild", "--destdir", out, "--quiet"], check=True,
                   stdout=subprocess.DEVNULL)
    [program] = out.rglob("bin/headgate")
    return program


def files(pod, container, folder, fleet):
    """The volumes of the pod as folders here: {mountPath: folder}; with the plan as its user wrote it."""
    plan = yaml.safe_load(fleet.plan("ready").read_text("utf-8"))
    kinds = {v["name"]: "secret" if "secret" in v else "plan" for v in pod["volumes"]}
    mounts = {m["mountPath"]: folder / m["name"] for m in container["volumeMounts"]}
    group = pod["securityContext"]["fsGroup"]
    for mount in container["volumeMounts"]:
        where = mounts[mount["mountPath"]]
        where.mkdir(mode=0o755)
        if kinds[mount["name"]] == "secret":
            for engine, target in payloads.TARGETS.items():
                for who, payload in (("", fleet[engine].payload()), ("-auditor", fleet[engine].auditor_payload())):
                    path = where / f"{target}{who}.json"
                    path.write_text(json.dumps(payload), "utf-8")
                    os.chmod(path, 0o440)
                    if os.geteuid() == 0:
                        os.chown(path, 0, group)
                plan["targets"][target]["secret"] = {"file": f"{where}/{target}.json"}
                plan["targets"][target]["auditor"] = {"secret": {"file": f"{where}/{target}-auditor.json"}}
                plan["targets"][target]["tls"] = {"ca": "ca.pem"}
    home = mounts["/etc/headgate"]
    shutil.copyfile(fleet.ca, home / "ca.pem")
    # The laptop's plan: it stands outside there, behind a tunnel that is not up tonight.
    plan.update(vantage="tunnel", **{"from": {"datastream": "10.1.0.0/29"}})
    for target in plan["targets"].values():
        target["connect"] = {"host": "127.0.0.1", "port": 1}
    (home / "plan.yaml").write_text(yaml.safe_dump(plan), "utf-8")
    return mounts


def run_container(pod, container, program, mounts):
    """The entry point with the container's paths, user and environment."""
    words = [str(program), *container["args"]]
    for path, here in sorted(mounts.items(), key=lambda p: -len(p[0])):
        words = [w.replace(path, str(here)) for w in words]
    if os.geteuid() == 0:
        context = pod["securityContext"]
        words = ["setpriv", f"--reuid={context['runAsUser']}", f"--regid={context['runAsGroup']}",
                 f"--groups={context['fsGroup']}", "--no-new-privs", "--bounding-set=-all", "--inh-caps=-all", "--", *words]
    return subprocess.run(words, env={"PATH": "/usr/bin:/bin", "ASAN_OPTIONS": "detect_leaks=0"}, cwd="/",
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120, check=False)


def job(test, fleet, folder, pod, container):
    program = install(folder)
    mounts = files(pod, container, folder, fleet)
    done = run_container(pod, container, program, mounts)
    test.equal("the Job ends well, and says nothing beside its facts", (done.returncode, done.stderr), (0, b""))
    test.check("its log is filtered by what every line of facts begins with", all(x[:1] == b"{" for x in done.stdout.splitlines()))
    facts = folder / "laptop/facts"
    facts.parent.mkdir()
    facts.write_bytes(done.stdout)
    head = json.loads(done.stdout.splitlines()[0])
    test.equal("collected inside, where nothing is dialled but the servers", (head["vantage"], [t.get("connect") for t in head["targets"]]),
               ("inside", [None] * 3))
    for server in fleet.servers.values():
        for who, password in server.passwords.items():
            test.check(f"facts hold no password of {server.engine}'s {who}", password.encode() not in done.stdout)
    plan = facts.parent / "plan.yaml"
    shutil.copyfile(mounts["/etc/headgate"] / "plan.yaml", plan)
    shutil.rmtree(mounts["/secrets"])           # no secret on the laptop
    fleet_ports = {s.port for s in fleet.servers.values()}
    return facts, plan, fleet_ports


def on_the_laptop(test, direct, facts, plan):
    done = headgate("judge", plan, "--facts", facts, "--report", "json=-", status=0, env=environment())
    test.equal("the same plan in another folder is the same plan", done.stderr.decode().count("another version of this plan"), 0)
    judged = json.loads(done.stdout)
    test.equal("judged as seen from inside", judged["vantage"], "inside")
    test.equal("the verdicts are those of a direct run", verdicts(judged), direct)
    test.equal("no target was dialled elsewhere", [t.get("dialled") for t in judged["targets"]], [None] * 3)


def body(test):
    pod, container, cloud = shape(test)
    with Fleet("ready") as fleet, tempfile.TemporaryDirectory(prefix="headgate-inside-") as name:
        folder = pathlib.Path(name)
        os.chmod(folder, 0o755)
        facts, plan, _ = job(test, fleet, folder, pod, container)
        # the same plan straight from here, with the secrets where the fixtures have them
        document = yaml.safe_load(plan.read_text("utf-8"))
        document.pop("vantage")
        for engine, target in payloads.TARGETS.items():
            t = document["targets"][target]
            t.pop("connect")
            t["secret"] = {"file": str(fleet.dir / "secrets" / f"{payloads.SECRET_NAMES[engine]}.json")}
            t["auditor"] = {"secret": {"env": f"AUDITOR_{engine.upper()}"}}
            t["tls"] = {"ca": str(fleet.ca)}
        straight = folder / "straight.yaml"
        straight.write_text(yaml.safe_dump(document), "utf-8")
        direct = verdicts(run_json("run", straight, "--vantage", "inside", fleet=fleet, status=0))
        for server in fleet.servers.values():   # "the laptop": nothing answers any more
            server.stop()
        on_the_laptop(test, direct, facts, plan)
        words = shlex.join(cloud["args"]).replace("/etc/headgate", str(plan.parent)).replace("/facts/facts", str(folder / "cloud"))
        done = headgate(*shlex.split(words), env=environment(), status=2)       # its words are those of a command line;
        test.check("and without its secrets nothing is contacted", b"cannot be" in done.stderr, done.stderr)


if __name__ == "__main__":
    main(body)

# ruff: noqa: T201 - a program: it speaks by print
"""The small Fly behind the stand-in of flyctl: what each command does to it, and says."""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

TAKEN = "Validation failed: Name has already been taken (Request ID: 01K-iad)"
UNHEALTHY = "could not get all green machines to be healthy: wait timeout"
TIMEOUT = "failed to create green machines: context deadline exceeded"
MIGRATION = "release_command failed running on machine 4d89 with exit code 1."

ADDRESSES = {
    "private_v6": "fdaa::1",
    "shared_v4": "192.0.2.4",
    "v4": "192.0.2.5",
    "v6": "2001:db8::6",
}
State = dict[str, Any]


class Wrong(Exception):
    """The end of a run, in the words of the real one."""


def digest(text: str) -> str:
    import hashlib  # here: most calls need none of it, and it would be half of their time

    return hashlib.sha256(text.encode()).hexdigest()


def app_of(fly: State, options: SimpleNamespace) -> State:
    if options.app not in fly["apps"]:
        raise Wrong(f'Could not find App "{options.app}"')
    app: State = fly["apps"][options.app]
    return app


def now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def tell(value: Any) -> None:
    print(json.dumps(value, indent=4))


def apps(
    fly: State, rest: list[str], options: SimpleNamespace, outcome: str | None, _given: str
) -> None:
    if rest == ["list"]:
        tell([{"ID": name, "Name": name, "Status": "deployed"} for name in fly["apps"]])
        return
    (_create, name) = rest
    if outcome == "taken" or name in fly["apps"]:
        raise Wrong(TAKEN)
    fly["apps"][name] = {
        "ips": [], "certs": [], "secrets": {}, "staged": [], "releases": [], "machines": [],
        "logs": [], "org": options.org,
    }  # fmt: skip
    print(f"New app created: {name}")


def ips(
    fly: State, rest: list[str], options: SimpleNamespace, _outcome: str | None, _given: str
) -> None:
    app = app_of(fly, options)
    if rest == ["list"]:
        tell([{"ID": str(at), "Address": ADDRESSES[kind], "Type": kind, "Region": "global"}
              for at, kind in enumerate(app["ips"])])  # fmt: skip
        return
    kinds = {"allocate-v4": "shared_v4" if options.shared else "v4",
             "allocate-v6": "private_v6" if options.private else "v6"}  # fmt: skip
    app["ips"].append(kinds[rest[0]])


def certs(
    fly: State, rest: list[str], options: SimpleNamespace, _outcome: str | None, _given: str
) -> None:
    app = app_of(fly, options)
    if rest == ["list"]:
        tell([{"Hostname": host, "ClientStatus": "Ready"} for host in app["certs"]])
    else:
        app["certs"].append(rest[1])


def secrets(
    fly: State, rest: list[str], options: SimpleNamespace, _outcome: str | None, given: str
) -> None:
    app = app_of(fly, options)
    if rest == ["list"]:
        tell([
            {"name": name, "digest": digest(value)[:16],
             "status": "Staged" if name in app["staged"] else "Deployed"}
            for name, value in sorted(app["secrets"].items())
        ])  # fmt: skip
        return
    for line in given.splitlines():
        name, equals, value = line.partition("=")
        if not equals:
            raise Wrong(f"Secrets must be provided as NAME=VALUE pairs ({line} is invalid)")
        app["secrets"][name] = value
        app["staged"].append(name)


def deploy(
    fly: State, rest: list[str], options: SimpleNamespace, outcome: str | None, _given: str
) -> None:
    app = app_of(fly, options)
    import tomllib  # here, too

    config = tomllib.loads(Path(options.config).read_text())
    if config["app"] != options.app:
        raise Wrong(f"the config at path {options.config} is for {config['app']}")
    image = options.image or build(fly, rest, options, config, outcome)
    if image not in fly["images"]:
        raise Wrong(f"failed to fetch an image or build from source: could not find image {image}")
    if options.build_only:
        return
    if not app["releases"] and not app["ips"] and not (options.flycast or options.no_public_ips):
        app["ips"] += ["v6", "shared_v4"]
    release: State = {"Version": len(app["releases"]) + 1, "Status": "failed", "ImageRef": image,
               "CreatedAt": now(), "User": {"Email": "someone@example.com"}}  # fmt: skip
    app["releases"].append(release)
    command = config.get("deploy", {}).get("release_command")
    if command and not options.skip_release_command:
        print(f"Running {options.app} release_command: {command}")
        if outcome == "migration":
            raise Wrong(MIGRATION)
    print("Creating green machines\nWaiting for all green machines to be healthy", flush=True)
    fault = {"unhealthy": UNHEALTHY, "timeout": TIMEOUT}.get(outcome or "")
    if fault:
        raise Wrong(fault)
    app["machines"] = [machine(config, image, release["Version"])]
    if outcome == "half":
        raise Wrong("failed to destroy previous deployment: machine not found")
    release["Status"] = "complete"
    app["staged"], app["environment"] = [], {**config.get("env", {}), **app["secrets"]}


def build(
    fly: State, rest: list[str], options: SimpleNamespace, config: State, outcome: str | None
) -> str:
    if rest != ["."] or not Path(options.dockerfile).exists():
        raise Wrong("failed to fetch an image or build from source: Dockerfile not found")
    if outcome == "build":
        raise Wrong("failed to fetch an image or build from source: error building: exit code: 1")
    # As in the real one: the file wins over the flag.
    target = config.get("build", {}).get("build-target") or options.build_target
    print(f"--> Building image with target {target}")
    image = f"registry.fly.io/{options.app}:{options.image_label}"
    fly["images"].append(image)
    return image


def machine(config: State, image: str, version: int) -> State:
    name, _, tag = image.removeprefix("registry.fly.io/").partition(":")
    return {
        "id": f"4d89{len(image):x}{version:x}", "state": "started",
        "region": config["primary_region"],
        "image_ref": {"registry": "registry.fly.io", "repository": name, "tag": tag},
        "config": {"metadata": {"fly_release_version": str(version), "fly_process_group": "app"}},
        "checks": [{"name": "servicecheck-00-http-8080", "status": "passing"}], "events": [],
    }  # fmt: skip


def releases(
    fly: State, _rest: list[str], options: SimpleNamespace, _outcome: str | None, _given: str
) -> None:
    tell(app_of(fly, options)["releases"][::-1])


def machines(
    fly: State, rest: list[str], options: SimpleNamespace, outcome: str | None, _given: str
) -> None:
    app = app_of(fly, options)
    if rest[0] == "list":
        tell(app["machines"])
    elif rest[0] == "status":
        code = app["jobs"][rest[1]]
        print(f"Machine ID: {rest[1]}\nInstance ID: 01K\nState: destroyed\n\nEvent Logs")
        print(f"stopped\texit\tflyd\texit_code={code},oom_killed=false,requested_stop=false")
    else:
        if rest[1] not in fly["images"]:
            raise Wrong(f'could not find image "{rest[1]}"')
        named = f"job{len(app.setdefault('jobs', {}))}"
        app["jobs"][named] = 3 if outcome == "job-fails" else 0
        app["logs"].append({"instance": named, "message": f"ran {' '.join(rest[2:])}"})
        print(f"Success! A Machine has been successfully launched in app {options.app}")
        print(f" Machine ID: {named}\n Instance ID: 01K\n State: created")
        if outcome == "quick":
            raise Wrong("failed to wait for VM in started state: machine destroyed")


def logs(
    fly: State, _rest: list[str], options: SimpleNamespace, outcome: str | None, _given: str
) -> None:
    for entry in app_of(fly, options)["logs"]:
        if options.instance in (None, entry["instance"]):
            tell({"level": "info", "region": "iad", "timestamp": now(), "meta": {}, **entry})
    sys.stdout.flush()
    if outcome == "silent":
        time.sleep(60)


def ssh(
    fly: State, _rest: list[str], options: SimpleNamespace, _outcome: str | None, _given: str
) -> None:
    app = app_of(fly, options)
    if not any(each["state"] == "started" for each in app["machines"]):
        raise Wrong(f"app {options.app} has no started VMs.")
    print(app["environment"][options.command.removeprefix("printenv ")])


COMMANDS: dict[str, Callable[[State, list[str], SimpleNamespace, str | None, str], None]] = {
    "apps": apps, "ips": ips, "certs": certs, "secrets": secrets, "deploy": deploy,
    "releases": releases, "machine": machines, "logs": logs, "ssh": ssh,
}  # fmt: skip

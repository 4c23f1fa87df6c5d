"""Rules for the five fly.toml: whether a machine sleeps, wakes, stops and is found as it should."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from machines.apps import APPS
from machines.checks import known
from machines.checks.deployment import PAGE, SERVICES, Deployment

UNWANTED = {
    "checks": "belongs to the service: [[http_service.checks]]",
    "experimental": "is not relied upon",
    "mounts": "a machine keeps nothing, and bluegreen needs machines without volumes",
    "processes": "an app is one process",
    "services": "a second service keeps the machine awake",
    "statics": "the page's own server serves its files",
    "swap_size_mb": "a machine that swaps does not suspend",
}
GRACEFUL = {PAGE: "SIGQUIT"}  # nginx; gunicorn's is SIGTERM
SECRET_NAME = re.compile(r"SECRET|PASSWORD|PASSPHRASE|TOKEN|PRIVATE|CREDENTIAL|DSN|DATABASE|_KEY$")
# A user in an address, a key in PEM, or many random characters without a word between them.
SECRET_VALUE = re.compile(
    r"://[^/\s]*:[^/\s]*@|-----BEGIN|AGE-SECRET|^(?=.*\d)[A-Za-z0-9+/_=-]{32,}$"
)
PUBLIC = frozenset({"CONTEXT_PUBLIC_KEYS"})
UPSTREAMS = {
    "ACCOUNT_URL": "account",
    "KEYS_URL": "keys",
    "AUTH_URL": "auth",
    "GATEWAY_URL": "gateway",
}

Rule = Callable[[Deployment], Iterator[str]]


def unknown_keys(deployment: Deployment) -> Iterator[str]:
    yield from _found(deployment, "unknown")


def brackets(deployment: Deployment) -> Iterator[str]:
    yield from _found(deployment, "brackets")


def durations(deployment: Deployment) -> Iterator[str]:
    yield from _found(deployment, "duration")


def unwanted(deployment: Deployment) -> Iterator[str]:
    for name, settings in deployment.tomls.items():
        for key, why in UNWANTED.items():
            if key in settings:
                yield _at(name, key, why)


def sleeping(deployment: Deployment) -> Iterator[str]:
    """Every machine may stop or suspend, and a request starts it."""
    for name, settings in deployment.tomls.items():
        service = settings.get("http_service", {})
        if service.get("auto_stop_machines") not in {"stop", "suspend"}:
            yield _at(name, "http_service.auto_stop_machines", 'is not "stop" or "suspend"')
        if service.get("auto_start_machines") is not True:
            yield _at(name, "http_service.auto_start_machines", "is not true")
        if service.get("min_machines_running") != 0:
            yield _at(name, "http_service.min_machines_running", "is not 0")


def concurrency(deployment: Deployment) -> Iterator[str]:
    for name, settings in deployment.tomls.items():
        limits = _get(settings, "http_service", "concurrency")
        if limits.get("type") != "requests":
            yield _at(name, "http_service.concurrency.type", 'is not "requests"')
        if not 0 < limits.get("soft_limit", 0) <= limits.get("hard_limit", 0):
            yield _at(
                name, "http_service.concurrency", "soft_limit is above hard_limit, or missing"
            )


def restarts(deployment: Deployment) -> Iterator[str]:
    for name, settings in deployment.tomls.items():
        if [each.get("policy") for each in _all(settings, "restart")] != ["on-failure"]:
            yield _at(name, "restart", 'is not one table with policy = "on-failure"')


def machine_size(deployment: Deployment) -> Iterator[str]:
    """Written out: what is not written is what the last deployment left."""
    for name, settings in deployment.tomls.items():
        sizes = [(vm.get("size"), vm.get("memory")) for vm in _all(settings, "vm")]
        if len(sizes) != 1 or not all(isinstance(part, str) and part for part in sizes[0]):
            yield _at(name, "vm", "does not write out one size and its memory")


def strategies(deployment: Deployment) -> Iterator[str]:
    for name, settings in deployment.tomls.items():
        if _get(settings, "deploy").get("strategy") != "bluegreen":
            yield _at(
                name, "deploy.strategy", 'is not "bluegreen": others start nothing that sleeps'
            )


def one_release_command(deployment: Deployment) -> Iterator[str]:
    """The database is migrated in one place."""
    having = [
        name
        for name, settings in deployment.tomls.items()
        if "release_command" in _get(settings, "deploy")
    ]
    if having != ["auth"]:
        yield f"deploy.release_command stands in {having or 'no toml'}, and should in auth alone"


def https(deployment: Deployment) -> Iterator[str]:
    for name, settings in deployment.tomls.items():
        forced = _get(settings, "http_service").get("force_https")
        if forced is not (name == PAGE):
            yield _at(name, "http_service.force_https", f"is not {str(name == PAGE).lower()}")


def signals(deployment: Deployment) -> Iterator[str]:
    for name, settings in deployment.tomls.items():
        graceful = GRACEFUL.get(name, "SIGTERM")
        if settings.get("kill_signal") != graceful:
            yield _at(
                name, "kill_signal", f"is not {graceful}: requests under way would be dropped"
            )


def builds(deployment: Deployment) -> Iterator[str]:
    """Fly looks for the Dockerfile beside the toml; a target is named after its app."""
    for name, settings in deployment.tomls.items():
        build = _get(settings, "build")
        if not (deployment.root / "machines" / str(build.get("dockerfile"))).is_file():
            yield _at(name, "build.dockerfile", "is no file, as seen from the folder of the toml")
        if build.get("build-target") != name or name not in deployment.recipe.targets:
            yield _at(name, "build.build-target", f"is not {name}, a target of the Dockerfile")


def jobs_image(deployment: Deployment) -> Iterator[str]:
    """The jobs have no app: their image lies beside auth's, and is never deployed."""
    settings = deployment.jobs_toml
    expected = {
        "app": deployment.tomls["auth"].get("app"),
        "build": {"dockerfile": "Dockerfile", "build-target": "jobs"},
    }
    if settings != expected:
        yield f"machines/jobs.toml: says {dict(settings)}, and should say {expected}"


def regions(deployment: Deployment) -> Iterator[str]:
    """Together: a request passes through four of them."""
    found = {name: settings.get("primary_region") for name, settings in deployment.tomls.items()}
    if None in found.values() or len(set(found.values())) > 1:
        yield f"primary_region differs: {found}"


def no_secrets(deployment: Deployment) -> Iterator[str]:
    """What is in [env] or in [build.args], everybody who reads the image or the toml can read."""
    for name, settings in deployment.tomls.items():
        for table, values in (("env", settings.get("env")), ("build.args", _args(settings))):
            for key, value in (values if isinstance(values, dict) else {}).items():
                where = f"{table}.{key}"
                if key.startswith("FLY_"):
                    yield _at(name, where, "begins with FLY_, which is Fly's")
                secret = key in {each for app in APPS.values() for each in app.secrets}
                named = SECRET_NAME.search(key) and key not in PUBLIC
                looks = SECRET_VALUE.search(str(value)) and key not in PUBLIC
                if secret or named or looks:
                    yield _at(name, where, "looks like a secret: `python3 machines secrets set`")


def upstreams(deployment: Deployment) -> Iterator[str]:
    """Whom an app calls is another app of the set, by the name that wakes it."""
    named = {name: settings.get("app") for name, settings in deployment.tomls.items()}
    if len(set(named.values())) < len(named):
        yield f"two apps have one name: {named}"
    for name, settings in deployment.tomls.items():
        for key, value in {**_get(settings, "env"), **_args(settings)}.items():
            expected = named.get(UPSTREAMS.get(key, ""))
            if expected and value != f"http://{expected}.flycast":
                yield _at(name, key, f"is not http://{expected}.flycast")
            elif not expected and str(value).startswith("http://"):
                yield _at(name, key, "is no address of an app of the set")
    for name, needed in (
        ("gateway", ("ACCOUNT_URL", "KEYS_URL")),
        (PAGE, ("AUTH_URL", "GATEWAY_URL")),
    ):
        settings = deployment.tomls[name]
        for key in needed:
            if key not in {**_get(settings, "env"), **_args(settings)}:
                yield _at(name, key, "is missing")


def origins(deployment: Deployment) -> Iterator[str]:
    """The page, auth and the gateway speak of one origin."""
    found = {
        name: value
        for name, settings in deployment.tomls.items()
        if (value := {**_get(settings, "env"), **_args(settings)}.get("PUBLIC_ORIGIN"))
    }
    if set(found) != {"auth", "gateway", PAGE} or len(set(found.values())) > 1:
        yield f"PUBLIC_ORIGIN differs or is missing: {found}"
    for name, value in found.items():
        if not re.fullmatch(r"https://[a-z0-9.-]+", str(value)):
            yield _at(name, "PUBLIC_ORIGIN", "is no https:// origin")


def metrics(deployment: Deployment) -> Iterator[str]:
    """On a port of their own, which no service opens to anybody but Fly's collector."""
    for name in SERVICES:
        settings = deployment.tomls[name]
        told = _get(settings, "metrics")
        port = told.get("port")
        if told.get("path") != "/metrics" or port == _get(settings, "http_service").get(
            "internal_port"
        ):
            yield _at(name, "metrics", "is not /metrics on a port of its own")
        if _get(settings, "env").get("METRICS_PORT") != str(port):
            yield _at(name, "env.METRICS_PORT", f"is not the port of [metrics], {port}")


def _found(deployment: Deployment, kind: str) -> Iterator[str]:
    for name, settings in deployment.tomls.items():
        for finding in known.findings(settings):
            if finding.kind == kind:
                yield _at(name, finding.key, finding.why)


def _get(settings: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    """A table, empty where there is none or something else: its brackets are another rule's."""
    found: Any = settings
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def _all(settings: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    found = settings.get(key)
    tables = found if isinstance(found, list) else []
    return [each for each in tables if isinstance(each, dict)]


def _args(settings: Mapping[str, Any]) -> dict[str, Any]:
    return _get(settings, "build", "args")


def _at(name: str, key: str, why: str) -> str:
    return f"machines/{name}.toml: {key}: {why}"

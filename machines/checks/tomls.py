"""Rules for the five fly.toml: whether a machine sleeps, wakes and stops as it should."""

from collections.abc import Callable, Iterator

from machines.checks import known
from machines.checks.deployment import PAGE, SERVICES, Deployment, at, table, tables

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
                yield at(name, key, why)


def sleeping(deployment: Deployment) -> Iterator[str]:
    """Every machine may stop or suspend, and a request starts it."""
    for name, settings in deployment.tomls.items():
        service = settings.get("http_service", {})
        if service.get("auto_stop_machines") not in {"stop", "suspend"}:
            yield at(name, "http_service.auto_stop_machines", 'is not "stop" or "suspend"')
        if service.get("auto_start_machines") is not True:
            yield at(name, "http_service.auto_start_machines", "is not true")
        if service.get("min_machines_running") != 0:
            yield at(name, "http_service.min_machines_running", "is not 0")


def concurrency(deployment: Deployment) -> Iterator[str]:
    for name, settings in deployment.tomls.items():
        limits = table(settings, "http_service", "concurrency")
        if limits.get("type") != "requests":
            yield at(name, "http_service.concurrency.type", 'is not "requests"')
        if not 0 < limits.get("soft_limit", 0) <= limits.get("hard_limit", 0):
            yield at(name, "http_service.concurrency", "soft_limit is above hard_limit, or missing")


def restarts(deployment: Deployment) -> Iterator[str]:
    for name, settings in deployment.tomls.items():
        if [each.get("policy") for each in tables(settings, "restart")] != ["on-failure"]:
            yield at(name, "restart", 'is not one table with policy = "on-failure"')


def machine_size(deployment: Deployment) -> Iterator[str]:
    """Written out: what is not written is what the last deployment left."""
    for name, settings in deployment.tomls.items():
        sizes = [(vm.get("size"), vm.get("memory")) for vm in tables(settings, "vm")]
        if len(sizes) != 1 or not all(isinstance(part, str) and part for part in sizes[0]):
            yield at(name, "vm", "does not write out one size and its memory")


def strategies(deployment: Deployment) -> Iterator[str]:
    for name, settings in deployment.tomls.items():
        if table(settings, "deploy").get("strategy") != "bluegreen":
            yield at(
                name, "deploy.strategy", 'is not "bluegreen": others start nothing that sleeps'
            )


def one_release_command(deployment: Deployment) -> Iterator[str]:
    """The database is migrated in one place."""
    having = [
        name
        for name, settings in deployment.tomls.items()
        if "release_command" in table(settings, "deploy")
    ]
    if having != ["auth"]:
        yield f"deploy.release_command stands in {having or 'no toml'}, and should in auth alone"


def https(deployment: Deployment) -> Iterator[str]:
    for name, settings in deployment.tomls.items():
        forced = table(settings, "http_service").get("force_https")
        if forced is not (name == PAGE):
            yield at(name, "http_service.force_https", f"is not {str(name == PAGE).lower()}")


def signals(deployment: Deployment) -> Iterator[str]:
    for name, settings in deployment.tomls.items():
        graceful = GRACEFUL.get(name, "SIGTERM")
        if settings.get("kill_signal") != graceful:
            yield at(name, "kill_signal", f"is not {graceful}: requests under way would be dropped")


def builds(deployment: Deployment) -> Iterator[str]:
    """Fly looks for the Dockerfile beside the toml; a target is named after its app."""
    for name, settings in deployment.tomls.items():
        build = table(settings, "build")
        if not (deployment.root / "machines" / str(build.get("dockerfile"))).is_file():
            yield at(name, "build.dockerfile", "is no file, as seen from the folder of the toml")
        if build.get("build-target") != name or name not in deployment.recipe.targets:
            yield at(name, "build.build-target", f"is not {name}, a target of the Dockerfile")


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


def metrics(deployment: Deployment) -> Iterator[str]:
    """On a port of their own, which no service opens to anybody but Fly's collector."""
    for name in SERVICES:
        settings = deployment.tomls[name]
        told = table(settings, "metrics")
        port = told.get("port")
        if told.get("path") != "/metrics" or port == table(settings, "http_service").get(
            "internal_port"
        ):
            yield at(name, "metrics", "is not /metrics on a port of its own")
        if table(settings, "env").get("METRICS_PORT") != str(port):
            yield at(name, "env.METRICS_PORT", f"is not the port of [metrics], {port}")


def _found(deployment: Deployment, kind: str) -> Iterator[str]:
    for name, settings in deployment.tomls.items():
        for finding in known.findings(settings):
            if finding.kind == kind:
                yield at(name, finding.key, finding.why)

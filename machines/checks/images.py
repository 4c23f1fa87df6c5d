"""Rules for the Dockerfile: how its images start, and that they hold what they need and no more."""

import ast
import re
from collections.abc import Iterator

import grimp

from machines.apps import APPS
from machines.checks.deployment import PAGE, SERVICES, Deployment
from machines.dockerfile import Step
from machines.paths import matches

DIGEST = re.compile(r"[\w./-]+:[\w.-]+@sha256:[0-9a-f]{64}")
NUMERIC_USER = re.compile(r"[1-9]\d*(:[1-9]\d*)?")
UNCHECKED = "--invalidation-mode unchecked-hash"
PIP_FLAGS = ("--require-hashes", "--only-binary=:all:", "--no-deps", "--no-compile")
# What runs besides the apps.
JOBS = "jobs"
PYTHON_TARGETS = (*SERVICES, JOBS)
# Nobody deploys jobs by itself: its image is made with auth's.
DEPLOYED_WITH = {JOBS: "auth"}
# Of the library what verifies, and nothing that opens; of machines/ how a service is served.
VERIFYING = (
    "shared/keyarc/__init__.py",
    "shared/keyarc/commits/**",
    "shared/keyarc/encoding.py",
    "shared/keyarc/identity.py",
)
MAY_HOLD = (
    "handlers/__init__.py",
    "machines/gunicorn.conf.py",
    "shared/**",
    "!shared/keyarc/**",
    *VERIFYING,
)
ALSO = {"auth": ("migrations/**", "pyproject.toml")}


def targets(deployment: Deployment) -> Iterator[str]:
    expected = {*APPS, JOBS}
    if set(deployment.recipe.targets) != expected:
        yield f"{_FILE}: its targets are {deployment.recipe.targets}, and should be {expected}"


def pinned_bases(deployment: Deployment) -> Iterator[str]:
    for stage in deployment.recipe.stages.values():
        if stage.base not in deployment.recipe.stages and not DIGEST.fullmatch(stage.base):
            yield _at(stage.line, f"{stage.base} is not pinned by a digest")


def exec_form(deployment: Deployment) -> Iterator[str]:
    """A shell in between would take the signals for itself."""
    for target in deployment.recipe.targets:
        step = deployment.recipe.last(target, "CMD")
        if step and not step.exec_form:
            yield _at(step.line, f"{target} starts by a shell: write CMD as an array")


def user(deployment: Deployment) -> Iterator[str]:
    for target in deployment.recipe.targets:
        step = deployment.recipe.last(target, "USER")
        if step is None or not NUMERIC_USER.fullmatch(step.text):
            line = step.line if step else deployment.recipe.stages[target].line
            yield _at(
                line, f"{target} runs as {step.text if step else 'root'}, no numeric user but 0"
            )


def hashes(deployment: Deployment) -> Iterator[str]:
    """What is installed is what was locked, and nothing is compiled."""
    for step in _runs(deployment, "pip install"):
        for flag in PIP_FLAGS:
            if flag not in step.words:
                yield _at(step.line, f"pip without {flag}")
    for step in _runs(deployment, "npm "):
        if step.words[1] not in {"ci", "run"}:
            yield _at(step.line, "npm but by `npm ci` heeds no lock")


def bytecode(deployment: Deployment) -> Iterator[str]:
    """All of it is compiled after it was copied: at run time nobody may write it."""
    recipe = deployment.recipe
    for target in PYTHON_TARGETS:
        if target not in recipe.stages:
            continue
        if recipe.environment(target).get("PYTHONDONTWRITEBYTECODE") != "1":
            yield _at(recipe.stages[target].line, f"{target} without PYTHONDONTWRITEBYTECODE=1")
        compiled: set[str] = set()
        for step in reversed(list(recipe.steps(target))):
            if step.name == "RUN" and "compileall" in step.words:
                compiled |= {word for word in step.words if not word.startswith("-")}
            elif step.name == "COPY" and "from" not in step.flags:
                yield from _uncompiled(deployment, target, step, compiled)
    for step in _runs(deployment, "compileall"):
        if UNCHECKED not in " ".join(step.words):
            yield _at(step.line, "compileall without unchecked-hash: layers change file times")
    yield from _packages_compiled(deployment)
    yield from _library_compiled(deployment)


def ports(deployment: Deployment) -> Iterator[str]:
    """Fly asks the port that is exposed, and that is listened on."""
    for name, settings in deployment.tomls.items():
        port = settings.get("http_service", {}).get("internal_port")
        exposed = deployment.recipe.last(name, "EXPOSE")
        if exposed is None or exposed.words != (str(port),):
            yield f"machines/{name}.toml: internal_port: {port} is not what {name} exposes"
        if name in SERVICES and settings.get("env", {}).get("PORT") != str(port):
            yield f"machines/{name}.toml: env.PORT: is not internal_port, {port}"
    served = re.findall(r"\[::\]:(\d+)", deployment.text("machines/nginx.py"))
    port = deployment.tomls[PAGE].get("http_service", {}).get("internal_port")
    if served != [str(port)]:
        yield f"machines/nginx.py: listens on {served}, and internal_port of {PAGE} is {port}"


def starts(deployment: Deployment) -> Iterator[str]:
    """Served by the one file of gunicorn, with the app that the target is named after."""
    for name in SERVICES:
        step = deployment.recipe.last(name, "CMD")
        expected = ("--config", "machines/gunicorn.conf.py", f"handlers.{name}.app:from_env()")
        if step is None or step.words[-3:] != expected:
            yield _at(step.line if step else 0, f"{name} does not start {' '.join(expected)}")


def contents(deployment: Deployment) -> Iterator[str]:
    """No code that opens a secret, no tests, no tools."""
    for target in PYTHON_TARGETS:
        if target in deployment.recipe.stages:
            allowed = (
                *MAY_HOLD,
                *ALSO.get(target, ()),
                f"handlers/{target}/**",
                "machines/requirements-*.txt",
            )
            for path, line in deployment.copied(target).items():
                if not matches(allowed, path):
                    yield _at(line, f"{target} holds {path}")


def triggers(deployment: Deployment) -> Iterator[str]:
    """What an image holds deploys its app when it changes."""
    for target in deployment.recipe.targets:
        app = APPS.get(DEPLOYED_WITH.get(target, target))
        for stage in deployment.recipe.needed(target) if app else ():
            for path, line in deployment.copied(stage).items():
                if app and not matches(app.triggers, path):
                    yield _at(line, f"{target} is made of {path}: no trigger of {app.name}")


def imports(deployment: Deployment) -> Iterator[str]:
    """What a service imports, at once or later, is in its image."""
    graph = grimp.build_graph(
        "handlers", "shared", exclude_type_checking_imports=True, cache_dir=None
    )
    served = _imported_by_gunicorn(deployment)
    for target in PYTHON_TARGETS:
        package = f"handlers.{target}"
        if target not in deployment.recipe.stages or package not in graph.modules:
            continue
        needed = graph.find_upstream_modules(package, as_package=True) | graph.find_descendants(
            package
        )
        if target != JOBS:
            needed |= set().union(*(graph.find_upstream_modules(each) | {each} for each in served))
        held = deployment.copied(target)
        for module in sorted(needed):
            path = module.replace(".", "/")
            if not {f"{path}.py", f"{path}/__init__.py"} & set(held):
                line = deployment.recipe.stages[target].line
                yield _at(line, f"{target} imports {module} and does not hold it")


_FILE = "machines/Dockerfile"


def _imported_by_gunicorn(deployment: Deployment) -> set[str]:
    nodes = ast.walk(ast.parse(deployment.text("machines/gunicorn.conf.py")))
    found = (node for node in nodes if isinstance(node, ast.ImportFrom) and node.module == "shared")
    return {f"shared.{alias.name}" for node in found for alias in node.names}


def _at(line: int, why: str) -> str:
    return f"{_FILE}:{line}: {why}"


def _runs(deployment: Deployment, words: str) -> Iterator[Step]:
    for stage in deployment.recipe.stages.values():
        yield from (step for step in stage.steps if step.name == "RUN" and words in step.text)


def _uncompiled(
    deployment: Deployment, target: str, step: Step, compiled: set[str]
) -> Iterator[str]:
    for source in step.words[:-1]:
        paths = [path for path, _ in deployment.files.named(source) if path.endswith(".py")]
        if {path.split("/")[0] for path in paths} - compiled:
            yield _at(step.line, f"{target} has no compileall of {source} after this")


def _packages_compiled(deployment: Deployment) -> Iterator[str]:
    for stage in deployment.recipe.stages.values():
        installed = [step for step in stage.steps if "pip install" in step.text]
        compiled = [step for step in stage.steps if "compileall" in step.words]
        for step in installed:
            into = [word.partition("=")[2] for word in step.words if word.startswith("--target=")]
            if not any(
                later.line > step.line and set(into) & set(later.words) for later in compiled
            ):
                yield _at(step.line, "what is installed is not compiled by a compileall after this")


def _library_compiled(deployment: Deployment) -> Iterator[str]:
    """The official image comes without the bytecode of Python's own library."""
    for target in PYTHON_TARGETS:
        if target in deployment.recipe.stages:
            ground = deployment.recipe.lineage(target)[0]
            version = re.match(r"python:(\d+\.\d+)", ground.base)
            library = f"/usr/local/lib/python{version[1] if version else ''}"
            if not any(
                "compileall" in step.words and library in step.words for step in ground.steps
            ):
                yield _at(ground.line, f"{library} is not compiled")
                return

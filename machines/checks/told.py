"""Rules for what an app is told: whom it calls, the public origin, whom it believes, no secret."""

import re
from collections.abc import Iterator
from typing import Any

from machines.apps import APPS
from machines.checks.deployment import PAGE, Deployment, at, table
from shared.access_tokens import ContextVerifier

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
NO_KEYS_YET = "not yet written"  # `create` writes them; the services refuse to start with this
BELIEVING = ("account", "keys")


def no_secrets(deployment: Deployment) -> Iterator[str]:
    """What is in [env] or in [build.args], everybody who reads the image or the toml can read."""
    for name, settings in deployment.tomls.items():
        for keys in (("env",), ("build", "args")):
            for key, value in table(settings, *keys).items():
                where = ".".join((*keys, key))
                if key.startswith("FLY_"):
                    yield at(name, where, "begins with FLY_, which is Fly's")
                if _looks_secret(f"{key}={value}"):
                    yield at(name, where, "looks like a secret: `python3 machines secrets set`")
    for stage in deployment.recipe.stages.values():
        for step in stage.steps:
            if step.name in {"ARG", "ENV"} and any(map(_looks_secret, step.words)):
                yield f"machines/Dockerfile:{step.line}: {step.name} looks like a secret"


def upstreams(deployment: Deployment) -> Iterator[str]:
    """Whom an app calls is another app of the set, by the name that wakes it."""
    named = {name: settings.get("app") for name, settings in deployment.tomls.items()}
    if len(set(named.values())) < len(named):
        yield f"two apps have one name: {named}"
    for name in deployment.tomls:
        for key, value in _told(deployment, name).items():
            expected = named.get(UPSTREAMS.get(key, ""))
            if expected and value != f"http://{expected}.flycast":
                yield at(name, key, f"is not http://{expected}.flycast")
            elif not expected and str(value).startswith("http://"):
                yield at(name, key, "is no address of an app of the set")
    for name, needed in (
        ("gateway", ("ACCOUNT_URL", "KEYS_URL")),
        (PAGE, ("AUTH_URL", "GATEWAY_URL")),
    ):
        for key in needed:
            if key not in _told(deployment, name):
                yield at(name, key, "is missing")


def origins(deployment: Deployment) -> Iterator[str]:
    """The page, and the services that send people to it, speak of one origin."""
    told = {name: _told(deployment, name) for name in deployment.tomls}
    found = {name: env["PUBLIC_ORIGIN"] for name, env in told.items() if "PUBLIC_ORIGIN" in env}
    if set(found) != {"account", "auth", "gateway", PAGE} or len(set(found.values())) > 1:
        yield f"PUBLIC_ORIGIN differs or is missing: {found}"
    for name, value in found.items():
        if not re.fullmatch(r"https://[a-z0-9.-]+", str(value)):
            yield at(name, "PUBLIC_ORIGIN", "is no https:// origin")


def public_keys(deployment: Deployment) -> Iterator[str]:
    """Account and keys believe the same signatures, and each can be read."""
    found = {name: _told(deployment, name).get("CONTEXT_PUBLIC_KEYS") for name in BELIEVING}
    if len(set(found.values())) > 1:
        yield f"CONTEXT_PUBLIC_KEYS of {' and '.join(BELIEVING)} differ"
    for name, text in found.items():
        try:
            if text != NO_KEYS_YET:
                ContextVerifier(str(text), name)
        except ValueError as ex:
            yield at(name, "env.CONTEXT_PUBLIC_KEYS", str(ex))


def _told(deployment: Deployment, name: str) -> dict[str, Any]:
    settings = deployment.tomls[name]
    return {**table(settings, "env"), **table(settings, "build", "args")}


def _looks_secret(word: str) -> bool:
    name, _, value = word.partition("=")
    if name in PUBLIC:
        return False
    secrets = {each for app in APPS.values() for each in app.secrets}
    return name in secrets or bool(SECRET_NAME.search(name) or SECRET_VALUE.search(value))

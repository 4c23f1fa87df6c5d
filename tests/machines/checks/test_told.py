"""Each rule for what an app is told refuses what it is there for."""

import pytest

from shared import access_tokens
from tests.machines.checks.breaking import Breaking

ENV = "[env]"


@pytest.mark.parametrize(
    "line",
    [
        'DATABASE_URL = "x"',
        'STRIPE_SECRET = "x"',
        'SMTP_PASSWORD = "x"',
        'API_TOKEN = "x"',
        'SIGNING_KEY = "x"',
        'FLY_REGION = "iad"',
        'UPSTREAM = "https://user:hunter2@example.com"',
        'SEED = "c29tZXRoaW5nIHRoYXQgaXMgMzIgYnl0ZXM"',
        'PEM = "-----BEGIN PRIVATE KEY-----"',
    ],
)
def test_what_looks_like_a_secret_is_refused_and_not_quoted(breaking: Breaking, line: str) -> None:
    broken = breaking.by(
        "nothing in [env] looks like a secret", "machines/auth.toml", ENV, f"{ENV}\n{line}"
    )

    name, _, value = line.partition(" = ")
    assert len(broken) == 1
    assert f"env.{name}" in broken[0]
    assert len(value) < 6 or value not in broken[0]


@pytest.mark.parametrize(
    ("app", "old", "new"),
    [
        ("gateway", "keyarc-account.flycast", "keyarc-account.internal"),
        ("gateway", "keyarc-account.flycast", "account.flycast"),
        ("gateway", "keyarc-keys.flycast", "keyarc-account.flycast"),
        ("gateway", "http://keyarc-keys", "https://keyarc-keys"),
        ("gateway", "ACCOUNT_URL", "ACCOUNTS_URL"),
        ("frontend", "keyarc-auth.flycast", "keyarc-gateway.flycast"),
        ("frontend", "GATEWAY_URL", "API_URL"),
        ("auth", 'app = "keyarc-auth"', 'app = "other-auth"'),
        ("auth", 'app = "keyarc-auth"', 'app = "keyarc-keys"'),
    ],
)
def test_an_upstream_is_an_app_of_the_set_by_the_name_that_wakes_it(
    breaking: Breaking, app: str, old: str, new: str
) -> None:
    rule = "upstreams are apps of the set, by the name that wakes them"

    assert breaking.by(rule, f"machines/{app}.toml", old, new)


@pytest.mark.parametrize(
    ("app", "new"),
    [("auth", "https://other.io"), ("gateway", "http://keyarc.io"), ("frontend", "keyarc.io")],
)
def test_the_page_and_the_services_speak_of_one_origin(
    breaking: Breaking, app: str, new: str
) -> None:
    assert breaking.by("one public origin", f"machines/{app}.toml", "https://keyarc.io", new)


def test_what_stands_in_the_recipe_is_no_secret_either(breaking: Breaking) -> None:
    rule = "nothing in [env] looks like a secret"
    line = "ENV PYTHONDONTWRITEBYTECODE=1"

    broken = breaking.by(rule, "machines/Dockerfile", line, f"ENV API_TOKEN=abc\n{line}")

    assert len(broken) == 1
    assert "abc" not in broken[0]


@pytest.mark.parametrize("value", ["", "AAAA", "x" * 43 + ","])
def test_account_and_keys_believe_keys_that_can_be_read(breaking: Breaking, value: str) -> None:
    rule = "account and keys believe the same signatures"

    broken = breaking.by(rule, "machines/keys.toml", '"not yet written"', f'"{value}"')

    assert any(sentence.startswith("machines/keys.toml") for sentence in broken)


def test_account_and_keys_believe_the_same_keys(breaking: Breaking) -> None:
    rule = "account and keys believe the same signatures"
    key = access_tokens.context_public_key("a secret of another installation")

    broken = breaking.by(rule, "machines/keys.toml", "not yet written", key)

    assert broken == ["CONTEXT_PUBLIC_KEYS of account and keys differ"]

"""The figures of waking: each way to sleep, each service, the chain with and without its call."""

import pytest

from machines.bench import wake

SERVICES = ("frontend", "auth", "gateway", "account", "keys")
CHAINS = {f"chain {by} {warmth}" for by in ("stop", "suspend") for warmth in ("cold", "warm")}


def test_every_service_and_the_chain_are_measured_beside_their_waking_selves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(wake, "ROUNDS", 1)
    monkeypatch.setattr(wake, "TYPING_S", 0.5)

    figures = list(wake.measure())

    found = {figure.subject: figure for figure in figures}
    alone = {f"{name} {by}" for name in SERVICES for by in ("stop", "suspend")}
    assert found.keys() == alone | CHAINS | {"chain stop warm, 0.5 s of typing"}
    for subject, figure in found.items():
        assert figure.yardstick == f"{subject.split()[0]} awake"
        assert figure.value > 0
        assert figure.most == (2000 if subject.startswith("chain") else None)
    assert all(found[f"{name} stop"].value > found[f"{name} suspend"].value for name in SERVICES)

"""The alerts: rules that Prometheus takes, over numbers that a service tells, with a way out."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from machines.environment import ROOT
from tests.watching.watched import COUNTING, Watched

FILE = ROOT / "machines" / "alerts.yml"
README = ROOT / "machines" / "README.md"
# What the issue of an alert may be, whatever else is watched.
WATCHED_FOR = {"CertificateEnds", "DatabaseAway", "ErrorRatio", "JobMissed", "WakeSlow"}
METRIC = re.compile(r"\b(?:keyarc|process)_\w+")
SELECTED = re.compile(r"(\w+)=~?\"")
FUNCTIONS = {"histogram_quantile", "increase", "max", "max_over_time", "min", "sum", "time"}
CALLED = re.compile(r"\b([a-z_]+)(?: by \([a-z, ]+\))? ?\(")
DURATION = re.compile(r"\d+[smhd]")


def rules() -> Iterator[dict[str, Any]]:
    for group in yaml.safe_load(FILE.read_text())["groups"]:
        yield from group["rules"]


NAMES = [rule["alert"] for rule in rules()]


def rule_of(name: str) -> dict[str, Any]:
    return next(rule for rule in rules() if rule["alert"] == name)


def anchors() -> set[str]:
    """Return the anchors of the README's headings, as GitHub makes them."""
    heads = re.findall(r"^#+ (.+)$", README.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads}


def test_the_file_holds_groups_of_rules_and_nothing_else() -> None:
    document = yaml.safe_load(FILE.read_text())

    assert document.keys() == {"groups"}
    for group in document["groups"]:
        assert group.keys() == {"name", "interval", "rules"}
        assert DURATION.fullmatch(group["interval"])
    assert set(NAMES) >= WATCHED_FOR
    assert len(NAMES) == len(set(NAMES))


@pytest.mark.parametrize("name", NAMES)
def test_a_rule_is_one_that_prometheus_takes(name: str) -> None:
    rule = rule_of(name)

    assert rule.keys() - {"for"} == {"alert", "expr", "labels", "annotations"}
    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert DURATION.fullmatch(rule.get("for", "1m"))
    assert rule["expr"].count("(") == rule["expr"].count(")")
    assert set(CALLED.findall(rule["expr"])) <= FUNCTIONS | {"and", "by"}
    assert rule["annotations"].keys() == {"summary", "runbook"}


@pytest.mark.parametrize("name", NAMES)
def test_an_alert_leads_to_a_recipe(name: str) -> None:
    file, _, anchor = rule_of(name)["annotations"]["runbook"].partition("#")

    assert ROOT / file == README
    assert anchor in anchors()


@pytest.mark.parametrize("name", NAMES)
def test_what_an_alert_looks_at_is_told_by_a_service(watched: Watched, name: str) -> None:
    text = "".join(watched.scrape(service) for service in COUNTING)
    families = list(text_string_to_metric_families(text))
    told = {family.name for family in families}
    told |= {sample.name for family in families for sample in family.samples}
    # What has met nothing yet has no numbers to show.
    suffixes = {"counter": "_total", "histogram": "_bucket"}
    told |= {f"{family.name}{suffixes.get(family.type, '')}" for family in families}
    labels = {label for family in families for sample in family.samples for label in sample.labels}

    expression = rule_of(name)["expr"]

    assert METRIC.findall(expression)
    assert set(METRIC.findall(expression)) <= told
    assert set(SELECTED.findall(expression)) <= labels

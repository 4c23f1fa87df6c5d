"""Mail on Fly is two secrets, with both services that write letters."""

import pytest

from tests.machines.fly.operator import Operator

VALUES = {
    "MAIL_FROM": "KeyArc <keyarc@example.com>",
    "SMTP_URL": "smtps://user:hidden-word@mail.example.com",
}


def test_what_mail_needs_goes_to_those_who_write_letters(operator: Operator) -> None:
    for name, value in VALUES.items():
        operator.done("secrets", "set", name, given=value)

    having = {
        app: {name: told["environment"].get(name) for name in VALUES}
        for app, told in operator.apps.items()
        if set(VALUES) & set(told["environment"])
    }
    assert having == {"keyarc-auth": VALUES, "keyarc-account": VALUES}


@pytest.mark.parametrize(
    ("name", "value"),
    [("SMTP_URL", "imap://u:HIDDEN@a.example"), ("MAIL_FROM", "a@example.com, b@example.com")],
)
def test_what_the_services_would_refuse_does_not_go_to_fly(
    operator: Operator, name: str, value: str
) -> None:
    said = operator.failed("secrets", "set", name, given=value)

    assert said.startswith(f"{name}: ")
    assert "HIDDEN" not in said
    assert operator.records() == []

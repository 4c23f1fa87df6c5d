"""marshmallow loads without its slowest pattern, and works all the same."""

import ast
import re

import marshmallow
import pytest
from marshmallow.validate import Email

from shared.quick_marshmallow import fields
from tests.databases import ROOT


def test_the_pattern_that_nobody_uses_is_not_compiled() -> None:
    assert not isinstance(Email.DOMAIN_REGEX, re.Pattern)
    assert isinstance(Email.USER_REGEX, re.Pattern)


def test_the_pattern_works_when_somebody_uses_it() -> None:
    email = fields.Email()

    assert email.deserialize("someone@exämple.com") == "someone@exämple.com"
    with pytest.raises(marshmallow.ValidationError):
        email.deserialize("someone@exa mple.com")


def test_patterns_of_others_compile_as_ever() -> None:
    assert isinstance(re.compile("\uffff"), re.Pattern)


def test_the_services_import_marshmallow_by_this_way_only() -> None:
    importing = {
        path.relative_to(ROOT).as_posix()
        for folder in ("handlers", "shared")
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if (isinstance(node, ast.ImportFrom) and (node.module or "").startswith("marshmallow"))
        or (isinstance(node, ast.Import) and node.names[0].name.startswith("marshmallow"))
    }

    assert importing == {"shared/quick_marshmallow.py"}

"""Where a page begins."""

import pytest
from falcon.testing import create_req

from shared import pages, problems


def test_a_list_begins_at_its_beginning_by_default() -> None:
    req = create_req()

    assert (pages.since(req), pages.after(req)) == (0, 0)


def test_a_page_begins_after_what_is_known() -> None:
    req = create_req(query_string="since=9223372036854775807&after=17")

    assert (pages.since(req), pages.after(req)) == (2**63 - 1, 17)


@pytest.mark.parametrize(
    "text", ["-1", "+1", "01", "1.0", "1e3", "x", "%20", "9223372036854775808", "1&since=2", "1,2"]
)
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(problems.Invalid) as caught:
        pages.since(create_req(query_string=f"since={text}"))

    assert list(caught.value.document["errors"]) == ["since"]


def test_the_last_page_says_so() -> None:
    assert pages.page([1]) == {"items": [1], "next": None}
    assert pages.page([1], 2**60) == {"items": [1], "next": str(2**60)}

"""Where a request comes from, as far as limits and lists care."""

import pytest

from shared import limits, networks


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("somewhere", ""),
        ("192.0.2.7.1", ""),
    ],
)
def test_neighbours_in_one_64_are_one_network(address: str, network: str) -> None:
    assert networks.of(address) == network


@pytest.mark.parametrize(
    ("address", "limited"),
    [
        ("127.0.0.1", False),
        ("127.8.9.1", False),
        ("::1", False),
        ("::ffff:127.0.0.1", False),
        ("10.0.0.1", True),
        ("192.168.0.1", True),
        ("::2", True),
        ("", True),
        ("localhost", True),
    ],
)
def test_only_this_machine_itself_has_no_limit_by_network(address: str, limited: bool) -> None:
    assert (limits.network(address) is not None) is limited


@pytest.mark.parametrize(
    ("host", "is_address"),
    [("keyarc.io", False), ("localhost", False), ("127.0.0.1", True), ("[::1]", True)],
)
def test_a_name_is_told_from_an_address(host: str, is_address: bool) -> None:
    assert networks.is_address(host) is is_address

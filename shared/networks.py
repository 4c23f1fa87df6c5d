"""Where a request comes from, as far as it says who that is: an address, or a network of IPv6."""

from ipaddress import IPv6Address, IPv6Network, ip_address

PREFIX = 64  # what one customer of a provider has at least: every address in it may be the same one


def of(address: str) -> str:
    """Return IPv4 and loopback as they are, the /64 of IPv6, nothing for what is no address."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(found, IPv6Address) and not found.is_loopback:
        if found.ipv4_mapped is None:
            return str(IPv6Network((found, PREFIX), strict=False))
        return str(found.ipv4_mapped)
    return str(found)


def is_address(host: str) -> bool:
    """Tell whether a host is told by its address, and not by a name."""
    return bool(of(host.strip("[]")))


def is_loopback(address: str) -> bool:
    """Tell whether the request comes from the machine that serves it."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return (mapped or found).is_loopback

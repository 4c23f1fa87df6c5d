"""Write nginx's configuration: the template beside this, with what the build of the page says.

``python machines/nginx.py --help``. Runs while an image is built: standard library only, and no
other file of ours. edge.py reads the same tables from here.
"""

import argparse
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

# What Debian calls it, and the file of the second package.
PACKAGES = ("nginx-light", "libnginx-mod-http-brotli-static")
BROTLI = Path("/usr/lib/nginx/modules/ngx_http_brotli_static_module.so")

TEMPLATE = Path(__file__).with_name("nginx.conf")
PLACE = re.compile(r"@(\w+)@")
FLY_RESOLVER = "[fdaa::3]"
ALL_ADDRESSES = ("[::]:8080 ipv6only=off",)

# All that a service is told of what a client said.
REQUEST_HEADERS = (
    "Accept",
    "Accept-Encoding",
    "Authorization",
    "Content-Type",
    "Cookie",
    "If-None-Match",
    "KeyArc-Client",
    "Origin",
    "Sec-Fetch-Site",
    "User-Agent",
)
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
# Where the rules of the page say nothing.
DEFAULT_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
# How the client's address comes to be known.
CLIENT_ADDRESSES = {"fly": "$http_fly_client_ip", "connection": "$remote_addr"}


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the file that the arguments ask for."""
    options = _parser().parse_args(arguments)
    rules = json.loads(options.headers.read_bytes())["rules"]
    options.out.write_text(render(TEMPLATE.read_text(), _places(options, rules)))


def render(template: str, places: Mapping[str, str]) -> str:
    """Fill in every place of *template*; KeyError names one that nobody fills."""
    return PLACE.sub(lambda found: places[found[1]], template)


def quoted(text: str) -> str:
    """Return *text* as one word of nginx's language, in which `$` cannot be escaped."""
    if not text.isprintable() or not text.isascii() or any(each in text for each in '"\\$'):
        raise ValueError(f"nginx.conf cannot say {text!r}")
    return f'"{text}"'


def header_maps(rules: Iterable[Mapping[str, Any]]) -> str:
    """Return a map per header that a rule names, from the path ``$page`` to its value."""
    told = [(str(rule["path"]), DEFAULT_HEADERS | rule["headers"]) for rule in rules]
    longest_first = sorted(told, key=lambda each: -len(each[0]))
    blocks = []
    for name in header_names(rules):
        lines = [f"        default {quoted(DEFAULT_HEADERS.get(name, ''))};"]
        for path, headers in longest_first:
            key = f'"~^{re.escape(path)}"' if path.endswith("/") else quoted(path)
            lines.append(f"        {key} {quoted(headers.get(name, ''))};")
        blocks.append(f"    map $page {_variable(name)} {{\n" + "\n".join(lines) + "\n    }")
    return "\n".join(blocks)


def header_names(rules: Iterable[Mapping[str, Any]]) -> list[str]:
    """List every header that a path of the page may have, sorted."""
    return sorted(DEFAULT_HEADERS.keys() | {name for rule in rules for name in rule["headers"]})


def _places(options: argparse.Namespace, rules: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return what fills the places of the template."""
    hosts = [_host(each.strip()) for each in options.public_origin.split(",")]
    names = header_names(rules)
    return {
        "access_log": _word(options.access_log),
        "brotli": str(BROTLI),
        "auth_url": _url(options.auth_url),
        "client_address": CLIENT_ADDRESSES[options.client_address],
        "gateway_url": _url(options.gateway_url),
        "headers": header_maps(rules),
        "hosts": _lines(8, (f'{quoted(each)} "";' for each in hosts)),
        "listen": _lines(8, (f"listen {each};" for each in options.listen or ALL_ADDRESSES)),
        "missing_headers": _add_headers(each for each in names if each != "Cache-Control"),
        "page_headers": _add_headers(names),
        "passed": "\n".join(_passed(name) for name in REQUEST_HEADERS),
        "proxy_headers": _lines(
            8, (f"proxy_set_header {name} {_passed_name(name)};" for name in REQUEST_HEADERS)
        ),
        "resolver": _word(options.resolver),
        "scratch": _word(str(options.scratch)),
        "site": _word(str(options.site.resolve())),
        "types": _lines(
            8, (f"{quoted(kind)} {suffix[1:]};" for suffix, kind in MEDIA_TYPES.items())
        ),
    }


def _add_headers(names: Iterable[str]) -> str:
    return _lines(12, (f"add_header {name} {_variable(name)} always;" for name in names))


def _passed(name: str) -> str:
    """Return the map that empties a header which ``Connection`` names."""
    named = f"~*(?:^|,)[ \\t]*{name}[ \\t]*(?:,|$)"
    return (
        f"    map $http_connection {_passed_name(name)} {{\n"
        f"        default $http_{_snake(name)};\n"
        f'        "{named}" "";\n'
        "    }"
    )


def _passed_name(name: str) -> str:
    return f"$passed_{_snake(name)}"


def _variable(name: str) -> str:
    return f"$header_{_snake(name)}"


def _snake(name: str) -> str:
    return name.lower().replace("-", "_")


def _lines(indent: int, lines: Iterable[str]) -> str:
    return "\n".join(" " * indent + line for line in lines)


def _word(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9._~:/\[\]-]+", text):
        raise ValueError(f"nginx.conf cannot say {text!r} as one word")
    return text


def _url(text: str) -> str:
    parts = urlsplit(_word(text))
    if parts.scheme != "http" or not parts.hostname or parts.path:
        raise ValueError(f"{text!r} is not a URL like http://keyarc-auth.flycast")
    return text


def _host(origin: str) -> str:
    parts = urlsplit(_word(origin))
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise ValueError(f"{origin!r} is not an origin like https://keyarc.io")
    return parts.netloc


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="nginx.py", description="Write nginx's configuration.")
    add = parser.add_argument
    add("--headers", type=Path, required=True, help="headers.json of the page's build")
    add("--site", type=Path, required=True, help="folder of the page's files")
    add("--auth-url", required=True, help="where auth is: http://keyarc-auth.flycast")
    add("--gateway-url", required=True, help="where the gateway is")
    add("--public-origin", required=True, help="https://keyarc.io; several with commas")
    add("--out", type=Path, required=True, help="the file to write")
    add(
        "--listen",
        action="append",
        help="address and port; may be repeated (default: all addresses, port 8080)",
    )
    add("--resolver", default=FLY_RESOLVER, help="who knows names (default: Fly's)")
    add("--scratch", type=Path, default=Path("/tmp"), help="folder that nginx may write to")  # noqa: S108 # a machine has one user
    add("--access-log", default="/dev/stdout", help="where requests are told")
    add(
        "--client-address",
        choices=sorted(CLIENT_ADDRESSES),
        default="fly",
        help="from Fly's header, or of the connection where no proxy stands before this",
    )
    return parser


if __name__ == "__main__":
    main()

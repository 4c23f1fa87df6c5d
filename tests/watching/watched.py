"""The whole as on Fly, where each service counts on a port of its own, and logs all it can."""

import http.client
import json
import socket
import urllib.request
from collections.abc import Iterator, Mapping
from functools import cached_property, partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from machines import sockets
from machines.stack import NO_SETTINGS, Stack
from shared.access_tokens import parse_secrets, sign_access
from tests.gateway.wire import eventually

COUNTING = ("account", "auth", "gateway", "keys")


class Watched(Stack):
    """A stack whose metrics can be scraped and whose lines can be read.

    *public* is an address at which it is served, too, as far as the gateway knows.
    """

    def __init__(
        self, data: Path, public: str = "", settings: Mapping[str, str] = NO_SETTINGS
    ) -> None:
        super().__init__(data, durable=False, settings=settings)
        self._public = public

    @cached_property
    def metrics_ports(self) -> Mapping[str, int]:
        """Where each service tells what it counts."""
        return {name: sockets.free_port() for name in COUNTING}

    def environment(self, name: str) -> dict[str, str]:
        """Return what the service is told on Fly; on loopback only."""
        told = super().environment(name) | {"LOG_LEVEL": "DEBUG", "BIND_HOST": "127.0.0.1"}
        if name in COUNTING:
            told["METRICS_PORT"] = str(self.metrics_ports[name])
        if name == "gateway" and self._public:
            told["PUBLIC_ORIGIN"] += f",{self._public}"
        return told

    def start(self) -> None:
        """Return when all have loaded, and not as soon as they say that they are well."""
        super().start()
        for port in self.metrics_ports.values():
            assert eventually(partial(_listens, port), seconds=60)

    def scrape(self, name: str) -> str:
        """Return what Prometheus is told."""
        url = f"http://127.0.0.1:{self.metrics_ports[name]}/metrics"
        with urllib.request.urlopen(url, timeout=30) as answer:
            text: str = answer.read().decode()
        return text

    def samples(self, name: str) -> list[Sample]:
        """Return every number that the service tells."""
        families = text_string_to_metric_families(self.scrape(name))
        return [sample for family in families for sample in family.samples]

    def value(self, service: str, metric: str, /, **labels: str) -> float:
        """Return one number, or the sum of those that have *labels*; 0 where there is none."""
        return sum(
            sample.value
            for sample in self.samples(service)
            if sample.name == metric and labels.items() <= sample.labels.items()
        )

    def lines(self, name: str) -> Iterator[dict[str, Any]]:
        """Yield what a service has said."""
        for line in (self.logs / f"{name}.log").read_text().splitlines():
            yield json.loads(line)

    def token(self) -> str:
        """Return an access token of nobody's session: good at the gateway, refused behind it."""
        secrets = parse_secrets(self.environment("gateway")["JWT_SECRET"])
        return sign_access(secrets, uuid4(), uuid4())

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        *,
        at: str = "edge",
        token: str = "",
    ) -> http.client.HTTPResponse:
        """Ask the edge, or a service by itself, and read the answer."""
        connection = http.client.HTTPConnection(urlsplit(self.service_urls[at]).netloc, timeout=30)
        try:
            connection.request(
                method,
                path,
                body,
                {
                    "Host": urlsplit(self.url).netloc,
                    "Authorization": f"Bearer {token}",
                    "Content-Type": "application/json",
                },
            )
            response = connection.getresponse()
            response.read()
            return response
        finally:
            connection.close()

    def stop_database(self) -> None:
        """Take the database away."""
        assert self._postgres
        self._postgres.stop()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0

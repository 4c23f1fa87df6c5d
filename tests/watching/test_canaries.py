"""Nothing that anybody sends is found in what the services say of themselves."""

import base64
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import psycopg
import pytest

from machines.environment import ROOT
from shared.keyarc import one_time_links
from shared.keyarc.changes import Write
from shared.keyarc.client import Client
from shared.keyarc.commits import Role
from shared.keyarc.device import Device
from shared.keyarc.errors import Failure
from shared.keyarc.items import Details, Field, Overview
from shared.keyarc.open_invitations import share_by_link
from tests.evil.server import evil_before
from tests.leaks import leaks
from tests.watching import hostile
from tests.watching.watched import COUNTING, Watched

AT_ONCE = 8
SHORTEST = 16  # what is shorter may stand in a log by chance
COOKIE = re.compile(rb"(?i)set-cookie: ([^=]+)=([^;]+)")
ADDRESS = re.compile(r"KeyArc runs at (http://localhost:\d+) ")


def canary(what: str) -> str:
    """Return a text that stands nowhere else."""
    return f"{what}_{uuid4().hex}"


def leaves(media: Any) -> Iterator[str]:
    """Yield every text in *media* that is too long to be there by chance."""
    if isinstance(media, dict):
        media = list(media.values())
    if isinstance(media, list):
        for each in media:
            yield from leaves(each)
    if isinstance(media, str) and len(media) >= SHORTEST:
        yield media


def told(stack: Watched, folder: Path, *, running: bool = True) -> dict[str, bytes]:
    """Return all that an operator can read, by where it stands."""
    places = {path.name: path.read_bytes() for path in stack.logs.iterdir()}
    places["postgres.log"] = (folder / "postgres" / "postgres.log").read_bytes()
    if running:
        places |= {f"metrics of {name}": stack.scrape(name).encode() for name in COUNTING}
    return places


def found(texts: Iterable[str], places: dict[str, bytes]) -> list[tuple[str, str]]:
    """Return where each of *texts* stands: as it is, or as the bytes that it spells."""
    once = sorted(set(texts))
    spelt: list[str | bytes] = [*once]
    spelt += [text for text in map(raw, once) if len(text) >= SHORTEST]
    return [(place, repr(text)) for place in places for text in leaks(spelt, places[place])]


def raw(text: str) -> bytes:
    """Return what *text* spells in base64url, if it does."""
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return b""


def live(url: str, folder: Path, planted: list[str]) -> None:
    """Sign up, write, read, share, log in and refresh; add all that is typed, sent and answered."""
    typed = {each: canary(each) for each in ("password", "vault", "name", "value", "notes", "tag")}
    email = f"{canary('e-mail')}@example.com"
    planted += [*typed.values(), email]
    with evil_before(url) as wire:
        wire.answer("", partial(answered, planted))
        device = Device(folder)
        device.choose_store("file")
        new = Client.prepare_sign_up(wire.url, email, typed["password"])
        planted.append(new.account_key)
        try:
            with closing(Client.sign_up(new, device)) as client:
                vault_id = client.create_vault(typed["vault"])
                overview = Overview(name=typed["name"], tags=(typed["tag"],))
                details = Details((Field("key", typed["value"]),), typed["notes"])
                client.change(vault_id, lambda _view: [Write(overview, details)])
                view = client.sync(vault_id)
                client.details(view, view.secrets)
                planted += links(client, vault_id, details)
        finally:
            planted += leaves([request.body for request in wire.requests])
        page = {"email": email, "auth": wire.requests[0].body["auth"], "device": canary("device")}
    planted += [page["device"], *logged_in_as_page(url, page)]


def links(client: Client, vault_id: UUID, details: Details) -> list[str]:
    """Invite by a link, and hand values over by another; return what only the links hold."""
    ends = datetime.now(UTC) + timedelta(hours=1)
    invitation = share_by_link(client, vault_id, Role.VIEWER, int(ends.timestamp() * 1000))
    message = one_time_links.Message(canary("message"), details.fields)
    link = one_time_links.make(client, message, 1, ends)
    assert one_time_links.read(link).message == message
    return [message.name, *(one.partition("#")[2] for one in (invitation, link))]


def answered(planted: list[str], media: Any) -> Any:
    """Remember what an answer says, and pass it on."""
    planted += leaves(media)
    return media


def logged_in_as_page(url: str, body: dict[str, str]) -> list[str]:
    """Log in and refresh as the page does; return the values of all cookies."""
    host = urlsplit(url).netloc
    headers = {"Host": host, "Content-Type": "application/json", "KeyArc-Client": "web"}
    first = hostile.send(url, hostile.request("POST", "/auth/sessions", headers, json.dumps(body)))
    cookies = re.findall(COOKIE, first)
    headers["Cookie"] = "; ".join(f"{name.decode()}={value.decode()}" for name, value in cookies)
    again = hostile.send(url, hostile.request("POST", "/auth/sessions/refresh", headers, "{}"))
    hostile.send(url, hostile.request("GET", "/api/account/profile", headers))
    cookies += re.findall(COOKIE, again)
    assert len(cookies) == 4
    return [value.decode() for _, value in cookies]


def torment(stack: Watched, *names: str) -> list[str]:
    """Send every hostile request to the ports of *names*, or to all; return the canaries."""
    host = urlsplit(stack.url).netloc
    canaries = []
    sent: list[tuple[str, bytes]] = []
    for name in names or hostile.PATHS:
        for path in hostile.PATHS[name]:
            planted, token = canary(f"{name}@"), stack.token()
            canaries += [planted, hostile.spelt(planted), token]
            url = stack.service_urls[name]
            sent += [(url, each) for each in hostile.understood(planted, path, host, token)]
            sent += [(url, each) for each in hostile.broken(planted, path, host)]
    for port in stack.metrics_ports.values():
        canaries.append(canary("metrics"))
        url = f"http://127.0.0.1:{port}"
        sent += [(url, each) for each in hostile.broken(canaries[-1], "/metrics", host)]
    with ThreadPoolExecutor(AT_ONCE) as threads:
        answers = list(threads.map(lambda each: hostile.send(*each), sent))
    assert sum(answer.startswith(b"HTTP/1.1 ") for answer in answers) > len(sent) / 2
    return canaries


def secrets_of(stack: Watched) -> list[str]:
    """Return what the services themselves must keep."""
    told = [stack.environment(name) for name in COUNTING]
    urls = [urlsplit(each["DATABASE_URL"]) for each in told if "DATABASE_URL" in each]
    secrets = [each["JWT_SECRET"] for each in told if "JWT_SECRET" in each]
    return [*secrets, *(str(url.password) for url in urls)]


def test_nothing_that_is_sent_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "stack"
    with Watched(folder) as stack:
        planted = [*secrets_of(stack), *torment(stack)]
        live(stack.url, tmp_path / "first", planted)

        # A fault of ours: rules that every row breaks. 500, and the database's own words.
        with psycopg.connect(stack.database_url) as conn:
            conn.execute("ALTER TABLE audit_log ADD CONSTRAINT no CHECK (false) NOT VALID")
            conn.execute("ALTER TABLE users ADD CONSTRAINT no CHECK (false) NOT VALID")
        with pytest.raises(Failure, match="500"):
            live(stack.url, tmp_path / "second", planted)
        planted += torment(stack)

        # The database goes away: 503.
        stack.stop_database()
        planted += torment(stack, "auth", "gateway")
        places = told(stack, folder)

    for name in ("auth.log", "keys.log", "account.log", "gateway.log", "edge.log"):
        assert b'"level": "DEBUG"' in places[name]
    assert b'"unhandled"' in places["auth.log"]
    assert b'"database"' in places["auth.log"]
    assert b"violates check constraint" in places["postgres.log"]
    assert found(planted, places) == []
    assert_that_it_would_be_seen(places)


def assert_that_it_would_be_seen(places: dict[str, bytes]) -> None:
    """Plant one leak in each place and form; the search finds every one of them."""
    text = canary("control")
    forms = (text.encode(), text.encode().hex().encode(), base64.b64encode(text.encode()))
    for place, content in places.items():
        for form in forms:
            told_it = {place: content + b'{"message": "' + form + b'"}\n'}
            assert (place, repr(text)) in found([text], told_it)


def test_up_tells_its_address_and_nothing_that_is_sent(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with subprocess.Popen(
        [sys.executable, ROOT / "machines", "up", "--port", "0", "--data", folder],
        env=os.environ | {"LOG_LEVEL": "DEBUG"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout
        said = ""
        try:
            for line in process.stdout:
                said += line
                if address := ADDRESS.match(line):
                    break
            assert address, said
            planted = [canary("query")]
            live(address[1], tmp_path / "home", planted)
            hostile.send(
                address[1],
                hostile.request("GET", f"/?{planted[0]}", {"Host": urlsplit(address[1]).netloc}),
            )
        finally:
            process.terminate()
        said += process.stdout.read()

    logs = {path.name: path.read_bytes() for path in folder.rglob("*.log")}
    assert {"auth.log", "edge.log", "postgres.log"} <= logs.keys()
    assert b'"DEBUG"' in logs["auth.log"]
    assert found(planted, logs | {"stdout": said.encode()}) == []

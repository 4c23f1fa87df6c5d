"""Nothing that a person types into either client can be read at the server."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from playwright.sync_api import Page, Request, expect

from machines import postgres
from machines.stack import Stack
from tests.cli.keyarc import Keyarc
from tests.evil.server import evil_before
from tests.leaks import leaks
from tests.web.person import PASSWORD, Person

PAGE_FIELDS = (
    *("Name", "Provider", "Environment", "Folder", "Tags"),
    *("Field_1", "Value_1", "Notes"),
)
CLI_OPTIONS = ("--path", "--environment", "--tag")


def planted(what: str) -> str:
    """Return a text that stands nowhere else."""
    return f"{what.lower().strip('-')}-{uuid4().hex}"


@contextmanager
def recorded(page: Page) -> Iterator[list[bytes]]:
    """Collect every request of *page* and its workers, whole."""
    requests: list[bytes] = []

    def keep(request: Request) -> None:
        head = f"{request.method} {request.url} {request.all_headers()}"
        requests.append(head.encode() + b"\n" + (request.post_data_buffer or b""))

    page.context.on("requestfinished", keep)
    yield requests
    page.context.remove_listener("requestfinished", keep)


def dump(stack: Stack) -> bytes:
    """Return the whole database as SQL."""
    command = [str(postgres.program("pg_dump")), stack.database_url]
    return subprocess.run(command, check=True, capture_output=True).stdout


def test_no_planted_text_reaches_the_database_the_logs_or_the_wire(
    page: Page, stack: Stack, tmp_path: Path
) -> None:
    email = f"{uuid4().hex}@example.com"
    texts = {label: planted(label) for label in PAGE_FIELDS}
    vault, description = planted("vault"), planted("description")
    with recorded(page) as requests:
        person = Person(page, email)
        person.sign_up(stack.url)
        person.create_vault(vault, description)
        person.add_secret(**texts)
        person.press("Reveal")
        expect(page.get_by_text(texts["Value_1"])).to_be_visible()
    assert any(b"/auth/accounts" in request for request in requests), "workers are not recorded"

    name, value = planted("NAME").upper().replace("-", "_"), planted("value")
    file = tmp_path / ".env"
    file.write_text(f"{name}={value}\n")
    with evil_before(stack.url) as wire:
        keyarc = Keyarc(tmp_path / "home", stack.url, email, PASSWORD)
        keyarc.variables["KEYARC_ACCOUNT_KEY"] = person.account_key
        keyarc.server = wire.url
        keyarc("login")
        keyarc("import", str(file), "--vault", vault, "--path", texts["Folder"], "--yes")
        found = keyarc("get", f"{vault}/{texts['Folder']}/{name}")
        assert found.out == value
        sent = [f"{request.line} {request.body}".encode() for request in wire.requests]

    secrets = [*texts.values(), vault, description, name, value, PASSWORD]
    codes = [person.account_key, person.recovery_code]
    secrets += codes + [code.replace("-", "") for code in codes]
    logs = [path.read_bytes() for path in stack.logs.iterdir()]
    places = {
        "database": dump(stack),
        "logs": b"\n".join(logs),
        "wire": b"\n".join(requests + sent),
    }
    seen = {place: leaks([email, *secrets], whole) for place, whole in places.items()}
    assert seen == {"database": [email], "logs": [], "wire": [email]}

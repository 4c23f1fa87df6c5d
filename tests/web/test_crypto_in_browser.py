"""The page's cryptography in a real browser gives the answers that were published for it.

Each check runs on the page's own modules and answers with how much agreed; by the browser's own
algorithms and by the libraries that take their place where a browser lacks one.
"""

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from shared.keyarc import identity
from shared.keyarc.encoding import Broken
from tests.keyarc.known_answers import blocks, hpke, text, wycheproof

ROOT = Path(__file__).resolve().parents[2]
WAYS = ("platform", "script")

Check = Callable[..., Any]


class Quiet(SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, *_: object) -> None:
        """Keep the request to itself."""


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the checks, with the modules that they check, for a browser."""
    folder = tmp_path_factory.mktemp("checks")
    beside = Path(sys.executable).with_name("node")
    node = str(beside) if beside.exists() else shutil.which("node")
    assert node, "the tests need Node"
    vite = ["node_modules/vite/bin/vite.js", "build", "--config", "tests/browser/vite.config.ts"]
    subprocess.run(
        [node, *vite, "--outDir", str(folder), "--logLevel", "error"], cwd=ROOT / "web", check=True
    )
    page = '<!doctype html><title>checks</title><script type="module" src="checks.js"></script>'
    (folder / "index.html").write_text(page)
    return folder


@pytest.fixture(scope="module")
def page(bundle: Path, browser: Browser) -> Iterator[Page]:
    """Open a page of a secure context that has the checks."""
    handler = partial(Quiet, directory=str(bundle))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        opened = browser.new_page()
        opened.goto(f"http://127.0.0.1:{server.server_port}/")
        opened.wait_for_function("globalThis.checks !== undefined")
        yield opened
        opened.close()
        server.shutdown()


@pytest.fixture
def check(page: Page) -> Check:
    """Run one check on the page."""

    def run(name: str, *arguments: Any) -> Any:
        # As text: the way of an argument into the page drops a key named __proto__.
        script = "([name, text]) => checks[name](...JSON.parse(text))"
        return page.evaluate(script, [name, json.dumps(arguments)])

    return run


def vectors(name: str) -> Any:
    return json.loads((ROOT / "tests" / "vectors" / f"{name}.json").read_text(encoding="utf-8"))


def test_encodings_seals_keyrings_and_histories_are_those_of_the_vectors(check: Check) -> None:
    assert check("encoding", vectors("encoding")) > 100
    assert check("seals", vectors("seal")) > 60
    assert check("keyrings", vectors("keyring")) > 50
    assert check("histories", vectors("history")) > 300
    assert check("invitations", vectors("invitation")) > 40
    assert check("oneTimeLinks", vectors("one_time_link")) > 12
    assert check("passkeys", vectors("passkey")) > 25


@pytest.mark.parametrize(("way", "least"), [("platform", 130), ("script", 60)])
def test_passwords_derive_what_the_vectors_say(check: Check, way: str, least: int) -> None:
    assert check("derivations", vectors("kdf"), way) > least


def test_identities_and_shares_are_those_of_the_vectors(check: Check) -> None:
    ways = WAYS if check("hasOwnXWing") else ("script",)

    for way in ways:
        assert check("identities", vectors("identity"), way) > 80
        assert check("shares", vectors("share"), way) > 14


def test_aes_gcm_opens_what_is_genuine_and_nothing_else(check: Check) -> None:
    cases = [
        case
        for group, case in wycheproof("Cipher", "aes_gcm_test.json")
        if (group["keySize"], group["ivSize"], group["tagSize"]) == (256, 96, 128)
    ]
    valid = sum(case["result"] == "valid" for case in cases)

    assert check("aesGcm", cases) == len(cases) + valid == 66 + valid


def test_hkdf_derives_and_expands_what_is_published(check: Check) -> None:
    cases = [case for _, case in wycheproof("Protocol", "hkdf_sha256_test.json")]

    assert check("hkdfs", cases) == len(cases) == 86
    assert check("expansions", blocks("KDF", "rfc-5869-HKDF-SHA256.txt")) == 3


@pytest.mark.parametrize(("way", "step"), [("platform", 1), ("script", 8)])
def test_ed25519_signs_as_its_authors_do(check: Check, way: str, step: int) -> None:
    lines = text("cryptography_vectors", "asymmetric", "Ed25519", "sign.input").splitlines()

    assert check("signatures", lines[::step], way) == 3 * 1024 // step


@pytest.mark.parametrize("way", WAYS)
def test_ed25519_takes_exactly_what_the_python_library_takes(check: Check, way: str) -> None:
    cases = [
        {"pk": group["publicKey"]["pk"], "msg": case["msg"], "sig": case["sig"]}
        for group, case in wycheproof("Signature", "ed25519_test.json")
    ]

    taken = check("verdicts", cases, way)

    assert taken == [_taken(**case) for case in cases]
    assert len(taken) == 210
    assert sum(taken) >= 117


def _taken(pk: str, msg: str, sig: str) -> bool:
    try:
        identity.verify(bytes.fromhex(pk), bytes.fromhex(msg), bytes.fromhex(sig))
    except Broken:
        return False
    return True


def test_a_key_is_refused_exactly_where_it_leaves_no_secret_or_is_not_reduced(
    check: Check,
) -> None:
    good = vectors("identity")["identities"][0]["x_pk"]
    curve = [case for _, case in wycheproof("Protocol", "x25519_test.json")]
    lattice = [case for _, case in wycheproof("Protocol", "mlkem_768_encaps_test.json")]

    by_curve = check("xKeys", [good[: 2 * 1184] + case["public"] for case in curve])
    by_lattice = check("xKeys", [case["ek"] + good[2 * 1184 :] for case in lattice])

    assert by_curve == [case["shared"] != "00" * 32 for case in curve]
    assert by_lattice == [case["result"] == "valid" for case in lattice]
    assert [by_curve.count(False) > 0, by_lattice.count(False)] == [True, 132]


def test_x_wing_makes_the_published_key_and_opens_what_it_seals(check: Check) -> None:
    cases = [
        {"seed": case["skRm"], "key": case["pkRm"]}
        for case in hpke("hpke-pq-test-vectors.json")
        if case["kem_id"] == 0x647A
    ]
    ways = WAYS if check("hasOwnXWing") else ("script",)

    for way in ways:
        assert check("xwings", cases, way) == 3 * len(cases) == 3 * 2

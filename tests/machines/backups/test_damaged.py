"""What is not the backup that was made restores nothing."""

from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pyrage
import pytest
from pyrage import x25519

from handlers.jobs import manifests
from handlers.jobs.manifests import Manifest
from machines.failures import Failure
from tests import installations
from tests.installations import Installation
from tests.machines.backups.restoring import change_archive, restored, tables

NONCE, CHUNK = 16, 65_536 + 16  # of age's format


def test_a_wrong_key_opens_nothing_and_says_whose_it_was(
    made: Manifest, tmp_path: Path, empty: str
) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text(str(x25519.Identity.generate()))

    with pytest.raises(Failure, match=f"does not open .*: it was sealed for {made.recipient}"):
        restored("--into", empty, "--identity", wrong)

    assert tables(empty) == 0


@pytest.mark.parametrize("share", [0, 0.001, 0.01, 0.5, 0.99, 1])
def test_a_backup_with_one_other_bit_restores_nothing(
    installation: Installation, made: Manifest, key: Path, empty: str, share: float
) -> None:
    content = bytearray(installation.store.open(made.archive).read())
    content[int(share * (len(content) - 1))] ^= 1
    change_archive(installation, made, bytes(content))

    with pytest.raises(Failure, match="was cut off or changed: it does not decrypt"):
        restored("--into", empty, "--identity", key)

    assert tables(empty) == 0


@pytest.mark.parametrize("honest_size", [True, False])
@pytest.mark.parametrize("left", ["nothing", "the header", "whole chunks", "all but a byte"])
def test_a_backup_that_was_cut_off_restores_nothing(
    installation: Installation,
    made: Manifest,
    key: Path,
    empty: str,
    left: str,
    honest_size: bool,
) -> None:
    content = installation.store.open(made.archive).read()
    header = content.index(b"\n", content.index(b"\n--- ") + 1) + 1
    lengths = {"nothing": 0, "the header": header, "all but a byte": len(content) - 1}
    lengths["whole chunks"] = header + NONCE + 2 * CHUNK
    change_archive(installation, made, content[: lengths[left]])
    if not honest_size:
        forged = replace(made, size=lengths[left])
        installation.store.write_json(made.name + manifests.MANIFEST, forged.media())

    why = "it has [0-9,]+ bytes" if honest_size else "it does not decrypt"
    with pytest.raises(Failure, match=f"was cut off or changed: {why}"):
        restored("--into", empty, "--identity", key)

    assert lengths[left] < len(content)
    assert tables(empty) == 0


def test_another_backup_in_its_place_is_noticed(
    installation: Installation, made: Manifest, key: Path, empty: str
) -> None:
    """Anybody who knows the public key can seal something for it."""
    forged = replace(made, sha256="0" * 64)
    installation.store.write_json(made.name + manifests.MANIFEST, forged.media())

    with pytest.raises(Failure, match="is not the backup that its manifest describes"):
        restored("--into", empty, "--identity", key)

    assert tables(empty) == 0


def test_what_is_sealed_well_and_is_no_dump_restores_nothing(
    installation: Installation, made: Manifest, key: Path, empty: str
) -> None:
    rubbish = pyrage.encrypt(b"rubbish" * 100_000, [installation.identity.to_public()])
    change_archive(installation, made, rubbish)
    forged = replace(made, size=len(rubbish), sha256=sha256(rubbish).hexdigest())
    installation.store.write_json(made.name + manifests.MANIFEST, forged.media())

    with pytest.raises(Failure, match="Nothing was restored: pg_restore: error: "):
        restored("--into", empty, "--identity", key)

    assert tables(empty) == 0


def test_a_user_who_may_not_make_tables_restores_nothing(
    installation: Installation, made: Manifest, key: Path, empty: str
) -> None:
    with (
        installations.user(replace(installation, url=empty)) as (url, _),
        pytest.raises(Failure, match=r"Nothing was restored: .*permission denied"),
    ):
        restored("--into", url, "--identity", key)

    assert made
    assert tables(empty) == 0


def test_a_backup_without_some_rows_is_not_restored(
    installation: Installation, made: Manifest, key: Path, empty: str
) -> None:
    rows = made.contents.rows | {"users": 7}
    forged = replace(made, contents=replace(made.contents, rows=rows))
    installation.store.write_json(made.name + manifests.MANIFEST, forged.media())

    with pytest.raises(Failure, match="users has not the 7 rows that the manifest says"):
        restored("--into", empty, "--identity", key)

    assert tables(empty) == 0


def test_a_manifest_cannot_make_just_any_role(
    installation: Installation, made: Manifest, key: Path, empty: str
) -> None:
    contents = replace(made.contents, roles={"somebody": []})
    forged = replace(made, contents=contents)
    installation.store.write_json(made.name + manifests.MANIFEST, forged.media())

    with pytest.raises(Failure, match="a role that is none of KeyArc's: somebody"):
        restored("--into", empty, "--identity", key)

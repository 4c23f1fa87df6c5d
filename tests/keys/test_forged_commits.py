"""Commits that no client of ours would sign: refused, and nothing is stored."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from uuid import uuid4

import pytest

from shared.db import Connection
from shared.keyarc.commits import Commit, Delete, Invite, Op, Profile, Put, Role, Rotate
from shared.keyarc.encoding import sha256
from shared.vault_contents_sql import Content
from tests import vaults
from tests.clients import Client
from tests.rows import nothing_stored
from tests.vaults import DETAILS, OVERVIEW, Vault, body

BROKEN = {
    "type": "/problems/broken-commit",
    "title": "Unprocessable Content",
    "status": 422,
}

Sent = tuple[Commit, Sequence[Content]]


def signed_by_another(vault: Vault, put: Put, content: Content) -> Sent:
    commit = vault.commit([put])
    return replace(commit, signature=vaults.Person("x").identity.sign(commit.raw)), [content]


def signed_before_a_bit_changed(vault: Vault, put: Put, content: Content) -> Sent:
    commit = vault.commit([put])
    time_at = 18 + 16 + 8 + 32
    raw = bytearray(commit.raw)
    raw[time_at + 7] ^= 1
    return replace(commit, raw=bytes(raw)), [content]


def with_another_overview(vault: Vault, put: Put, content: Content) -> Sent:
    return vault.commit([put]), [replace(content, overview=vaults.blob(OVERVIEW))]


def with_other_details(vault: Vault, put: Put, content: Content) -> Sent:
    return vault.commit([put]), [replace(content, details=vaults.blob(DETAILS))]


def with_another_secret_s_blobs(vault: Vault, put: Put, content: Content) -> Sent:
    return vault.commit([put]), [replace(content, secret_id=uuid4())]


def with_blobs_in_another_order(vault: Vault, put: Put, content: Content) -> Sent:
    other, its_content = vault.put(uuid4())
    return vault.commit([put, other]), [its_content, content]


def without_blobs(vault: Vault, put: Put, _content: Content) -> Sent:
    return vault.commit([put]), []


def with_blobs_too_many(vault: Vault, put: Put, content: Content) -> Sent:
    return vault.commit([put]), [content, vault.put(uuid4())[1]]


def with_another_state(vault: Vault, put: Put, content: Content) -> Sent:
    return vault.forge([put], state=vault.state.hash()), [content]


def for_another_vault(vault: Vault, put: Put, content: Content) -> Sent:
    return vault.forge([put], vault_id=uuid4()), [content]


def in_another_name(vault: Vault, put: Put, content: Content) -> Sent:
    return vault.forge([put], author_id=uuid4()), [content]


def by_another_key_epoch(vault: Vault, put: Put, content: Content) -> Sent:
    return vault.forge([put], author_key_epoch=2), [content]


def of_a_version_that_is_not_next(vault: Vault, put: Put, content: Content) -> Sent:
    return vault.forge([replace(put, version=2)]), [content]


def of_version_0(vault: Vault, put: Put, content: Content) -> Sent:
    return vault.forge([replace(put, version=0)]), [content]


def of_another_epoch(vault: Vault, put: Put, content: Content) -> Sent:
    return vault.forge([replace(put, epoch=2)]), [content]


def of_one_secret_twice(vault: Vault, put: Put, content: Content) -> Sent:
    return raw_of(vault, [put, replace(put, version=2)]), [content, content]


def of_a_deletion_of_nothing(vault: Vault, _put: Put, content: Content) -> Sent:
    return vault.forge([Delete(content.secret_id, 1)]), []


def of_nothing(vault: Vault, _put: Put, _content: Content) -> Sent:
    return raw_of(vault, []), []


def of_10_001_ops(vault: Vault, _put: Put, _content: Content) -> Sent:
    return raw_of(vault, [Delete(uuid4(), 1) for _ in range(10_001)]), []


def of_a_new_profile(vault: Vault, _put: Put, _content: Content) -> Sent:
    return vault.commit([Profile(1, sha256(b""))]), []


def of_a_rotation_and_a_put(vault: Vault, put: Put, content: Content) -> Sent:
    return vault.commit([Rotate(2, bytes(32)), replace(put, epoch=2)]), [content]


def of_an_invitation(vault: Vault, _put: Put, _content: Content) -> Sent:
    invite = Invite(uuid4(), vault.owner.identity.ed_pk, Role.OWNER, 2**40)
    return vault.commit([invite]), []


def of_the_genesis(vault: Vault, _put: Put, _content: Content) -> Sent:
    return Vault(vault.owner, vault.id).genesis(), []


def cut_short(vault: Vault, put: Put, content: Content) -> Sent:
    commit = vault.commit([put])
    return signed(vault, commit, commit.raw[:-1]), [content]


def with_a_byte_at_its_end(vault: Vault, put: Put, content: Content) -> Sent:
    commit = vault.commit([put])
    return signed(vault, commit, commit.raw + b"\0"), [content]


def raw_of(vault: Vault, ops: Sequence[Op]) -> Commit:
    """Return a signed commit that nobody could parse."""
    commit = vault.commit([vault.put(uuid4())[0]])
    return signed(vault, commit, vault.raw(ops))


def signed(vault: Vault, commit: Commit, raw: bytes) -> Commit:
    return replace(commit, raw=raw, signature=vault.owner.identity.sign(raw))


FORGERIES = (
    signed_by_another,
    signed_before_a_bit_changed,
    with_another_overview,
    with_other_details,
    with_another_secret_s_blobs,
    with_blobs_in_another_order,
    without_blobs,
    with_blobs_too_many,
    with_another_state,
    for_another_vault,
    in_another_name,
    by_another_key_epoch,
    of_a_version_that_is_not_next,
    of_version_0,
    of_another_epoch,
    of_one_secret_twice,
    of_a_deletion_of_nothing,
    of_nothing,
    of_10_001_ops,
    of_a_new_profile,
    of_a_rotation_and_a_put,
    of_an_invitation,
    of_the_genesis,
    cut_short,
    with_a_byte_at_its_end,
)


@pytest.mark.parametrize("forge", FORGERIES, ids=lambda forge: forge.__name__)
def test_a_broken_commit_is_refused_and_nothing_is_stored(
    conn: Connection,
    keys: Client,
    vault: Vault,
    forge: Callable[[Vault, Put, Content], Sent],
) -> None:
    put, content = vault.put(uuid4())
    commit, contents = forge(vault, put, content)

    with nothing_stored(conn):
        response = keys.as_(vault.owner).post(f"{vault.url}/commits", json=body(commit, contents))

    assert (response.status_code, response.json) == (422, BROKEN)


def test_a_member_cannot_send_what_another_has_signed(
    conn: Connection, keys: Client, vault: Vault
) -> None:
    member = vaults.person(conn)
    vault.admit(conn, member, Role.MEMBER)
    put, content = vault.put(uuid4())
    commit = vault.commit([put])

    with nothing_stored(conn):
        response = keys.as_(member).post(f"{vault.url}/commits", json=body(commit, [content]))

    assert (response.status_code, response.json) == (422, BROKEN)

"""M18: every role tries every deed, and the account service judges by the history before it."""

import pytest

from shared.db import Connection
from shared.keyarc.commits import Op, Profile, Remove, Role, SetRole, Uninvite
from shared.keyarc.encoding import sha256
from tests import rosters, vaults
from tests.clients import Client
from tests.rosters import Link
from tests.rows import nothing_stored
from tests.vaults import Person, Vault

KEEPERS = {Role.OWNER, Role.ADMIN}

# Section 7 of the design, as a table of its own.
MAY: dict[str, set[Role]] = {
    "add a viewer": KEEPERS,
    "add a member": KEEPERS,
    "add an admin": {Role.OWNER},
    "add an owner": {Role.OWNER},
    "change a role": {Role.OWNER},
    "remove a viewer": KEEPERS,
    "remove a member": KEEPERS,
    "remove an admin": {Role.OWNER},
    "remove an owner": {Role.OWNER},
    "leave": set(Role),
    "rotate": KEEPERS,
    "change the profile": KEEPERS,
    "invite a viewer": KEEPERS,
    "invite an admin": {Role.OWNER},
    "invite an owner": {Role.OWNER},
    "cancel an invitation": KEEPERS,
}


def deeds(vault: Vault, author: Person, members: dict[Role, Person], link: Link) -> dict[str, Op]:
    newcomer, owner, admin = members[Role.OWNER], Role.OWNER, Role.ADMIN
    return {
        "add a viewer": rosters.add(newcomer, Role.VIEWER),
        "add a member": rosters.add(newcomer, Role.MEMBER),
        "add an admin": rosters.add(newcomer, admin),
        "add an owner": rosters.add(newcomer, owner),
        "change a role": SetRole(members[Role.MEMBER].user_id, Role.VIEWER),
        "remove a viewer": Remove(members[Role.VIEWER].user_id),
        "remove a member": Remove(members[Role.MEMBER].user_id),
        "remove an admin": Remove(members[admin].user_id),
        "remove an owner": Remove(vault.owner.user_id),
        "leave": Remove(author.user_id),
        "rotate": rosters.rotate(vault),
        "change the profile": Profile(1, sha256(vault.profile)),
        "invite a viewer": Link(Role.VIEWER).op,
        "invite an admin": Link(admin).op,
        "invite an owner": Link(owner).op,
        "cancel an invitation": Uninvite(link.invite_id),
    }


@pytest.mark.parametrize("role", Role)
def test_the_rules_hold_for_every_role_and_deed(
    conn: Connection, account: Client, role: Role
) -> None:
    """M18: what a role may is judged by the history before the commit."""
    vault = vaults.begin(conn)
    members = {each: vaults.person(conn) for each in Role}
    ops = [rosters.add(who, each) for each, who in members.items() if each is not Role.OWNER]
    author = vaults.person(conn)
    link = rosters.invited(account, vault)
    rosters.change(account, vault, *ops, rosters.add(author, role))

    found = {}
    for name, op in deeds(vault, author, members, link).items():
        allowed = role in MAY[name]
        rotated: list[Op] = [rosters.rotate(vault)] if name.startswith("remove") else []
        deed = [op, *rotated]
        commit = vault.commit(deed, author) if allowed else vault.forge(deed, author)
        profile = vault.profile if isinstance(op, Profile) else None
        sent = rosters.body(commit, rosters.enclosed(vault, commit, profile)) if allowed else {}
        with nothing_stored(conn), conn.transaction(force_rollback=True):
            answer = account.as_(author).post(
                rosters.url(vault), json=rosters.signed(commit) | sent
            )
        found[name] = answer.status_code

    assert found == {name: 201 if role in who else 403 for name, who in MAY.items()}

"""What a vault's verified history tells a person's keyring of people and of one's invitations."""

from collections.abc import Iterable

from .commits import Commit, Join, Rekey, State
from .encoding import Broken
from .identity import IdCert, parse_idcert
from .keyring import Keyring
from .memories import Known, Verified


def notice(keyring: Keyring, state: State, commits: Iterable[Commit]) -> None:
    """Take in what *commits*, which led to *state*, say.

    Whoever answered one's own invitation is known by its link, and known people's next keys are
    learnt. Somebody who comes with other keys than those known here stays as they are known.
    """
    for commit in commits:
        for op in commit.ops:
            match op:
                case Join() if op.invite_id in keyring.invitations:
                    sent = keyring.invitations[op.invite_id]
                    if sent.vault_id == state.vault_id and _agrees(keyring, op.idcert):
                        keyring.know(op.idcert, "link", sent.email)
                case Rekey() if op.idcert.user_id in keyring.people:
                    if _agrees(keyring, op.idcert):
                        keyring.know(op.idcert, keyring.people[op.idcert.user_id].verified)
    keyring.invitations = {
        invite_id: sent
        for invite_id, sent in keyring.invitations.items()
        if sent.vault_id != state.vault_id or invite_id in state.invites
    }


def learn(
    keyring: Keyring, idcerts: Iterable[IdCert], idcert: IdCert, verified: Verified, email: str
) -> None:
    """Know somebody by *idcert*, over the keys that they had since they were known.

    *idcerts* may come from anywhere: each must be signed by the key before. Somebody who is known
    by other keys, which no such way leads on from, is `Broken`.
    """
    theirs = (one for one in (*idcerts, idcert) if one.user_id == idcert.user_id)
    for one in sorted(theirs, key=lambda cert: cert.key_epoch):
        known = keyring.people.get(one.user_id)
        if known is not None and one.key_epoch == known.idcert.key_epoch + 1:
            keyring.know(one, known.verified)
    known = keyring.people.get(idcert.user_id)
    if known is None or known.idcert.key_epoch <= idcert.key_epoch:
        keyring.know(idcert, verified, email)


def remember(keyring: Keyring, known: Known) -> None:
    """Keep whom one has made sure of; compared words count for other keys than before, too."""
    if known.verified == "words":
        keyring.meet(known.idcert, known.email)
    else:
        keyring.know(known.idcert, known.verified, known.email)


def _agrees(keyring: Keyring, idcert: IdCert) -> bool:
    """Tell whether a certificate is the known one, or the next that the known key signed."""
    known = keyring.people.get(idcert.user_id)
    if known is None or known.idcert.raw == idcert.raw:
        return True
    try:
        parse_idcert(idcert.raw, previous=known.idcert)
    except Broken:
        return False
    return True

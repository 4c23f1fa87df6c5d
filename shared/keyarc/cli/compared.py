"""The seven words by which a person is made sure of, before they are given or believed anything."""

from ..errors import Failure
from ..identity import IdCert
from ..words import words_of_idcert
from .terminal import Usage, agree, interactive, note, shown

WHERE = "`keyarc words` there, or the page's member list, shows them"
DIFFERENT = (
    "those are not the words of the keys that the server shows for {}: somebody may be in between."
    " Nothing was sent"
)


def compare(who: str, idcert: IdCert, given: str | None) -> None:
    """Have the words of somebody's keys compared with them; *given* are the words they told."""
    who, words = shown(who), words_of_idcert(idcert)
    if given is not None:
        if given.lower().split() != words:
            raise Failure(DIFFERENT.format(who))
        return
    if not interactive():
        raise Usage(
            f"nobody here has made sure of {who} yet: ask them for their seven words ({WHERE}),"
            ' and give --words "…"'
        )
    note(f"Call {who}, or meet them. Their device must show these words ({WHERE}):")
    note(f"\n  {' '.join(words)}\n")
    if not agree("Does it?", "give --words"):
        raise Failure(DIFFERENT.format(who))


def confirm(question: str, *, yes: bool) -> None:
    """Ask whether it is meant; where nobody can be asked, --yes says so."""
    if not yes and not agree(question, "give --yes"):
        raise Failure("nothing was changed")

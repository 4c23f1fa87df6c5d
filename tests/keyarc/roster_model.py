"""The roster rules once more, as the design's table has them and in the plainest words."""

from dataclasses import dataclass, field

RANKS = ("owner", "admin", "member", "viewer")

MAY = {
    "put": ("owner", "admin", "member"),
    "delete": ("owner", "admin", "member"),
    "role": ("owner",),
    "rotate": ("owner", "admin"),
    "profile": ("owner", "admin"),
    "uninvite": ("owner", "admin"),
}


@dataclass(frozen=True)
class Deed:
    """One op in words: what, about whom (a person, secret or invitation), with which role."""

    what: str
    whom: str = ""
    role: str = ""


class Unlawful(Exception):
    """The table says no."""


class Senseless(Exception):
    """Nobody could do it: it speaks of what is not there, or is there already."""


@dataclass
class Model:
    """Who is what, which invitations are open, which versions are live or were deleted."""

    roles: dict[str, str]
    invites: dict[str, str] = field(default_factory=dict)
    live: dict[str, int] = field(default_factory=dict)
    deleted: dict[str, int] = field(default_factory=dict)
    epochs: int = 1
    profiles: int = 1

    def copy(self) -> "Model":
        """Return another one like it."""
        return Model(
            dict(self.roles),
            dict(self.invites),
            dict(self.live),
            dict(self.deleted),
            self.epochs,
            self.profiles,
        )

    def after(self, author: str, deeds: list[Deed]) -> "Model":
        """Return the model after a commit, or raise."""
        if len({subject(deed) for deed in deeds}) < len(deeds):
            raise Senseless
        if any(deed.what == "join" for deed in deeds):
            return self._joined(author, deeds)
        if author not in self.roles:
            raise Unlawful
        for deed in deeds:
            if not self._may(author, deed):
                raise Unlawful
        model = self.copy()
        for deed in deeds:
            model.do(deed)
            if "owner" not in model.roles.values():
                raise Unlawful
        return model

    def _may(self, author: str, deed: Deed) -> bool:
        role = self.roles[author]
        if deed.what in MAY:
            return role in MAY[deed.what]
        if deed.what in ("add", "invite"):
            return role == "owner" or (role == "admin" and deed.role in ("member", "viewer"))
        if deed.what == "remove":
            if author == deed.whom or role == "owner":
                return True
            return role == "admin" and self.roles.get(deed.whom) not in ("owner", "admin")
        raise AssertionError(deed)

    def _joined(self, author: str, deeds: list[Deed]) -> "Model":
        if len(deeds) > 1 or deeds[0].whom not in self.invites or author in self.roles:
            raise Senseless
        model = self.copy()
        model.roles[author] = model.invites.pop(deeds[0].whom)
        return model

    def do(self, deed: Deed) -> None:
        """Do one thing that is allowed."""
        whom = deed.whom
        there = {
            "add": whom not in self.roles,
            "role": whom in self.roles,
            "remove": whom in self.roles,
            "invite": whom not in self.invites,
            "uninvite": whom in self.invites,
            "delete": whom in self.live,
        }
        if not there.get(deed.what, True):
            raise Senseless
        match deed.what:
            case "add" | "role":
                self.roles[whom] = deed.role
            case "remove":
                del self.roles[whom]
            case "invite":
                self.invites[whom] = deed.role
            case "uninvite":
                del self.invites[whom]
            case "rotate":
                self.epochs += 1
                self.invites.clear()
            case "profile":
                self.profiles += 1
            case "put":
                self.live[whom] = self.next(whom)
                self.deleted.pop(whom, None)
            case "delete":
                self.deleted[whom] = self.next(whom)
                del self.live[whom]

    def next(self, secret: str) -> int:
        """Return the version that comes."""
        return self.live.get(secret, self.deleted.get(secret, 0)) + 1


def subject(deed: Deed) -> tuple[str, str]:
    """Return what a deed is about."""
    if deed.what in ("add", "role", "remove"):
        return ("person", deed.whom)
    if deed.what in ("invite", "uninvite", "join"):
        return ("invite", deed.whom)
    if deed.what in ("put", "delete"):
        return ("secret", deed.whom)
    return (deed.what, "")

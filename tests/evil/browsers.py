"""The stories of the property, told by the page's own core."""

from collections.abc import Callable, Mapping
from typing import Any

from shared.keyarc.encoding import parse_u64, strict_json, unb64
from shared.keyarc.keyring import Keyring
from tests.evil.page import CoreError, Page
from tests.evil.told import Refused, opened
from tests.evil.world import CANARY, World
from tests.keyarc_client.conftest import PASSWORD

ALARMS = {"altered", "audit-broken", "broken", "fork", "rollback", "unsigned"}


class Browsers:
    """The pages of everybody, in browsers that know what they knew before things happened."""

    name = "page"

    def __init__(self, world: World) -> None:
        self._world = world
        self._kept: dict[str, Any] = {}
        self._page = world.pages["reader"]
        self.stories: Mapping[str, tuple[str, Callable[[Page], Any]]] = {
            "anew": ("reader", _read),
            "sync": ("reader", self._refresh),
            "past": ("reader", self._past),
            "write": ("reader", self._write),
            "rotate": ("owner", self._rotate),
            "join": ("newcomer", self._join),
            "accept": ("newcomer", self._accept),
            "removed": ("leaver", _removed),
            "rest": ("reader", self._rest),
            "login": ("reader", self._login),
        }

    def keep(self, *names: str) -> None:
        """Remember what browsers know now: from here on they begin each time."""
        for name in names:
            self._kept[name] = self._world.pages[name].kept()

    def tell(self, story: str) -> Any:
        """Let a story happen in a browser that begins anew; `Refused` for a typed error."""
        name, work = self.stories[story]
        self._page = self._world.pages[name]
        self._page.restore(None if story == "login" else self._kept[name])
        try:
            if story != "login":
                self._page.ask("entrance", "unlock", {"password": PASSWORD})
            return work(self._page)
        except CoreError as ex:
            raise Refused(str(ex), alarm=ex.code in ALARMS) from ex

    def again(self) -> None:
        """Ask for the team's vault once more, in the same worker."""
        try:
            self._page.ask("vaults", "open", str(self._world.team))
        except CoreError as ex:
            raise Refused(str(ex)) from ex

    def keyring(self, story: str) -> Keyring:
        """Open what the browser has kept of the keyring."""
        person = self._world.people[self.stories[story][0]]
        kept = self._page.kept()
        if kept is None:  # nobody got in
            return Keyring()
        record = strict_json(unb64(kept))
        keys = person.client.opened.keys
        revision = parse_u64(record["revision"])
        return opened(keys.user_key, keys.user_id, revision, unb64(record["keyring"]))

    def _login(self, page: Page) -> Any:
        """Log in in a browser that knows nothing."""
        reader = self._world.people["reader"]
        who = {"email": reader.email, "password": PASSWORD, "accountKey": reader.account_key}
        page.ask("entrance", "logIn", who)
        return [vault["name"] for vault in page.ask("vaults", "list")]

    def _rest(self, page: Page) -> Any:
        """Ask for all that only the server says, open a one-time link, recompute the vault."""
        team, once = str(self._world.team), self._world.once.partition("#")[2]
        page.ask("vaults", "list")
        page.ask("versions", "uses", team)
        due = page.ask("reminders", "due")
        if due["troubled"]:
            raise Refused(due["troubled"][0]["code"], alarm=True)
        for noun in ("oneTimeLinks", "sessions", "machines", "factors"):
            page.ask(noun, "list")
        page.ask("account", "notes")
        page.ask("oneTimeLinks", "look", once)
        message = page.ask("oneTimeLinks", "read", once)["message"]
        return page.ask("log", "verify", team)[0], due["rows"], message

    def _refresh(self, page: Page) -> Any:
        """Look at what was there before, then at what has happened since."""
        evil, now = self._world.evil, self._world.evil.tape
        evil.tape = self._world.before
        try:
            _read(page)
        finally:
            evil.tape = now
        return _read(page)

    def _past(self, page: Page) -> Any:
        team = str(self._world.team)
        page.ask("vaults", "list")
        log = page.ask("log", "read", team)
        trash = page.ask("versions", "trash", team)
        (secret,) = (one["id"] for one in _rows(page, team)[1] if one["overview"]["name"] == "A")
        versions = page.ask("versions", "list", team, secret)["versions"]
        if any(one["purged"] for one in [*trash["rows"], *versions]):
            raise Refused("content is kept back, and told to be purged")
        return {
            "changes": log["changes"],
            "accesses": log["accesses"],
            "secrets": log["secrets"],
            "trash": trash["rows"],
            "versions": versions,
            "first": page.ask("versions", "read", team, secret, "1"),
            "members": sorted(
                (one["userId"], one["role"], one["verified"], one["by"])
                for one in page.ask("members", "list", team)
            ),
            "invitations": page.ask("links", "list", team),
        }

    def _write(self, page: Page) -> Any:
        team = str(self._world.team)
        page.ask("vaults", "list")
        fields = [{"name": "value", "value": f"{CANARY} e", "concealed": True}]
        details = {"fields": fields, "notes": "", "check": None, "certificate": None}
        row = page.ask("vaults", "save", team, None, overview("E"), details)
        return row["version"], row["overview"]["name"]

    def _rotate(self, page: Page) -> Any:
        page.ask("vaults", "list")
        page.ask("members", "rotate", str(self._world.team))
        return True

    def _join(self, page: Page) -> Any:
        secret = self._world.link_secret
        offer = page.ask("joining", "look", secret)
        return offer, page.ask("joining", "accept", secret)

    def _accept(self, page: Page) -> Any:
        page.ask("vaults", "list")
        found = []
        for vault_id in page.ask("waiting", "list"):
            offer = page.ask("waiting", "look", vault_id)
            if offer["words"] not in (None, self._world.words):
                raise Refused("the person sees other words")
            page.ask("waiting", "accept", vault_id, offer["words"])
            found.append([offer[key] for key in ("vaultId", "name", "role", "members", "timeMs")])
        if not found:
            raise Refused("nothing waits")
        return found


def overview(name: str) -> dict[str, Any]:
    """Make an overview that says only its name."""
    empty = ("provider", "environment", "expires_at", "reminder", "rotate_days", "check")
    lists: dict[str, list[str]] = {"tags": [], "fingerprints": []}
    times = {"rotated_at": "0", "updated_at": "0"}
    return {"name": name, "kind": "api_key", "path": "", **dict.fromkeys(empty), **lists, **times}


def _removed(page: Page) -> Any:
    names = [vault["name"] for vault in page.ask("vaults", "list")]
    return names, page.ask("waiting", "lost")


def _read(page: Page) -> Any:
    """Give every value of every vault."""
    return {vault["name"]: _contents(page, vault["id"]) for vault in page.ask("vaults", "list")}


def _contents(page: Page, vault_id: str) -> tuple[int, dict[str, str]]:
    head, rows = _rows(page, vault_id)
    values = {}
    for row in rows:
        details = page.ask("vaults", "details", vault_id, row["id"])
        values[row["overview"]["name"]] = details["fields"][0]["value"]
    return int(head["seq"]), values


def _rows(page: Page, vault_id: str) -> tuple[Any, list[Any]]:
    opened, told = page.ask("vaults", "open", vault_id)
    return opened["head"], [row for batch, _ in told for row in batch]

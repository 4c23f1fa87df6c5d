"""What a member may be allowed to do, and which roles and machines are."""

from enum import StrEnum

from shared.keyarc.commits import Role


class Permission(StrEnum):
    """What a member may be allowed to do."""

    AUDIT_LIST = "audit:list"
    COMMIT_APPEND = "commit:append"
    COMMIT_LIST = "commit:list"
    INVITATION_LIST = "invitation:list"
    MEMBER_LIST = "member:list"
    REMINDER_LIST = "reminder:list"
    REMINDER_SET = "reminder:set"
    ROSTER_CHANGE = "roster:change"
    SECRET_LIST = "secret:list"  # noqa: S105
    SECRET_PURGE = "secret:purge"  # noqa: S105
    SECRET_READ = "secret:read"  # noqa: S105
    USE_LIST = "use:list"
    VAULT_DELETE = "vault:delete"
    VERSION_LIST = "version:list"


_EVERYONE = frozenset(Role)
_WRITERS = _EVERYONE - {Role.VIEWER}
_KEEPERS = frozenset({Role.OWNER, Role.ADMIN})

HOLDERS: dict[Permission, frozenset[Role]] = {
    Permission.AUDIT_LIST: _EVERYONE,
    Permission.COMMIT_APPEND: _WRITERS,
    Permission.COMMIT_LIST: _EVERYONE,
    Permission.INVITATION_LIST: _KEEPERS,
    Permission.MEMBER_LIST: _EVERYONE,
    Permission.REMINDER_LIST: _EVERYONE,
    Permission.REMINDER_SET: _WRITERS,
    Permission.ROSTER_CHANGE: _EVERYONE,  # the rules of commits say who may whom
    Permission.SECRET_LIST: _EVERYONE,
    Permission.SECRET_PURGE: _KEEPERS,
    Permission.SECRET_READ: _EVERYONE,
    Permission.USE_LIST: _EVERYONE,
    Permission.VAULT_DELETE: frozenset({Role.OWNER}),
    Permission.VERSION_LIST: _EVERYONE,
}

# A machine only reads, whatever its role.
OF_MACHINES = frozenset(
    {
        Permission.COMMIT_LIST,
        Permission.REMINDER_LIST,
        Permission.SECRET_LIST,
        Permission.SECRET_READ,
        Permission.VERSION_LIST,
    }
)

"""Accounts and their rights: who may pull, push and delete in which repositories.

1. Rights hang on names, never on what is there: whether a repository exists changes no answer to who may not read it.
2. To push is to pull as well: CNCF distribution asks for both (registry/handlers/app.go, appendAccessRecords).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from hmac import compare_digest

from simregistry.errors import InvalidValue
from simregistry.table import Table

PULL, PUSH, DELETE = "pull", "push", "delete"
# Everything that a grant can allow on a repository.
ACTIONS = (PULL, PUSH, DELETE)
# Grant to everybody who has signed in, whoever it is.
EVERYONE = "*"


@dataclass(frozen=True, slots=True)
class Account:
    """A person or a robot. The password is kept as given, in memory alone; real registries keep a slow, salted hash."""

    name: str
    password: str = field(repr=False)
    groups: tuple[str, ...] = ()
    robot: bool = False

    def __post_init__(self) -> None:
        # RFC 7617, section 2: "a user-id containing a colon character is invalid".
        if not self.name or ":" in self.name:
            raise InvalidValue("account", self.name, "give a name without a colon")


@dataclass(frozen=True, slots=True)
class Grant:
    """What an account or a group may do in the repositories that a pattern fits (``team/*``).

    >>> Grant("ci", "team/*", ("pull", "push")).fits("team/app")
    True
    """

    to: str
    repositories: str
    actions: tuple[str, ...] = (PULL,)

    def __post_init__(self) -> None:
        if unknown := set(self.actions) - set(ACTIONS):
            raise InvalidValue("grant", ", ".join(sorted(unknown)), f"actions are {', '.join(ACTIONS)}")

    def fits(self, repository: str) -> bool:
        """Say whether it is about a repository."""
        return fnmatchcase(repository, self.repositories)


@dataclass(frozen=True, slots=True)
class Access:
    """All accounts, their rights, and the repositories that anybody may pull from.

    >>> alice = Account("alice", "secret")
    >>> access = Access((alice,), (Grant("alice", "alice/*", ("pull", "push", "delete")),), public=("library/*",))
    >>> sorted(access.allowed(alice, "alice/app")), sorted(access.allowed(None, "library/app"))
    (['delete', 'pull', 'push'], ['pull'])
    """

    accounts: tuple[Account, ...] = ()
    grants: tuple[Grant, ...] = ()
    public: tuple[str, ...] = ()
    # Who may list the repositories; each sees those that it may pull from.
    listers: tuple[str, ...] = (EVERYONE,)

    def __post_init__(self) -> None:
        names = [account.name for account in self.accounts]
        if len(set(names)) != len(names):
            raise InvalidValue("accounts", ", ".join(sorted(names)), "each name stands for one account")

    def account(self, name: str) -> Account | None:
        """Find an account by its name."""
        return next((account for account in self.accounts if account.name == name), None)

    def sign_in(self, name: str, password: str) -> Account | None:
        """Find the account that a name and a password belong to; None where they belong to none."""
        account = self.account(name)
        # Compared even where there is no such account, so that the time taken does not tell.
        right = compare_digest((account.password if account else "").encode(), password.encode())
        return account if right else None

    def allowed(self, account: Account | None, repository: str) -> frozenset[str]:
        """Say what an account may do in a repository; None is whoever has not signed in."""
        actions = {PULL} if any(fnmatchcase(repository, pattern) for pattern in self.public) else set()
        if account is not None:
            names = {account.name, EVERYONE, *account.groups}
            actions.update(*(grant.actions for grant in self.grants if grant.to in names and grant.fits(repository)))
        return frozenset(actions | ({PULL} if PUSH in actions else set()))

    def may_list(self, account: Account | None) -> bool:
        """Say whether an account may ask which repositories there are."""
        names = {account.name, EVERYONE, *account.groups} if account else set()
        return bool(names & set(self.listers))

    def table(self, repositories: Iterable[str]) -> Table:
        """Show who may do what in some repositories, a line an account; nobody signed in is the first line."""
        names = tuple(repositories)
        rows = []
        for account in (None, *self.accounts):
            cells = (" ".join(a for a in ACTIONS if a in self.allowed(account, name)) or "–" for name in names)
            rows.append((account.name if account else "(not signed in)", *cells))
        return Table(("account", *names), tuple(rows))

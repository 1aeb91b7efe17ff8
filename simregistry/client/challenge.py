"""A challenge: how a 401 says what it wants to see, and where a token for it can be had.

The header comes from a registry that nobody has signed in to yet, so nothing in it is believed unread: an address that
is written strangely isn't an address.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

# RFC 9110, section 11.2: a parameter is key=value or key="value", and in quotes a backslash may stand before any
# character. A word that has no "=" behind it begins the next challenge.
WORD = r"[\w!#$%&'*+.^`|~-]+"
PART = re.compile(rf'({WORD})[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))|({WORD})', re.ASCII)

# This machine, as a whole host with or without a port: "localhost.evil.example" is another machine.
LOCAL = re.compile(r"(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?", re.ASCII)
# An http or https address: scheme, host, port, path and query. A name before an "@" has no business in it.
ADDRESS = re.compile(r"(https?)://([a-z0-9._-]+|\[[0-9a-f:.]+\])(?::(\d{1,5}))?([/?][!-~]*)?", re.ASCII | re.IGNORECASE)
PORTS = {"http": 80, "https": 443}
LAST_PORT = 65_535


@dataclass(frozen=True, slots=True)
class Challenge:
    """Name one way to sign in: the scheme, and its parameters by their names in small letters.

    >>> header = 'Basic realm="Registry", Bearer realm="https://auth.example/token",service="registry.example"'
    >>> [challenge.scheme for challenge in Challenge.parse_all(header)]
    ['basic', 'bearer']
    """

    scheme: str
    parameters: Mapping[str, str]

    @classmethod
    def parse_all(cls, text: str) -> tuple[Challenge, ...]:
        """Read a WWW-Authenticate header, which may hold several challenges; leave out what can't be read."""
        challenges: list[tuple[str, dict[str, str]]] = []
        for key, quoted, plain, scheme in PART.findall(text):
            if scheme:
                challenges.append((scheme.lower(), {}))
            elif challenges:
                # The first of two equal keys counts, so that nothing behind it changes the realm.
                challenges[-1][1].setdefault(key.lower(), plain or re.sub(r"\\(.)", r"\1", quoted))
        return tuple(cls(scheme, parameters) for scheme, parameters in challenges)


@dataclass(frozen=True, slots=True)
class Realm:
    """Name the place of a token service: where it answers, and what is asked for there.

    >>> Realm.parse("https://auth.example/token?tenant=7")
    Realm(scheme='https', host='auth.example', port=443, target='/token?tenant=7')
    """

    scheme: str
    host: str
    port: int
    target: str

    @classmethod
    def parse(cls, text: str) -> Realm | None:
        """Read a challenge's realm; None where it is no http or https address."""
        read = ADDRESS.fullmatch(text)
        if read is None or int(read[3] or 0) > LAST_PORT:
            return None
        scheme, target = read[1].lower(), read[4] or "/"
        port = int(read[3]) if read[3] else PORTS[scheme]
        return cls(scheme, read[2].lower(), port, target if target.startswith("/") else f"/{target}")

    @property
    def address(self) -> str:
        """Name the host as references do: with its port, unless it's the scheme's own."""
        return self.host if self.port == PORTS[self.scheme] else f"{self.host}:{self.port}"

    @property
    def origin(self) -> str:
        """Write where the service answers, always with its port: ``https://auth.example:443``."""
        return f"{self.scheme}://{self.host}:{self.port}"

    @property
    def secured(self) -> bool:
        """Say whether a secret may go there: over TLS, or without it to this machine alone."""
        return self.scheme == "https" or is_local(self.host)


def is_local(address: str) -> bool:
    """Say whether an address is this machine's own.

    >>> is_local("localhost:5000"), is_local("localhost.evil.example")
    (True, False)
    """
    return LOCAL.fullmatch(address) is not None

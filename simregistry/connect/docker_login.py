"""Who a client is at a real registry when nobody signed in here: whoever ``docker login`` signed in on this machine."""

from __future__ import annotations

import base64
import json
import os
import re
from pathlib import Path
from typing import Any

from simregistry.client.sign_in import Credentials, Keyring, SignedTransport
from simregistry.connect.remote import HUB, Remote

# The host that docker keeps Docker Hub's credentials under.
HUB_KEY = "index.docker.io"


def docker_credentials(host: str, file: Path | None = None) -> Credentials:
    """Read what ``docker login`` wrote for a host.

    Empty where there is nothing, where it can't be read, or where docker left the password to a helper program.
    """
    for entry in _entries(host, file or Path(os.environ.get("DOCKER_CONFIG", Path.home() / ".docker"), "config.json")):
        try:
            user, _, password = base64.b64decode(entry["auth"]).decode("utf-8", "replace").partition(":")
        except (LookupError, TypeError, ValueError):
            continue
        # A name without a password stands beside an identity token, which this client doesn't speak.
        if user and password:
            return Credentials(user, password)
    return Credentials()


def _entries(host: str, file: Path) -> list[Any]:
    """List what a config.json holds for a host. Old versions of docker wrote an address as the key: https://HOST/v1/."""
    try:
        auths = json.loads(file.read_text(encoding="utf-8"))["auths"]
        as_it_is = [auths[host]] if host in auths else []
        wanted = HUB_KEY if host == HUB else host
        return as_it_is + [entry for key, entry in auths.items() if _host_of(key) == wanted]
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return []


def _host_of(key: str) -> str:
    return re.sub(r"^https?://", "", key).partition("/")[0]


def signed_remote(host: str) -> SignedTransport:
    """Reach a registry as whoever ``docker login`` signed in, or as nobody."""
    return SignedTransport(Remote(host), Keyring(docker_credentials(host)))

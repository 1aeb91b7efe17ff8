"""Who a client is at a real registry when nobody signed in here: whoever ``docker login`` signed in on this machine.

Docker's file is foreign input. Many versions wrote it, people edit it, and most passwords aren't in it. What can't be
used is no credentials, and a sentence for whoever the registry then asks to sign in.
"""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from simregistry.client.sign_in import TOKEN, Credentials, Keyring, SignedTransport
from simregistry.connect.remote import HUB, Remote
from simregistry.errors import InvalidValue
from simregistry.oci.json_document import read_document
from simregistry.oci.limits import LARGEST_DOCUMENT

# The host that docker keeps Docker Hub's credentials under.
HUB_KEY = "index.docker.io"


def docker_credentials(host: str, file: Path | None = None) -> Credentials:
    """Read what ``docker login`` wrote for a host.

    Without a name where there is nothing, where it can't be read, or where docker left the password to a helper
    program. If there is something, ``missing`` says why it can't be used.
    """
    file = file or Path(os.environ.get("DOCKER_CONFIG") or os.path.expanduser("~/.docker"), "config.json")
    try:
        config = _config_in(file)
    except InvalidValue as error:
        return Credentials(missing=f"{error}; run `docker login {host}` again")
    reason = ""
    for entry in _entries(host, config):
        credentials, why = _credentials_in(entry)
        if credentials.user:
            return credentials
        if credentials.identity:
            spent = f"the identity token for {host} in {file} opened nothing; run `docker login {host}` again"
            return replace(credentials, missing=spent)
        reason = reason or why
    if helper := _helper(host, config):
        return Credentials(
            missing=f"{file} leaves the password to the program docker-credential-{helper}, which isn't asked here; "
            f"set DOCKER_CONFIG to an empty folder, and run `docker login {host}` and this again"
        )
    if reason:
        reason = f"the entry for {host} in {file} {reason}; run `docker login {host}` again"
    return Credentials(missing=reason)


def _config_in(file: Path) -> Mapping[str, Any]:
    """Read a config.json; empty where there is none; raise InvalidValue where it can't be read."""
    try:
        if not file.exists():
            return {}
        # A pipe in the file's place would be waited for without end.
        if not file.is_file():
            raise InvalidValue("docker's configuration", str(file), "isn't a file")
        with file.open("rb") as stream:
            raw = stream.read(LARGEST_DOCUMENT + 1)
    except OSError as error:
        raise InvalidValue("docker's configuration", str(file), f"can't be read: {error.strerror}") from None
    if len(raw) > LARGEST_DOCUMENT:
        raise InvalidValue("docker's configuration", str(file), f"is larger than {LARGEST_DOCUMENT:,} bytes")
    try:
        return read_document(raw, str(file))
    except InvalidValue as error:
        # Without the bytes: they may be a password.
        raise InvalidValue("docker's configuration", str(file), error.rule) from None


def _entries(host: str, config: Mapping[str, Any]) -> list[Any]:
    """List what a config.json holds for a host. Old versions of docker wrote an address as the key: https://HOST/v1/."""
    auths = config.get("auths")
    if not isinstance(auths, dict):
        return []
    wanted = HUB_KEY if host == HUB else host.lower()
    as_it_is = [auths[host]] if host in auths else []
    return as_it_is + [entry for key, entry in auths.items() if key != host and _host_of(key) == wanted]


def _host_of(key: str) -> str:
    return re.sub(r"^https?://", "", key.lower()).partition("/")[0]


def _credentials_in(entry: object) -> tuple[Credentials, str]:
    """Read one entry; return its credentials, or none and why they can't be used."""
    # Docker leaves an empty entry where a helper program has the password.
    if not entry:
        return Credentials(), ""
    if not isinstance(entry, dict):
        return Credentials(), "isn't an object"
    # An identity token stands beside a name of zeros, or a name without a password: the token is what counts.
    if identity := entry.get("identitytoken"):
        if isinstance(identity, str) and TOKEN.fullmatch(identity):
            return Credentials(identity=identity), ""
        return Credentials(), "has an identity token that isn't a line of visible characters"
    user, password = entry.get("username"), entry.get("password")
    if auth := entry.get("auth"):
        try:
            # Docker breaks lines in no way, people do.
            decoded = base64.b64decode("".join(auth.split()), validate=True).decode()
        except (AttributeError, ValueError):
            return Credentials(), "isn't base64 of a name and a password"
        user, _, password = decoded.partition(":")
        # Old versions padded the password with zero bytes, and docker takes them off.
        password = password.strip("\0")
    if isinstance(user, str) and isinstance(password, str) and user and password:
        return Credentials(user, password), ""
    return Credentials(), "has no name with a password"


def _helper(host: str, config: Mapping[str, Any]) -> str:
    """Name the helper program that has the password of a host; "" where docker uses none."""
    helpers = config.get("credHelpers")
    own = helpers.get(host) if isinstance(helpers, dict) else None
    name = own or config.get("credsStore")
    return ascii(name)[1:-1] if isinstance(name, str) else ""


def signed_remote(host: str) -> SignedTransport:
    """Reach a registry as whoever ``docker login`` signed in, or as nobody."""
    return SignedTransport(Remote(host), Keyring(docker_credentials(host)))

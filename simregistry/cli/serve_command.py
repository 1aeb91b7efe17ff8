"""`simregistry serve`: serve a registry in memory to real clients."""

from __future__ import annotations

import argparse
import secrets
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from simregistry.cli.copy_command import FILES, open_place
from simregistry.cli.exchange_log import ExchangeLog
from simregistry.cli.lab_command import port
from simregistry.connect.docker_archive import DockerArchive
from simregistry.connect.loading import load_images, load_storage
from simregistry.connect.oci_layout import OciLayout
from simregistry.errors import InvalidValue
from simregistry.registry.middleware.accounts import ACTIONS, Access, Account, Grant
from simregistry.registry.middleware.gate import BearerGate
from simregistry.registry.middleware.middleware import Middleware
from simregistry.registry.middleware.tokens import PATH, TokenService
from simregistry.registry.products.opening import middleware_of
from simregistry.registry.products.product import NAMES, product
from simregistry.registry.registry import Registry
from simregistry.registry.storage.storage import Storage

if TYPE_CHECKING:
    import ssl


def describe(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    serve = commands.add_parser("serve", help="serve a registry in memory, for real clients to push to and pull from")
    serve.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: this machine alone)")
    serve.add_argument("--port", type=port_or_any, default=5000, help="0 means any free one (default: %(default)s)")
    serve.add_argument("--max-bytes", type=int, default=1 << 40, metavar="N", help="the most bytes of one upload")
    serve.add_argument(
        "--from",
        dest="source",
        metavar="PATH",
        help="start with these images: a storage folder, oci:… or docker-archive:…",
    )
    serve.add_argument("--product", "--family", choices=NAMES, metavar="NAME", help=f"behave as {', '.join(NAMES)}")
    serve.add_argument(
        "--user", action="append", default=[], metavar="NAME:PASSWORD",
        help="require sign-in; this account may do everything in NAME/… and what --grant allows (repeatable)",
    )  # fmt: skip
    serve.add_argument(
        "--grant", action="append", default=[], metavar="NAME:PATTERN[:ACTIONS]",
        help="let an account pull (or pull,push,delete) in the repositories that match a pattern (repeatable)",
    )  # fmt: skip
    serve.add_argument(
        "--public", action="append", default=[], metavar="PATTERN", help="let anybody pull from these repositories"
    )
    serve.add_argument("--tls-cert", metavar="FILE", help="use TLS with this certificate")
    serve.add_argument("--tls-key", metavar="FILE", help="the key of the certificate")
    serve.set_defaults(run=run_serve)


def port_or_any(text: str) -> int:
    """Read a port number, or 0 for any free port."""
    return 0 if text == "0" else port(text)


def run_serve(arguments: argparse.Namespace) -> int:
    """Serve until Ctrl-C or SIGTERM; print the address, and one line for each exchange."""
    # Imported here, because a server needs libraries that no other command needs.
    import asyncio

    from simregistry.connect.server import serve

    tls = tls_context(arguments.tls_cert, arguments.tls_key)
    scheme = "https" if tls else "http"
    storage, access = load_registry(arguments.source), access_of(arguments)
    # Whoever can guess the id of somebody's upload can add to it.
    storage.uploads.new_id = lambda _number: str(uuid4())

    async def run() -> None:
        ended, loop = asyncio.Event(), asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, ended.set)
        limit, registry = arguments.max_bytes, Registry(arguments.host, storage)
        log = ExchangeLog(sys.stdout)
        served = serve(registry, arguments.host, arguments.port, max_bytes=limit, tls=tls, watch=log.note)
        # A token names the service and the realm by the server's address. With port 0 that is known only now.
        middleware = middleware_for(arguments.product, access, served.address, scheme)
        served.registry = replace(registry, middleware=middleware)
        print(f"serving at {scheme}://{served.address}/v2/ (Ctrl-C ends it)", flush=True)
        if arguments.host not in ("127.0.0.1", "::1", "localhost"):
            risk = "nobody has to sign in" if access is None else "" if tls else "passwords are sent unencrypted"
            print(f"note: other machines can reach it{', and ' + risk if risk else ''}", file=sys.stderr, flush=True)
        await ended.wait()
        await served.stop()
        if images := len(registry.images()):
            print(
                f"ended; {images} image{'s' if images > 1 else ''} in memory are not kept", file=sys.stderr, flush=True
            )

    asyncio.run(run())
    return 0


def tls_context(certificate: str | None, key: str | None) -> ssl.SSLContext | None:
    """Load the certificate and its key; return None if neither is given."""
    if not certificate and not key:
        return None
    for file in (certificate, key):
        if not file or not Path(file).is_file():
            raise InvalidValue("certificate", file, "TLS needs two files, --tls-cert and --tls-key")
    import ssl

    assert certificate is not None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    return context


def access_of(arguments: argparse.Namespace) -> Access | None:
    """Read from the arguments who may do what; return None if nobody has to sign in."""
    if not arguments.user:
        if arguments.grant or arguments.public:
            raise InvalidValue("access", "--grant or --public", "name the accounts with --user NAME:PASSWORD first")
        return None
    pairs = [text.partition(":") for text in arguments.user]
    for name, _, password in pairs:
        if not (name and password):
            raise InvalidValue("user", name, "write NAME:PASSWORD; an account without a password would be open to all")
    accounts = tuple(Account(name, password) for name, _, password in pairs)
    own = [Grant(account.name, f"{account.name}/*", ACTIONS) for account in accounts]
    return Access(accounts, (*own, *(grant_of(text) for text in arguments.grant)), tuple(arguments.public))


def grant_of(text: str) -> Grant:
    """Read a grant, written as ``NAME:PATTERN[:ACTIONS]``."""
    name, _, rest = text.partition(":")
    pattern, _, actions = rest.partition(":")
    if not (name and pattern):
        raise InvalidValue("grant", text, "write NAME:PATTERN or NAME:PATTERN:pull,push,delete")
    return Grant(name, pattern, tuple(actions.split(",")) if actions else ("pull",))


def middleware_for(name: str | None, access: Access | None, address: str, scheme: str) -> tuple[Middleware, ...]:
    """Return the middleware of the served registry: a product's, or a gate alone, or none."""
    key, realm = secrets.token_bytes(32), f"{scheme}://{address}{PATH}"
    if name is not None:
        return middleware_of(product(name), address, access, time.time, key=key, realm=realm)
    if access is None:
        return ()
    return (BearerGate(TokenService(access, address, 300, time.time, key), realm),)


def load_registry(source: str | None) -> Storage:
    """Load the images to serve; print on stderr what is left out, and what gets a name that it didn't have."""
    if source is None:
        return Storage()
    if source.startswith(FILES):
        kind, place, _ = open_place(source)
        images = OciLayout(place) if kind == "oci" else DockerArchive(place)
        return load_images(images, place, lambda text: print(f"note: {text}", file=sys.stderr))
    storage, faults = load_storage(source.removeprefix("storage:"))
    for fault in faults:
        print(f"note: {fault.place}: {fault.what}", file=sys.stderr)
    return storage

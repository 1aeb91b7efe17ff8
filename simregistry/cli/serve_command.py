"""`simregistry serve`: a registry in memory, for real clients."""

from __future__ import annotations

import argparse
import secrets
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path

from simregistry.cli.copy_command import FILES, open_place, open_source
from simregistry.cli.lab_command import port
from simregistry.connect.loading import load_images, load_storage
from simregistry.errors import InvalidValue
from simregistry.oci.messages import Exchange, shorten
from simregistry.registry.middleware.accounts import ACTIONS, Access, Account, Grant
from simregistry.registry.middleware.gate import BearerGate
from simregistry.registry.middleware.middleware import Middleware
from simregistry.registry.middleware.tokens import PATH, TokenService
from simregistry.registry.products.opening import middleware_of
from simregistry.registry.products.product import NAMES, product
from simregistry.registry.registry import Registry
from simregistry.registry.storage.storage import Storage


def describe(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command."""
    serve = commands.add_parser("serve", help="serve a registry in memory, for real clients to push to and pull from")
    serve.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: this machine alone)")
    serve.add_argument("--port", type=port_or_any, default=5000, help="0 takes a free one (default: %(default)s)")
    serve.add_argument("--max-bytes", type=int, default=1 << 40, metavar="N", help="the most bytes of one upload")
    serve.add_argument(
        "--from", dest="source", metavar="PATH", help="what it holds: a storage folder, oci:… or docker-archive:…"
    )
    serve.add_argument("--product", "--family", choices=NAMES, metavar="NAME", help=f"behave as {', '.join(NAMES)}")
    serve.add_argument(
        "--user", action="append", default=[], metavar="NAME:PASSWORD",
        help="ask who is there; this account may do everything in NAME/… and whatever --grant says (repeatable)",
    )  # fmt: skip
    serve.add_argument(
        "--grant", action="append", default=[], metavar="NAME:PATTERN[:ACTIONS]",
        help="let an account pull (or pull,push,delete) in the repositories that a pattern fits (repeatable)",
    )  # fmt: skip
    serve.add_argument(
        "--public", action="append", default=[], metavar="PATTERN", help="repositories that anybody may pull from"
    )
    serve.add_argument("--tls-cert", metavar="FILE", help="speak TLS with this certificate")
    serve.add_argument("--tls-key", metavar="FILE", help="and this key")
    serve.set_defaults(run=run_serve)


def port_or_any(text: str) -> int:
    """Read a port number, or 0 for any that is free."""
    return 0 if text == "0" else port(text)


def run_serve(arguments: argparse.Namespace) -> int:
    """Serve until Ctrl-C or SIGTERM; prints the address, and a line for each exchange."""
    # A server needs libraries that no other command does.
    import asyncio
    import ssl

    from simregistry.connect import server as door

    tls = None
    if arguments.tls_cert or arguments.tls_key:
        for file in (arguments.tls_cert, arguments.tls_key):
            if not file or not Path(file).is_file():
                raise InvalidValue("certificate", file, "TLS needs two files, --tls-cert and --tls-key")
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(arguments.tls_cert, arguments.tls_key)

    storage, access = load_registry(arguments.source), access_of(arguments)

    async def run() -> None:
        ended, loop = asyncio.Event(), asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, ended.set)
        limit, registry = arguments.max_bytes, Registry(arguments.host, storage)
        served = door.serve(registry, arguments.host, arguments.port, max_bytes=limit, tls=tls, watch=print_exchange)
        scheme = "https" if tls else "http"
        # The address is known by now, which a token's service and realm are named after.
        middleware = middleware_for(arguments.product, access, served.address, scheme)
        served.registry = replace(registry, middleware=middleware)
        print(f"serving at {scheme}://{served.address}/v2/ (Ctrl-C ends it)", flush=True)
        if arguments.host not in ("127.0.0.1", "::1", "localhost"):
            who = "nobody has to sign in" if access is None else "passwords travel in the clear" if not tls else ""
            print(f"note: other machines can reach it{', and ' + who if who else ''}", file=sys.stderr, flush=True)
        await ended.wait()
        await served.stop()

    asyncio.run(run())
    return 0


def access_of(arguments: argparse.Namespace) -> Access | None:
    """Read who may do what; None where nobody is asked."""
    if not arguments.user:
        if arguments.grant or arguments.public:
            raise InvalidValue("access", "--grant or --public", "name the accounts with --user NAME:PASSWORD first")
        return None
    pairs = [text.partition(":") for text in arguments.user]
    accounts = tuple(Account(name, password) for name, _, password in pairs)
    own = [Grant(account.name, f"{account.name}/*", ACTIONS) for account in accounts]
    return Access(accounts, (*own, *(grant_of(text) for text in arguments.grant)), tuple(arguments.public))


def grant_of(text: str) -> Grant:
    """Read ``NAME:PATTERN[:ACTIONS]``."""
    name, _, rest = text.partition(":")
    pattern, _, actions = rest.partition(":")
    if not (name and pattern):
        raise InvalidValue("grant", text, "write NAME:PATTERN or NAME:PATTERN:pull,push,delete")
    return Grant(name, pattern, tuple(actions.split(",")) if actions else ("pull",))


def middleware_for(name: str | None, access: Access | None, address: str, scheme: str) -> tuple[Middleware, ...]:
    """Make the middleware of what is served: a product's, or a gate alone."""
    key, realm = secrets.token_bytes(32), f"{scheme}://{address}{PATH}"
    if name is not None:
        return middleware_of(product(name), address, access, time.time, key=key, realm=realm)
    if access is None:
        return ()
    return (BearerGate(TokenService(access, address, 300, time.time, key), realm),)


def load_registry(source: str | None) -> Storage:
    """Load what is to be served; what is left out of a storage folder is said on stderr."""
    if source is None:
        return Storage()
    if source.startswith(FILES):
        opened, _ = open_source(source)
        return load_images(opened, open_place(source)[1])
    storage, faults = load_storage(source.removeprefix("storage:"))
    for fault in faults:
        print(f"note: {fault.place}: {fault.what}", file=sys.stderr)
    return storage


def print_exchange(exchange: Exchange) -> None:
    """Print one exchange in a line: what was asked, the answer, and body bytes up and down."""
    print(f"{shorten(exchange.request.line)} {exchange.status} ↑{exchange.up:,} ↓{exchange.down:,}", flush=True)

"""`simregistry serve`: a registry in memory, for real clients."""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path

from simregistry.cli.lab import port
from simregistry.cli.places import FILES, open_place, open_source
from simregistry.connect.loading import load_images, load_storage
from simregistry.errors import InvalidValue
from simregistry.oci.messages import Exchange, shorten
from simregistry.registry.backend import Backend
from simregistry.registry.registry import Registry


def describe(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command."""
    serve = commands.add_parser("serve", help="serve a registry in memory, for real clients to push to and pull from")
    serve.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: this machine alone)")
    serve.add_argument("--port", type=port_or_any, default=5000, help="0 takes a free one (default: %(default)s)")
    serve.add_argument("--max-bytes", type=int, default=1 << 40, metavar="N", help="the most bytes of one upload")
    serve.add_argument(
        "--from", dest="source", metavar="PATH", help="what it holds: a storage folder, oci:… or docker-archive:…"
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

    registry = Registry(arguments.host, load(arguments.source))

    async def run() -> None:
        ended, loop = asyncio.Event(), asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, ended.set)
        limit = arguments.max_bytes
        served = door.serve(registry, arguments.host, arguments.port, max_bytes=limit, tls=tls, watch=print_exchange)
        print(f"serving at {'https' if tls else 'http'}://{served.address}/v2/ (Ctrl-C ends it)", flush=True)
        if arguments.host not in ("127.0.0.1", "::1", "localhost"):
            print("note: other machines can reach it, and nobody has to sign in", file=sys.stderr, flush=True)
        await ended.wait()
        await served.stop()

    asyncio.run(run())
    return 0


def load(source: str | None) -> Backend:
    """Load what is to be served; what is left out of a storage folder is said on stderr."""
    if source is None:
        return Backend()
    if source.startswith(FILES):
        opened, _ = open_source(source)
        return load_images(opened, open_place(source)[1])
    backend, faults = load_storage(source.removeprefix("storage:"))
    for fault in faults:
        print(f"note: {fault.place}: {fault.what}", file=sys.stderr)
    return backend


def print_exchange(exchange: Exchange) -> None:
    """Print one exchange in a line: what was asked, the answer, and body bytes up and down."""
    print(f"{shorten(exchange.request.line)} {exchange.status} ↑{exchange.up:,} ↓{exchange.down:,}", flush=True)

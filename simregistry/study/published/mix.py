"""The request mix of IBM's registry: which requests a server gets from pushes, counted in our client's conversations.

Each repository of a made hub has a client, which pushes the versions one after the other. Pulls are left out. The share
of GETs is an input, since it only says how many pulls there are for a push. The shares of the other methods are
computed.
"""

from __future__ import annotations

from collections import Counter
from functools import cache, partial

from simregistry.client.client import Client
from simregistry.registry.registry import Registry
from simregistry.study.examples.small_images import SmallImage, put_small
from simregistry.study.population import Hub, populate
from simregistry.study.published.figure import Figure
from simregistry.study.published.trace import METHODS, SOURCE

HOST = "registry.example"
IMAGES = 400
ALL = sum(METHODS.values())
GETS = METHODS["GET"] / ALL


@cache
def push_requests() -> Counter[str]:
    """Push every image of a small made hub, and count the requests by method, without the GETs."""
    hub = populate(Hub(images=IMAGES, seed=1))
    registry = Registry(HOST)
    clients: dict[int, Client] = {}
    counted: Counter[str] = Counter()
    for number, (name, layers) in enumerate(hub.named()):
        client = clients.setdefault(int(hub.repository[number]), Client(registries=[registry]))
        image = SmallImage.of_nominal(layers, f'{{"image":{number}}}'.encode())
        put_small(client.store, f"{HOST}/{name}", image)
        counted.update(exchange.request.method for exchange in client.push(f"{HOST}/{name}").conversation)
    del counted["GET"]
    return counted


def share_of_requests(method: str) -> float:
    """Compute a method's share of all requests, the given share of GETs included."""
    return (1 - GETS) * push_requests()[method] / sum(push_requests().values())


GIVEN = f"the share of GETs; {IMAGES} images of a made hub, pushed in order by clients that remember what they pushed"
WHY = {
    "HEAD": "clients there ask more often for what they do not send: 3.3 times for a manifest, with 0.6 uploads",
    "POST": "the made hub brings more new blobs with a push than the pushes of the trace did",
    "PATCH": "as for POST; and it has fewer PATCH than uploads: some blobs came in the PUT that ends one",
}
FIGURES = (
    Figure(
        "ibm-get", "share of GET among the requests", GETS, "share", "D", "input", SOURCE, "the count itself",
        lambda: 1 - sum(map(share_of_requests, push_requests())),
    ),
    *(
        Figure(
            f"ibm-{method.lower()}", f"share of {method} among the requests", METHODS[method] / ALL, "share", "D",
            "result", SOURCE, GIVEN, partial(share_of_requests, method), WHY.get(method, ""),
        )
        for method in ("HEAD", "PUT", "POST", "PATCH")
    ),
)  # fmt: skip

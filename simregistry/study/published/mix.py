"""The request mix of IBM's registry: what pushes look like to a server, by our client's own conversations.

A made hub's versions are pushed one after the other, each repository by a client of its own. Reading is left out: the
share of GETs is put in, since it only says how many pulls there were for a push. How the rest divides comes out.
"""

from __future__ import annotations

from collections import Counter
from functools import cache, partial

from simregistry.client.client import Client
from simregistry.oci.content import Nominal
from simregistry.oci.descriptor import Descriptor
from simregistry.oci.manifest import ImageManifest
from simregistry.oci.media_types import OCI_CONFIG
from simregistry.registry.registry import Registry
from simregistry.study.population import Hub, populate
from simregistry.study.published.figure import Figure
from simregistry.study.published.trace import METHODS, SOURCE

HOST = "registry.example"
IMAGES = 400
ALL = sum(METHODS.values())
GETS = METHODS["GET"] / ALL


@cache
def push_requests() -> Counter[str]:
    """Push every image of a small made hub, and count the requests by method, GETs left out."""
    hub = populate(Hub(images=IMAGES, seed=1))
    registry = Registry(HOST)
    clients: dict[int, Client] = {}
    counted: Counter[str] = Counter()
    for number, (name, layers) in enumerate(hub.named()):
        client = clients.setdefault(int(hub.repository[number]), Client(registries=[registry]))
        store = client.store
        store.blobs.update({layer.digest: Nominal(layer.digest, layer.size) for layer in layers})
        config = Descriptor.of(store.content(store.put_blob(f'{{"image":{number}}}'.encode())), OCI_CONFIG)
        store.put_image(f"{HOST}/{name}", ImageManifest.of(config, layers))
        counted.update(each.request.method for each in client.push(f"{HOST}/{name}").conversation)
    del counted["GET"]
    return counted


def share_of_requests(method: str) -> float:
    """Give a method's share of all requests, with the GETs that were put in."""
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

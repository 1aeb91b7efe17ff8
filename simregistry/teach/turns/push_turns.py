"""Turns of the lesson on pushing: six messages in an order of one's own, really sent."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from simregistry.oci.config import ImageConfig
from simregistry.oci.content import bytes_of
from simregistry.oci.descriptor import Descriptor
from simregistry.oci.digest import Digest
from simregistry.oci.layer import Changeset
from simregistry.oci.manifest import ImageManifest
from simregistry.oci.media_types import OCI_CONFIG, OCI_LAYER
from simregistry.oci.messages import Request, Response, shorten
from simregistry.registry.registry import Registry
from simregistry.teach.answers import Order
from simregistry.teach.reveals import Reveal
from simregistry.teach.turns.turn import Turn
from simregistry.teach.unread import Unread

PING, MANIFEST = "GET /v2/", "PUT the manifest"
BEGIN = {what: f"POST an upload for the {what}" for what in ("layer", "config")}
CLOSE = {what: f"PUT the {what}'s bytes with its digest" for what in ("layer", "config")}
# Shown in no useful order: sorted by name.
MESSAGES = tuple(sorted([PING, MANIFEST, *BEGIN.values(), *CLOSE.values()]))
ONE_WAY = [PING, BEGIN["layer"], CLOSE["layer"], BEGIN["config"], CLOSE["config"], MANIFEST]
# An upload that nobody opened: what a client would have to make up.
NO_UPLOAD = "/v2/app/blobs/uploads/never-opened"


def order() -> Turn:
    """Ask for the order of a push's messages, and send them."""
    listed = "\n".join(f"    {message}" for message in MESSAGES)
    return Turn(
        "push.order",
        "An image has one layer and a config. The registry is empty. Put these six messages in an order that works:"
        f"\n\n{listed}\n\n"
        "Write them as a list of strings. They are sent in your order, and the registry answers each one.",
        play,
        json.dumps(ONE_WAY, indent=4),
        "An upload is opened before it is closed, and the manifest comes when everything that it names is there. "
        "GET /v2/ comes first by habit. It asks whether a registry is there at all.",
        (
            "Which message is answered with an address that another message needs?",
            "A blob takes two messages. One opens an upload, and the other sends the bytes and their digest.",
            "The registry refuses a manifest as long as something that it names is missing.",
        ),
    )


def play(answer: object) -> Reveal:
    """Send the messages in the order given, and stop at the first refusal."""
    messages = Order(MESSAGES).read(answer)
    if isinstance(messages, Unread):
        return messages.reveal(answer, f"a list, in order, of: {'; '.join(MESSAGES)}")
    if sorted(messages) != list(MESSAGES):
        missing = [message for message in MESSAGES if message not in messages]
        more = f" Missing: {'; '.join(missing)}." if missing else ""
        return Reveal(f"Not yet: use each of the {len(MESSAGES)} messages once.{more}", False)
    return _sent(messages)


def _sent(messages: tuple[str, ...]) -> Reveal:
    registry, uploads = Registry("registry.example"), dict[str, str]()
    requests = _requests(uploads)
    said = []
    for number, message in enumerate(messages, 1):
        request = requests[message]()
        response = registry.handle(request)
        said.append(f"{number}. {message}: {response.status}")
        if response.status >= 400:
            sentence = f"Not yet: message {number} of {len(messages)} is refused. {_refusal(response)}"
            return Reveal(sentence, False, (number - 1) / len(messages), tuple(said))
        for what, begin in BEGIN.items():
            if message == begin:
                uploads[what] = response.header("Location")
    return Reveal("Right: the registry took every message, and app:v1 can be pulled.", True, 1.0, tuple(said))


def _refusal(response: Response) -> str:
    error = json.loads(bytes_of(response.body))["errors"][0]
    return f"The registry says {response.status} {error['code']}: {shorten(error['message'])}."


def _requests(uploads: Mapping[str, str]) -> dict[str, Callable[[], Request]]:
    """Make the requests of one small image; an upload's address is looked up when its request is sent."""
    layer = Changeset.of({"hello": "hi"})
    archive, config = layer.to_tar(), ImageConfig.of([layer.diff_id])
    manifest = ImageManifest.of(Descriptor.of(config.raw, OCI_CONFIG), [Descriptor.of(archive, OCI_LAYER)])
    blobs = {"layer": archive, "config": config.raw}

    def begin() -> Request:
        return Request("POST", "/v2/app/blobs/uploads/")

    def closing(what: str) -> Callable[[], Request]:
        content = blobs[what]
        return lambda: Request("PUT", uploads.get(what, NO_UPLOAD), {"digest": str(Digest.of(content))}, {}, content)

    headers = {"Content-Type": manifest.media_type}
    return {
        PING: lambda: Request("GET", "/v2/"),
        MANIFEST: lambda: Request("PUT", "/v2/app/manifests/v1", {}, headers, manifest.raw),
        **dict.fromkeys(BEGIN.values(), begin),
        **{message: closing(what) for what, message in CLOSE.items()},
    }


TURNS = {"order": order}

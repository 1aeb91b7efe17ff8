"""Push, a mount by hand: the request that links a blob into another repository."""

from __future__ import annotations

import random
from collections.abc import Callable

from simregistry.oci.digest import Digest
from simregistry.oci.messages import Request
from simregistry.registry.registry import Registry
from simregistry.study.examples.small_images import SmallImage, push_blobs, push_small
from simregistry.teach.answers import FreeText
from simregistry.teach.exercises.named_layers import HOST, SERVICES
from simregistry.teach.problem import Misconception, Problem, beliefs


def mount_by_hand(dice: random.Random) -> Problem:
    """Ask for the request that links a blob into another repository."""
    source, target = dice.sample(SERVICES, 2)
    data = f"layer {dice.randint(1, 999)}\n".encode()
    digest = Digest.of(data)
    problem = _mounted_by(source, target, digest, data)
    right = f"POST /v2/{target}/blobs/uploads/?mount={digest}&from={source}"
    return Problem(
        text=(
            f"The repository {source} has the blob {digest}. The repository {target} needs it too. Which request "
            "does this without sending a byte? Write its method and its path, with the query after a question mark."
        ),
        answer=FreeText(right, problem, "requests, one a line, such as HEAD /v2/app/blobs/sha256:…"),
        misconceptions=_beliefs_on_mount_by_hand(target, digest, source),
        hints=(
            "It's the request that opens an upload, with a query.",
            "distribution-spec, Mounting a blob from another repository: mount=DIGEST and from=REPOSITORY.",
        ),
        why="The answer 201 says that the link is made (distribution-spec, Mounting a blob from another repository).",
        also_right=(
            f"POST /v2/{target}/blobs/uploads/?from={source}&mount={digest}",
            f"HEAD /v2/{source}/blobs/{digest}\n{right}",
            f"post /v2/{target}/blobs/uploads/?mount={digest}&from={source}",
        ),
    )


def _mounted_by(source: str, target: str, digest: Digest, data: bytes) -> Callable[[str], str]:
    """Make the check of requests: are they answered, and is the blob linked?"""

    def problem(text: str) -> str:
        registry = Registry(HOST)
        for name in (source, target):
            push_small(registry, name, "1", SmallImage.of_files([(f"bin/{name}", name)]))
        push_blobs(registry, source, {digest: data})
        for number, line in enumerate(text.splitlines()[:10], 1):
            method, _, address = line.partition(" ")
            if not address.strip().startswith("/v2/") or not method.isalpha():
                return f"line {number}: write a method and a path, such as HEAD /v2/app/blobs/sha256:…"
            response = registry.handle(Request.to(method.upper(), address.strip()))
            if response.status >= 400:
                return f"line {number} is answered with {response.status}"
        linked = digest in registry.snapshot().links.get(target, ())
        open_uploads = sum(registry.snapshot().uploads.values())
        left = " and an upload is left open" if open_uploads else ""
        return "" if linked and not open_uploads else f"{target} {'has' if linked else 'does not have'} the blob{left}"

    return problem


def _beliefs_on_mount_by_hand(target: str, digest: Digest, source: str) -> tuple[Misconception, ...]:
    return beliefs(
        ("asking is enough", f"HEAD /v2/{target}/blobs/{digest}", "A HEAD only asks. It changes nothing."),
        ("source and target are exchanged", f"POST /v2/{source}/blobs/uploads/?mount={digest}&from={target}",
         "The path names the repository that gets the blob. The query names the one that has it."),
        ("an upload is opened, and that is all", f"POST /v2/{target}/blobs/uploads/",
         "That opens an upload, which waits for bytes. A mount needs a query as well."),
        ("a blob is copied by PUT", f"PUT /v2/{target}/blobs/{digest}",
         "No registry knows this request. A blob arrives by an upload or by a mount."),
    )  # fmt: skip

"""What is so in the lesson on public and private, computed from the messages, tokens, blobs and comparisons."""

from __future__ import annotations

from collections.abc import Sequence

from simregistry.client.transfer_report import PullReport
from simregistry.errors import SimRegistryError
from simregistry.oci.content import bytes_of
from simregistry.oci.layer import Changeset
from simregistry.oci.messages import Conversation, Response
from simregistry.registry.middleware.accounts import PULL, PUSH
from simregistry.registry.middleware.tokens import Token
from simregistry.registry.registry import Registry
from simregistry.study.products.compare import Comparison
from simregistry.study.products.product_scene import ProductScene
from simregistry.teach.predictions.prediction import Truth

# What the first answer about the manifest is, and whether the manifest comes in the end.
FIRST = {
    (200, True): "200, and the manifest comes with it",
    (401, True): "401, and the pull goes on",
    (401, False): "401, and the pull fails",
    (403, False): "403, and the pull fails",
}
LIMITED = "docker-hub"


def first_answer(pull: PullReport) -> Truth:
    """Read the first and the last answer about the manifest off the conversation."""
    statuses = [exchange.status or 0 for exchange in pull.conversation if "/manifests/" in exchange.request.path]
    return Truth(FIRST[statuses[0], statuses[-1] == 200], {"last": statuses[-1]})


def token_row(conversation: Conversation) -> Truth:
    """Find the message that fetches a token for a repository, among those to the token service."""
    fetched = [(row, exchange.request.query) for row, exchange in enumerate(conversation, 1)
               if exchange.request.path == "/token"]  # fmt: skip
    row, query = next((row, query) for row, query in fetched if "scope" in query)
    return Truth(row, {"scope": query["scope"], "first": fetched[0][0]})


def bobs_token(answer: Response, token: Token) -> Truth:
    """Say what the service gave, and what the token is good for."""
    actions = {action for scope in token.access for action in scope.actions}
    facts = {"status": answer.status, "account": token.account}
    if not answer.ok:
        return Truth("no token, because the repository is Alice's", facts)
    if PUSH in actions:
        return Truth("a token that lets him push", facts)
    return Truth("a token that lets him pull" if PULL in actions else "a token that allows nothing", facts)


def about_the_password(screen: str) -> Truth:
    """Find the refusals of a terminal that speak of a password, among the first and the last one."""
    commands = [block.partition("\n")[2] for block in screen.split("$ docker ")]
    refusals = [
        line.partition(": ")[2] for block in commands for line in block.splitlines() if line.startswith("Error")
    ]
    named = ("password" in refusals[0], "password" in refusals[-1])
    words = {(True, False): "that of the first login", (False, True): "that of the last pull", (True, True): "both"}
    shown = [refusal.rpartition(": ")[2] for refusal in (refusals[0], refusals[-1])]
    return Truth(words.get(named, "neither"), {"refusal": shown[0], "other": shown[1]})


def stolen_disk(blob: bytes) -> Truth:
    """Open a layer as it is on the shelf, without a key, and look for its files."""
    try:
        files = [entry for entry in Changeset.from_blob(blob) if entry.kind == "file"]
    except SimRegistryError:
        return Truth("nothing, because it is encrypted")
    return Truth("every file in it", {"path": files[0].path, "words": bytes_of(files[0].content).decode()})


def which_exists(names: Sequence[str], answers: Sequence[Response]) -> str:
    """Find the first part in which two answers differ, once each repository is called by one name."""
    there, missing = (_plain(name, answer) for name, answer in zip(names, answers, strict=True))
    different = [part for part in there if there[part] != missing[part]]
    return different[0] if different else "nowhere"


def _plain(name: str, answer: Response) -> dict[str, str]:
    headers = str(sorted(answer.headers.items())).replace(name, "NAME")
    body = bytes_of(answer.body).decode().replace(name, "NAME")
    return {"in the status": str(answer.status), "in the headers": headers, "in the body": body}


def counted(pull: PullReport) -> Truth:
    """Compare the limit with what is left of it after the pull."""
    left = [_number(exchange.response, "ratelimit-remaining") for exchange in pull.conversation]
    limit = max(_number(exchange.response, "ratelimit-limit") for exchange in pull.conversation)
    used = limit - min(number for number in left if number)
    blobs = sum("/blobs/" in exchange.request.path for exchange in pull.conversation)
    return Truth(used, {"layers": len(pull.layers), "blobs": blobs, "requests": len(pull.conversation)})


def _number(response: Response | None, name: str) -> int:
    """Read the number before the semicolon of a header; 0 where the header is missing."""
    return int((response.header(name) if response else "").partition(";")[0] or 0)


def first_refused(fleet: Comparison) -> Truth:
    """Find the pull that is refused, and the numbers that beliefs lead to."""
    described = fleet.outcome(LIMITED).product
    limit = described.value("pull_limit")["anonymous"]
    layers = len(ProductScene(described).push("app:v1", "code").layers)
    facts = {"limit": limit, "layers": layers, "by_layer": limit // layers + 1}
    return Truth(fleet.outcome(LIMITED).facts["first_refused"], facts)


def behind_a_cache(fleet: Comparison) -> Truth:
    """Count the pulls that reach the limit through a cache."""
    facts = fleet.outcome(LIMITED).facts
    return Truth(facts["pulls_that_reach_it_through_a_cache"], {"machines": facts["pulls"], "none": 0})


def whose_program(pull: PullReport, inside: Registry, outside: Registry) -> str:
    """Say from which of two registries an image came, by its digest."""
    digests = {registry.manifest("tools/deploy", "v1").digest: whose for registry, whose in (
        (inside, "the company's program"), (outside, "the stranger's program"))}  # fmt: skip
    return digests[pull.digest]

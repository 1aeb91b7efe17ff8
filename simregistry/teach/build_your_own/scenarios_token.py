"""Scenarios for the token check: who comes to the gate with what, and whether it opens."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from simregistry.oci import json_document
from simregistry.oci.content import bytes_of
from simregistry.oci.digest import Digest
from simregistry.oci.messages import Request
from simregistry.registry.clock import Clock
from simregistry.registry.middleware.accounts import Access, Account, Grant
from simregistry.registry.middleware.tokens import PATH, TokenService
from simregistry.registry.registry import Registry
from simregistry.teach.build_your_own.collector_parts import gate
from simregistry.teach.build_your_own.scenario import Part, PartScenario

SERVICE = "registry.example"
ALICE = Account("alice", "secret")
ACCESS = Access((ALICE,), (Grant("alice", "*", ("pull", "push", "delete")),))


def shown_token(
    asked: str, method: str = "GET", path: str = "/v2/team/app/tags/list", *, after: float = 0, service: str = SERVICE,
    query: Mapping[str, str] | None = None,
) -> Callable[[Part], object]:  # fmt: skip
    """Get a token for some scopes, let time pass, and come to the gate with it."""

    def play(mine: Part) -> object:
        clock = Clock()
        tokens = TokenService(ACCESS, SERVICE, 300, clock)
        registry = Registry(middleware=(gate(tokens, f"https://{SERVICE}{PATH}", mine),))
        token_answer = tokens.answer(
            Request("GET", PATH, {"service": service, "scope": asked}, {"Authorization": "Basic YWxpY2U6c2VjcmV0"})
        )
        text = json_document.read_document(bytes_of(token_answer.body), "token")["token"]
        clock.advance(after)
        answer = registry.handle(Request(method, path, query or {}, {"Authorization": f"Bearer {text}"}))
        if answer.status != 401:
            return "it is let in"
        return f"401 {answer.header('WWW-Authenticate').rpartition('error=')[2].strip(chr(34))}"

    return play


IN, OLD, LESS = "it is let in", "401 invalid_token", "401 insufficient_scope"
PULL_APP, PUSH_APP = "repository:team/app:pull", "repository:team/app:pull,push"
EVERY = "Every action of every scope that is asked for has to be in the token, under the same type and name."
TIME = "`exp` is the moment from which on it counts no more: at that very second it is over."
MOUNT = {"mount": str(Digest.of(b"x")), "from": "team/other"}
UPLOADS = "/v2/team/app/blobs/uploads/"
TOKEN = (
    PartScenario("a token for pulling, a pull", PULL_APP, IN, shown_token(PULL_APP), EVERY),
    PartScenario(
        "a token for pulling, a push",
        f"{PULL_APP}; the push needs pull,push",
        LESS,
        shown_token(PULL_APP, "POST", UPLOADS),
        EVERY,
        ((IN, "Signed in is not allowed."),),
    ),
    PartScenario("a token for pushing, a push", PUSH_APP, IN, shown_token(PUSH_APP, "POST", UPLOADS), EVERY),
    PartScenario(
        "a token for pushing, a pull",
        PUSH_APP,
        IN,
        shown_token(PUSH_APP),
        "More than is needed is enough.",
        ((LESS, "Ask whether what is needed is in the token, not whether the two are equal."),),
    ),
    PartScenario(
        "a token for another repository",
        "repository:team/other:pull",
        LESS,
        shown_token("repository:team/other:pull"),
        EVERY,
    ),
    PartScenario(
        "a token for a longer name",
        "repository:team/app/x:pull",
        LESS,
        shown_token("repository:team/app/x:pull"),
        f"{EVERY} Names are compared whole.",
    ),
    PartScenario(
        "the actions of two entries",
        "repository:team/app:pull and repository:team/app:push",
        IN,
        shown_token("repository:team/app:pull repository:team/app:push", "POST", UPLOADS),
        "A token may have several entries for one name; their actions add up.",
    ),
    PartScenario(
        "actions of two repositories",
        "team/app:pull and team/other:push; a push to team/app",
        LESS,
        shown_token("repository:team/app:pull repository:team/other:pull,push", "POST", UPLOADS),
        "Actions add up within one name, never from one repository to another.",
    ),
    PartScenario(
        "a mount from another repository",
        f"{PUSH_APP}; it needs pull on team/other as well",
        LESS,
        shown_token(PUSH_APP, "POST", UPLOADS, query=MOUNT),
        f"{EVERY} Look at every scope of the list, not at the first alone.",
    ),
    PartScenario(
        "a mount, with all that it needs",
        "both scopes are in the token",
        IN,
        shown_token(
            f"{PUSH_APP} repository:team/other:pull",
            "POST",
            UPLOADS,
            query=MOUNT,
        ),
        EVERY,
    ),
    PartScenario(
        "nothing is needed",
        "the ping, with a token for nothing",
        IN,
        shown_token("", path="/v2/"),
        "With no scope to look for there is nothing to miss.",
    ),
    PartScenario(
        "the catalogue",
        "registry:catalog:*",
        IN,
        shown_token("registry:catalog:*", path="/v2/_catalog"),
        "A scope is type:name:actions; the catalogue's one action is written `*`, in the token as in the scope.",
    ),
    PartScenario(
        "a repository whose name is `catalog`",
        "repository:catalog:pull",
        LESS,
        shown_token("repository:catalog:pull", path="/v2/_catalog"),
        "The type has to be the same too.",
    ),
    PartScenario(
        "a name with a colon in it",
        "repository:host:5000/app:pull",
        IN,
        shown_token("repository:host:5000/app:pull", path="/v2/host:5000/app/tags/list"),
        "A name may hold a colon, as a host with a port does: the type ends at the first colon, the actions begin "
        "after the last.",
    ),
    PartScenario(
        "one second before the end", "a token of 300 s, after 299 s", IN, shown_token(PULL_APP, after=299), TIME
    ),
    PartScenario("at the end", "a token of 300 s, after 300 s", OLD, shown_token(PULL_APP, after=300), TIME),
    PartScenario("long after", "a token of 300 s, after 1,000 s", OLD, shown_token(PULL_APP, after=1000), TIME),
    PartScenario(
        "a token for another registry",
        "aud is other.example",
        OLD,
        shown_token(PULL_APP, service="other.example"),
        "`aud` says whom a token was made for: another registry's opens nothing here.",
    ),
    PartScenario(
        "too old, and too little",
        f"{PULL_APP}, after 300 s; a push",
        OLD,
        shown_token(PULL_APP, "POST", UPLOADS, after=300),
        "A token that is no longer valid gives invalid_token, no matter what it was for.",
    ),
)

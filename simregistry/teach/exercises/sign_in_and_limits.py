"""Public and private: sign-in, rights and limits."""

from __future__ import annotations

import random
from collections.abc import Callable

from simregistry.client.client import Client
from simregistry.client.sign_in import Credentials
from simregistry.errors import InvalidValue
from simregistry.oci.messages import Request, Response
from simregistry.registry.middleware.accounts import Access, Account, Grant
from simregistry.registry.middleware.gate import BasicGate
from simregistry.registry.middleware.rate_limits import RollingWindow
from simregistry.registry.middleware.scope import Scope, needed
from simregistry.registry.mirror import PullThrough
from simregistry.registry.registry import Registry
from simregistry.study.examples.small_images import SmallImage, push_small
from simregistry.table import Table
from simregistry.teach.answers import FreeText, Number, Order, SomeOf
from simregistry.teach.exercises import product_choice
from simregistry.teach.exercises.named_layers import HOST, SERVICES
from simregistry.teach.problem import Exercise, Misconception, Problem, beliefs

PASSWORDS = {"alice": "wonderland", "bob": "builder", "carol": "cello"}
ACTIONS = {
    "pull the image": ("GET", "pull"),
    "delete the tag": ("DELETE", "delete"),
    "push a new image": ("PUT", "push"),
}


def three_messages(dice: random.Random) -> Problem:
    """Ask for the order of a sign-in's messages."""
    who = dice.choice(list(PASSWORDS))
    repository = f"{who}/{dice.choice(SERVICES)}"
    access = Access((Account(who, PASSWORDS[who]),), (Grant(who, f"{who}/*", ("pull", "push")),))
    registry = Registry.product("docker-hub", HOST, access=access)
    push_small(Registry(HOST, registry.storage), repository, "1", SmallImage.of_files([("bin/app", "app\n")]))
    client = Client(registries=[registry])
    client.login(HOST, who, PASSWORDS[who])
    right = _steps_of_pull(client, repository, who)
    return Problem(
        text=f"{who} pulls {repository}:1 from a registry that asks for tokens. Put the steps in order.",
        answer=Order(right),
        misconceptions=_beliefs_on_three_messages(right),
        hints=(
            "The first request goes out without any name.",
            "The challenge in the 401 says where to get a token, and what the token has to allow.",
        ),
        why="The challenge names the token service and the scope. So the client has to ask the registry first.",
    )


def _steps_of_pull(client: Client, repository: str, who: str) -> tuple[str, ...]:
    """Pull, and put the messages into words."""
    names = {401: "the registry answers 401, with a challenge", 200: "the registry answers with the manifest"}
    steps: list[str] = []
    for exchange in client.pull(f"{HOST}/{repository}:1").conversation:
        if "/token" in exchange.request.path:
            steps += [f"{who}'s client shows name and password to the token service", "the token service gives a token"]
        elif "/manifests/" in exchange.request.path and exchange.response is not None:
            asked = (
                "the client asks again, with the token"
                if exchange.request.header("Authorization")
                else "the client asks for the manifest"
            )
            steps += [asked, names[exchange.response.status]]
    return tuple(dict.fromkeys(steps))


def _beliefs_on_three_messages(right: tuple[str, ...]) -> tuple[Misconception, ...]:
    first = tuple(sorted(right, key=lambda step: "token service" not in step))
    shown = tuple(sorted(right, key=lambda step: "401" in step))
    return beliefs(
        ("a client signs in before it asks", first,
         "The client learns from the registry where the token service is, and what to ask it for."),
        ("401 means that something failed", shown,
         "The 401 asks who you are. The steps with the token are the client's answer to that."),
    )  # fmt: skip


def ask_as(registry: Registry, who: str, method: str, repository: str) -> Response:
    """Send one request in somebody's name."""
    headers = {"Authorization": Credentials(who, PASSWORDS[who]).basic} if who in PASSWORDS else {}
    return registry.handle(
        Request(method, f"/v2/{repository}/manifests/1", {}, headers, b"{}" if method == "PUT" else b"")
    )


def who_may(dice: random.Random) -> Problem:
    """Ask who may do something, by the grants."""
    names = list(PASSWORDS)
    owner, reader = dice.sample(names, 2)
    repository = f"{owner}/{dice.choice(SERVICES)}"
    public = dice.random() < 0.4
    grants = (Grant(owner, f"{owner}/*", ("pull", "push", "delete")), Grant(reader, repository, ("pull",)))
    access = Access(tuple(Account(name, PASSWORDS[name]) for name in names), grants, (repository,) if public else ())
    storage = Registry(HOST).storage
    image = SmallImage.of_files([("bin/app", "app\n")])
    action = dice.choice(list(ACTIONS))
    method = ACTIONS[action][0]
    people = (*sorted(names), "somebody without an account")
    let_in = set()
    for who in people:
        push_small(Registry(HOST, storage), repository, "1", image)
        answer = ask_as(Registry(HOST, storage, (BasicGate(access),)), who, method, repository)
        # 400 and the like come from behind the gate: whoever gets them was let in.
        let_in |= {who} if answer.status not in (401, 403, 404) else set()
    right = frozenset(let_in)
    rows = [(grant.to, grant.repositories, ", ".join(grant.actions)) for grant in grants]
    rows += [("everybody", repository, "pull")] if public else []
    deed = action.replace("the image", repository).replace("the tag", f"a tag of {repository}")
    deed = deed.replace("a new image", f"to {repository}")
    return Problem(
        text=(f"{', '.join(sorted(names))} have accounts and know their passwords. By the table, who may {deed}?"),
        answer=SomeOf(right, people),
        misconceptions=_beliefs_on_who_may(names, right, reader, owner, people),
        hints=("Which grants are about this repository?", f"Which of them allow {ACTIONS[action][1]}?"),
        why=f"{', '.join(sorted(right))} may {ACTIONS[action][1]} here.",
        given=Table(("who", "repositories", "may"), tuple(rows)),
    )


def _beliefs_on_who_may(
    names: list[str], right: frozenset[str], reader: str, owner: str, people: tuple[str, ...]
) -> tuple[Misconception, ...]:
    return beliefs(
        ("signing in is the same as being allowed", frozenset(names),
         "A password proves who somebody is. The grants say what they may do."),
        ("whoever may read may write", right | {reader, owner},
         "Each grant lists its actions. Having pull doesn't include push or delete."),
        ("a public repository belongs to everybody", frozenset(people),
         "Public means that anybody may pull. Everything else needs a grant."),
        ("private means that only the owner gets in", frozenset({owner}),
         "Look for another row that fits this repository."),
        ("only those without a grant are kept out", frozenset({owner, reader}),
         "A grant counts only for the actions in it. And where everybody may pull, nobody needs one."),
        unless=right,
    )  # fmt: skip


def write_a_scope(dice: random.Random) -> Problem:
    """Ask for the scope that some requests need."""
    name = f"{dice.choice(('team', 'alice', 'shop'))}/{dice.choice(SERVICES)}"
    digest = "sha256:" + "0" * 64
    kind = dice.choice(("pull an image", "push an image", "delete a manifest"))
    request = {
        "pull an image": Request("GET", f"/v2/{name}/manifests/1"),
        "push an image": Request("PUT", f"/v2/{name}/manifests/1"),
        "delete a manifest": Request("DELETE", f"/v2/{name}/manifests/{digest}"),
    }[kind]
    scope = needed(request)[0]
    problem = _fits(scope)
    return Problem(
        text=f"Write the scope that a token needs to {kind} in the repository {name}, and no more than that.",
        answer=FreeText(str(scope), problem, "a scope, such as repository:app:pull"),
        misconceptions=_beliefs_on_write_a_scope(scope, name),
        hints=(
            "A scope is written kind:name:action,action. The kind is repository.",
            "The actions are pull, push and delete. A push also asks what is there already.",
        ),
        why=f"{request.method} needs {scope} (CNCF distribution, the handlers' access records).",
        also_right=(f"repository:{name}:{','.join(reversed(scope.actions))}",),
    )


def _fits(scope: Scope) -> Callable[[str], str]:
    """Make the check of a scope: no more and no less than what is needed."""

    def problem(text: str) -> str:
        try:
            written = Scope.parse(text)
        except InvalidValue as error:
            return str(error)
        if (written.kind, written.name) != (scope.kind, scope.name):
            return f"it is about {written.kind} {written.name}"
        lacking, more = set(scope.actions) - set(written.actions), set(written.actions) - set(scope.actions)
        differences = [f"{', '.join(sorted(lacking))} is missing"] if lacking else []
        return "; ".join(differences + ([f"{', '.join(sorted(more))} is more than is needed"] if more else []))

    return problem


def _beliefs_on_write_a_scope(scope: Scope, name: str) -> tuple[Misconception, ...]:
    others = {"pull", "push", "delete"} - set(scope.actions)
    half_of_it = (
        ("to write is enough to write", f"repository:{name}:push",
         "A client that pushes first asks what is there. For that it needs pull.")
        if scope.actions == ("pull", "push")
        else ("any action will do", f"repository:{name}:{sorted(others)[0]}",
              "This action allows something else.")
    )  # fmt: skip
    return beliefs(
        ("a token opens everything", f"repository:{name}:{','.join(sorted({'pull', 'push', 'delete'}))}",
         "Ask only for what you need. If the token is stolen, the thief can do no more than that."),
        ("a scope is a path", f"/v2/{name}/manifests",
         "A scope has a kind, a name and actions, with colons between them."),
        ("the owner's name is enough", f"repository:{name.split('/')[0]}:{','.join(scope.actions)}",
         "The repository's name has two parts here. Write all of it."),
        half_of_it,
    )  # fmt: skip


def which_is_refused(dice: random.Random) -> Problem:
    """Ask which pull is the first to be refused, or what a cache leaves to count."""
    limit, machines, layers = dice.choice((10, 20, 100)), dice.randint(4, 12), dice.randint(2, 6)
    rounds = limit // machines + dice.randint(1, 3)
    window = RollingWindow(limit, 6 * 3600, lambda: 0.0)
    taken = [window.take("one address") for _ in range(machines * rounds)]
    first = next((number for number, wait in enumerate(taken, 1) if wait), 0)
    if dice.random() < 0.4:
        return _what_a_cache_leaves(machines, layers)
    return Problem(
        text=(
            f"A registry lets an address without an account pull {limit} times in six hours. "
            f"{machines} machines are behind one address. Within an hour, each of them pulls an image of {layers} "
            f"layers {rounds} times. Count all pulls from 1. Which one is the first that the registry refuses?"
        ),
        answer=Number(first, ""),
        misconceptions=_beliefs_on_which_is_refused(limit, layers, machines),
        hints=(
            "Does the limit count layers, machines, or the pulls of one address?",
            f"The limit lets {limit} pulls through.",
        ),
        why=f"The first {limit} pulls are answered. Number {first} gets 429, with a time to wait.",
    )


def _what_a_cache_leaves(machines: int, layers: int) -> Problem:
    counted = _counted_above(layers, machines)
    misconceptions = beliefs(
        ("every machine counts", machines, "The cache answers all machines but the first from its copy."),
        ("the limit counts layers", layers, "A pull is a GET of a manifest. Blobs aren't counted."),
        ("a cache makes pulls free", 0, "The cache was empty at first, so it had to get the image from somewhere."),
    )  # fmt: skip
    return Problem(
        text=(
            f"{machines} machines pull one image of {layers} layers, one after the other, through a pull-through "
            "cache. The registry behind the cache counts each GET of a manifest as a pull. How many pulls does it "
            "count?"
        ),
        answer=Number(counted, "pulls"),
        misconceptions=misconceptions,
        hints=(
            "What does the cache ask the registry behind it for, and how often?",
            "The cache fetches the manifest once. Later it sends a HEAD to check whether the tag has moved.",
        ),
        why=f"The registry gets {counted} GET of a manifest. The later checks are HEADs, which aren't counted.",
    )


def _counted_above(layers: int, machines: int) -> int:
    """Pull through a cache, and count what the registry above counts."""
    upstream = Registry(HOST)
    push_small(upstream, "app", "1", SmallImage.of_files([(f"bin/{n}", f"{n}\n") for n in range(layers)]))
    cache_ = PullThrough(upstream)
    for _ in range(machines):
        Client(registries=[cache_]).pull(f"{cache_.host}/app:1")
    return sum(request.method == "GET" and "/manifests/" in request.path for request in cache_.asked)


def _beliefs_on_which_is_refused(limit: int, layers: int, machines: int) -> tuple[Misconception, ...]:
    return beliefs(
        ("the limit counts layers", limit // layers + 1,
         "A pull is one GET of a manifest. It doesn't matter how many layers follow."),
        ("each machine has its own limit", limit * machines + 1,
         "All machines share one address, and the limit is for the address."),
        ("the last allowed one is refused", limit, f"The limit lets {limit} pulls through. Look at the next one."),
    )  # fmt: skip


EXERCISES = (
    Exercise("private.three-messages", "predict", "A question and its answer", ("private.trace",), three_messages),
    Exercise("private.who-may", "predict", "Who may?", ("private.allowed",), who_may),
    Exercise(
        "private.write-a-scope",
        "construct",
        "Ask for no more than needed",
        ("private.trace", "private.allowed"),
        write_a_scope,
    ),
    Exercise("private.limit", "predict", "Which pull is refused?", ("private.limit",), which_is_refused),
    *product_choice.EXERCISES,
)

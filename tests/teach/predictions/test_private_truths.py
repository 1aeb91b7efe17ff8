"""What the lesson on public and private says is so: it follows from messages, tokens and descriptions; others give another."""

from __future__ import annotations

import gzip
from dataclasses import replace

import pytest

from simregistry import (
    ACTIONS,
    Access,
    Account,
    Changeset,
    Client,
    Credentials,
    Grant,
    Group,
    Registry,
    Request,
    Response,
)
from simregistry.oci.messages import Conversation, Exchange
from simregistry.registry.middleware.scope import Scope
from simregistry.registry.middleware.tokens import Token
from simregistry.study import compare_products, webapp
from simregistry.teach.predictions import private_truths as truths
from simregistry.teach.predictions.all_predictions import find_prediction, predictions_of
from simregistry.teach.predictions.outcome import outcome_of

HOST = "registry.example"


class World:
    """The registry of the lesson, with its public image, and a stranger's pull of it."""

    def __init__(self) -> None:
        accounts = (Account("alice", "wonderland"), Account("bob", "builder"))
        access = Access(accounts, (Grant("alice", "alice/*", ACTIONS),), public=("library/*",))
        self.registry = Registry.product("docker-hub", HOST, access=access)
        operator = Client(registries=[Registry(HOST, self.registry.storage)])
        webapp.build(operator, "v1", repository="library/web")
        operator.push(f"{HOST}/library/web:v1")
        self.pull = Client(registries=[self.registry], address="203.0.113.9").pull(f"{HOST}/library/web:v1")

    def token(self, who: str, password: str) -> tuple[Response, Token]:
        """Ask for a token to push to alice/app."""
        wish = {"service": HOST, "scope": "repository:alice/app:pull,push"}
        answer = self.registry.handle(
            Request("GET", "/token", wish, {"Authorization": Credentials(who, password).basic})
        )
        return answer, list(self.registry.middleware[0].tokens.tokens.values())[-1]


@pytest.fixture(scope="module")
def world():
    """One world is enough: nothing here writes to it."""
    return World()


def beliefs(key: str, truth, *answers: object) -> list[tuple[str, ...]]:
    """The beliefs that some answers show."""
    return [outcome_of(find_prediction(key), truth, answer).beliefs for answer in answers]


def test_the_first_answer_is_read_off_the_messages_about_the_manifest(world):
    """401 and in the end 200; a pull that ends with a 401 is another answer."""
    assert truths.first_answer(world.pull).right == "401, and the pull goes on"
    plain = Client(registries=[Registry(HOST, world.registry.storage)]).pull(f"{HOST}/library/web:v1")
    assert truths.first_answer(plain).right == "200, and the manifest comes with it"
    stopped = replace(world.pull, conversation=world.pull.conversation[:4])
    assert truths.first_answer(stopped).right == "401, and the pull fails"


def test_the_token_of_a_repository_is_the_one_with_a_scope(world):
    """The ping's token has none."""
    truth = truths.token_row(world.pull.conversation[:6])
    assert (truth.right, truth.facts) == (5, {"scope": "repository:library/web:pull", "first": 2})


def test_a_token_is_judged_by_what_it_grants(world):
    """Bob's grants nothing, and Alice's lets her push."""
    assert truths.bobs_token(*world.token("bob", "builder")).right == "a token that allows nothing"
    answer, token = world.token("alice", "wonderland")
    assert truths.bobs_token(answer, token).right == "a token that lets him push"
    reading = replace(token, access=(Scope("repository", "alice/app", ("pull",)),))
    assert truths.bobs_token(answer, reading).right == "a token that lets him pull"
    assert truths.bobs_token(Response(401), reading).right == "no token, because the repository is Alice's"


def test_a_layer_on_the_disk_is_opened_without_a_key():
    """Plain bytes and compressed ones can be read. Scrambled ones are no archive."""
    blob = Changeset.of({"recipe.txt": "the secret recipe"}).to_tar()
    truth = truths.stolen_disk(blob)
    assert truth.right == "every file in it"
    assert truth.facts == {"path": "recipe.txt", "words": "the secret recipe"}
    assert truths.stolen_disk(bytes(255 - byte for byte in blob)).right == "nothing, because it is encrypted"
    assert truths.stolen_disk(gzip.compress(blob, mtime=0)).right == "every file in it"


SCREEN = """$ docker login -u bob -p wrong registry.example
Error response from daemon: Get "https://registry.example/v2/": unauthorized: {}
$ docker login -u bob -p builder registry.example
WARNING! Using --password via the CLI is insecure. Use --password-stdin.
Login Succeeded
$ docker pull registry.example/alice/app:v1
Error response from daemon: GET /v2/alice/app/manifests/v1: 401 denied: {}"""


def test_a_refusal_is_about_the_password_if_it_says_so():
    """What the tool warns of with another word counts for nothing; both and neither are found too."""
    password, denied = "incorrect username or password", "requested access to the resource is denied"
    truth = truths.about_the_password(SCREEN.format(password, denied))
    assert (truth.right, truth.facts) == ("that of the first login", {"refusal": password, "other": denied})
    assert truths.about_the_password(SCREEN.format(denied, password)).right == "that of the last pull"
    assert truths.about_the_password(SCREEN.format(password, password)).right == "both"
    assert truths.about_the_password(SCREEN.format(denied, denied)).right == "neither"
    said = beliefs("private.about-the-password", truth, "both", "that of the first login")
    assert said == [("a refusal means that the password is wrong",), ()]


def test_two_answers_are_compared_but_for_the_name():
    """Part by part; the first part that differs is named."""
    names = ("alice/app", "alice/zoo")

    def answer(name: str, status: int = 401, text: str = "no") -> Response:
        return Response(status, {"WWW-Authenticate": f'scope="{name}"'}, f"{text} {name}".encode())

    assert truths.which_exists(names, [answer(name) for name in names]) == "nowhere"
    assert truths.which_exists(names, [answer(names[0]), answer(names[1], 404)]) == "in the status"
    assert truths.which_exists(names, [answer(names[0]), answer(names[1], text="none")]) == "in the body"
    assert truths.which_exists(names, [answer(names[0]), answer("else")]) == "in the headers"


def test_what_a_pull_uses_up_is_read_off_the_headers(world):
    """One manifest was counted. The numbers of layers, blobs and requests show a belief."""
    truth = truths.counted(world.pull)
    assert (truth.right, truth.facts) == (1, {"layers": 4, "blobs": 5, "requests": 11})
    said = beliefs("private.counted", truth, 4, 5, 11, 1)
    assert said == [("the limit counts layers",), ("the limit counts layers",), ("the limit counts requests",), ()]
    used = {"ratelimit-limit": "100;w=21600", "ratelimit-remaining": "97;w=21600"}
    more = replace(world.pull, conversation=Conversation((Exchange(Request("GET", "/"), Response(200, used)),)))
    assert truths.counted(more).right == 3


def test_the_fleet_is_refused_after_the_limit_and_a_cache_asks_once():
    """From the scenario; what is wrong has its belief."""
    fleet = compare_products("rate-limit", ["docker-hub"])
    truth = truths.first_refused(fleet)
    assert (truth.right, truth.facts) == (101, {"limit": 100, "layers": 2, "by_layer": 51})
    assert beliefs("private.first-refused", truth, 100, 51) == [
        ("the last pull that is allowed is refused",),
        ("the limit counts layers",),
    ]
    cached = truths.behind_a_cache(fleet)
    assert cached.right == 1 and beliefs("private.behind-a-cache", cached, 120) == [("a cache passes every pull on",)]


def test_whose_program_comes_is_known_by_its_digest():
    """The first member of the group gives it, whichever that is."""
    inside, outside = Registry("inside.example"), Registry("outside.example")
    for registry in (inside, outside):
        desk = Client(registries=[registry])
        desk.build(f"{registry.host}/tools/deploy:v1", "FROM scratch\nCOPY app /\n", {"app": registry.host})
        desk.push(f"{registry.host}/tools/deploy:v1")
    for members, whose in (((outside, inside), "the stranger's program"), ((inside, outside), "the company's program")):
        developer = Client(registries=[Group(members, host="group.example")])
        pulled = developer.pull("group.example/tools/deploy:v1")
        assert truths.whose_program(pulled, inside, outside) == whose


def test_the_beliefs_of_the_lesson_are_met():
    """Each is what some wrong answer shows."""
    shown = set()
    for prediction in predictions_of("private").values():
        shown |= {*prediction.beliefs.values(), *(wrong.belief for wrong in prediction.wrong_numbers)}
    assert shown >= {
        "private means encrypted", "401 means something failed", "signing in is the same as being allowed",
        "the limit counts layers",
    }  # fmt: skip

"""The lessons on who may and on collection: each option of a question fits exactly where the package says so."""

from __future__ import annotations

import pytest
from web_shop import shop, shop_with_index

from simregistry import ACTIONS, Account, Client, Credentials, Digest, Grant, Registry, Request
from simregistry.registry.gc.inventory import take_inventory
from simregistry.registry.gc.sweep import sweep
from simregistry.registry.middleware.accounts import Access
from simregistry.registry.products.distribution_2_8.collector import DISTRIBUTION_2_8
from simregistry.registry.products.distribution_3.collector import DISTRIBUTION_3
from simregistry.registry.retention import DAY, Rule, Subject, dry_run
from simregistry.study.examples import catalogue, webapp
from simregistry.study.products.compare import compare_products

HOST = "registry.example"


def hub(layers: int) -> Registry:
    """Docker Hub's behaviour, with a public image of some layers."""
    registry = Registry.product("docker-hub", HOST, access=Access((), (), public=("library/*",)))
    # Whoever runs it puts the image on the shelf, past the gate.
    laptop = Client(registries=[Registry(HOST, registry.storage)])
    names = "abcdefgh"[:layers]
    recipe = "FROM scratch\n" + "".join(f"COPY {name} /{name}\n" for name in names)
    laptop.build(f"{HOST}/library/web:v1", recipe, {name: name for name in names})
    laptop.push(f"{HOST}/library/web:v1")
    return registry


def left_after_a_pull(layers: int, reference: str) -> int:
    """Give how many of a stranger's 100 pulls are left after one."""
    said = Client(registries=[hub(layers)], address="203.0.113.9").pull(reference).conversation
    told = [each.response.header("ratelimit-remaining") for each in said]
    return min(int(left.partition(";")[0]) for left in told if left)


def answers_to_a_stranger():
    """private.q1."""
    said = Client(registries=[hub(1)], address="203.0.113.9").pull(f"{HOST}/library/web:v1").conversation
    first = next(n for n, each in enumerate(said) if "/manifests/" in each.request.path)
    got = [(each.request.path, each.status) for each in said[first : first + 3]]
    dance = [status for _, status in got] == [401, 200, 200] and got[1][0] == "/token"
    return {
        "401, then": dance,
        "401, and": len(said) == first + 1,
        "403": got[0][1] == 403,
        "200": got[0][1] == 200,
    }


def what_a_challenge_says():
    """private.q2: asked about a repository that is there, and about one that never was."""
    registry = hub(1)
    told = [
        registry.handle(Request("GET", f"/v2/library/{name}/manifests/v1"))
        .header("WWW-Authenticate")
        .replace(name, "X")
        for name in ("web", "zoo")
    ]
    return {
        "where a token": 'realm="' in told[0],
        "what the token": 'scope="repository:library/X:pull"' in told[0],
        "which password": "password" in told[0],
        "whether": told[0] != told[1],
    }


def bob_is_denied():
    """private.q3: his password gets him a token, and its list of actions is empty."""
    accounts = (Account("alice", "wonderland"), Account("bob", "builder"))
    access = Access(accounts, (Grant("alice", "alice/*", ACTIONS),))
    registry = Registry.product("docker-hub", HOST, access=access)
    wish = {"service": HOST, "scope": "repository:alice/app:pull"}
    password = {"Authorization": Credentials("bob", "builder").basic}
    answers = [registry.handle(Request("GET", "/token", wish, password)) for _ in range(2)]
    (text, token), *_ = registry.middleware[0].tokens.tokens.items()
    shown = {"Authorization": f"Bearer {text}"}
    doors = [registry.handle(Request("GET", "/v2/alice/app/manifests/v1", {}, shown)).status for _ in range(2)]
    signed_in = answers[0].ok and token.account == "bob"
    return {
        "he is not signed in": not signed_in,
        "he is signed in": signed_in and not any(scope.actions for scope in token.access) and doors[0] == 401,
        "the registry failed": doors[0] != doors[1],
    }


def a_password_on_the_disk():
    """private.q4."""
    registry = Registry(HOST)
    laptop = Client(registries=[registry])
    laptop.build(f"{HOST}/alice/app:v1", "FROM scratch\nCOPY key /\n", {"key": "open sesame"})
    laptop.push(f"{HOST}/alice/app:v1")
    blob = registry.storage.blobs.get(registry.image("alice/app:v1").manifest.layers[0].digest)
    return {
        "the password": b"open sesame" in blob,
        "nothing: layers": b"open sesame" not in blob,
        "nothing: a layer": len(blob) <= 64,
    }


def one_pull_of_eight_layers():
    """private.q5."""
    left = left_after_a_pull(8, f"{HOST}/library/web:v1")
    return {"99": left == 99, "92": left == 92, "90": left == 90}


def five_hundred_machines():
    """private.q6: with a cache one pull counts; without, each does, whatever it has and is asked by."""
    digest = hub(8).image("library/web:v1").digest
    few, pinned = left_after_a_pull(1, f"{HOST}/library/web:v1"), left_after_a_pull(8, f"{HOST}/library/web@{digest}")
    through = compare_products("rate-limit").outcome("docker-hub").facts["pulls_that_reach_it_through_a_cache"]
    return {
        "a pull-through": through < 100,
        "images of": 500 * (100 - few) <= 100,
        "pulling by": 500 * (100 - pinned) <= 100,
    }


def freed(registry: Registry, collector=DISTRIBUTION_3) -> int:
    """Run a collector that takes what is untagged, and give the bytes."""
    return sweep(registry.storage, collector.plan(take_inventory(registry.storage), delete_untagged=True))


def delete(registry: Registry, reference: str) -> int:
    """Delete a tag or a manifest of web, and give the status."""
    return registry.handle(Request("DELETE", f"/v2/web/manifests/{reference}")).status


def one_of_two_tags():
    """collection.q1."""
    registry, laptop = shop("v1")
    laptop.tag(f"{HOST}/web:v1", f"{HOST}/web:stable")
    laptop.push(f"{HOST}/web:stable")
    delete(registry, "v1")
    bytes = freed(registry)
    return {"0 bytes": bytes == 0, "about 400,000": bytes > 390_000, "about 200,000": 190_000 < bytes < 210_000}


def one_of_two_images():
    """collection.q2: each on the base, with one layer of its own."""
    registry = Registry(HOST)
    laptop = Client(registries=[registry])
    webapp.build_base(laptop)
    for tag in ("v1", "v2"):
        laptop.build(f"{HOST}/web:{tag}", f"FROM {HOST}/base:1\nCOPY app /\n", {"app": tag})
        laptop.push(f"{HOST}/web:{tag}")
    delete(registry, "v1")
    bytes = freed(registry)
    return {"less than 13,000": 0 < bytes < 13_000, "about 319,000": 318_000 < bytes < 320_000, "0 bytes": bytes == 0}


def a_deletion_that_was_accepted():
    """collection.q3."""
    registry, _ = shop("v1")
    before = registry.snapshot().stored_bytes
    assert delete(registry, registry.image("web:v1").digest) == 202
    then = registry.snapshot().stored_bytes
    freed(registry)
    after = registry.snapshot().stored_bytes
    return {"when a collector": before == then > after, "at once": then < before, "never": after == before}


def indexed() -> tuple[Registry, list[Digest]]:
    """A registry with an index that has a tag, over two manifests that have none."""
    registry, laptop = shop_with_index("v1", "v2")
    for tag in ("v1", "v2"):
        delete(registry, tag)
    return registry, [laptop.manifest(f"{HOST}/web:{tag}").digest for tag in ("v1", "v2")]


def children_of_an_index():
    """collection.q4."""
    registry, (first, second) = indexed()
    plan = DISTRIBUTION_3.plan(take_inventory(registry.storage), delete_untagged=True)
    gone = [first in plan.swept, second in plan.swept]
    return {"neither": not any(gone), "both": all(gone), "the second": gone == [False, True]}


def an_old_image():
    """collection.q5: the real images, built on many days, each with its tag."""
    real = catalogue.load(Registry("docker.io"))
    taken = DISTRIBUTION_3.plan(take_inventory(real.storage), delete_untagged=True).swept
    return {
        "it keeps": not taken,
        "it deletes the image, because it": bool(taken),
        "it deletes the image, because nobody": bool(taken),
    }


def three_rules():
    """collection.q6."""
    registry, laptop = shop("v1")
    digest = laptop.manifest(f"{HOST}/web:v1").digest
    days = {"ci-8": 20, "ci-9": 21, "ci-10": 30, "release-1": 2}
    subjects = [Subject("web", tag, digest, since=day * DAY) for tag, day in days.items()]
    rules = [
        Rule("two", "delete", tags="ci-*", newest=2),
        Rule("releases", "keep", tags="release-*"),
        Rule("week", "delete", older_than=7 * DAY),
    ]
    gone = {each.tag for each in dry_run(take_inventory(registry.storage), subjects, rules, now=31 * DAY).deleted}
    return {f"`{tag}`": tag in gone for tag in days}


def two_versions_of_a_collector():
    """collection.q7: on the same disk; version 3 does take a manifest that nothing names."""
    (old, _), (new, _) = indexed(), indexed()
    lost, spared = freed(old, DISTRIBUTION_2_8), freed(new)
    alone, _ = shop("v1")
    assert delete(alone, "v1") == 202
    untagged = freed(alone)
    return {"2.8 doesn't": lost > 0 == spared, "3 no longer": untagged == 0, "3 waits": untagged == 0}


HOLDS = {
    "private.q1": answers_to_a_stranger,
    "private.q2": what_a_challenge_says,
    "private.q3": bob_is_denied,
    "private.q4": a_password_on_the_disk,
    "private.q5": one_pull_of_eight_layers,
    "private.q6": five_hundred_machines,
    "collection.q1": one_of_two_tags,
    "collection.q2": one_of_two_images,
    "collection.q3": a_deletion_that_was_accepted,
    "collection.q4": children_of_an_index,
    "collection.q5": an_old_image,
    "collection.q6": three_rules,
    "collection.q7": two_versions_of_a_collector,
}


@pytest.mark.parametrize("id", HOLDS)
def test_an_option_fits_exactly_where_the_package_says_so(id, fits):
    """The wrong ones too are computed: none of them is right by accident."""
    fits(id, HOLDS[id]())

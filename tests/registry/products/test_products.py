"""Each claim of each product: the ones that a mechanism goes by are seen to be done, each test named after its source."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from one_test import one_test_of

from simregistry import Digest, Registry, Request, cli
from simregistry.errors import InvalidValue
from simregistry.oci.content import Nominal
from simregistry.registry.clock import Clock
from simregistry.registry.middleware.accounts import ACTIONS, Access, Account, Grant
from simregistry.registry.middleware.rate_limits import manifest_gets
from simregistry.registry.products.product import NAMES, Claim, Product, product, products
from simregistry.registry.products.rules import MODES, OwnerSettings
from simregistry.study.products.choose import NEEDS, choose
from simregistry.study.products.compare import HOW_SURE, NOT_SAID, Comparison, compare_products
from simregistry.study.products.product_scene import HOST, ProductScene
from simregistry.study.products.scenarios import SCENARIOS, shared_base

CLAIMS = {f"{described.name} {claim.field}": (described, claim) for described in products() for claim in described}
ACCESS = Access((Account("alice", "secret"),), (Grant("alice", "*", ACTIONS),), public=("public/*",))
UPLOADS = "/v2/{}/blobs/uploads/"


@one_test_of(CLAIMS)
def test_every_claim_says_how_sure_it_is_and_where_from(described: Product, claim: Claim):
    """No value without a source; what has no value is called unconfirmed."""
    assert claim.status in ("documented", "inferred", "unconfirmed") and claim.source and claim.says
    assert claim.known or claim.status == "unconfirmed"
    if claim.status == "documented":
        assert "https://" in claim.source or "github.com/" in claim.source, claim.source
        assert not claim.source.startswith(("secondary", "observed"))


def test_all_families_have_the_same_fields():
    """In the same order, so that they can be laid side by side."""
    assert len({tuple(described.claims) for described in products()}) == 1
    assert tuple(described.name for described in products()) == NAMES
    with pytest.raises(InvalidValue, match="docker-hub"):
        product("dockerhub")
    with pytest.raises(InvalidValue, match="host"):
        product("ecr").claim("hots")


def put(scene: ProductScene, name: str, reference: str, raw: bytes, kind: str) -> int:
    """Write a manifest, and give the status."""
    return scene.ask("PUT", f"/v2/{name}/manifests/{reference}", raw, {"Content-Type": kind}).status


def created_by(described: Product, value: str) -> None:
    """A push to a repository that is not there."""
    plain = Registry.product(described.name).handle(Request("POST", UPLOADS.format("team/app")))
    assert plain.status == (404 if value == "must-exist" else 202)
    owned = Registry.product(described.name, settings=OwnerSettings(parents=("other",)))
    answer = owned.handle(Request("POST", UPLOADS.format("team/app")))
    assert answer.status == (202 if value == "first-push" else 404)
    if answer.status == 404:
        assert json.loads(answer.body)["errors"][0]["code"] == "NAME_UNKNOWN"
    if value == "parent-must-exist":
        assert owned.handle(Request("POST", UPLOADS.format("other/app"))).status == 202


def vanishes(described: Product, value: bool) -> None:
    """The last image of a repository is deleted."""
    scene = ProductScene(described)
    image = scene.push("app:v1", "code")
    scene.registry.storage.repositories["app"].drop_tag("v1")
    scene.ask("DELETE", f"/v2/app/manifests/{image.digest}")
    assert ("app" in scene.registry.storage.repositories) is not value


def immutable(described: Product, value: list[str]) -> None:
    """A tag that is fixed is not moved; another is; and by default all are."""
    scene = ProductScene(described)
    first = scene.push("app:v1", "code")
    second = scene.push("app:v2", "other code")
    assert put(scene, "app", "v1", second.raw, second.media_type) == 201
    if value:
        fixed = Registry.product(described.name, HOST, settings=OwnerSettings(immutable="v[0-9]+"))
        fixed = replace(fixed, storage=scene.registry.storage)
        request = Request("PUT", "/v2/app/manifests/v1", {}, {"Content-Type": first.media_type}, first.raw)
        assert fixed.handle(request).status == 403
        moving = Request("PUT", "/v2/app/manifests/latest", {}, {"Content-Type": first.media_type}, first.raw)
        assert fixed.handle(moving).status == 201


@pytest.mark.parametrize(
    ("name", "mode", "patterns", "fixed", "free"),
    [
        ("ecr", "IMMUTABLE", (), ["v1", "latest"], []),
        ("ecr", "MUTABLE", (), [], ["v1", "latest"]),
        ("ecr", "IMMUTABLE_WITH_EXCLUSION", ("latest", "dev-*"), ["v1", "mydev-1"], ["latest", "dev-1"]),
        ("ecr", "MUTABLE_WITH_EXCLUSION", ("v*",), ["v1"], ["latest"]),
        ("docker-hub", "regex", (r"v\d+", "release-.*"), ["v1", "release-2"], ["v1b", "latest"]),
        ("docker-hub", "all", (), ["latest"], []),
        ("nexus", "disable redeploy except latest", (), ["v1", "latest2"], ["latest"]),
        ("acr", "lock", (), ["v1"], []),
        ("artifact-registry", "off", (), [], ["v1"]),
    ],
)
def test_each_mode_of_immutability_fixes_the_tags_it_names(name, mode, patterns, fixed, free):
    """By the system's own word for it."""
    settings = OwnerSettings.in_mode(product(name), mode, patterns)
    assert [settings.fixed(tag) for tag in fixed + free] == [True] * len(fixed) + [False] * len(free)


def test_a_mode_that_a_family_lacks_is_refused():
    """With those it has."""
    with pytest.raises(InvalidValue, match="MUTABLE"):
        OwnerSettings.in_mode(product("ecr"), "regex")
    with pytest.raises(InvalidValue, match="none"):
        OwnerSettings.in_mode(product("distribution-3"), "all")
    assert {mode for described in products() for mode in described.value("immutability") or ()} == set(MODES)


def sign_in(described: Product, value: str) -> None:
    """The challenge to whoever has no credentials."""
    answer = Registry.product(described.name, HOST, access=ACCESS).handle(Request("GET", "/v2/private/app/tags/list"))
    assert answer.status == 401
    assert answer.header("WWW-Authenticate").startswith("Basic" if value == "basic" else "Bearer")


def credential_life(described: Product, value: int) -> None:
    """How long a token counts, where tokens are what it gives."""
    clock = Clock()
    registry = Registry.product(described.name, HOST, access=ACCESS, clock=clock)
    if described.value("sign_in") == "basic":
        return
    query = {"service": HOST, "scope": "repository:public/app:pull"}
    document = json.loads(registry.handle(Request("GET", "/token", query)).body)
    assert document["expires_in"] == value
    request = Request("GET", "/v2/public/app/tags/list", {}, {"Authorization": f"Bearer {document['token']}"})
    clock.advance(value - 1)
    assert registry.handle(request).status == 404
    clock.advance(1)
    assert registry.handle(request).status == 401


def pull_limit(described: Product, value: object) -> None:
    """So many manifests, and then 429 until the window has rolled."""
    scene = ProductScene(described)
    scene.push("app:v1", "code")
    request = Request("GET", "/v2/app/manifests/v1", peer="198.51.100.7")
    most = value["anonymous"] if isinstance(value, dict) else 300
    assert {scene.registry.handle(request).status for _ in range(most)} == {200}
    if isinstance(value, dict):
        refused = scene.registry.handle(request)
        assert (refused.status, refused.header("Retry-After")) == (429, str(value["window"]))
        assert refused.header("ratelimit-limit") == f"{most};w={value['window']}"
        scene.clock.advance(value["window"])
        assert scene.registry.handle(request).status == 200


def request_limit(described: Product, value: object) -> None:
    """So many reads at once, and then 429."""
    registry = Registry.product(described.name)
    most = value["reads"] if isinstance(value, dict) else 3_000
    answers = [registry.handle(Request("GET", "/v2/")).status for _ in range(most)]
    assert set(answers) == {200}
    assert registry.handle(Request("GET", "/v2/")).status == (429 if isinstance(value, dict) else 200)


def counts(described: Product, value: str) -> None:
    """What a pull limit counts."""
    assert (value == "manifest-get") is (described.name == "docker-hub")
    assert manifest_gets(Request("GET", "/v2/a/manifests/v1")) and not manifest_gets(
        Request("HEAD", "/v2/a/manifests/v1")
    )


def max_layer(described: Product, value: object) -> None:
    """A layer of just so many bytes is taken, one more is 413."""
    scene = ProductScene(described)
    scene.registry.storage.repository_to_write("app")
    most = value if isinstance(value, int) else 1 << 50
    for size, status in ((most, 201), (most + 1, 413 if isinstance(value, int) else 201)):
        digest = Digest.of(str(size).encode())
        request = Request("POST", UPLOADS.format("app"), {"digest": digest}, {}, Nominal(digest, size))
        assert scene.registry.handle(request).status == status


def max_manifest(described: Product, value: int) -> None:
    """One byte more is 413."""
    scene = ProductScene(described)
    scene.registry.storage.repository_to_write("app")
    assert put(scene, "app", "v1", b" " * (value + 1), "application/json") == 413


def mount(described: Product, value: str) -> None:
    """From one repository to another: a link, or an upload."""
    digest = Digest.of(b"layer")
    for settings, status in ((OwnerSettings(), 202 if value == "opt-in" else 201), (OwnerSettings(mounting=True), 201)):
        registry = Registry.product(described.name, settings=settings)
        registry.storage.keep("from", b"layer", digest)
        registry.storage.repository_to_write("to")
        query = {"mount": digest, "from": "from"}
        assert registry.handle(Request("POST", UPLOADS.format("to"), query)).status == status


def dedup(described: Product, value: str) -> None:
    """One base in two repositories: stored twice where the scope is the repository."""
    facts = shared_base(described).facts
    assert (facts["stored_bytes"] == facts["logical_bytes"]) is (value == "repository")
    assert facts["stored_bytes"] <= facts["logical_bytes"]


# After deleting one of two tags: the status, and which tags are left, and whether the image is.
TAG_DELETED = {
    "refused": ({400, 405}, {"v1", "stable"}, True),
    "untags": ({202}, {"stable"}, True),
    "last-tag-removes-image": ({202}, {"stable"}, True),
    "refused-while-other-tags": ({403}, {"v1", "stable"}, True),
    "removes-manifest": ({202}, set(), False),
    "removes-tag-folder": ({202}, {"stable"}, True),
    "removes-component": ({202}, {"stable"}, True),
}


def delete_tag(described: Product, value: str) -> None:
    """One of two tags, and then the last."""
    scene = ProductScene(described)
    image = scene.push("app:v1", "code", tags=("stable",))
    statuses, tags, there = TAG_DELETED[value]
    assert scene.ask("DELETE", "/v2/app/manifests/v1").status in statuses
    repository = scene.registry.storage.repositories.get("app")
    assert (
        set(repository.tags) if repository else set(),
        repository is not None and image.digest in repository.manifests,
    ) == (tags, there)
    if value in ("last-tag-removes-image", "untags"):
        scene.ask("DELETE", "/v2/app/manifests/stable")
        assert (image.digest in repository.manifests) is (value == "untags")


def delete_tag_status(described: Product, value: int) -> None:
    """The refusal's own status."""
    scene = ProductScene(described)
    scene.push("app:v1", "code")
    assert scene.ask("DELETE", "/v2/app/manifests/v1").status == value


def delete_manifest(described: Product, value: str) -> None:
    """By digest, while a tag points at it."""
    scene = ProductScene(described)
    image = scene.push("app:v1", "code")
    answer = scene.ask("DELETE", f"/v2/app/manifests/{image.digest}")
    assert answer.status == (403 if value == "refused-while-tagged" else 202)
    repository = scene.registry.storage.repositories.get("app")
    assert bool(repository and repository.tags) is (value == "refused-while-tagged")


def delete_child(described: Product, value: str) -> None:
    """An image that a tagged index names."""
    scene = ProductScene(described)
    index = scene.push_index("app:multi")
    answer = scene.ask("DELETE", f"/v2/app/manifests/{index.manifests[0].digest}")
    assert answer.ok is (value == "allowed")
    assert scene.pullable("app", "multi") is (value == "refused")


def untagged(described: Product, value: str) -> None:
    """What an overwritten tag leaves."""
    facts = compare_products("overwrite-tag", [described.name]).outcome(described.name).facts
    assert facts["untagged_manifests"] == (2 if value == "stay" else 0)


def untagged_index(described: Product, value: str) -> None:
    """What deleting untagged manifests does to a tagged index."""
    facts = compare_products("delete-untagged-index", [described.name]).outcome(described.name).facts
    assert (facts["refused"], facts["index_pullable"]) == {
        "breaks": (False, False),
        "keeps": (False, True),
        "refuses": (True, True),
    }[value]


def grace(described: Product, value: int) -> None:
    """What is younger is spared, what is older is swept."""
    facts = compare_products("race", [described.name]).outcome(described.name).facts
    assert facts["after 10 s"] is (value > 10) and facts["after 7260 s"] is (value > 7260)


def rules(described: Product, value: str) -> None:
    """The wish is read and carried out in its syntax."""
    facts = compare_products("retention", [described.name]).outcome(described.name).facts
    assert (facts["policy"] is None) is (value == "none")


DONE: dict[str, Callable[[Product, object], None]] = {
    "created_by": created_by, "vanishes_when_empty": vanishes, "immutability": immutable, "sign_in": sign_in,
    "credential_life": credential_life, "pull_limit": pull_limit, "request_limit": request_limit, "counts": counts,
    "max_layer_bytes": max_layer, "max_manifest_bytes": max_manifest, "mount": mount, "dedup_scope": dedup,
    "delete_tag": delete_tag, "delete_tag_status": delete_tag_status, "delete_manifest": delete_manifest,
    "delete_child": delete_child, "untagged": untagged, "delete_untagged_with_index": untagged_index,
    "grace_seconds": grace, "retention_syntax": rules,
}  # fmt: skip
CASES = [
    (described, described.claim(field)) for described in products() for field in DONE if described.claim(field).known
]


@pytest.mark.parametrize(
    ("described", "claim"), CASES, ids=[f"{f.name}: {c.field} is {c.shown} ({c.status}: {c.source})" for f, c in CASES]
)
def test_a_family_does_what_is_said_of_it(described: Product, claim: Claim):
    """The registry of the product, asked."""
    DONE[claim.field](described, claim.value)


# What the scenarios are to show, product by product: (scenario, product, fact, value).
SHOWN = [
    ("overwrite-tag", "distribution-2.8", "manifests", 3),
    ("overwrite-tag", "artifactory", "manifests", 1),
    ("delete-one-tag", "docker-hub", "status", 405),
    ("delete-one-tag", "docker-hub", "other_tag_pullable", True),
    ("delete-one-tag", "distribution-2.8", "other_tag_pullable", False),
    ("delete-one-tag", "distribution-3", "other_tag_pullable", True),
    ("delete-one-tag", "ecr", "other_tag_pullable", True),
    ("delete-one-tag", "ecr", "image_left_without_tags", False),
    ("delete-one-tag", "artifact-registry", "refused", True),
    ("delete-one-tag", "acr", "other_tag_pullable", False),
    ("delete-untagged-index", "distribution-2.8", "index_pullable", False),
    ("delete-untagged-index", "distribution-3", "index_pullable", True),
    ("delete-untagged-index", "artifact-registry", "refused", True),
    ("delete-untagged-index", "docker-hub", "refused", True),
    ("delete-untagged-index", "ecr", "refused", None),
    ("shared-base", "docker-hub", "stored_bytes", None),
    ("rate-limit", "docker-hub", "first_refused", 101),
    ("rate-limit", "docker-hub", "first_refused_through_a_cache", None),
    ("rate-limit", "docker-hub", "pulls_that_reach_it_through_a_cache", 1),
    ("rate-limit", "distribution-3", "first_refused", None),
    ("race", "distribution-3", "after 10 s", False),
    ("race", "ecr", "grace_seconds", None),
    ("retention", "ecr", "kept_tags", ["build-3", "build-4", "build-5"]),
    ("retention", "docker-hub", "kept_tags", None),
]


@pytest.mark.parametrize(("scenario", "name", "fact", "value"), SHOWN)
def test_a_scenario_shows_where_the_families_part(scenario, name, fact, value):
    """As the products' own documentation has it."""
    assert compare_products(scenario).outcome(name).facts[fact] == value


# How sure some answers are: (scenario, product, word).
SURE = [
    ("delete-one-tag", "docker-hub", "documented"),
    ("delete-one-tag", "nexus", "inferred"),
    ("shared-base", "docker-hub", "not said"),
    ("delete-untagged-index", "ecr", "not said"),
    ("delete-untagged-index", "acr", "inferred"),
    ("race", "distribution-3", "documented"),
    ("retention", "docker-hub", "inferred"),
    # Its limit is documented; a request limit that is never named does not matter.
    ("rate-limit", "docker-hub", "documented"),
    # Nobody pulls there without an account, whatever the limits are.
    ("rate-limit", "ecr", "documented"),
    # Only a limit on requests is documented. That no limit on pulls comes before it follows from nobody naming one.
    ("rate-limit", "acr", "inferred"),
]


@pytest.mark.parametrize(("scenario", "name", "word"), SURE)
def test_an_answer_says_how_sure_it_is(scenario, name, word):
    """In the table, in the JSON, and counted in the legend."""
    comparison = compare_products(scenario)
    outcome = comparison.outcome(name)
    assert comparison.how_sure(outcome) == word
    row = next(row for row in comparison.table() if row[0] == outcome.product.title)
    assert row[-1] == comparison.to_json()["products"][name]["how_sure"] == word
    counted = {row[0]: row[2] for row in comparison.legend()}
    assert tuple(counted) == tuple(HOW_SURE) and counted[word] >= 1 and sum(counted.values()) == len(NAMES)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_an_answer_that_is_not_known_is_not_said_and_a_documented_one_names_where(scenario):
    """And no other: a known answer is documented or inferred."""
    comparison = compare_products(scenario)
    for outcome in comparison.outcomes:
        word, known = comparison.how_sure(outcome), comparison.deciding(outcome)[0] is not None
        assert known is (word != NOT_SAID), outcome.product.name
        named = [claim for claim in outcome.product if claim.source in outcome.sources]
        assert word != "documented" or any(claim.status == "documented" for claim in named), outcome.product.name


@pytest.mark.parametrize(
    ("statuses", "word"),
    [
        (("documented", "documented"), "documented"),
        (("inferred", "documented"), "inferred"),
        (("documented", "unconfirmed"), "not said"),
    ],
)
def test_an_answer_is_as_sure_as_its_weakest_claim(statuses, word):
    """Whichever of the two it is."""
    outcome = compare_products("delete-one-tag", ["ecr"]).outcome("ecr")
    described = outcome.product
    graded = dict(zip(("delete_tag", "delete_manifest"), statuses, strict=True))
    claims = {
        field: replace(claim, status=graded.get(field, claim.status)) for field, claim in described.claims.items()
    }
    changed = replace(outcome, product=replace(described, claims=claims))
    assert Comparison(SCENARIOS["delete-one-tag"], (changed,)).how_sure(changed) == word


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_each_scenario_runs_on_each_family_and_says_its_sources(scenario, capsys):
    """On the command line, for people and for programs; the same each time."""
    comparison = compare_products(scenario)
    assert [outcome.product.name for outcome in comparison.outcomes] == list(NAMES)
    assert all(outcome.summary and outcome.sources for outcome in comparison.outcomes)
    assert comparison.sentence.startswith(comparison.scenario.question)
    assert cli.main(["compare", scenario, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["scenario"] == scenario and set(document["products"]) == set(NAMES)
    assert all({"summary", "facts", "sources"} <= set(described) for described in document["products"].values())
    assert cli.main(["compare", scenario, "--products", "acr,ecr", "--sources"]) == 0
    text = capsys.readouterr().out
    assert "Azure" in text and "Docker Hub" not in text
    assert cli.main(["compare", scenario, "--products", "nowhere"]) == 2


def test_the_families_on_the_command_line(capsys):
    """Every field with value, status and source."""
    assert cli.main(["products", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert set(document) == set(NAMES)
    for described in document.values():
        assert all(set(claim) == {"value", "says", "status", "source"} for claim in described["fields"].values())
    assert cli.main(["products", "acr"]) == 0
    assert "anonymous_pull" in capsys.readouterr().out


def test_the_chooser_goes_by_the_same_data():
    """A need that a claim denies rules a product out; one that nobody knows of leaves it open."""
    assert "ecr" not in choose("public_pull").fitting
    assert set(choose("self_hosted", "no_stop").fitting) == {"artifactory", "nexus"}
    assert choose().fitting == NAMES
    for need in NEEDS:
        for verdict in choose(need.name).verdicts:
            claim = verdict.product.claim(need.field)
            expected = "perhaps" if not claim.known else "fits" if need.fits(claim.value) else "does not fit"
            assert verdict.word == expected
    assert "does not fit" in str(choose("public_pull"))

"""The turn of the lesson on the manifest: what is mended is really sent, and really pulled."""

from __future__ import annotations

import json

import pytest

from simregistry.oci.digest import Digest
from simregistry.teach.turns.all_turns import find_turn
from simregistry.teach.turns.manifest_turns import WRONG_SIZE, broken, image

THIRD = str(image().manifest.layers[2].digest)
MENDED = {"layers[1].size": 30_720, "layers[2].digest": THIRD}
RIGHT = {
    "two fields": MENDED,
    "with dots": {"layers.1.size": 30_720, "layers.2.digest": THIRD},
    "as JSON": json.dumps(MENDED),
    "the whole manifest": image().manifest.raw.decode(),
    "the whole manifest, as a dict": json.loads(image().manifest.raw),
}
CONFIG = image().manifest.config
WRONG = {
    "the size alone": ({"layers[1].size": 30_720}, "404 MANIFEST_BLOB_UNKNOWN"),
    "the digest alone": ({"layers[2].digest": THIRD}, "400 MANIFEST_INVALID"),
    "the size of another layer": (MENDED | {"layers[1].size": 10_240}, "400 MANIFEST_INVALID"),
    "what no registry has": (MENDED | {"layers[2].digest": str(Digest.of(b"?"))}, "404 MANIFEST_BLOB_UNKNOWN"),
    "as it was": (broken(), "400 MANIFEST_INVALID"),
    "a manifest without a config": ({"layers": []}, "400 MANIFEST_INVALID"),
}
NONSENSE = [
    7, "", "  ", "mend it", "[1]", [], {}, {"layers[9].size": 1}, {"layers[1].size": "many"}, {"layers[1].size": True},
    {"size": 1}, {"": 1}, {1: 1}, {"config.mediaType": "\ud800"}, {"config.size": 10**5000}, "[" * 10_000, "x" * 30_000,
    {"layers": {1, 2}}, {"layers[1]": 1},
]  # fmt: skip


@pytest.mark.parametrize("answer", RIGHT.values(), ids=RIGHT)
def test_both_fields_mended_are_right(answer):
    """In any spelling; the registry takes it and the client pulls it."""
    reveal = find_turn("manifest.repair").check(answer)
    assert reveal.right and reveal.details[-1] == "a container sees app.py, bin/sh, bin/tool"
    assert reveal.details[0].endswith("201")


@pytest.mark.parametrize(("answer", "said"), WRONG.values(), ids=WRONG)
def test_what_is_still_wrong_is_refused_in_the_registrys_words(answer, said):
    """The status and the code are the registry's own."""
    reveal = find_turn("manifest.repair").check(answer)
    assert reveal.right is False and said in reveal.details[0]


def test_what_the_registry_takes_a_client_may_still_refuse():
    """A config in a layer's place has a fitting digest and size, and its bytes are not what the config lists."""
    swapped = MENDED | {"layers[2].digest": str(CONFIG.digest), "layers[2].size": CONFIG.size}
    reveal = find_turn("manifest.repair").check(swapped)
    assert reveal.right is False and reveal.score == 0.5
    assert "a client can't pull it" in reveal.sentence and reveal.details[0].endswith("201")


@pytest.mark.parametrize("answer", NONSENSE, ids=range(len(NONSENSE)))
def test_what_is_no_manifest_is_kindly_refused(answer):
    """It is no try, and nothing is raised."""
    turn = find_turn("manifest.repair")
    reveal = turn.check(answer)
    assert reveal.right is None and turn.tries == 0


def test_a_digest_that_is_none_is_named():
    """The rule that it breaks is said."""
    reveal = find_turn("manifest.repair").check({"layers[2].digest": "sha256:12"})
    assert reveal.right is False and "64 lower-case hexadecimal digits" in reveal.sentence


def test_there_are_two_mistakes_and_the_solution_mends_them():
    """The given manifest differs from the right one in two fields, and shows what is needed to find them."""
    mine, right = broken(), json.loads(image().manifest.raw)
    differing = [
        (number, field)
        for number, layer in enumerate(mine["layers"])
        for field, value in layer.items()
        if value != right["layers"][number][field]
    ]
    assert differing == [(1, "size"), (2, "digest")] and mine["config"] == right["config"]
    turn = find_turn("manifest.repair")
    assert f'"size": {WRONG_SIZE}' in str(turn) and THIRD in str(turn)
    assert turn.check(turn.answer).right and len(turn.all_hints) == 3

"""The commands of a level: those of the client and the registry, and nothing is left of one that fails."""

from __future__ import annotations

import random
from contextlib import suppress
from dataclasses import replace

import pytest

from simregistry.client.docker_commands import COMMANDS
from simregistry.errors import InvalidValue, SimRegistryError
from simregistry.teach.levels import LevelAttempt, all_levels, find_level, read_level, write_level
from simregistry.teach.levels.level_world import VERBS
from simregistry.teach.levels.solver import commands


def test_what_fails_changes_nothing_and_is_not_counted():
    """A wrong command, one that is not allowed here, and one that the registry refuses."""
    play = LevelAttempt(find_level("delivery"))
    before = play.now()
    for line in ("server: docker pull registry.example/web:1", "registry: gc", "laptop: rm -rf /", "", None, "x" * 10_000,
                 "laptop: docker push", "laptop: docker tag a", "laptop: docker push docker.io/library/web:1"):  # fmt: skip
        assert play.do(line).right is None
    assert play.log == () and play.now() == before


def test_a_push_that_breaks_half_way_leaves_nothing(monkeypatch):
    """What a failed command did on its way is taken back."""
    play = LevelAttempt(find_level("first-push"))
    client = play.bench.copy().machines["laptop"]
    monkeypatch.setattr(type(client), "push", lambda *_: (_ for _ in ()).throw(SimRegistryError("broken")))
    assert "broken" in play.do("laptop: docker push registry.example/web:1").sentence
    assert play.log == ()


def test_what_an_index_names_cannot_be_deleted_below_it():
    """The registry says why, and the level shows both platforms still."""
    play = LevelAttempt(find_level("two-platforms"))
    before = play.now()
    assert "405: unsupported" in play.do("registry: delete manifest web:arm64").sentence
    assert play.now() == before and "linux/arm64: base arm64 + code arm64" in str(before)
    assert play.bench.state().untagged == ()


def test_an_index_whose_manifest_is_lost_shows_what_is_missing():
    """A damaged store is told platform by platform, and is no goal."""
    play = LevelAttempt(find_level("two-platforms"))
    for line in play.level.solution:
        play.do(line)
    held = play.bench.registries["registry"].storage.repositories["web"]
    lost = next(digest for digest, each in held.manifests.items() if each.blobs and digest not in held.tags.values())
    held.drop_revision(lost)
    assert play.check().right is False and "linux/amd64: missing" in play.check().details[0]


def test_an_image_of_one_platform_is_pulled_from_an_index():
    """A machine takes its own platform's layers and no others."""
    level = find_level("two-platforms")
    play = LevelAttempt(replace(level, allowed=("pull",)))
    assert "85 MB" in play.do("laptop: docker pull registry.example/web:1").sentence
    assert play.bench.state().images["laptop"] == {"registry.example/web:1": ("base amd64", "code amd64")}


def test_a_build_makes_what_its_recipe_states():
    """Layers that the machine has are not new; what was sent cannot be taken back, and is said."""
    play = LevelAttempt(find_level("two-recipes"))
    said = play.do("laptop: docker build -t registry.example/web:2 Dockerfile.code-first")
    assert "2 of 3 layers are new" in said.sentence
    play.do("laptop: docker push registry.example/web:2")
    assert play.check().details[1] == "51 MB were sent; at most 6 MB are allowed"
    assert "Dockerfile.code-last" in play.do("laptop: docker build -t registry.example/web:2 Dockerfile").sentence
    assert (
        "build -t NAME RECIPE" in play.do("laptop: docker build registry.example/web:2 Dockerfile.code-last").sentence
    )


def test_a_machine_speaks_the_docker_of_the_package():
    """One interpreter: the words are read where %docker reads them, and only ``build`` is the level's own."""
    bench = find_level("two-recipes").bench()
    own = bench.docker_commands("laptop")
    assert {verb for verb, command in own.items() if command.parser is not COMMANDS[verb].parser} == {"build"}
    answer = bench.run("laptop: docker build Dockerfile.code-last --tag registry.example/web:2")
    assert answer.startswith("built registry.example/web:2 by Dockerfile.code-last: ")
    with pytest.raises(InvalidValue, match="use one of build, push, pull, tag, rmi"):
        bench.run("laptop: docker history registry.example/web:1")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("registry: copy web:1 ../../x:1", "bad part"), ("registry: copy web:1 SHOP:1", "lower case"),
        ("registry: copy web:1 shop:..", "tag"), ("registry: delete tag registry.example/web:1", "without its host"),
        (f"registry: copy web@sha256:{64 * 'a'} shop:1", "without a digest"), ("registry: delete tag web:9", "404"),
        ("registry: copy web:1", "use delete tag"), ("registry: delete manifest web", "no image web"),
    ],
)  # fmt: skip
def test_a_name_that_is_none_is_refused_by_the_registry_too(line, said):
    """The commands of whoever runs a registry are held to the same names."""
    play = LevelAttempt(find_level("copy-inside"))
    before = play.now()
    assert said in play.do(line).sentence
    assert play.log == () and play.now() == before


def test_random_games_raise_nothing_and_replay_to_the_same_state():
    """Whatever is typed is answered; the log alone gives the state again; what is shared can be read."""
    rng = random.Random(11)
    for one in all_levels():
        free = replace(one, allowed=tuple(VERBS))
        known = commands(free)
        play = LevelAttempt(free)
        for _ in range(40):
            line = rng.choice(known)
            play.do(line if rng.random() < 0.85 else line.replace(rng.choice(line), rng.choice(":/@ A"), 1))
            play.check()
        assert LevelAttempt(free, log=play.log).bench.state() == play.bench.state() == play.fork().bench.state()
        with suppress(InvalidValue):
            shared = play.rewind(min(3, len(play.log))).share("again", "Again", "The same state once more.")
            assert write_level(read_level(shared)) == shared

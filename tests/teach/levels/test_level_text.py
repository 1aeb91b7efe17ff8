"""Levels as text: what is shared comes back whole, and a text from anybody is checked before it is played."""

from __future__ import annotations

import re

import pytest

from simregistry.errors import InvalidValue
from simregistry.teach import share
from simregistry.teach.levels import LevelAttempt, all_levels, find_level, read_level, write_level
from simregistry.teach.levels.solver import shorter

GOOD = write_level(find_level("first-push"))


@pytest.mark.parametrize("one", all_levels(), ids=[one.id for one in all_levels()])
def test_a_level_written_and_read_is_the_same_level(one):
    """What is shared as text comes back whole."""
    assert read_level(write_level(one)) == one


def test_the_present_state_becomes_a_level_that_others_can_play():
    """The level builder: what was done is its solution, its length the par, its end the goal."""
    mine = LevelAttempt(find_level("free-the-disk"))
    for line in ("registry: delete manifest web:2", "registry: gc"):
        mine.do(line)
    text = mine.share("keep-the-first", "Keep the first", "The other one is to go this time, bytes and all.")
    theirs = share(text)
    assert theirs.check().right is False and theirs.level.par == 2
    for line in mine.log:
        theirs.do(line)
    assert theirs.check().right is True and shorter(theirs.level, 1) is None


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("My Level", "A title", "A text"), "small letters"), (("fine", "", "A text"), "write a string"),
        (("fine", "bell \a", "A text"), "plain text"),
    ],
)  # fmt: skip
def test_no_level_is_shared_that_nobody_could_read(words, said):
    """The builder is as strict as the reader."""
    mine = LevelAttempt(find_level("first-push"))
    mine.do("laptop: docker push registry.example/web:1")
    with pytest.raises(InvalidValue, match=said):
        mine.share(*words)


def test_no_level_is_shared_that_is_won_before_it_begins():
    """Nothing done, only a name on the laptop that the goal does not look at, or more than a level may take."""
    mine = LevelAttempt(find_level("second-name"))
    with pytest.raises(InvalidValue, match="before the first command"):
        mine.share("fine", "A title", "A text")
    mine.do("laptop: docker tag registry.example/web:1 registry.example/web:other")
    with pytest.raises(InvalidValue, match="before the first command"):
        mine.share("fine", "A title", "A text")
    for number in range(13):
        mine.do(f"laptop: docker tag registry.example/web:1 registry.example/web:{number}")
    with pytest.raises(InvalidValue, match="from 1 to 12"):
        mine.share("fine", "A title", "A text")


def test_a_title_in_any_script_is_shared():
    """TOML takes a ship as it is, and refuses the two halves that JSON makes of it."""
    mine = LevelAttempt(find_level("first-push"))
    mine.do("laptop: docker push registry.example/web:1")
    assert (
        read_level(mine.share("fine", "Schiff ahoi \U0001f6a2", 'with "quotes" and a \\')).title
        == "Schiff ahoi \U0001f6a2"
    )


def test_a_level_without_a_solution_or_hints_says_so():
    """Whoever shares a level may leave them out."""
    text = re.sub(r"(?m)^(solution|hints) = .*\n", "", GOOD)
    play = LevelAttempt(read_level(text))
    play.check()
    assert "Nobody wrote" in play.solution().sentence and "no hints" in play.hint().sentence


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "write a"), ("{", "isn't TOML"), ("x" * 30_000, "at most"), ("a = 1\n" + GOOD, "take it out"),
        (GOOD.replace("par = 1", "par = 0"), "whole number"), (GOOD.replace("par = 1", "par = 99"), "whole number"),
        (GOOD.replace('"push"', '"rm -rf"'), "use some of"), (GOOD.replace('"base" = 80', '"base" = -1'), "whole number"),
        (GOOD.replace('"base" = 80', '"base" = true'), "whole number"), (GOOD.replace('["base", "python", "code 1"]', '["nothing"]'), "use the layers"),
        (GOOD.replace("[start.laptop]", "[start.moon]"), "use some of"), (GOOD.replace("registry.example/web:1\" = [", "docker.io/web:1\" = ["), "write HOST"),
        (GOOD.replace('id = "first-push"', 'id = "../../x"'), "small letters"), (GOOD.replace('"web:1" =', '"WEB:1" ='), "reference"),
        (GOOD.replace("[sizes]", "[sizes]\n" + "\n".join(f"l{n} = 1" for n in range(99))), "at most"), ("[" * 5000, "isn't TOML"),
        (None, "give the text"), (b"id = 1", "give the text"), (re.sub("allowed = .*", "allowed = []", GOOD), "use some of"),
        (GOOD.replace("par = 1", "par = 2"), "so many commands"), (GOOD.replace("docker push", "docker rmi"), "it may use"),
        (GOOD.replace("docker push registry.example/web:1", "docker push registry.example/web:2"), "does not work"),
        (GOOD.replace("docker push registry.example/web:1", "docker tag registry.example/web:1 registry.example/web:2"), "does not reach"),
        (GOOD.split("[goal.registry]")[0], "before the first command"), (GOOD.replace('"base" = 80', '"base" = 80\n"\\u001b[2J" = 1'), "plain text"),
        (GOOD.replace("registry.example/web:1\" = [", f"registry.example/web:1@sha256:{64 * 'a'}\" = ["), "write HOST"),
        (GOOD.replace("registry.example/web:1\" = [\"base\", \"python\", \"code 1\"]", "registry.example/web:1\" = { \"linux/amd64\" = [\"base\"] }"), "one platform"),
        (GOOD.replace("\"web:1\" = [\"base\", \"python\", \"code 1\"]", "\"web:1\" = { linux = [\"base\"] }"), "platform"),
        (GOOD + "[recipes]\n\"a b\" = [\"base\"]\n", "name of a recipe"),
    ],
)  # fmt: skip
def test_a_text_from_anybody_is_checked(text, said):
    """What is no level says what to write instead, and nothing of it is carried out."""
    with pytest.raises(InvalidValue, match=said):
        read_level(text)

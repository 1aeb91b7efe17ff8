"""The levels: solved by their own solutions, in no fewer commands than par, and checked by state, not by route."""

from __future__ import annotations

import pytest

from simregistry.errors import InvalidValue, SimRegistryError
from simregistry.teach import course, level, progress, share
from simregistry.teach.levels import Play, find, levels, read_level, write_level
from simregistry.teach.levels.solver import commands, shorter

each_level = pytest.mark.parametrize("one", levels(), ids=[one.id for one in levels()])


@each_level
def test_a_level_is_solved_by_its_own_solution_at_par(one):
    """The stored commands are allowed, each of them works, and together they reach the goal."""
    play = Play(one)
    assert play.check().right is False
    for line in one.solution:
        assert one.permits(line) and line in commands(one)
        assert "Command" in play.do(line).sentence
    assert play.check().right is True and len(play.log) == one.par == len(one.solution)


@each_level
def test_no_shorter_way_is_known(one):
    """Every command in every state, up to one less than par."""
    assert shorter(one, one.par - 1) is None
    found = shorter(one, one.par)
    assert found is not None and len(found) == one.par


@each_level
def test_a_level_has_its_place_in_the_course(one):
    """An objective of its lesson, hints in steps, and a text that names the goal."""
    assert one.objective in {each.id for each in course.lesson(one.lesson).objectives}
    assert len(one.hints) >= 2 and len(one.text) > 40


@each_level
def test_a_level_written_and_read_is_the_same_level(one):
    """What is shared as text comes back whole."""
    assert read_level(write_level(one)) == one


def test_there_are_at_least_twelve_from_easy_to_hard():
    """Unique names; the first needs one command, the last at least four."""
    assert len(levels()) >= 12 and len({one.id for one in levels()}) == len(levels())
    assert levels()[0].par == 1 and levels()[-1].par >= 4


def test_another_route_is_accepted():
    """The disk is freed by way of the tag as well; states are compared, not commands."""
    play = Play(find("free-the-disk"))
    play.do("registry: delete tag web:1")
    play.do("registry: gc")
    told = play.check()
    assert told.right is False and told.details == ("the registry's shelf still has code 1",)
    play.do("registry: gc --delete-untagged")
    assert play.check().right is True and "1 over par" in play.check().sentence


def test_what_fails_changes_nothing_and_is_not_counted():
    """A wrong command, one that is not allowed here, and one that the registry refuses."""
    play = Play(find("delivery"))
    before = play.now()
    for line in ("server: docker pull registry.example/web:1", "registry: gc", "laptop: rm -rf /", "", None, "x" * 10_000,
                 "laptop: docker push", "laptop: docker tag a", "laptop: docker push docker.io/library/web:1"):  # fmt: skip
        assert play.do(line).right is None
    assert play.log == () and play.now() == before


def test_a_push_that_breaks_half_way_leaves_nothing(monkeypatch):
    """What a failed command did on its way is taken back."""
    play = Play(find("first-push"))
    client = play.bench.copy().machines["laptop"]
    monkeypatch.setattr(type(client), "push", lambda *_: (_ for _ in ()).throw(SimRegistryError("broken")))
    assert "broken" in play.do("laptop: docker push registry.example/web:1").sentence
    assert play.log == ()


def test_undo_rewind_reset_and_fork_go_through_time():
    """The log is played again, so the same state comes back; a fork goes its own way."""
    one = find("rename")
    play = Play(one)
    states = [play.now()]
    for line in one.solution:
        play.do(line)
        states.append(play.now())
    other = play.fork()
    assert play.undo().now() == states[-2] and other.now() == states[-1]
    assert play.rewind(1).now() == states[1]
    assert play.reset().now() == states[0] and play.undo().now() == states[0]
    assert other.check().right is True and play.check().right is False
    for wrong in (-1, 5, 1.0, True, "1"):
        with pytest.raises(InvalidValue, match="give a number"):
            play.rewind(wrong)


def test_hints_come_in_steps_and_the_solution_after_a_check():
    """As with exercises."""
    play = Play(find("swap"))
    assert len({play.hint().sentence for _ in range(5)}) == len(play.level.hints)
    assert "Check once first" in play.solution().sentence
    play.check()
    assert play.solution().details == play.level.solution


def test_the_present_state_becomes_a_level_that_others_can_play():
    """The level builder: what was done is its solution, its length the par, its end the goal."""
    mine = Play(find("free-the-disk"))
    for line in ("registry: delete manifest web:2", "registry: gc"):
        mine.do(line)
    text = mine.share("keep-the-first", "Keep the first", "The other one is to go this time, bytes and all.")
    theirs = share(text)
    assert theirs.check().right is False and theirs.level.par == 2
    for line in mine.log:
        theirs.do(line)
    assert theirs.check().right is True and shorter(theirs.level, 1) is None


GOOD = write_level(find("first-push"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "write a"), ("{", "is no TOML"), ("x" * 30_000, "at most"), ("a = 1\n" + GOOD, "take it out"),
        (GOOD.replace("par = 1", "par = 0"), "whole number"), (GOOD.replace("par = 1", "par = 99"), "whole number"),
        (GOOD.replace('"push"', '"rm -rf"'), "use some of"), (GOOD.replace('"base" = 80', '"base" = -1'), "whole number"),
        (GOOD.replace('"base" = 80', '"base" = true'), "whole number"), (GOOD.replace('["base", "python", "code 1"]', '["nothing"]'), "use the layers"),
        (GOOD.replace("[start.laptop]", "[start.moon]"), "use some of"), (GOOD.replace("registry.example/web:1\" = [", "docker.io/web:1\" = ["), "write HOST"),
        (GOOD.replace('id = "first-push"', 'id = "../../x"'), "small letters"), (GOOD.replace('"web:1" =', '"WEB:1" ='), "reference"),
        (GOOD.replace("[sizes]", "[sizes]\n" + "\n".join(f"l{n} = 1" for n in range(99))), "at most"), ("[" * 5000, "is no TOML"),
    ],
)  # fmt: skip
def test_a_text_from_anybody_is_checked(text, said):
    """What is no level says what to write instead, and nothing of it is carried out."""
    with pytest.raises(InvalidValue, match=said):
        read_level(text)


def test_an_unknown_level_names_those_there_are():
    """A typing error is no dead end."""
    with pytest.raises(InvalidValue, match="first-push"):
        find("frist-push")


def test_a_check_is_noted_in_the_progress_file(tmp_path, monkeypatch):
    """A level that was reached counts as done; one that was only begun as tried."""
    (tmp_path / "00-start-here.ipynb").write_text("{}")
    monkeypatch.chdir(tmp_path)
    play = level("first-push")
    play.check()
    play.do("laptop: docker push registry.example/web:1")
    play.check()
    assert progress.read(tmp_path / progress.FILE)["levels"] == {"first-push": progress.Done(2, 1.0)}


def test_a_level_shows_as_text_and_as_html():
    """The state, the goal and what may be used stand in both."""
    play = Play(find("to-the-mirror"))
    for shown in (str(play), play._repr_html_()):
        assert "at most 6 MB sent" in shown and "docker pull NAME" in shown and "mirror" in shown

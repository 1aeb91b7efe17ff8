"""The levels: solved by their own solutions, in no fewer commands than par, and checked by state, not by route."""

from __future__ import annotations

import pytest

from simregistry.errors import InvalidValue
from simregistry.teach import course, level, progress
from simregistry.teach.levels import LevelAttempt, all_levels, find_level
from simregistry.teach.levels.solver import commands, shorter

each_level = pytest.mark.parametrize("one", all_levels(), ids=[one.id for one in all_levels()])


@each_level
def test_a_level_is_solved_by_its_own_solution_at_par(one):
    """The stored commands are allowed, each of them works, and together they reach the goal."""
    play = LevelAttempt(one)
    assert play.check().right is False
    for line in one.solution:
        assert one.permits(line) and line in commands(one)
        assert "Command" in play.do(line).sentence
    assert play.check().right is True and len(play.log) == one.par == len(one.solution)


# Moving house takes longer to search than all others together.
SEARCHED = [
    pytest.param(one, id=one.id, marks=pytest.mark.long if one.id == "move-house" else ()) for one in all_levels()
]


@pytest.mark.parametrize("one", SEARCHED)
def test_no_shorter_way_is_known(one):
    """Every command in every state, nearest states first: the first way that is found is as long as par."""
    found = shorter(one, one.par)
    assert found is not None and len(found) == one.par


@each_level
def test_a_level_has_its_place_in_the_course(one):
    """An objective of its lesson, hints in steps, and a text that names the goal."""
    assert one.objective in {each.id for each in course.lesson(one.lesson).objectives}
    assert len(one.hints) >= 2 and len(one.text) > 40


def test_there_are_at_least_twelve_from_easy_to_hard():
    """Unique names; the first needs one command, the last at least four."""
    assert len(all_levels()) >= 14 and len({one.id for one in all_levels()}) == len(all_levels())
    assert all_levels()[0].par == 1 and all_levels()[-1].par == max(one.par for one in all_levels())
    assert {one.lesson for one in all_levels()} >= {
        "start",
        "names",
        "layers",
        "manifest",
        "stored-once",
        "push",
        "pull",
        "build",
        "collection",
    }


def test_another_route_is_accepted():
    """The disk is freed by way of the tag as well; states are compared, not commands."""
    play = LevelAttempt(find_level("free-the-disk"))
    play.do("registry: delete tag web:1")
    play.do("registry: gc")
    told = play.check()
    assert told.right is False and told.details == ("the registry's storage still has code 1",)
    play.do("registry: gc --delete-untagged")
    assert play.check().right is True and "1 over par" in play.check().sentence


def test_undo_rewind_reset_and_fork_go_through_time():
    """The log is played again, so the same state comes back; a fork goes its own way."""
    one = find_level("rename")
    play = LevelAttempt(one)
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
    play = LevelAttempt(find_level("swap"))
    assert len({play.hint().sentence for _ in range(5)}) == len(play.level.hints)
    assert "Check once first" in play.solution().sentence
    play.check()
    assert play.solution().details == play.level.solution


@pytest.mark.parametrize("id", ["rename", "copy-inside"])
def test_an_image_without_a_tag_is_seen_to_be_left_behind(id):
    """Deleting the tag is not enough where nothing is to be left."""
    play = LevelAttempt(find_level(id))
    for line in play.level.solution:
        play.do(line.replace("delete manifest", "delete tag"))
    assert play.check().details == ("1 in the registries without a tag; at most 0 allowed",)
    assert ("registry", "web (no tag)", "base + python + code 1") in play.now().rows


def test_the_wrong_image_frees_too_little():
    """What is stored is said beside what may be."""
    play = LevelAttempt(find_level("most-bytes"))
    for line in ("registry: delete manifest web:2", "registry: gc"):
        play.do(line)
    assert play.check().details == ("230 MB are stored in the registry; at most 150 MB are allowed",)


def test_an_unknown_level_names_those_there_are():
    """A typing error is no dead end."""
    with pytest.raises(InvalidValue, match="first-push"):
        find_level("frist-push")


def test_a_check_is_noted_in_the_progress_file(tmp_path, monkeypatch):
    """A level that was reached counts as done; one that was only begun as tried."""
    (tmp_path / "00-start-here.ipynb").write_text("{}")
    monkeypatch.chdir(tmp_path)
    play = level("first-push")
    play.check()
    play.do("laptop: docker push registry.example/web:1")
    play.check()
    assert progress.read_progress(tmp_path / progress.FILE)["levels"] == {"first-push": progress.Done(2, 1.0)}


def test_a_level_shows_as_text_and_as_html():
    """The state, the goal and what may be used stand in both."""
    play = LevelAttempt(find_level("to-the-mirror"))
    for shown in (str(play), play._repr_html_()):
        assert "at most 6 MB sent" in shown and "docker pull NAME" in shown and "mirror" in shown

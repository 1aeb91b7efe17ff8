"""The board of a level: what it does is what the attempt does, by typing, by clicking, by dragging and by keyboard."""

from __future__ import annotations

import random

import pytest
from explorer_page import ExplorerPage, open_explorer

from simregistry.teach import build_level, level, progress, share
from simregistry.teach.levels import LevelAttempt, all_levels, find_level, read_level
from simregistry.teach.levels.level_board import WORDS, LevelBoard
from simregistry.teach.levels.level_state import PLACES

PUSH = "laptop: docker push registry.example/web:1"
IMAGE = "0 laptop registry.example/web:1"


def board_of(id: str) -> LevelBoard:
    """The board of a level that nobody records."""
    return LevelBoard(LevelAttempt(find_level(id)))


def controls(board: LevelBoard) -> dict[str, str]:
    """The labels of the board's controls that can be used, by their ids."""
    return {one.id: one.label for one in board.draw().controls if not one.disabled}


def looks(board: LevelBoard) -> dict[str, str]:
    """How the images and storages on both sides are drawn, by their ids."""
    ends = {"0", "1"}
    return {
        mark.id: mark.look for mark in board.draw().marks
        if mark.shape == "box" and mark.id.split()[0] in ends and len(mark.id.split()) == 3
    }  # fmt: skip


@pytest.mark.parametrize("one", all_levels(), ids=[one.id for one in all_levels()])
def test_the_boards_state_is_the_attempts_own(one):
    """Typed on the board or done by the attempt: one state after each command, and three stars at par."""
    board, alone = LevelBoard(LevelAttempt(one)), LevelAttempt(one)
    for line in one.solution:
        assert not board.draw().reached
        board.hand("line", value=line)
        alone.do(line)
        assert board.game.bench.state() == alone.bench.state()
    assert board.draw().reached and board.draw().mark("stars").label == "★★★"
    assert "which is par. 3 of 3 stars." in board.draw().says


def test_every_image_is_drawn_with_its_layers_and_bytes():
    """Names, layers from the base up, megabytes: as the state says, on each step of a level."""
    board = board_of("delivery")
    for line in board.game.level.solution:
        board.hand("line", value=line)
        state, scene = board.game.bench.state(), board.draw()
        for place, images in state.images.items():
            for name, stack in images.items():
                id = f"0 {place} {name}"
                drawn = [scene.mark(f"{id} text {row}") for row in range(len(stack))]
                assert [mark.label for mark in drawn] == [*reversed(stack)]
                assert [mark.y for mark in drawn] == sorted(mark.y for mark in drawn)
                sizes = [int(scene.mark(f"{id} size {row}").label) for row in range(len(stack))]
                assert sizes == [board.game.level.sizes[layer] for layer in reversed(stack)]
                bars = [scene.mark(f"{id} bar {row}").width for row in range(len(stack))]
                assert bars == pytest.approx([max(bars) * size / max(sizes) for size in sizes])


def test_what_is_missing_and_what_should_go_is_marked_on_both_sides():
    """As the goal names the faults, and nothing else."""
    board = board_of("free-the-disk")
    assert looks(board) == {
        "0 registry web:1": "bad", "0 registry web:2": "good", "0 registry storage": "bad",
        "1 registry web:1": "ghost", "1 registry web:2": "good", "1 registry storage": "bad",
    }  # fmt: skip
    assert board.draw().mark("0 registry storage text 1").label == "✗ code 1"
    board.hand("line", value="registry: delete manifest web:1")
    assert looks(board)["0 registry storage"] == "bad" and "0 registry web:1" not in looks(board)
    board.hand("line", value="registry: gc")
    assert set(looks(board).values()) == {"good"}
    missing = looks(board_of("first-push"))
    assert missing["0 registry web:1"] == "ghost" and missing["1 registry web:1"] == "bad"


def test_limits_and_images_without_a_tag_are_seen():
    """What was sent cannot be taken back; an image that lost its tag stays where it is."""
    board = board_of("two-recipes")
    assert board.draw().mark("limit-sent").label == "✓ at most 6 MB sent"
    for recipe in ("Dockerfile.code-first",):
        board.hand("line", value=f"laptop: docker build -t registry.example/web:2 {recipe}")
        board.hand("line", value="laptop: docker push registry.example/web:2")
    assert board.draw().mark("limit-sent").label == "✗ at most 6 MB sent"
    assert board.draw().mark("figures").label.startswith("51 MB sent")
    assert "0 registry web (no tag) 0" in {mark.id for mark in board_of("save-one").draw().marks}


def test_a_chosen_image_offers_its_allowed_commands():
    """As whole lines, which are carried out as they are written; chosen a second time, it offers none."""
    board = board_of("second-name")
    board.hand("choose", IMAGE)
    offers = [id.removeprefix("run ") for id in controls(board) if id.startswith("run ")]
    assert offers == [PUSH, "laptop: docker tag registry.example/web:1 registry.example/web:spare"]
    assert all(board.game.level.permits(line) for line in offers)
    board.hand("new name", value="registry.example/web:stable")
    board.hand("run laptop: docker tag registry.example/web:1 registry.example/web:stable")
    assert board.game.log == ("laptop: docker tag registry.example/web:1 registry.example/web:stable",)
    board.hand("choose", IMAGE)
    assert not any(id.startswith("run ") for id in controls(board))


@pytest.mark.parametrize(
    ("id", "mark", "lines"),
    [
        ("two-recipes", "0 recipe Dockerfile.code-last", ["laptop: docker build -t registry.example/web:1 Dockerfile.code-last", "server: docker build -t registry.example/web:1 Dockerfile.code-last"]),
        ("free-the-disk", "0 registry storage", ["registry: gc", "registry: gc --delete-untagged"]),
        ("copy-inside", "0 registry web:1", ["registry: delete tag web:1", "registry: delete manifest web:1", "registry: copy web:1 shop:1"]),
        ("pull-first", "0 registry web:2", ["laptop: docker pull registry.example/web:2", "server: docker pull registry.example/web:2"]),
    ],
)  # fmt: skip
def test_recipes_storages_and_tags_have_commands_too(id, mark, lines):
    """Each kind of thing has the commands that act on it."""
    board = board_of(id)
    board.hand("choose", mark)
    assert [one.removeprefix("run ") for one in controls(board) if one.startswith("run ")] == lines


@pytest.mark.parametrize(
    ("id", "mark", "to", "said"),
    [
        ("first-push", IMAGE, "registry", "130 MB of layers sent"),
        ("pull-first", "0 registry web:2", "server", "6 MB of layers fetched"),
        ("first-push", IMAGE, "server", "can't reach each other"),
        ("first-push", IMAGE, "mirror", "tag the image for mirror.example"),
        ("to-the-mirror", "0 registry web:2", "mirror", "sends nothing by itself"),
        ("two-recipes", "0 recipe Dockerfile.code-last", "laptop", "built registry.example/web:1"),
        ("two-recipes", "0 recipe Dockerfile.code-last", "registry", "doesn't build"),
        ("free-the-disk", "0 registry web:1", "laptop", "Here you may use"),
    ],
)  # fmt: skip
def test_a_drag_is_a_command_or_says_why_not(id, mark, to, said):
    """Push, pull and build; a refusal is said and changes nothing."""
    board = board_of(id)
    before = board.game.now()
    board.hand("carry", mark, f"place-{to}")
    assert said in board.scene["says"]
    assert (board.game.now() == before) == (not board.game.log)


def test_a_command_that_fails_is_said_and_not_counted():
    """The attempt's own sentence."""
    board = board_of("delivery")
    line = "server: docker pull registry.example/web:1"
    assert board.hand("line", value=line).says == LevelAttempt(board.game.level).do(line).sentence
    assert board.game.log == () and "Here you may use" in board.hand("line", value="rm -rf").says


def test_time_goes_back_and_forward():
    """Undo, redo, reset and rewind: each state is the one that these commands make."""
    board = board_of("rename")
    states = [board.game.now()]
    for line in board.game.level.solution:
        board.hand("line", value=line)
        states.append(board.game.now())
    board.hand("reset")
    assert board.game.now() == states[0] and len(board.draw().table.rows) == 4
    board.hand("redo")
    assert board.game.now() == states[1]
    for step in (3, 1, 4, 0):
        board.hand("step", value=step)
        assert board.game.now() == states[step]
    board.hand("step", value=3)
    board.hand("line", value="undo")
    assert board.game.now() == states[2] and [row[2] for row in board.draw().table.rows] == [
        "",
        "",
        *["taken back"] * 2,
    ]
    board.hand("line", value="laptop: docker pull registry.example/web:1")
    assert len(board.draw().table.rows) == 3 and "redo" not in controls(board)


def test_a_fork_goes_its_own_way():
    """Both games stay, and the choice goes from one to the other."""
    board = board_of("delivery")
    board.hand("line", value=PUSH)
    board.hand("fork")
    board.hand("line", value="server: docker pull registry.example/web:1")
    assert board.draw().reached
    assert not board.hand("game", value="game 1").reached and board.game.log == (PUSH,)
    assert board.hand("game", value="game 2").reached
    assert board.hand("game", value="game 7").reached


def test_hints_come_one_at_a_time_and_a_way_after_a_check():
    """Every level has three hints; asked once more, the last one stays."""
    board = board_of("swap")
    hints = [board.hand("hint").says for _ in range(4)]
    assert hints == [f"Hint {n} of 3: {board.game.level.hints[n - 1]}" for n in (1, 2, 3, 3)]
    assert "solution" not in controls(board)
    assert board.hand("check").says.startswith("Not there yet: ")
    assert "solution" in controls(board)
    assert all(line in board.hand("solution").says for line in board.game.level.solution)
    assert {len(one.hints) for one in all_levels()} == {3}


def test_more_commands_give_fewer_stars():
    """Par or less three, up to two more two, else one; before the goal none."""
    board = board_of("first-push")
    assert board.game.stars == 0
    for name, stars in (("a", 3), ("b", 2), ("c", 2), ("d", 1)):
        if stars == 3:
            board.hand("line", value=PUSH)
        else:
            board.hand("line", value=f"laptop: docker tag registry.example/web:1 registry.example/web:{name}")
        assert board.game.stars == stars
    assert board.draw().mark("stars").label == "★☆☆"


def test_the_next_level_follows_the_one_that_was_reached():
    """With its own start, and recorded as the first one was; after the last level there is none."""
    board = board_of("first-push")
    assert "next level" not in controls(board)
    board.hand("line", value=PUSH)
    board.hand("next level")
    assert board.game.level.id == "delivery" and board.game.log == () and not board.draw().reached
    last = LevelBoard(LevelAttempt(all_levels()[-1], log=all_levels()[-1].solution))
    assert last.draw().reached and "next level" not in controls(last)


def test_what_is_typed_in_a_cell_is_seen_on_the_board(tmp_path, monkeypatch):
    """One game: its live view follows it, and the board's commands are the game's."""
    monkeypatch.chdir(tmp_path)
    play = level("delivery")
    data, _ = play._repr_mimebundle_()
    assert data["text/plain"] == str(play) and "docker pull NAME" in data["text/html"]
    assert "application/vnd.jupyter.widget-view+json" in data
    play.do(PUSH)
    assert "130 MB of layers sent" in play.board.scene["says"] and len(play.board.scene["table"]["rows"]) == 1
    play.board.hand("line", value="server: docker pull registry.example/web:1")
    assert play.reached and len(play.log) == 2
    play.undo()
    assert play.board.scene["says"] == "You are back at command 1." and not play.board.scene["reached"]


def test_a_goal_reached_on_the_board_is_recorded_once(tmp_path, monkeypatch):
    """As a check in a cell is."""
    (tmp_path / "00-start-here.ipynb").write_text("{}")
    monkeypatch.chdir(tmp_path)
    board = LevelBoard(level("first-push"))
    board.hand("line", value=PUSH)
    board.hand("line", value="laptop: docker tag registry.example/web:1 registry.example/web:a")
    board.hand("undo")
    assert progress.read_progress(tmp_path / progress.FILE)["levels"] == {"first-push": progress.Done(1, 1.0)}


def built() -> LevelBoard:
    """A level that was built on the board: version 1 is in the registry, and the server is to get it as web:live."""
    board = build_level()
    board.hand("line", value="laptop: docker build -t registry.example/web:1 Dockerfile.1")
    board.hand("line", value=PUSH)
    board.hand("begins here")
    board.hand("title", value="Go live!")
    board.hand("text", value="Give version 1 the name live.")
    board.hand("a hint", value="Tag, then push.")
    board.hand("allows", value="only those I used")
    board.hand("line", value="laptop: docker tag registry.example/web:1 registry.example/web:live")
    board.hand("line", value="laptop: docker push registry.example/web:live")
    board.hand("write")
    return board


def test_a_level_is_built_and_played():
    """It begins where its author said, and is won where its author stopped; the text is what ``share`` reads."""
    board = built()
    made = read_level(board.written)
    assert (made.id, made.title, made.par, made.allowed) == ("go-live", "Go live!", 2, ("push", "tag"))
    assert made.hints == ("Tag, then push.",) and "registry.example/web:1" in made.start["laptop"]
    theirs = share(board.written)
    for line in made.solution:
        theirs.do(line)
    assert theirs.check().right is True
    assert "\n".join(row[0] for row in board.draw().table.rows) == board.written.rstrip("\n")
    board.hand("play it")
    assert board.game.level == made and not board.draw().reached
    board.hand("game", value="game 2")
    assert "write" in controls(board) and board.hand("undo").says == "You are at command 1 of 2."


def test_a_level_that_nobody_could_play_is_not_written():
    """Nothing was done, or it would begin with layers that no image uses: both are said."""
    board = build_level("free-the-disk")
    board.hand("write")
    assert "before the first command" in board.scene["says"] and board.written == ""
    board.hand("line", value="registry: delete manifest web:1")
    board.hand("begins here")
    assert "collect them first" in board.scene["says"]
    board.hand("line", value="registry: gc")
    board.hand("begins here")
    assert "The level begins here" in board.scene["says"]


def test_a_game_becomes_a_level_on_its_own_board():
    """Whoever types `build level` goes on in the present state, with all commands."""
    board = board_of("delivery")
    board.hand("line", value=PUSH)
    board.hand("line", value="build level")
    assert board.game.log == () and board.game.bench.state().images["registry"] == {
        "web:1": ("base", "python", "code 1")
    }
    board.hand("line", value="registry: delete tag web:1")
    board.hand("asks for", value="registries alone")
    board.hand("write")
    assert set(read_level(board.written).goal.images) == {"registry"}


def test_whatever_a_page_sends_is_answered():
    """Marks that aren't there, places that nobody knows, steps that are no number: nothing raises, the board stays."""
    rng = random.Random(7)
    dos = ["line", "choose", "carry", "remove", "new name", "game", "step", "run rm", "write", "play it", "begins here",
           "title", "a hint", "asks for", "next level", "moon", *WORDS]  # fmt: skip
    ids = [
        "",
        "0",
        IMAGE,
        "0 moon x",
        "0 recipe x",
        "0 registry storage",
        "1 registry web:1",
        "0 mirror storage",
        "place-registry",
    ]
    values = ["", "x" * 3000, -1, 10**9, float("nan"), float("inf"), "game 0", "game x", PUSH, "help", "build level"]
    board = board_of("first-push")
    for _ in range(400):
        hand = {"do": rng.choice(dos), "id": rng.choice(ids), "on": rng.choice(["", "place-moon", "place-mirror", "x"])}
        board._receive(None, hand | {"value": rng.choice(values)}, [])
        assert board.draw().marks and len(board.games) >= 1


def run_by_typing(shown: ExplorerPage, line: str) -> None:
    """Type a command into the field, and wait until it was carried out."""
    field = shown.page.get_by_label("Command", exact=True)
    field.fill(line)
    field.press("Enter")


def test_two_levels_are_won_by_typing(browser):
    """The goal of the first one, then the next one; the arrow key brings a command back."""
    shown = open_explorer(browser, board_of("first-push"))
    run_by_typing(shown, "laptop: docker push registry.example/web:2")
    shown.page.get_by_text("That does not work").wait_for()
    field = shown.page.get_by_label("Command", exact=True)
    field.press("ArrowUp")
    field.press("Backspace")
    field.press("1")
    field.press("Enter")
    shown.page.get_by_text("✓ Done.").wait_for()
    assert "3 of 3 stars" in shown.says()
    shown.button("Next level").click()
    for line in find_level("delivery").solution:
        run_by_typing(shown, line)
    shown.page.get_by_text("Reached with 2 commands").wait_for()
    assert shown.requests == [] and shown.errors == []


def test_two_levels_are_won_by_clicking_and_dragging(browser):
    """Drag the image into the registry; choose it, choose a name, click the command."""
    shown = open_explorer(browser, board_of("first-push"), width=1000)
    shown.drag(IMAGE, "place-0-registry")
    shown.page.get_by_text("✓ Done.").wait_for()
    shown = open_explorer(browser, board_of("second-name"), width=1000)
    shown.page.locator(f"[data-id='{IMAGE}']").click()
    shown.page.get_by_label("New name").select_option("registry.example/web:stable")
    shown.button("laptop: docker tag registry.example/web:1 registry.example/web:stable").click()
    shown.page.locator("[data-id='0 laptop registry.example/web:stable']").click()
    shown.button("laptop: docker push registry.example/web:stable").click()
    shown.page.get_by_text("✓ Done.").wait_for()
    assert shown.requests == [] and shown.errors == []


def tab_to(shown: ExplorerPage, name: str) -> None:
    """Go on by the Tab key to a control."""
    for _ in range(30):
        if shown.focused() == name:
            return
        shown.page.keyboard.press("Tab")
    raise AssertionError(f"the Tab key doesn't reach {name}")


def arrow_to(shown: ExplorerPage, name: str) -> None:
    """Go on by arrow keys to a mark in the picture."""
    for key in ("ArrowDown", "ArrowRight") * 6:
        if shown.focused().startswith(name):
            return
        shown.page.keyboard.press(key)
    raise AssertionError(f"the arrow keys don't reach {name}")


def test_two_levels_are_won_by_keyboard_alone(browser):
    """Tab, arrow keys, Enter: an image is chosen in the picture, and its command below it."""
    shown = open_explorer(browser, board_of("first-push"))
    shown.tab_into_picture()
    arrow_to(shown, "registry.example/web:1 on the laptop")
    shown.page.keyboard.press("Enter")
    shown.button(PUSH).wait_for()
    tab_to(shown, PUSH)
    shown.page.keyboard.press("Enter")
    shown.page.get_by_text("✓ Done.").wait_for()
    shown = open_explorer(browser, board_of("twin"))
    shown.tab_into_picture()
    arrow_to(shown, "web:old in the registry")
    shown.page.keyboard.press("Delete")
    shown.page.get_by_text("✓ Done.").wait_for()
    # The name that had the focus is gone, and the focus is still in the picture.
    assert shown.page.evaluate("document.activeElement.closest('svg.sr-picture') !== null")


def test_letters_typed_on_the_board_stay_there(browser):
    """JupyterLab's shortcuts listen further out: "x" would cut the cell."""
    shown = open_explorer(browser, board_of("first-push"))
    shown.page.evaluate("window.heard = []; document.addEventListener('keydown', (event) => heard.push(event.key))")
    shown.page.get_by_label("Command", exact=True).press_sequentially("xdd undo")
    shown.button("registry.example/web:1 on the laptop").focus()
    shown.page.keyboard.press("x")
    shown.page.keyboard.press("Delete")
    assert shown.page.evaluate("heard") == []


LOOKED_AT = ("first-push", "move-house", "two-platforms", "too-late", "save-one")


@pytest.mark.parametrize("id", LOOKED_AT)
@pytest.mark.parametrize("dark", [False, True])
def test_nothing_serious_is_found_and_no_label_overlaps(browser, axe, dark, id):
    """In both themes, at the beginning, with an image chosen, and at the end."""
    board = board_of(id)
    shown = open_explorer(browser, board, dark=dark)
    assert shown.serious(axe) == [] and shown.labels_that_overlap() == []
    shown.page.locator("g.sr-usable").first.click()
    for line in board.game.level.solution:
        run_by_typing(shown, line)
        shown.page.get_by_role("cell", name=line).last.wait_for()
        assert shown.labels_that_overlap() == []
    shown.page.get_by_text("✓ Done.").wait_for()
    assert shown.serious(axe) == []


@pytest.mark.parametrize("width", [390, 820, 1366])
def test_four_places_have_room(browser, width):
    """Both registries and both machines in use: names are broken, and overlap nowhere."""
    board = board_of("to-the-mirror")
    for line in ("laptop: docker pull registry.example/web:2", "server: docker pull registry.example/web:2",
                 "server: docker tag registry.example/web:2 mirror.example/web:2"):  # fmt: skip
        board.hand("line", value=line)
    shown = open_explorer(browser, board, width=width)
    assert {f"name-1-{place}" for place in PLACES} <= {mark.id for mark in board.draw().marks}
    assert shown.labels_that_overlap() == []


@pytest.mark.parametrize("dark", [False, True])
def test_the_builder_passes_too(browser, axe, dark):
    """With the level's text below it."""
    shown = open_explorer(browser, built(), dark=dark)
    assert shown.serious(axe) == [] and shown.labels_that_overlap() == []

"""A push or a pull is played, cut and tried again: what is shown is what the registry and the client have."""

from __future__ import annotations

import pytest
from explorer_page import open_explorer

from simregistry import BrokenLine, Client, InProcess, Registry
from simregistry.errors import TransferFailed
from simregistry.show.explorers.push_player import PushPlayer, push_player
from simregistry.show.explorers.transfer_picture import LEAST
from simregistry.study import catalogue, webapp

IMAGE = "registry.example/web:v1"


def played(**choices: str) -> PushPlayer:
    """A player with some choices made."""
    player = push_player()
    for id, value in choices.items():
        player.hand(id, value=value)
    return player


def labels(player: PushPlayer, kind: str) -> dict[str, str]:
    """The labels of the boxes whose ids begin so, by the part's name."""
    marks = player.draw().marks
    return {mark.id.removeprefix(f"{kind}-"): mark.label for mark in marks if mark.id.startswith(f"{kind}-")}


def in_column(player: PushPlayer, head: str) -> set[str]:
    """The parts that are drawn in a column, by the column's first line."""
    scene = player.draw()
    middle = next(mark.x for mark in scene.marks if mark.id.startswith("head-") and mark.label == head)
    boxes = [mark for mark in scene.marks if mark.id.startswith("copy-") and mark.label]
    return {mark.id.removeprefix("copy-") for mark in boxes if abs(mark.x + mark.width / 2 - middle) < 1}


def cut_push(after: int, **options: int) -> Registry:
    """A registry to which somebody pushed the web app over a line that broke after some messages."""
    registry = Registry("registry.example")
    line = BrokenLine(InProcess(registry), after=after)
    laptop = Client(transports={"registry.example": line}, **options)
    webapp.build(laptop, "v1")
    with pytest.raises(TransferFailed):
        laptop.push(IMAGE)
    return registry


@pytest.mark.parametrize("dialect", ["crane", "skopeo"])
@pytest.mark.parametrize("before", ["nothing", "web:v1", "web:v2"])
@pytest.mark.parametrize("image", ["web:v1", "web:v2", "team/web:v2"])
def test_the_messages_are_those_of_a_real_push(image, before, dialect):
    """The same requests as when the client is asked directly, and at the end the same registry."""
    player = played(dialect=dialect, before=before, image=image)
    registry = Registry("registry.example")
    laptop = Client(registries=[registry], dialect=dialect)
    for version in ("v1", "v2"):
        webapp.build(laptop, version)
    laptop.tag("registry.example/web:v2", "registry.example/team/web:v2")
    if before != "nothing":
        laptop.push(f"registry.example/{before}")
    push = laptop.push(f"registry.example/{image}")
    assert player.replay.attempts[0].table() == push.conversation.table()
    assert player.replay.registry_at(player.end).snapshot() == registry.snapshot()
    outcomes = {"sent": "→", "mounted": "⇠", "already there": "✓"}
    player.hand("at", value=player.end)
    shown = [label.split(" ")[0] for label in labels(player, "copy").values()]
    assert shown == [outcomes[blob.outcome] for blob in push.blobs]


@pytest.mark.parametrize("messages", range(23))
def test_at_every_message_the_registry_is_that_of_a_push_cut_there(messages):
    """What the slider shows and what a real broken line leaves are the same, open uploads with them."""
    player = push_player()
    player.hand("at", value=messages)
    left = cut_push(messages).snapshot()
    assert player.replay.registry_at(player.at).snapshot() == left
    player.hand("cut")
    assert player.at == messages + 1 and player.replay.exchanges[-1].response is None
    assert player.replay.registry.snapshot() == player.replay.registry_at(player.at).snapshot() == left
    state = player.state()
    assert sum(one.received for one in state.parts) == sum(left.uploads.values())
    assert sum(one.place == "on the way" for one in state.parts) == len(left.uploads)


def test_an_upload_grows_with_its_chunks():
    """Two chunks of 100,000 bytes wait; the next push asks how far it got, and goes on there."""
    player = push_player(chunk_bytes=100_000)
    player.hand("at", value=6)
    assert player.draw().mark("copy-base").label == "200,000 bytes"
    assert list(cut_push(6, chunk_bytes=100_000).snapshot().uploads.values()) == [200_000]
    player.hand("cut")
    player.hand("again")
    again = player.replay.attempts[1]
    assert [exchange.request.method for exchange in again][:4] == ["GET", "HEAD", "HEAD", "GET"]
    assert again.up == sum(part.size for part in player.parts) - 200_000
    player.hand("at", value=99)
    assert player.draw().mark("tag").label == "tag v1"


def test_a_second_cut_keeps_the_first_one():
    """Dragged back behind the first cut, the line is cut in the first attempt instead."""
    player = push_player()
    for do, value in (("at", 5), ("cut", 0), ("again", 0), ("at", 10), ("cut", 0)):
        player.hand(do, value=value)
    assert player.replay.journey.cuts == (5, 4)
    player.hand("at", value=3)
    player.hand("cut")
    assert player.replay.journey.cuts == (3,)


def test_one_step_a_blob():
    """The four messages of a blob are one step; the same registry is reached by fewer steps."""
    player = push_player()
    player.hand("at", value=4)
    player.hand("fold", value="one step a blob")
    assert player.at == 6 and player.replay.steps(folded=True) == (0, 1, 2, 6, 10, 14, 18, 22, 23)
    scene = player.hand("step")
    assert player.at == 10 and scene.mark("line").label == "7 to 10. HEAD, POST, PATCH, PUT"
    assert "Messages 7 to 10 are about the requirements" in scene.says
    assert "✓" not in "".join(labels(player, "copy").values())


def test_the_goal_needs_the_cut_and_somebody_who_pulls():
    """Neither three layers alone nor a pull alone does it, and a cut elsewhere neither."""
    player = push_player()
    player.hand("at", value=14)
    assert not player.hand("look").reached
    assert not player.hand("cut").reached
    scene = player.hand("look")
    assert scene.reached and "no tag v1 in web" in scene.says
    player.hand("begin")
    player.hand("at", value=10)
    player.hand("cut")
    assert not player.hand("look").reached
    player.hand("begin")
    player.hand("at", value=23)
    assert "gets all of it, 401,337 bytes" in player.hand("look").says


def test_mounted_sent_and_already_there_look_different():
    """By their sign and by their border; a mounted box never was at the laptop."""
    player = played(image="team/web:v2", before="web:v2", dialect="skopeo")
    first = player.draw()
    assert first.mark("copy-base").x == first.mark("lent-base").x != first.mark("have-base").x
    scene = player.hand("at", value=99)
    assert scene.mark("copy-base").look == scene.mark("legend-mounted").look
    assert scene.mark("copy-config").look == scene.mark("legend-sent").look
    scene = played(image="web:v2", before="web:v1").hand("at", value=3)
    assert scene.mark("copy-base").look == scene.mark("legend-already there").look
    assert scene.mark("copy-requirements").label == "requirements", "nobody has asked about it yet"
    assert len({scene.mark(f"legend-{one}").look for one in ("sent", "mounted", "already there")}) == 3


def test_heights_are_in_proportion_to_bytes():
    """Boxes that are taller than the least height, and the bar that states the scale."""
    player = push_player()
    scene = player.draw()
    parts = {part.name: part.size for part in player.parts}
    bar = scene.mark("scale")
    scale = bar.height / int(scene.mark("scale-name").label.removesuffix(" bytes").replace(",", ""))
    assert scale * parts["base"] == pytest.approx(scene.mark("have-base").height)
    assert scale * parts["dependencies"] == pytest.approx(scene.mark("have-dependencies").height)
    assert scene.mark("have-code").height == LEAST > scale * parts["code"]
    tops = [scene.mark(f"have-{part.name}").y for part in player.parts]
    assert tops == sorted(tops, reverse=True), "the base is at the bottom"


@pytest.mark.parametrize("before", ["nothing", "web:v1"])
def test_a_pull_brings_what_the_machine_lacks(before):
    """What has arrived is beside the store until all is here, and the registry stays as it was."""
    player = played(direction="pull", image="web:v2", before=before)
    machine = Client(registries=[player.source])
    if before != "nothing":
        machine.pull(f"registry.example/{before}")
    had = {part.name for part in player.parts if part.digest in machine.store.blobs}
    player.hand("at", value=3)
    assert in_column(player, "local") == had
    assert in_column(player, "arrived,") == {"manifest", "code" if had else "base"}
    pull = machine.pull("registry.example/web:v2")
    assert player.replay.attempts[0].table() == pull.conversation.table()
    scene = player.hand("at", value=99)
    assert in_column(player, "arrived,") == set() and scene.mark("tag").label == "web:v2"
    signs = {"fetched": "←", "already here": "✓"}
    assert [label.split(" ")[0] for label in labels(player, "copy").values()] == [signs[b.outcome] for b in pull.blobs]
    assert player.replay.client_at(player.at).store.blobs.keys() == machine.store.blobs.keys()


def test_a_pull_that_is_cut_leaves_the_store_as_it_was():
    """Three of four layers had arrived, and the client has none of them."""
    player = played(direction="pull", image="web:v1")
    player.hand("at", value=5)
    assert player.state().layers_in() == 3
    player.hand("cut")
    scene = player.hand("look")
    assert scene.reached and "does not have the image" in scene.says
    assert in_column(player, "arrived,") == in_column(player, "local") == set()
    assert player.replay.client.store.blobs == {}
    player.hand("again")
    assert "has the image" in (player.hand("at", value=99), player.hand("look"))[1].says


def test_images_of_a_catalogue_are_pulled_and_pushed():
    """Their layers are known by digest and size alone."""
    hub = catalogue.load(Registry("docker.io"), ["python:3.13", "rust:1"])
    player = push_player(hub, ["python:3.13"], ["rust:1"], direction="pull")
    player.hand("before", value="rust:1")
    player.hand("at", value=2)
    assert [name for name, label in labels(player, "copy").items() if label.startswith("✓")] == [
        "layer 1", "layer 2", "layer 3", "layer 4", "config",
    ]  # fmt: skip
    player.hand("direction", value="push")
    player.hand("at", value=99)
    assert labels(player, "copy")["layer 4"] == "⇠ layer 4" and labels(player, "copy")["layer 5"] == "→ layer 5"


@pytest.mark.parametrize(("do", "id", "value"), [
    ("at", "", float("nan")), ("at", "", "three"), ("image", "", "web:v9"), ("dialect", "", "curl"), ("go", "have-sky", ""),
    ("fold", "", "all"), ("again", "", ""), ("fly", "", ""),
])  # fmt: skip
def test_what_is_not_known_changes_nothing(do, id, value):
    """A page can send anything."""
    player = push_player()
    first = player.hand("at", value=7)
    assert player.hand(do, id, value=value) == first


def test_by_pointer_the_goal_is_reached(browser):
    """A box leads to its first message; the line is cut, another machine pulls, and the push goes on."""
    shown = open_explorer(browser, push_player())
    shown.button("code, 10,240 bytes, not there yet").click()
    shown.page.get_by_text("Message 15 is about the code").wait_for()
    shown.button("Cut the line").click()
    shown.page.get_by_text("Message 16 never arrives").wait_for()
    shown.button("Let another machine pull").click()
    shown.page.get_by_text("✓ Done.").wait_for()
    assert "no tag v1 in web" in shown.says()
    shown.button("Try again").click()
    shown.page.get_by_text("the client tries once more").wait_for()
    shown.button("Play").click()
    shown.page.get_by_text("Message 17 is about").wait_for()
    shown.button("Pause").click()
    assert shown.button("Play").is_enabled()
    assert shown.requests == [] and shown.errors == []


def test_by_keyboard_alone_the_goal_is_reached(browser):
    """Arrow keys go up the stack, Enter goes to a message, Tab to the buttons."""
    shown = open_explorer(browser, push_player())
    shown.tab_into_picture()
    keys = shown.page.keyboard
    keys.press("End")
    for _ in range(8):
        if shown.focused().startswith("code"):
            break
        keys.press("ArrowDown")
    keys.press("Enter")
    shown.page.get_by_text("Message 15 is about the code").wait_for()
    for wanted in ("Cut the line", "Let another machine pull"):
        for _ in range(14):
            if shown.focused() == wanted:
                break
            keys.press("Tab")
        keys.press("Enter")
        # A button that does nothing more gives its focus to the sentence.
        shown.page.get_by_text("never arrives" if wanted == "Cut the line" else "✓ Done.").wait_for()
        if wanted == "Cut the line":
            keys.press("Shift+Tab")
    assert shown.errors == []


@pytest.mark.parametrize("dark", [False, True])
def test_nothing_serious_is_found_and_no_label_overlaps(browser, axe, dark):
    """In both themes: at the beginning, with an open upload, after a cut, with mounts, and in a pull."""
    player = push_player()
    shown = open_explorer(browser, player, dark=dark)
    assert shown.serious(axe) == [] and shown.labels_that_overlap() == []
    moves = [("at", 5), ("cut", ""), ("image", "team/web:v2"), ("before", "web:v2"), ("at", 7), ("at", 11),
             ("fold", "one step a blob"), ("direction", "pull"), ("at", 3), ("at", 99)]  # fmt: skip
    for do, value in moves:
        player.hand(do, value=value)
        again = open_explorer(browser, player, dark=dark)
        assert again.labels_that_overlap() == [], (do, value)
        again.page.close()
    last = open_explorer(browser, player, dark=dark)
    assert last.serious(axe) == []

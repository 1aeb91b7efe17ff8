"""The turns of the lesson on registries side by side: a command is run on two shelves, and needs judge all products."""

from __future__ import annotations

import pytest

from simregistry.teach.turns.all_turns import find_turn

START = "acr purge --filter 'app:^ci-'"
RIGHT_COMMANDS = {
    "as it is solved": f"{START} --ago 0d --keep 3",
    "another order": "acr purge --keep 3 --ago 0d --filter 'app:^ci-'",
    "a longer expression": "acr purge --filter 'app:^ci-[0-9]+$' --ago 0d --keep 3",
    "two lines": f"{START}\n  --ago 0d --keep 3\n",
}
WRONG_COMMANDS = {
    "a pattern of a shell": ("acr purge --filter 'app:ci-*' --ago 0d --keep 3", "app:special-1 goes and should stay"),
    "any part of a tag": ("acr purge --filter 'app:ci-' --ago 0d --keep 3", "app:keep-ci-2 goes and should stay"),
    "any repository": ("acr purge --filter '.*:^ci-' --ago 0d --keep 3", "app-test:ci-1 goes and should stay"),
    "no number": (f"{START} --ago 0d", "app:ci-5 goes and should stay"),
    "an age": (f"{START} --ago 7d --keep 3", "app:ci-1 stays and should go (--keep retains the newest 3"),
    "untagged as well": (f"{START} --ago 0d --keep 3 --untagged", "goes and should stay (it has no tag"),
    "a dry run": (f"{START} --ago 0d --keep 3 --dry-run", "--dry-run deletes nothing"),
    "today's tags by name": ("acr purge --filter 'app:^ci-[12]$' --ago 0d", "app:ci-3 stays and should go"),
    "no command": ("please clean up", "begin with the command: acr purge"),
    "no age": (START, "add --ago"),
}
WRONG_NEEDS = {
    "one too many": (["self_hosted", "no_stop", "shared_layers", "undo"], "doesn't ask for undo (must a deletion be"),
    "no word of the disk": (["self_hosted", "no_stop"], "nexus would fit as well"),
    "no word of the pushes": (["self_hosted", "shared_layers"], "distribution-2.8 and distribution-3 would fit"),
    "no word of the machines": (["no_stop", "shared_layers"], "artifact-registry and acr would fit as well"),
    "nothing": (set(), "7 other products would fit as well"),
}


@pytest.mark.parametrize("command", RIGHT_COMMANDS.values(), ids=RIGHT_COMMANDS)
def test_a_command_that_does_what_the_team_wants_is_right(command):
    """However it is written."""
    reveal = find_turn("products.purge").check(command)
    assert reveal.right and reveal.score == 1 and "app:ci-1, app:ci-2 and nothing else" in reveal.sentence


@pytest.mark.parametrize(("command", "says"), WRONG_COMMANDS.values(), ids=WRONG_COMMANDS)
def test_another_command_gets_its_reason(command, says):
    """Each tag that is decided against the wish, or what the language refuses."""
    reveal = find_turn("products.purge").check(command)
    assert reveal.right is False and reveal.score < 1
    assert says in str(reveal)


@pytest.mark.parametrize("needs", [["shared_layers", "no_stop", "self_hosted"], "self_hosted, no_stop, shared_layers"])
def test_the_needs_of_the_letter_leave_one_product(needs):
    """In any order, as a list or as a string."""
    reveal = find_turn("products.needs").check(needs)
    assert reveal.right and reveal.score == 1
    assert reveal.sentence == "Right: JFrog Artifactory fits, and no other product does for sure."
    assert len(reveal.details) == 8 and "runs documented" in reveal.details[0]


@pytest.mark.parametrize(("needs", "says"), WRONG_NEEDS.values(), ids=WRONG_NEEDS)
def test_other_needs_are_told_what_is_wrong(needs, says):
    """One too many is named; of one too few, what would fit as well."""
    reveal = find_turn("products.needs").check(needs)
    assert reveal.right is False and reveal.score < 1
    assert says in reveal.sentence


@pytest.mark.parametrize("nonsense", [7, {1: 2}, b"acr", "", "x" * 30_000, ["a", 3, None], object()])
@pytest.mark.parametrize("key", ["products.purge", "products.needs"])
def test_nonsense_is_kindly_refused(key, nonsense):
    """It is no try, and the sentence says what to write."""
    turn = find_turn(key)
    reveal = turn.check(nonsense)
    assert reveal.right is not True and "Traceback" not in str(reveal)
    assert len(str(reveal)) < 3000 and turn.answer not in str(reveal)

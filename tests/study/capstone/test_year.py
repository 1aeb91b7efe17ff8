"""The year of a seed: drawn once, the same for everybody, and such as the team's numbers say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simregistry.errors import InvalidValue
from simregistry.oci.digest import Digest
from simregistry.oci.manifest import ImageIndex
from simregistry.study.capstone import Team, year
from simregistry.study.capstone.year import WHO

ONE = year(1)
PUSHES = [push for day in ONE.pushes for push in day]
PULLS = [pull for day in ONE.pulls for pull in day]


def test_the_same_seed_is_the_same_year_and_another_is_another():
    """Also when it is drawn anew, and not taken from memory."""
    again = year(1, replace(Team(), budget_bytes=1))
    assert again is not ONE and (again.pushes, again.pulls) == (ONE.pushes, ONE.pulls)
    assert year(2).pushes != ONE.pushes


def test_this_seeds_year_is_the_same_on_every_machine():
    """A few of its facts, written down: a change of the model changes them, and then the stored search is due anew."""
    assert (len(PUSHES), len(PULLS)) == (1160, 996)
    assert [push.tags for push in ONE.pushes[0]][:3] == [("main-0001", "latest"), ("main-0002", "latest"), ("main-0001", "latest", "v1.0")]  # fmt: skip
    assert PULLS[-1].name == "api:v1.24"


def test_builds_come_on_working_days_and_hotfixes_when_they_must():
    """The first five days of a week; what is pushed at a weekend mends a release."""
    assert all(push.mends for day in range(ONE.team.days) if day % 7 >= 5 for push in ONE.pushes[day])
    mending = [push for push in PUSHES if push.mends]
    assert len(mending) == ONE.team.hotfixes
    tags = [tag for push in PUSHES for tag in push.tags]
    assert {push.mends for push in mending} <= set(tags)


def test_a_tag_of_its_own_is_pushed_once_and_latest_moves():
    """Only latest is ever pushed again."""
    names = [f"{push.repository}:{tag}" for push in PUSHES for tag in push.tags if tag != "latest"]
    assert len(names) == len(set(names))


def test_a_hotfix_stands_on_the_layers_of_the_release_that_it_mends():
    """Its base and its dependencies are the old ones; its code is not."""
    by_release = {push.release: push for push in PUSHES if push.release}
    for push in PUSHES:
        if push.mends:
            old, new = by_release[push.mends].images[0].layers, push.images[0].layers
            assert old[:2] == new[:2] and old[2] != new[2]


def test_workers_are_an_index_over_two_images():
    """And the images of the others are one."""
    for push in PUSHES:
        assert isinstance(push.manifest, ImageIndex) is (push.repository == "jobs")
        assert len(push.images) == (2 if push.repository == "jobs" else 1)


def test_a_new_base_makes_all_that_stands_on_it_new():
    """Images of two base periods share no layer."""
    first = {layer.digest for push in PUSHES if push.day < 28 and not push.mends for i in push.images for layer in i.layers}  # fmt: skip
    second = {layer.digest for push in PUSHES if 28 <= push.day < 56 and not push.mends for i in push.images for layer in i.layers}  # fmt: skip
    assert first and second and not first & second


def test_nobody_pulls_what_was_not_pushed_yet():
    """Each pull asks for a name or a digest that is there, if nothing was deleted."""
    known: dict[str, Digest] = {}
    digests: set[Digest] = set()
    for pushes, pulls in zip(ONE.pushes, ONE.pulls, strict=True):
        for push in pushes:
            known |= {f"{push.repository}:{tag}": push.manifest.digest for tag in push.tags}
            digests.add(push.manifest.digest)
        for pull in pulls:
            by_tag = known.get(f"{pull.repository}:{pull.reference}")
            assert pull.digest in digests and by_tag in (pull.digest, None)
            assert by_tag or isinstance(pull.reference, Digest)


def test_everybody_who_is_listed_pulls():
    """In this year each kind happens, and no other does."""
    assert list(ONE.pulled_by()) == list(WHO)
    assert all(ONE.pulled_by().values()) and sum(ONE.pulled_by().values()) == len(PULLS)


def test_older_releases_are_pulled_less():
    """The popularity of releases falls with their age: the newest quarter takes more than half."""
    days = {push.release: push.day for push in PUSHES if push.release and not push.mends}
    ages = sorted(p.day - days[str(p.reference)] for p in PULLS if p.who == "customer" and p.reference in days)
    assert ages[len(ages) // 2] <= 42 and ages[-1] > 140


def test_another_team_has_another_year_and_its_names():
    """Repositories are known by their place, not by what they are called."""
    site, product, workers = Team().services
    team = Team(
        days=84, services=(replace(site, name="front"), replace(product, name="box"), replace(workers, name="back"))
    )
    other = year(1, team)
    assert {push.repository for day in other.pushes for push in day} == {"front", "box", "back"}
    assert other.pulled_by()["customer"] > 0
    with pytest.raises(InvalidValue, match="1 build a day"):
        Team(services=(site, product, replace(workers, builds_a_day=0)))


def test_a_day_and_a_year_show_themselves():
    """As tables, with the counts in the title."""
    assert "1160 pushes and 996 pulls" in str(ONE) and "laboratory" in ONE._repr_html_()
    assert "main-0001 latest v1.0" in str(ONE.day(0))


@pytest.mark.parametrize("seed", [-1, 1.5, "1", None, True, 2**60])
def test_a_seed_is_a_whole_number(seed):
    """Anything else is refused with what to give."""
    with pytest.raises(InvalidValue, match="whole number"):
        year(seed)


@pytest.mark.parametrize("day", [-1, 364, "3", True])
def test_a_day_is_one_of_the_year(day):
    """And the message says up to which."""
    with pytest.raises(InvalidValue, match="from 0 to 363"):
        ONE.day(day)


@pytest.mark.parametrize(
    "change", [{"days": 3}, {"budget_bytes": 0}, {"older": 1.0}, {"services": ()}, {"longest_branch": 1}]
)
def test_a_team_that_cannot_be_is_refused(change):
    """Each with the rule that it breaks."""
    with pytest.raises(InvalidValue, match=r"team: .*give"):
        Team(**change)

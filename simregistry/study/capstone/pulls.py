"""Draw who pulls what in a year: after the pushes, and without knowing the policy."""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from simregistry.oci.digest import Digest
from simregistry.study.capstone.pushes import PushEvent
from simregistry.study.capstone.team import Team


@dataclass(frozen=True, slots=True)
class PullEvent:
    """A pull on a day, by a tag or by a digest; ``digest`` is the image that the person needs, in both cases."""

    day: int
    who: str
    repository: str
    reference: str | Digest
    digest: Digest

    @property
    def name(self) -> str:
        """The reference as people write it, with a digest cut short."""
        if isinstance(self.reference, Digest):
            return f"{self.repository}@{self.reference.short}"
        return f"{self.repository}:{self.reference}"


@dataclass(slots=True)
class _PushHistory:
    """Some pushes of one repository, in the order of their days."""

    pushes: list[PushEvent]

    def until(self, day: int) -> Sequence[PushEvent]:
        """Return the pushes up to a day, with those of that day."""
        return self.pushes[: bisect_right(self.pushes, day, key=lambda push: push.day)]

    def back(self, day: int, steps: int) -> PushEvent:
        """Return the push that was the newest on a day, or the one ``steps`` before it, or the first of all."""
        pushes = self.until(day)
        return pushes[-min(steps + 1, len(pushes))]


class Demand:
    """Everybody who pulls in a year: what they want, and on which day."""

    def __init__(self, team: Team, seed: int, pushes: Sequence[PushEvent]) -> None:
        self.team, self.dice = team, random.Random(f"capstone pulls {seed}")
        site, product, workers = (service.name for service in team.services)
        self.site = _PushHistory([p for p in pushes if p.repository == site and p.tag.startswith("main-")])
        self.workers = _PushHistory([p for p in pushes if p.repository == workers and p.tag.startswith("main-")])
        released = [p for p in pushes if p.repository == product and p.release]
        self.releases = _PushHistory([p for p in released if not p.mends])
        self.hotfixes = [p for p in released if p.mends]
        self.branches = [p for p in pushes if p.tag.startswith("branch-")]

    def pulls(self) -> Iterator[PullEvent]:
        """Draw the year's pulls, one kind after the other."""
        for day in range(self.team.days):
            yield from self._running(day)
            yield from self._customers(day)
        yield from self._reviews()
        yield from self._those_who_stay()
        yield from self._audit()
        for push in self.hotfixes:
            yield self._of("hotfix", next(p for p in self.releases.pushes if p.release == push.mends), push.day)

    def _running(self, day: int) -> Iterator[PullEvent]:
        """Draw a day's deployments of latest, new machines, and roll-backs of the site."""
        for service in (self.site, self.workers):
            if any(push.day == day for push in service.until(day)[-1:]):
                yield self._of("deployment", service.back(day, 0), day, "latest")
        if self.dice.random() < self.team.new_machine:
            yield from (self._of("new machine", s.back(day, 0), day) for s in (self.site, self.workers) if s.until(day))
        if day % 7 < 5 and self.dice.random() < self.team.rollback and self.site.until(day):
            steps = 1 + self._geometric(0.4)
            if self.dice.random() < self.team.far_rollback:
                steps = 10 + self.dice.randrange(40)
            yield self._of("roll-back", self.site.back(day, steps), day)

    def _customers(self, day: int) -> Iterator[PullEvent]:
        """Draw a day's customers: each wants the newest release or an older one, with its hotfix if it has one."""
        for _ in range(self.dice.randrange(self.team.customer_pulls + 1)):
            release = self.releases.back(day, self._geometric(self.team.older))
            mended = [push for push in self.hotfixes if push.mends == release.release and push.day <= day]
            yield self._of("customer", mended[-1] if mended else release, day)

    def _reviews(self) -> Iterator[PullEvent]:
        """Draw the testers, who pull most builds of a branch within two days, and the few who come back weeks later."""
        for push in self.branches:
            if self.dice.random() < 0.7:
                yield self._of("tester", push, push.day + self.dice.randrange(3))
            if self.dice.random() < self.team.reviewer:
                yield self._of("reviewer", push, push.day + 7 + self.dice.randrange(28))

    def _those_who_stay(self) -> Iterator[PullEvent]:
        """Draw the starts of the old customer, who names the first release by its tag, and of the laboratory.

        The laboratory stays on one build, and names it by its digest.
        """
        first = self.releases.pushes[0]
        build = self.workers.back(28 + self.dice.randrange(28), 0)
        yield from self._starts("old customer", first, first.release, self.team.old_customer)
        yield from self._starts("laboratory", build, build.manifest.digest, self.team.lab)

    def _starts(self, who: str, push: PushEvent, reference: str | Digest, span: tuple[int, int]) -> Iterator[PullEvent]:
        """Draw pulls of one image all year, ``span`` (shortest, longest) days apart."""
        day = push.day
        while day < self.team.days:
            yield self._of(who, push, day, reference)
            day += span[0] + self.dice.randrange(span[1] - span[0] + 1)

    def _audit(self) -> Iterator[PullEvent]:
        """Draw the audit: some releases of any age, on one day of the second half of the year."""
        day = self.team.days // 2 + self.dice.randrange(self.team.days // 2)
        releases = list(self.releases.until(day))
        self.dice.shuffle(releases)
        yield from (self._of("audit", push, day) for push in releases[: self.team.audited])

    def _of(self, who: str, push: PushEvent, day: int, reference: str | Digest = "") -> PullEvent:
        """Make a pull of what a push brought, by its release tag, else by its own tag, unless a reference is given."""
        return PullEvent(day, who, push.repository, reference or push.release or push.tag, push.manifest.digest)

    def _geometric(self, again: float) -> int:
        """Draw how many times in a row something happens again, if it does each time with the same chance."""
        steps = 0
        while self.dice.random() < again:
            steps += 1
        return steps

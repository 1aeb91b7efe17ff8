"""Retention: which tags and untagged manifests are to go, by rules that are data, and said rule by rule beforehand.

Precedence, the same whatever order the rules stand in:

1. A rule that keeps wins over every rule that deletes.
2. What a tag that stays leads to is never deleted: an index's manifests have no tag, and are not garbage.
3. Of the rules that delete, the first that fits is named.
4. What no rule fits stays.

Retention frees nothing by itself: it takes names away. The bytes are the collector's (``registry/gc``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from simregistry.errors import InvalidValue
from simregistry.oci.digest import Digest
from simregistry.registry.gc.inventory import Inventory
from simregistry.registry.gc.mark import mark
from simregistry.registry.storage.storage import Storage
from simregistry.table import Table, TableReport

# Seconds in a day: ages in a rule are in seconds.
DAY = 24 * 3600
# When something came or was last fetched, by "repository:tag" or "repository@digest" (seconds of any clock).
Times = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Subject:
    """Something that retention decides on: a tag, or (``tag`` None) a manifest without one.

    ``since`` is when the tag was pushed, or when the manifest lost its last tag; ``pulled`` when it was last fetched.
    """

    repository: str
    tag: str | None
    digest: Digest
    since: float = 0.0
    pulled: float | None = None

    @property
    def name(self) -> str:
        """How people write it."""
        return f"{self.repository}:{self.tag}" if self.tag is not None else f"{self.repository}@{self.digest.short}"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: what it does, to what, and when; every condition that is stated must hold.

    Patterns are those of a shell (``release-*``). ``newest`` picks the newest so many of each repository's tags that
    the patterns fit: a rule that keeps fits those, one that deletes fits all others.

    >>> Rule("old builds", "delete", tags="ci-*", older_than=30 * DAY).says()
    'delete tags ci-* of repositories * that are older than 30 days'
    """

    name: str
    action: str
    repositories: str = "*"
    tags: str = "*"
    untagged: bool = False
    newest: int | None = None
    older_than: float | None = None
    pulled_within: float | None = None

    def __post_init__(self) -> None:
        if self.action not in ("keep", "delete"):
            raise InvalidValue("rule", self.action, "a rule's action is keep or delete")
        if self.untagged and self.newest is not None:
            raise InvalidValue("rule", self.name, "newest counts tags: a rule on untagged manifests cannot have it")
        if self.newest is not None and self.newest < 0:
            raise InvalidValue("rule", self.newest, "newest is a number of tags, 0 or more")

    def says(self) -> str:
        """Say the rule in words."""
        what = "untagged manifests" if self.untagged else f"tags {self.tags}"
        count = "" if self.newest is None else f"the newest {self.newest} " if self.action == "keep" else "all "
        but = f" but the newest {self.newest}" if self.newest is not None and self.action == "delete" else ""
        when = [] if self.older_than is None else [f"are older than {_days(self.older_than)}"]
        when += [] if self.pulled_within is None else [f"were pulled in the last {_days(self.pulled_within)}"]
        that = f" that {' and '.join(when)}" if when else ""
        return f"{self.action} {count}{what} of repositories {self.repositories}{but}{that}"

    def fits(self, subjects: Sequence[Subject], now: float) -> set[Subject]:
        """Find the subjects that the rule is about."""
        matching = [
            subject
            for subject in subjects
            if fnmatchcase(subject.repository, self.repositories)
            and (subject.tag is None) is self.untagged
            and (subject.tag is None or fnmatchcase(subject.tag, self.tags))
        ]
        # Subtle: the newest are counted among what the patterns fit, before age is looked at. "All but the newest five"
        # of ci-* spares five builds, however many release tags are newer.
        if self.newest is not None:
            newest = _newest(matching, self.newest)
            matching = [subject for subject in matching if (subject in newest) is (self.action == "keep")]
        return {subject for subject in matching if self._in_time(subject, now)}

    def _in_time(self, subject: Subject, now: float) -> bool:
        old = self.older_than is None or now - subject.since > self.older_than
        pulled = subject.pulled is not None and now - subject.pulled <= (self.pulled_within or 0)
        return old and (self.pulled_within is None or pulled)


def _days(seconds: float) -> str:
    return f"{seconds / DAY:g} day{'' if seconds == DAY else 's'}"


def _newest(subjects: Iterable[Subject], count: int) -> set[Subject]:
    """Pick the newest of each repository; of two pushed in the same moment the later name counts as newer."""
    by_repository: dict[str, list[Subject]] = {}
    for subject in subjects:
        by_repository.setdefault(subject.repository, []).append(subject)
    return {
        subject
        for group in by_repository.values()
        for subject in sorted(group, key=lambda s: (s.since, s.name), reverse=True)[:count]
    }


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of one subject, and by which rule."""

    subject: Subject
    deleted: bool
    why: str


@dataclass(frozen=True, slots=True, repr=False)
class RetentionPlan(TableReport):
    """What a set of rules would do; nothing is done yet."""

    rules: tuple[Rule, ...]
    decisions: tuple[Decision, ...]

    @property
    def deleted(self) -> tuple[Subject, ...]:
        """What would go."""
        return tuple(decision.subject for decision in self.decisions if decision.deleted)

    def table(self) -> Table:
        """Show every decision with its reason, a line each."""
        rows = tuple((d.subject.name, "goes" if d.deleted else "stays", d.why) for d in self.decisions)
        title = f"{len(self.deleted)} of {len(self.decisions)} go; this is a dry run"
        return Table(("what", "verdict", "why"), rows, title=title)


def subjects_of(inventory: Inventory, since: Times | None = None, pulled: Times | None = None) -> tuple[Subject, ...]:
    """List what retention decides on: every tag, and every manifest without one."""
    since, pulled = since or {}, pulled or {}
    subjects = []
    for name, holding in inventory.holdings.items():
        tagged = holding.tagged()
        keys: list[tuple[str, str | None, Digest]] = [
            (f"{name}:{tag}", tag, digest) for tag, digest in (holding.tags or {}).items()
        ]
        keys += [(f"{name}@{digest}", None, digest) for digest in holding.revisions if digest not in tagged]
        # What nobody noted a time for came at the beginning of the clock, so it counts as old.
        subjects += [Subject(name, tag, digest, since.get(key, 0.0), pulled.get(key)) for key, tag, digest in keys]
    return tuple(subjects)


def dry_run(inventory: Inventory, subjects: Sequence[Subject], rules: Sequence[Rule], now: float) -> RetentionPlan:
    """Say what a set of rules would delete and why, rule by rule; nothing is changed."""
    # 1. What the rules say of each subject, looked at by itself.
    fitting = [(rule, rule.fits(subjects, now)) for rule in rules]
    first: dict[Subject, Decision] = {subject: _by_rules(subject, fitting) for subject in subjects}
    # 2. What the tags and manifests that stay lead to, repository by repository, marked as a collector marks.
    staying: dict[str, list[tuple[Digest, str]]] = {}
    for subject in subjects:
        if not first[subject].deleted:
            staying.setdefault(subject.repository, []).append((subject.digest, subject.name))
    needed = {name: mark(inventory, staying.get(name, ())) for name in inventory.holdings}
    # 3. A second look at the untagged manifests. Many of them are the images of an index whose tag stays: without this
    # step the rule "delete untagged" breaks every multi-platform image.
    decisions = []
    for subject in subjects:
        decision = first[subject]
        marks = needed[subject.repository]
        if subject.tag is None and decision.deleted and subject.digest in marks:
            keeper = marks.path(inventory, subject.digest)[0]
            decision = Decision(subject, False, f"{keeper} stays and names it")
        decisions.append(decision)
    return RetentionPlan(tuple(rules), tuple(decisions))


def _by_rules(subject: Subject, fitting: Sequence[tuple[Rule, set[Subject]]]) -> Decision:
    # All rules that keep are asked before any that deletes, so the order of the rules decides only which one is named.
    for action in ("keep", "delete"):
        for rule, fits in fitting:
            if rule.action == action and subject in fits:
                return Decision(subject, action == "delete", f"{rule.name}: {rule.says()}")
    return Decision(subject, False, "no rule fits it")


def carry_out(storage: Storage, plan: RetentionPlan) -> None:
    """Delete what a plan deletes: tags first, then manifests, an index before what it names."""
    for subject in plan.deleted:
        if subject.tag is not None:
            storage.repository(subject.repository).delete_tag(subject.tag)
    # An index has to go before the manifests that it names, which are refused while it needs them. Round by round: what
    # no other waiting manifest names goes now, and that sets free what it named.
    waiting = [subject for subject in plan.deleted if subject.tag is None]
    while waiting:
        named = {
            child for subject in waiting for child in storage.repository(subject.repository).children(subject.digest)
        }
        ready = [subject for subject in waiting if subject.digest not in named]
        for subject in ready:
            storage.repository(subject.repository).delete_manifest(subject.digest)
        waiting = [subject for subject in waiting if subject.digest in named]

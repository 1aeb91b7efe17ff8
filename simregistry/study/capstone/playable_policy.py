"""Check what a learner gives as a policy, and say what to write instead if it can't be played."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

from simregistry.errors import InvalidValue
from simregistry.registry.retention import Rule
from simregistry.table import Table

MOST_RULES = 50
# Retention runs once a week. Somebody who writes less than an hour has forgotten that the unit is seconds.
SHORTEST = 3600


def check_policy(policy: object) -> tuple[Rule, ...]:
    """Return the rules as a tuple; raise InvalidValue saying what to write instead. An empty list is a policy too."""
    if policy is ... or policy is None:
        raise InvalidValue("policy", policy, "write a list of rules, for example [Rule('builds', 'delete', newest=10)]")
    if isinstance(policy, Rule):
        raise InvalidValue("policy", policy.name, "put the rule into a list: [rule]")
    if isinstance(policy, str | bytes) or not isinstance(policy, Sequence):
        raise InvalidValue("policy", type(policy).__name__, "give a list of rules, each a Rule")
    if len(policy) > MOST_RULES:
        raise InvalidValue("policy", f"{len(policy)} rules", f"give at most {MOST_RULES}")
    for rule in policy:
        _check_rule(rule)
    return tuple(policy)


def _check_rule(rule: object) -> None:
    if not isinstance(rule, Rule):
        raise InvalidValue("policy", rule, "each of its parts must be a Rule: Rule(name, action, tags=…)")
    if rule.untagged:
        raise InvalidValue("rule", rule.name, "take untagged out: the collector takes whatever no tag leads to")
    if rule.newest is not None and (not isinstance(rule.newest, int) or isinstance(rule.newest, bool)):
        raise InvalidValue("rule", rule.name, "newest is a whole number of tags")
    for name in ("older_than", "pulled_within"):
        seconds = getattr(rule, name)
        if seconds is None:
            continue
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not isfinite(seconds) or seconds < 0:
            raise InvalidValue("rule", rule.name, f"{name} is a number of seconds, such as 30 * DAY")
        if 0 < seconds < SHORTEST:
            raise InvalidValue("rule", rule.name, f"{name} counts seconds: write {seconds:g} * DAY for days")


def policy_table(policy: Sequence[Rule]) -> Table:
    """Show a policy in words, one rule a line."""
    return Table(("rule", "what it does"), tuple((rule.name, rule.says()) for rule in check_policy(policy)))

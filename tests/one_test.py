"""Many small cases in one test: it runs them all, then fails once, with a line for every offender."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from inspect import Signature


def failure_of(check: Callable[..., None], case: tuple[object, ...]) -> Exception | None:
    """Run the check on one case; return what it raises."""
    try:
        check(*case)
    except Exception as error:
        return error
    return None


def check_all(check: Callable[..., None], cases: Mapping[str, tuple[object, ...]]) -> None:
    """Run the check on every named case, then fail once, with a line for each case that failed."""
    assert cases, f"{check.__name__} has no case, so it proves nothing; look where its cases come from"
    failures = {name: error for name, case in cases.items() if (error := failure_of(check, case))}
    if failures:
        lines = [f"{name}: {type(error).__name__}: {error}" for name, error in failures.items()]
        # The first one's traceback shows the line of the check.
        first, *_ = failures.values()
        raise AssertionError("\n".join([f"{len(lines)} of {len(cases)}:", *lines])) from first


def one_test_of(cases: Mapping[str, tuple[object, ...]]) -> Callable[[Callable[..., None]], Callable[[], None]]:
    """Make one test of a check and its named cases.

    The check is written as for ``pytest.mark.parametrize``. A case of its own costs pytest more than a small check does.
    """

    def decorate(check: Callable[..., None]) -> Callable[[], None]:
        @wraps(check)
        def test() -> None:
            check_all(check, cases)

        # pytest reads fixtures from the signature, and this test wants none.
        test.__signature__ = Signature()  # type: ignore[attr-defined]
        return test

    return decorate

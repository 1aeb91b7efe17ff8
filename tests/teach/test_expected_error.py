"""A cell that fails on purpose shows its error, and nothing else is swallowed."""

from __future__ import annotations

import pytest

from simregistry import Digest
from simregistry.teach import expect_error


def test_the_error_of_the_package_is_kept_as_a_value():
    """Its name and its message, as text and as HTML."""
    with expect_error() as error:
        Digest("sha256:<none>")
    assert error.kind == "InvalidValue" and str(error) == f"InvalidValue: {error.message}"
    assert "&lt;none&gt;" in error._repr_html_()


def test_without_an_error_it_says_so():
    """Then the block did what it should not have done."""
    with expect_error() as error:
        pass
    assert repr(error) == "Nothing went wrong." and not error.kind


@pytest.mark.parametrize("fault", [ZeroDivisionError, KeyboardInterrupt])
def test_a_slip_in_the_cell_is_raised_as_always(fault):
    """Only what the simulator refuses is expected."""
    with pytest.raises(fault), expect_error():
        raise fault

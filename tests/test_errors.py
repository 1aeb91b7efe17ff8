"""Errors as people meet them: each code once, and in a notebook the caller's line and what is wrong, nothing else."""

from __future__ import annotations

import json

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from simregistry import errors

CODES = sorted(errors.SpecError.__subclasses__(), key=lambda error: error.__name__)


def test_each_code_of_the_specification_is_one_class():
    """The distribution-spec 1.1 has fourteen codes ("Error Codes")."""
    assert len({error.code for error in CODES}) == len(CODES) == 14


@pytest.mark.parametrize("error", CODES, ids=lambda error: error.code)
def test_a_refusal_says_itself_in_the_form_of_the_specification(error):
    """A list ``errors`` of objects with code, message and detail."""
    refusal = error("why", {"name": "app"})
    assert json.loads(refusal.to_json()) == {
        "errors": [{"code": error.code, "message": "why", "detail": {"name": "app"}}]
    }
    assert refusal.status >= 400


def test_a_notebook_shows_the_line_of_the_cell_and_no_line_of_the_package(capsys):
    """A newcomer reads what they wrote and what is wrong with it."""
    shell = InteractiveShell(config=Config({"HistoryManager": {"enabled": False}}))
    shell.run_cell("from simregistry import Reference\nname = 'A'\nReference.parse(name)")
    shown = capsys.readouterr().out
    assert "line 3: Reference.parse(name)" in shown
    assert "InvalidValue: reference 'A'" in shown
    assert "_check_name" not in shown and "reference.py" not in shown

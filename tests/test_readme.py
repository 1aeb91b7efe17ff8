"""The README's first Python block is run, and prints what the README says it prints."""

from __future__ import annotations

import ast
import contextlib
import io
import re
from pathlib import Path

import pytest

README = Path(__file__).resolve().parents[1] / "README.md"
FENCES = re.compile(r"^```(\w*)\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)


def first_example(text: str) -> tuple[str, str]:
    """The first python block, and the text block that follows it ("" where none does)."""
    blocks = FENCES.findall(text)
    at = next((number for number, (kind, _) in enumerate(blocks) if kind == "python"), None)
    assert at is not None, "the README has no ```python block"
    following = blocks[at + 1] if at + 1 < len(blocks) else ("", "")
    return blocks[at][1], following[1] if following[0] in {"text", "console"} else ""


def promised(code: str, statement: ast.stmt) -> str | None:
    """What a `# -> …` comment on the statement's last line says that it shows."""
    last = code.splitlines()[(statement.end_lineno or 1) - 1]
    _, arrow, said = last.partition("# -> ")
    return said.strip() if arrow else None


def run(code: str) -> tuple[list[tuple[str, str]], str]:
    """Run statement by statement: the pairs (promised, shown) of the comments, and all else that was shown."""
    names: dict[str, object] = {"__name__": "readme"}
    pairs, shown = [], io.StringIO()
    for statement in ast.parse(code).body:
        spoken = io.StringIO()
        with contextlib.redirect_stdout(spoken):
            if isinstance(statement, ast.Expr):
                value = eval(compile(ast.Expression(statement.value), "README.md", "eval"), names)
                spoken.write("" if value is None else f"{value!r}\n")
            else:
                exec(compile(ast.Module([statement], []), "README.md", "exec"), names)
        said = promised(code, statement)
        if said is None:
            shown.write(spoken.getvalue())
        else:
            pairs.append((said, " ".join(spoken.getvalue().split())))
    return pairs, shown.getvalue()


def lines(text: str) -> list[str]:
    """Lines without what is invisible: blanks at their ends, empty lines around."""
    return [line.rstrip() for line in text.strip("\n").splitlines()]


def test_the_example_shows_what_the_readme_says():
    """Whoever types the README's lines sees what the README shows."""
    assert README.is_file(), "README.md is missing"
    code, output = first_example(README.read_text(encoding="utf-8"))
    pairs, shown = run(code)
    assert pairs or output, "the example says nowhere what it shows: add `# -> …` or a ```text block"
    assert [shown for _, shown in pairs] == [said for said, _ in pairs]
    assert lines(shown) == lines(output)


def test_the_pictures_of_the_readme_are_there():
    """Each picture that the README shows is in the checkout, and has words for who cannot see it."""
    text = README.read_text(encoding="utf-8")
    pictures = re.findall(r"!\[([^\]]*)\]\(([^)\s]+)\)", text)
    here = [(words, target) for words, target in pictures if "://" not in target]
    assert [target for words, target in here if not words or not (README.parent / target).is_file()] == []


@pytest.mark.parametrize(
    ("code", "wrong"),
    [("1 + 1  # -> 3", True), ("1 + 1  # -> 2", False), ("x = 2\nx * 2  # -> 4", False), ("print(5)  # -> 4", True)],
)
def test_a_wrong_promise_is_found(code, wrong):
    """The check itself tells a right comment from a wrong one."""
    ((said, shown),) = run(code)[0]
    assert (said != shown) is wrong

"""Worksheets to print: the problems of a sheet for one seed, and the answers to lay beside them. One HTML file each.

The pages load nothing from anywhere. They are black on white, with room to write, and no page cuts a problem in two.
"""

from __future__ import annotations

import re
from html import escape

from simregistry.teach.answers import FreeText, Order, SomeOf
from simregistry.teach.handouts.sheet import Sheet, SheetTask
from simregistry.teach.problem import as_html

STYLE = """\
@page { size: A4; margin: 18mm; }
body { font: 11pt/1.45 Georgia, "Times New Roman", serif; color: #000; background: #fff; max-width: 46em; margin: 2em auto; padding: 0 1em; }
h1 { font-size: 1.5em; margin-bottom: 0.2em; } h2 { font-size: 1.15em; margin: 0 0 0.3em; }
section { break-inside: avoid; border-top: 1px solid #000; padding: 0.8em 0; }
table { border-collapse: collapse; margin: 0.5em 0; } th, td { border: 1px solid #555; padding: 0.2em 0.6em; text-align: left; }
td.number, td[style*=right] { text-align: right; } pre { border-left: 3px solid #000; padding-left: 0.8em; white-space: pre-wrap; }
.line { border-bottom: 1px solid #000; height: 1.9em; } .box { display: inline-block; margin-right: 1.4em; }
.name { display: flex; gap: 2em; margin: 0.8em 0; } .name span { flex: 1; border-bottom: 1px solid #000; }
@media print { body { margin: 0; max-width: none; } }"""  # noqa: E501 - a style sheet


def worksheet(sheet: Sheet, seed: int) -> str:
    """Write the sheet to print, with room for answers."""
    tasks = "".join(_question(task) for task in sheet.tasks)
    total = sum(task.points for task in sheet.tasks)
    head = f"<p class='name'>Name: <span></span> Date: <span></span> Points: <span></span> of {total}</p>"
    return _page(sheet, seed, f"{head}{tasks}")


def answers(sheet: Sheet, seed: int) -> str:
    """Write the answers, each with its reason and with what a wrong answer shows."""
    return _page(sheet, seed, "".join(_solution(task) for task in sheet.tasks), "Answers: ")


def _page(sheet: Sheet, seed: int, body: str, kind: str = "") -> str:
    title = f"{kind}{sheet.title}"
    return (
        f"<!DOCTYPE html>\n<html lang='en'><head><meta charset='utf-8'>"
        f"<meta name='viewport' content='width=device-width'><title>{escape(title)}, seed {seed}</title>"
        f"<style>{STYLE}</style></head>\n<body><h1>{escape(title)}</h1><p>Seed {seed}</p>\n{body}\n</body></html>\n"
    )


def _heading(task: SheetTask) -> str:
    points = f"{task.points} point{'s' if task.points != 1 else ''}"
    return f"<h2>{task.number}. {escape(task.attempt.exercise.title)} <small>({points})</small></h2>"


def _question(task: SheetTask) -> str:
    problem = task.attempt.problem
    given = problem.given._repr_html_() if problem.given else ""
    return f"<section>{_heading(task)}{as_html(problem.text)}{_plain(given)}{_room(task)}</section>\n"


def _room(task: SheetTask) -> str:
    """Leave room for the answer: boxes to tick, or lines to write on."""
    answer = task.attempt.problem.answer
    options = answer.of if isinstance(answer, SomeOf) else getattr(answer, "options", ())
    if options:
        mark = "□" if isinstance(answer, SomeOf) else "○"
        return "<p>" + " ".join(f"<span class='box'>{mark} {escape(option)}</span>" for option in options) + "</p>"
    wanted = f"<p>Write {escape(answer.wanted)}.</p>"
    # A string gets one line more than the shortest answer needs.
    lines = answer.right.count("\n") + 2 if isinstance(answer, FreeText) else 2 if isinstance(answer, Order) else 1
    return wanted + "<div class='line'></div>" * lines


def _solution(task: SheetTask) -> str:
    problem = task.attempt.problem
    shown = problem.answer.shown(problem.answer.right)
    right = f"<pre>{escape(shown)}</pre>" if "\n" in shown else f"<p><b>{escape(shown)}</b></p>"
    beliefs = "".join(
        f"<li><i>{escape(m.belief)}</i>: {escape(problem.answer.shown(problem.answer.read(m.answer)))}</li>"
        for m in problem.misconceptions
    )
    return f"<section>{_heading(task)}{right}<p>{escape(problem.why)}</p><ul>{beliefs}</ul></section>\n"


def _plain(table: str) -> str:
    """Take the notebook's styles off a table, because the sheet has its own."""
    return re.sub(r" style='[^']*'", lambda match: " class='number'" if "right" in match[0] else "", table)

"""A mutation run: change each solution of "Build your own registry" in one place, and see that the checks say no.

What is tested here are the checks: a wrong version that passes them is one that a learner may hand in. The mutants are
made with ``ast`` in a hundred lines; mutmut and cosmic-ray run a test suite over files, and here a check is asked about
one function.

    python .ci/mutation.py          # all steps
    python .ci/mutation.py mark     # one step, with every survivor's line
"""

from __future__ import annotations

import ast
import copy
import multiprocessing
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simregistry.table import Table
from simregistry.teach.build_your_own import solutions
from simregistry.teach.build_your_own.solution_text import untyped
from simregistry.teach.build_your_own.twelve_steps import TASKS, unwatched

LEAST = 0.95
# Seconds for one scenario of a mutant, and for a mutant in all, in case that even Python cannot stop it.
SCENARIO, MUTANT = 1.0, 30.0
SOURCE = Path(solutions.__file__).read_text(encoding="utf-8")
COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.In: (ast.NotIn,), ast.NotIn: (ast.In,),
    ast.Lt: (ast.LtE, ast.GtE), ast.LtE: (ast.Lt, ast.Gt), ast.Gt: (ast.GtE, ast.LtE), ast.GtE: (ast.Gt, ast.Lt),
}  # fmt: skip
COMPUTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr, ast.Mod: ast.Mult,
}  # fmt: skip
TURNED = {"partition": "rpartition", "rpartition": "partition", "startswith": "endswith", "max": "min", "min": "max"}
# Mutants that do the same as the original, with the reason; held by the run: each has to be there, and to survive.
EQUIVALENT = {
    ("stack", "'/': becomes '/x'"): "`old/x` and `old/` begin with `hidden/` alike, as hidden/ ends in its slash",
    ("resume", "max(0, len(self.content) - 1): arguments exchanged"): "the larger of two is the same in either order",
}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change to one solution."""

    step: str
    what: str
    source: str


def bare(tree: ast.Module) -> ast.Module:
    """Take out what changes nothing when it is changed: annotations and docstrings."""
    for node in ast.walk(untyped(tree)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            node.body = node.body[ast.get_docstring(node) is not None :]
    return tree


def changes(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """Give each other form of one node, with what was done to it."""

    def other(**fields: Any) -> ast.AST:
        made = copy.copy(node)
        for name, value in fields.items():
            setattr(made, name, value)
        return made

    if isinstance(node, ast.Compare):
        for instead in COMPARED.get(type(node.ops[0]), ()):
            yield f"comparison becomes {instead.__name__}", other(ops=[instead(), *node.ops[1:]])
    if isinstance(node, ast.BoolOp):
        yield "and/or exchanged", other(op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
        for i in range(len(node.values)):
            rest = [value for j, value in enumerate(node.values) if j != i]
            yield f"operand {i + 1} left out", other(values=rest) if len(rest) > 1 else rest[0]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield "not left out", node.operand
    if isinstance(node, ast.BinOp | ast.AugAssign) and type(node.op) in COMPUTED:
        yield "operator exchanged", other(op=COMPUTED[type(node.op)]())
    if isinstance(node, ast.Constant):
        yield from ((f"becomes {value!r}", other(value=value)) for value in _values(node.value))
    if isinstance(node, ast.If | ast.While | ast.IfExp):
        yield "condition negated", other(test=ast.UnaryOp(ast.Not(), node.test))
    if isinstance(node, ast.IfExp):
        yield "always the first", node.body
        yield "always the second", node.orelse
    if isinstance(node, ast.comprehension) and node.ifs:
        yield "condition left out", other(ifs=[])
        yield "condition negated", other(ifs=[ast.UnaryOp(ast.Not(), node.ifs[0]), *node.ifs[1:]])
    if isinstance(node, ast.Call):
        if len(node.args) >= 2:
            yield "arguments exchanged", other(args=[node.args[1], node.args[0], *node.args[2:]])
        for i, keyword in enumerate(node.keywords):
            yield f"{keyword.arg} left out", other(keywords=node.keywords[:i] + node.keywords[i + 1 :])
    if isinstance(node, ast.Attribute) and node.attr in TURNED:
        yield f"becomes {TURNED[node.attr]}", other(attr=TURNED[node.attr])
    if isinstance(node, ast.Name) and node.id in TURNED:
        yield f"becomes {TURNED[node.id]}", other(id=TURNED[node.id])
    if isinstance(node, ast.Starred):
        yield "nothing in its place", ast.Starred(ast.List([], ast.Load()), ast.Load())
    if isinstance(node, ast.Return) and node.value is not None:
        yield "gives None", other(value=ast.Constant(None))
    if isinstance(node, ast.Continue):
        yield "becomes break", ast.Break()
    if isinstance(node, ast.stmt) and not isinstance(node, ast.FunctionDef | ast.ClassDef):
        yield "statement left out", ast.Pass()


def _values(value: object) -> tuple[object, ...]:
    if isinstance(value, bool) or value is None:
        return (not value,)
    if isinstance(value, int):
        return (value + 1, value - 1)
    if isinstance(value, str):
        return (value + "x", "") if value else ("x",)
    return (value + b"x", b"") if isinstance(value, bytes) and value else (b"x",) if value == b"" else ()


def mutants(step: str) -> Iterator[Mutant]:
    """Give every first-order mutant of one step's solution."""
    names = {TASKS[step].name} | ({"NAME"} if step == "reference" else set())
    tree = bare(ast.parse(SOURCE))
    for top in [node for node in tree.body if _name(node) in names]:
        for path in _places(top, ()):
            node = _at(top, path)
            for what, instead in changes(node):
                whole = copy.deepcopy(tree)
                _replace(whole.body[tree.body.index(top)], path, copy.deepcopy(instead))
                source = ast.unparse(ast.fix_missing_locations(whole))
                line = ast.unparse(node).splitlines()[0]
                yield Mutant(step, f"{line}: {what}", source)


def _name(node: ast.stmt) -> str:
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id
    return str(getattr(node, "name", ""))


def _places(node: ast.AST, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    """Walk through a tree; what an error says is left alone, since no scenario reads it."""
    if path:
        yield path
    for name, value in ast.iter_fields(node):
        if (isinstance(node, ast.Raise) and name == "exc") or name == "type_params":
            continue
        if isinstance(value, ast.AST):
            yield from _places(value, (*path, (name, None)))
        elif isinstance(value, list):
            for i, each in enumerate(value):
                if isinstance(each, ast.AST):
                    yield from _places(each, (*path, (name, i)))


def _at(node: Any, path: tuple[Any, ...]) -> Any:
    for name, i in path:
        node = getattr(node, name) if i is None else getattr(node, name)[i]
    return node


def _replace(node: Any, path: tuple[Any, ...], instead: ast.AST) -> None:
    (name, i), above = path[-1], _at(node, path[:-1])
    if i is None:
        setattr(above, name, instead)
    else:
        getattr(above, name)[i] = instead


def rejected(mutant: Mutant) -> bool:
    """Say whether the step's check turns a mutant away."""
    namespace: dict[str, Any] = {"__name__": "mutant"}
    try:
        exec(compile(mutant.source, "mutant", "exec"), namespace)
    except Exception:
        return True
    return unwatched(mutant.step).check(namespace[TASKS[mutant.step].name], SCENARIO).right is not True


def main(wanted: list[str]) -> int:
    """Run the steps named, or all; gives 0 where enough mutants are turned away, and EQUIVALENT is true."""
    # An id that is none is refused here, with the list of those that there are.
    chosen = [unwatched(id).task.id for id in wanted or TASKS]
    rows, survivors, equal = [], [], set()
    with multiprocessing.get_context("spawn").Pool() as pool:
        waiting = {step: [(m, pool.apply_async(rejected, (m,))) for m in mutants(step)] for step in chosen}
        for step, answers in waiting.items():
            left = []
            for mutant, answer in answers:
                try:
                    fine = answer.get(MUTANT)
                except multiprocessing.TimeoutError:
                    fine = True
                if not fine:
                    left.append(mutant)
            # One mutant for each entry: another one of the same words would have to be looked at.
            known = sorted({m.what for m in left if (step, m.what) in EQUIVALENT})
            same = [next(m for m in left if m.what == what) for what in known]
            equal |= {(step, m.what) for m in same}
            survivors += [m for m in left if m not in same]
            rows.append((step, len(answers), len(answers) - len(left), len(same), len(left) - len(same)))
        pool.terminate()
    rows.append(("all", *(sum(row[i] for row in rows) for i in range(1, 5))))
    print(Table(("step", "mutants", "rejected", "equivalent", "survived"), tuple(rows)))
    for mutant in survivors:
        print(f"survived  {mutant.step}: {mutant.what}")
    unfounded = [f"{s}: {what}" for s, what in EQUIVALENT if s in chosen and (s, what) not in equal]
    for each in unfounded:
        print(f"listed as equivalent, and does not survive  {each}")
    share = rows[-1][2] / (rows[-1][1] - rows[-1][3])
    print(f"{share:.1%} of {rows[-1][1] - rows[-1][3]} mutants are rejected; {LEAST:.0%} are wanted")
    return int(share < LEAST or bool(unfounded))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

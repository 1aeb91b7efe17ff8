"""A reference solution as a learner reads it: without types, and with the imports that it takes, ready to be pasted."""

from __future__ import annotations

import ast
import inspect

from simregistry.teach.build_your_own import solutions


def listing(name: str) -> str:
    """Give the text of a solution.

    >>> listing("digest").splitlines()[:2]
    ['import hashlib', 'def digest(content):']
    """
    tree = untyped(ast.parse(inspect.getsource(solutions)))
    found = next(node for node in tree.body if name in _binds(node))
    used = {node.id for node in ast.walk(found) if isinstance(node, ast.Name)}
    before = [
        node for node in tree.body if used & _binds(node) and not isinstance(node, ast.FunctionDef | ast.ClassDef)
    ]
    return "\n".join(ast.unparse(node) for node in [*before, found])


def untyped(tree: ast.Module) -> ast.Module:
    """Take the annotations out of a source: names are left that mean nothing in a notebook."""
    bare = _Untyped().visit(tree)
    assert isinstance(bare, ast.Module), "a module stays one"
    return ast.fix_missing_locations(bare)


class _Untyped(ast.NodeTransformer):
    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST | None:
        return ast.copy_location(ast.Assign([node.target], node.value), node) if node.value else None


def _binds(node: ast.stmt) -> set[str]:
    """Say which names a statement of a module makes."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {alias.asname or alias.name for alias in node.names}
    if isinstance(node, ast.Assign):
        return {target.id for target in node.targets if isinstance(target, ast.Name)}
    return {node.name} if isinstance(node, ast.FunctionDef | ast.ClassDef) else set()

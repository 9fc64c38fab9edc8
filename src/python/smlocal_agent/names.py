"""What a piece of code refers to outside of itself.

A name is a *chain*, `("helper", "encode")` for `helper.encode`, from a name of the module's on; a chain that starts with
`IMPORTED` was imported on the spot and holds the module's full name and, perhaps, a name in it.
"""

import ast

from .scopes import COMPREHENSIONS, FUNCTIONS, global_names, own_names, signature_parts

IMPORTED = object()


class Names(ast.NodeVisitor):
    """Reads one top-level statement.

    uses: every chain in it. runs: those in what is executed when the statement is, without the bodies of functions.
    direct: those in the body of the function itself, without the functions in it; executed when it is called.
    touches: chains whose object may be changed in place. rebinds: names that a function assigns by `global`.
    calls: whether the statement calls anything when it is executed.
    """

    def __init__(self, imported):
        self.uses, self.runs, self.direct = set(), set(), set()
        self.touches, self.rebinds = set(), set()
        self.calls = False
        self._imported = imported
        self._scopes = []
        self._depth = 0
        self._class_depth = 0

    def _add(self, chain):
        self.uses.add(chain)
        if self._depth == 0:
            self.runs.add(chain)
        if self._depth <= 1:
            self.direct.add(chain)

    def _is_own(self, name):
        for own, declared_global in reversed(self._scopes):
            if name in declared_global:
                return False
            if name in own:
                return True
        return False

    def visit_Name(self, node):
        if self._is_own(node.id):
            return
        self._add((node.id,))
        if self._depth and not isinstance(node.ctx, ast.Load):
            self.rebinds.add(node.id)

    def visit_Attribute(self, node):
        chain, base = _chain(node)
        if "__subclasses__" in chain:
            self._add(("__subclasses__",))
        if not isinstance(base, ast.Name):
            self.visit(base)
        elif not self._is_own(base.id):
            self._add((base.id, *chain))
        if not isinstance(node.ctx, ast.Load):
            self._touch(node.value)

    def visit_Subscript(self, node):
        if not isinstance(node.ctx, ast.Load):
            self._touch(node.value)
        self.generic_visit(node)

    def visit_Call(self, node):
        if isinstance(node.func, ast.Attribute):
            self._touch(node.func.value)
        self.calls = self.calls or self._depth == 0
        self.generic_visit(node)

    def visit_AugAssign(self, node):
        self._touch(node.target)
        self.generic_visit(node)

    def _touch(self, node):
        while isinstance(node, ast.Subscript):
            node = node.value
        chain, base = _chain(node)
        if isinstance(base, ast.Name) and not self._is_own(base.id):
            self.touches.add((base.id, *chain))
        elif isinstance(base, ast.Subscript):
            self._touch(base)

    def visit_Import(self, node):
        if self._scopes or self._class_depth:
            for alias in node.names:
                self._add((IMPORTED, alias.name))

    def visit_ImportFrom(self, node):
        if self._scopes or self._class_depth:
            for chain in self._imported(node):
                self._add((IMPORTED, *chain))

    def visit_ClassDef(self, node):
        # To make a class runs code of its bases, its metaclass and its decorators.
        self.calls = self.calls or (self._depth == 0 and bool(node.bases or node.keywords or node.decorator_list))
        self._class_depth += 1
        self.generic_visit(node)
        self._class_depth -= 1

    def _visit_function(self, node):
        decorators = getattr(node, "decorator_list", [])
        self.calls = self.calls or (self._depth == 0 and bool(decorators))
        for part in [*decorators, *signature_parts(node)]:
            self.visit(part)
        body = [node.body] if isinstance(node, ast.Lambda) else node.body
        self._visit_scope(body, own_names(node), global_names(body), 1)

    def _visit_scope(self, parts, own, declared_global, deeper):
        self._scopes.append((own, declared_global))
        self._depth += deeper
        for part in parts:
            self.visit(part)
        self._depth -= deeper
        self._scopes.pop()

    def generic_visit(self, node):
        if isinstance(node, FUNCTIONS):
            self._visit_function(node)
        elif isinstance(node, COMPREHENSIONS):
            self._visit_scope(ast.iter_child_nodes(node), own_names(node), (), 0)
        else:
            super().generic_visit(node)


def _chain(node):
    """The attributes of `a.b.c` in order, and what they are looked up on."""
    attributes = []
    while isinstance(node, ast.Attribute):
        attributes.append(node.attr)
        node = node.value
    return tuple(reversed(attributes)), node

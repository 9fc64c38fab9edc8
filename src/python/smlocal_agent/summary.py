"""A module's source as a list of statements, and what its names were imported from."""

import ast

from .scopes import alias_name
from .statements import Statement, first_line


class Summary:
    """imports: local name → every (module, name in it or None) that it may stand for. requires: every (module, name or None)
    imported anywhere. whole: modules of which all names are imported (`from m import *`).

    known: a summary of an earlier source of the same module; most of its statements are here again, and are not read again.
    """

    def __init__(self, tree, text, module, imported, known=None):
        self._tree = tree
        self._imported = imported
        texts = [_text(node, text) for node in tree.body]
        read = known.read if known is not None else {}
        self.statements = [
            read[text].again(node) if text in read else Statement(node, module, imported)
            for node, text in zip(tree.body, texts)
        ]
        self.read = dict(zip(texts, self.statements))
        self.requires = set().union(*(statement.requires for statement in self.statements))
        self.imports, self.whole, self._binders = {}, set(), {}
        for statement in self.statements:
            for name in statement.binds:
                self._binders.setdefault(name, []).append(statement)
            for node in statement.imports:
                self._read_import(node)

    def _read_import(self, node):
        for alias, (module, name) in zip(node.names, self._imported(node)):
            if name == "*":
                self.whole.add(module)
            elif name is None and not alias.asname:
                self._bind_import(alias, (alias_name(alias), None))
            else:
                self._bind_import(alias, (module, name))

    def _bind_import(self, alias, target):
        targets = self.imports.setdefault(alias_name(alias), [])
        if target not in targets:
            targets.append(target)

    def binders(self, name):
        return self._binders.get(name, [])

    def tree(self, without=frozenset()):
        """To be compiled, without some of its statements."""
        body = [node for place, node in enumerate(self._tree.body) if place not in without]
        return ast.Module(body=body, type_ignores=[])


def _text(node, lines):
    """What a statement was parsed from, with its columns, as two may stand in one line."""
    return b"\n".join(lines[first_line(node) - 1 : node.end_lineno]), node.col_offset, node.end_col_offset


def summarize(data, path, name, is_package, known=None):
    """Raises SyntaxError, or ValueError, as an import of these bytes would."""
    package = name if is_package else name.rpartition(".")[0]

    def imported(node):
        if isinstance(node, ast.Import):
            return [(alias.name, None) for alias in node.names]
        parent = package.rsplit(".", node.level - 1)[0] if node.level > 1 else package
        module = ".".join(filter(None, [parent if node.level else "", node.module]))
        return [(module, alias.name) for alias in node.names]

    return Summary(ast.parse(data, path), data.splitlines(), name, imported, known)


EMPTY = summarize(b"", "", "", False)

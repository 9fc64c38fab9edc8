"""A module's source as a list of top-level statements, each with what it binds and what it refers to.

Statements are the grain of a reload: what the loaded model reaches is kept or made anew by the statement.
"""

import ast
import hashlib

from .names import Names
from .scopes import alias_name, bound_names, walk_scope

# Executed at every reload: imports, and what only chooses among imports.
IMPORT = "import"
# Skipped where its value is kept.
VALUE = "value"
# For its effect, or too mixed to tell.
OTHER = "other"

_IMPORTS = (ast.Import, ast.ImportFrom)
_VALUES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Assign, ast.AnnAssign)
_AROUND_IMPORTS = _IMPORTS + (ast.If, ast.Try, ast.ExceptHandler, ast.Pass)


class Statement:
    """uses, runs, direct, touches, rebinds, calls: see Names. binds: the names that it gives a value to."""

    def __init__(self, node, module, imported):
        self.module = module
        names = Names(imported)
        names.visit(node)
        self.uses, self.runs, self.direct = names.uses, names.runs, names.direct
        self.touches, self.rebinds, self.calls = names.touches, names.rebinds, names.calls
        self.binds = bound_names([node])
        self.kind = _kind(node)
        self.is_definition = isinstance(node, _VALUES[:3])
        self.is_class = isinstance(node, ast.ClassDef)
        self.minds_subclasses = self.is_class and _minds_subclasses(node)
        decorators = getattr(node, "decorator_list", [])
        self.lines = range(min([node.lineno, *(each.lineno for each in decorators)]), node.end_lineno + 1)
        self._node = node
        self._digest = None

    @property
    def digest(self):
        """Of what it says; line numbers, comments and blanks left aside. None for an import: what counts is its target."""
        if self._digest is None and not isinstance(self._node, _IMPORTS):
            self._digest = hashlib.sha1(ast.dump(self._node).encode("utf-8", "surrogatepass")).hexdigest()
        return self._digest


def _kind(node):
    if isinstance(node, _IMPORTS):
        return IMPORT
    if isinstance(node, (ast.If, ast.Try)):
        inner = [each for each in walk_scope([node]) if isinstance(each, (ast.stmt, ast.ExceptHandler))]
        imports = any(isinstance(each, _IMPORTS) for each in inner)
        return IMPORT if imports and all(_only_chooses(each) for each in inner) else OTHER
    return VALUE if isinstance(node, _VALUES) else OTHER


def _only_chooses(node):
    return isinstance(node, _AROUND_IMPORTS) or (isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant))


def _minds_subclasses(node):
    """Whether a subclass may leave a trace in the class itself, or in something of its metaclass."""
    hooks = [each for each in node.body if getattr(each, "name", None) == "__init_subclass__"]
    named = [getattr(keyword.value, "attr", getattr(keyword.value, "id", None)) for keyword in node.keywords]
    return bool(hooks) or any(name != "ABCMeta" for name in named)


class Summary:
    """imports: local name → every (module, name in it or None) that it may stand for. requires: every (module, name or None)
    imported anywhere. whole: modules of which all names are imported (`from m import *`)."""

    def __init__(self, tree, module, absolute):
        self._tree = tree
        self._absolute = absolute
        self.statements = [Statement(node, module, self._imported) for node in tree.body]
        self.imports, self.requires, self.whole = {}, set(), set()
        for node in ast.walk(tree):
            self.requires.update(self._required(node))
        for node in walk_scope(tree.body):
            self._read_import(node)

    def _required(self, node):
        if isinstance(node, ast.Import):
            return [(alias.name, None) for alias in node.names]
        return self._imported(node) if isinstance(node, ast.ImportFrom) else []

    def _imported(self, node):
        module = self._absolute(node.module or "", node.level)
        return [(module, alias.name) for alias in node.names]

    def _read_import(self, node):
        if isinstance(node, ast.Import):
            for alias in node.names:
                self._bind_import(alias, (alias.name if alias.asname else alias_name(alias), None))
        elif isinstance(node, ast.ImportFrom):
            for alias, target in zip(node.names, self._imported(node)):
                if alias.name == "*":
                    self.whole.add(target[0])
                else:
                    self._bind_import(alias, target)

    def _bind_import(self, alias, target):
        targets = self.imports.setdefault(alias_name(alias), [])
        if target not in targets:
            targets.append(target)

    def binders(self, name):
        return [statement for statement in self.statements if name in statement.binds]

    def tree(self, without=frozenset()):
        """To be compiled, without some of its statements."""
        body = [node for place, node in enumerate(self._tree.body) if place not in without]
        return ast.Module(body=body, type_ignores=[])


def summarize(data, path, name, is_package):
    """Raises SyntaxError, or ValueError, as an import of these bytes would."""
    package = name if is_package else name.rpartition(".")[0]

    def absolute(module, level):
        if not level:
            return module
        parent = package.rsplit(".", level - 1)[0] if level > 1 else package
        return "%s.%s" % (parent, module) if module and parent else module or parent

    return Summary(ast.parse(data, path), name, absolute)


EMPTY = Summary(ast.Module(body=[], type_ignores=[]), "", None)

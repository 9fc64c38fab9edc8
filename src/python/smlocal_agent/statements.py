"""One top-level statement of a module: what it binds and what it refers to.

Statements are the grain of a reload: what the loaded model reaches is kept or made anew by the statement.
"""

import ast
import copy
import hashlib

from .names import Names
from .scopes import bound_names, walk_scope

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
    """uses, runs, direct, touches, rebinds, calls: see Names. binds: the names that it gives a value to. requires: every
    (module, name or None) that it imports, anywhere. imports: the import statements in it that bind names of the module's.
    """

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
        self.imports = [each for each in walk_scope([node]) if isinstance(each, _IMPORTS)]
        self.requires = {target for each in ast.walk(node) if isinstance(each, _IMPORTS) for target in imported(each)}
        self._node = node
        self._digest = None

    def again(self, node):
        """The same statement at another place; `node` was made from the same text."""
        other = copy.copy(self)
        other._node = node
        return other

    @property
    def lines(self):
        return range(first_line(self._node), self._node.end_lineno + 1)

    @property
    def digest(self):
        """Of what it says; line numbers, comments and blanks left aside. None for an import: what counts is its target."""
        if self._digest is None and not isinstance(self._node, _IMPORTS):
            self._digest = hashlib.sha1(ast.dump(self._node).encode("utf-8", "surrogatepass")).hexdigest()
        return self._digest


def first_line(node):
    return min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", ()))])


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

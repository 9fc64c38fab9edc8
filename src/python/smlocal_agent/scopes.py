"""Which names a function, or another piece of code with names of its own, keeps to itself."""

import ast

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_SCOPES = FUNCTIONS + COMPREHENSIONS + (ast.ClassDef,)


def alias_name(alias):
    """The name that an import binds: `import a.b` binds `a`."""
    return alias.asname or alias.name.partition(".")[0]


def own_names(node):
    """Of a function or comprehension."""
    if isinstance(node, COMPREHENSIONS):
        return bound_names([generator.target for generator in node.generators])
    body = [node.body] if isinstance(node, ast.Lambda) else node.body
    return (_parameters(node.args) | bound_names(body)) - global_names(body)


def _parameters(arguments):
    return {argument.arg for argument in _every_argument(arguments)}


def _every_argument(arguments):
    every = arguments.posonlyargs + arguments.args + arguments.kwonlyargs + [arguments.vararg, arguments.kwarg]
    return [argument for argument in every if argument is not None]


def signature_parts(node):
    """What a function's definition evaluates: defaults and annotations."""
    annotations = [argument.annotation for argument in _every_argument(node.args)] + [getattr(node, "returns", None)]
    parts = annotations + node.args.defaults + node.args.kw_defaults
    return [part for part in parts if part is not None]


def bound_names(nodes):
    """What these nodes assign, define, import or delete in the scope that they stand in."""
    bound = set()
    for node in walk_scope(nodes):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            bound.add(node.id)
        elif isinstance(node, _DEFINITIONS):
            bound.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            bound.update(alias_name(alias) for alias in node.names)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            bound.add(node.name)
        elif type(node).__name__ in ("MatchAs", "MatchStar", "MatchMapping"):
            bound.update(filter(None, (getattr(node, "name", None), getattr(node, "rest", None))))
    return bound


def global_names(nodes):
    """What `global` statements name in this scope."""
    return {name for node in walk_scope(nodes) if isinstance(node, ast.Global) for name in node.names}


def walk_scope(nodes):
    """All nodes in one scope; of a nested scope only the node that opens it."""
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, _SCOPES):
            waiting.extend(ast.iter_child_nodes(node))

"""What a function reaches: every statement of the user's that its behaviour may depend on.

A *place* is a name in a module, `(module, name)`; the name `None` stands for the whole module. From a place one follows the
names in the statements that bind it, through imports, and in those that may change its object in passing (writers.py).
Where that cannot be told, everything counts.
"""

from .names import IMPORTED

# Code that finds names by other means than naming them.
_OPAQUE = {"globals", "exec", "eval", "vars", "locals", "__import__", "__subclasses__"}
_OPAQUE_ATTRIBUTES = {("sys", "modules"), ("importlib", "import_module"), ("importlib", "reload")}


class Reach:
    """places: all that was reached."""

    def __init__(self, graph, writers, roots):
        self._graph = graph
        self._writers = writers
        self.places = set()
        self._waiting = list(roots)
        while self._waiting:
            self._follow(self._waiting.pop())

    def _follow(self, place):
        if place in self.places:
            return
        self.places.add(place)
        module, name = place
        summary = self._graph.summary(module)
        for statement in self.statements(place):
            self._follow_uses(statement)
        if name is None:
            self._waiting.extend((module, each) for statement in summary.statements for each in statement.binds)
            return
        for whole in summary.whole:
            self._waiting.extend(resolve(self._graph, whole, (name,)))

    def statements(self, place):
        """Those that make a place what it is."""
        module, name = place
        summary = self._graph.summary(module)
        return (summary.statements if name is None else summary.binders(name)) + self._writers.get(place, [])

    def _follow_uses(self, statement):
        for chain in statement.uses:
            if is_opaque(chain):
                self._waiting.extend((module, None) for module in self._graph.sources)
            self._waiting.extend(resolve(self._graph, statement.module, chain))

    def fingerprint(self):
        """By place; equal in two graphs where the place says the same."""
        return {place: self._content(place) for place in self.places}

    def _content(self, place):
        module, name = place
        source = self._graph.sources.get(module)
        code = [statement.digest for statement in self.statements(place) if statement.digest]
        if source is not None and name is None and not code:
            code = [source.digest]
        return code, self._graph.summary(module).imports.get(name)


def is_opaque(chain):
    return (len(chain) == 1 and chain[0] in _OPAQUE) or chain[:2] in _OPAQUE_ATTRIBUTES or chain == ("import_module",)


def resolve(graph, module, chain, seen=frozenset()):
    """The places that a chain in a module's code leads through, as far as they are the user's."""
    if chain[0] is IMPORTED:
        return _resolve_in(graph, chain[1], chain[2:], seen)
    place = (module, chain[0])
    summary = graph.summary(module)
    places = [place]
    if place not in seen:
        for target, name in summary.imports.get(chain[0], ()):
            names = (name, *chain[1:]) if name else chain[1:]
            places += _resolve_in(graph, target, names, seen | {place})
    return places


def _resolve_in(graph, module, names, seen):
    if module not in graph.sources:
        return []
    if not names or names[0] == "*":
        return [(module, None)]
    inner = "%s.%s" % (module, names[0])
    places = _resolve_in(graph, inner, names[1:], seen)
    if not places or graph.summary(module).binders(names[0]):
        places += resolve(graph, module, names, seen)
    return places

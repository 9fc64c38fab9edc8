"""Statements that may change an object of another statement's in passing, while a module is imported.

`TABLE["x"] = f` at the top of a module, `@register def f(): …` where `register` writes into a table, a subclass that its
base keeps in a list: who depends on the table depends on these too. A statement that is executed and calls something is
taken to write to every variable in its reach that could be changed; better too many than one too few.
"""

import logging
import re
import types

from .reach import resolve

_UNCHANGEABLE = (
    type(None), bool, int, float, complex, str, bytes, tuple, frozenset, range, type, re.Pattern,
    types.ModuleType, types.FunctionType, types.BuiltinFunctionType, logging.Logger,
)  # fmt: skip


def find_writers(graph, modules):
    """@returns place → statements. modules: as loaded, for the variables' values tell whether they can be changed"""
    writers = {}
    for name in graph.sources:
        for statement in graph.summary(name).statements:
            for place in _written(graph, modules, statement):
                writers.setdefault(place, []).append(statement)
    return writers


def _written(graph, modules, statement):
    own = {(statement.module, name) for name in statement.binds}
    written = set()
    if not statement.is_definition:
        for chain in statement.touches:
            written.update(variables(graph, statement.module, chain))
    if statement.calls or (statement.touches and not statement.is_definition):
        written.update(_changeable_in_reach(graph, modules, statement))
    return written - own


def variables(graph, module, chain):
    """What a chain leads through, without the names that were only imported."""
    places = resolve(graph, module, chain)
    return {place for place in places if place[1] and place[1] not in graph.summary(place[0]).imports}


def _changeable_in_reach(graph, modules, statement):
    """Variables that a statement may get at, itself or by what it calls."""
    seen = set()
    waiting = [place for chain in statement.runs for place in resolve(graph, statement.module, chain)]
    while waiting:
        place = waiting.pop()
        if place in seen:
            continue
        seen.add(place)
        for binder in graph.summary(place[0]).binders(place[1]):
            if binder.is_definition:
                chains = binder.direct | binder.runs
                waiting.extend(found for chain in chains for found in resolve(graph, binder.module, chain))
            if binder.minds_subclasses if binder.is_class else _is_changeable(modules, place, binder):
                yield place


def _is_changeable(modules, place, binder):
    if binder.is_definition or binder.kind == "import":
        return False
    values = vars(modules[place[0]]) if place[0] in modules else {}
    return place[1] not in values or not isinstance(values[place[1]], _UNCHANGEABLE)

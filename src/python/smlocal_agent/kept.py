"""What stays of the old modules so that a loaded model stays whole.

The model was made by code of the old modules and still runs it: its classes, their helpers, the tables and exceptions that
they share with the hooks. While all that `model_fn` reaches is unchanged, new modules are given those very objects instead
of equal ones: `isinstance`, `except` and enum members go on working between new hooks and the old model, and what
`model_fn` left in global variables is there. Everything else is executed anew.

Two dictionaries would then hold one variable (the old module's, which kept functions use, and the new one's). Where that
could be noticed, the model is loaded anew instead, which makes all of it fresh.
"""

from collections import deque

from .reach import Reach, resolve
from .statements import IMPORT
from .writers import find_writers, variables

LOADING_HOOKS = ("model_fn", "pre_model_fn", "model_warmup_fn")
_TABLES = (dict, list, set, bytearray, deque)
_MODULES_OWN = {"__name__", "__file__", "__spec__", "__loader__", "__package__", "__path__", "__builtins__", "__cached__"}


class Comparison:
    """Two graphs of one handler, and what is different for each of its functions."""

    def __init__(self, old, new, modules):
        self.old, self.new, self.modules = old, new, modules
        self._old_writers, self._new_writers = find_writers(old, modules), find_writers(new, modules)

    def reach_of_new(self, places):
        return Reach(self.new, self._new_writers, places)

    def places_in(self, statement):
        """All that a statement of the new graph names."""
        return {place for chain in statement.uses for place in resolve(self.new, statement.module, chain)}

    def differences(self, places):
        """What these places reach that is not the same in both."""
        before = Reach(self.old, self._old_writers, places).fingerprint()
        after = self.reach_of_new(places).fingerprint()
        return sorted(
            {"%s.%s" % place if place[1] else place[0] for place in set(before) | set(after)
             if before.get(place) != after.get(place)}
        )  # fmt: skip


class Kept:
    """left_out: module → numbers of the statements not to be executed; values: module → names with their old values.
    why_not: why the model must be loaded anew, if it must; then nothing is kept."""

    def __init__(self, comparison, entry, classes, affected):
        self._comparison, self._entry, self._affected = comparison, entry, affected
        self.left_out, self.values = {}, {}
        roots = [(entry, hook) for hook in LOADING_HOOKS] + sorted(classes)
        different = comparison.differences(roots)
        if different:
            self.why_not = "%s changed" % ", ".join(different[:3])
            return
        self._reach = comparison.reach_of_new(roots)
        self._statements = [
            statement for place in self._reach.places if place[0] in affected
            for statement in self._reach.statements(place)
            if statement.module in affected and statement.kind != IMPORT
        ]  # fmt: skip
        self._ids = {id(statement) for statement in self._statements}
        self.why_not = self._conflict()
        if self.why_not is None:
            self._keep()

    def _keep(self):
        for module in self._affected & set(self._comparison.modules):
            statements = self._comparison.new.summary(module).statements
            left_out = {place for place, statement in enumerate(statements) if id(statement) in self._ids}
            names = {name for place in left_out for name in statements[place].binds}
            names |= {name for owner, name in self._reach.places if owner == module and name}
            old = vars(self._comparison.modules[module])
            self.left_out[module] = left_out
            self.values[module] = {name: old[name] for name in names if name in old and self._may_carry(module, name)}

    def _may_carry(self, module, name):
        """Not what an import binds: that is executed, and gives the new module."""
        summary = self._comparison.new.summary(module)
        submodule = "%s.%s" % (module, name) in self._comparison.modules
        return name not in summary.imports and name not in _MODULES_OWN and not submodule

    def _conflict(self):
        for statement in self._statements:
            imports = self._comparison.new.summary(statement.module).imports
            mixed = sorted(name for name in statement.binds if name in imports)
            if mixed:
                return "%s.%s is both imported and computed" % (statement.module, mixed[0])
        names = {(statement.module, name) for statement in self._statements for name in statement.binds}
        names |= {place for place in self._reach.places if place[0] in self._affected and place[1]}
        for statement in self._all_statements():
            why_not = self._rebinding(statement, names) or self._stale_table(statement, names)
            if why_not is not None:
                return why_not
        return None

    def _all_statements(self):
        new = self._comparison.new
        return [statement for name in new.sources for statement in new.summary(name).statements]

    def _rebinding(self, statement, names):
        """A function that assigns a variable while it serves assigns it in one of the two modules only."""
        if statement.module == self._entry and statement.binds & set(LOADING_HOOKS):
            return None
        for name in statement.rebinds:
            variable = (statement.module, name)
            apart = id(statement) not in self._ids or self._is_used_apart(variable)
            if variable in names and statement.module in self._affected and apart:
                return "%s.%s is assigned while the model serves" % variable
        return None

    def _is_used_apart(self, variable):
        graph = self._comparison.new
        return any(
            variable in variables(graph, statement.module, chain)
            for statement in self._all_statements() if id(statement) not in self._ids
            for chain in statement.uses
        )  # fmt: skip

    def _stale_table(self, statement, names):
        """A table that changed code fills may hold what the old code put there."""
        if id(statement) in self._ids or not statement.binds:
            return None
        for chain in statement.touches:
            for module, name in variables(self._comparison.new, statement.module, chain) & names:
                value = vars(self._comparison.modules[module]).get(name) if module in self._comparison.modules else None
                own = [(statement.module, each) for each in statement.binds]
                if isinstance(value, _TABLES) and self._comparison.differences(own):
                    return "%s.%s is filled by code that changed" % (module, name)
        return None

"""Modules exchanged in sys.modules: all of them, or none."""

import importlib
import linecache
import sys

from .graph import loaded_modules
from .source_loader import Stage


class Reimport:
    """affected: names to be imported anew; the rest stays as it is. loaded: the user's modules now."""

    def __init__(self, folders, staged, affected, loaded):
        self._folders = folders
        self._staged = staged
        self._affected = affected
        self._before = loaded

    def run(self, entry, graph, kept):
        """Imports the entry, which imports what it needs, then what else was loaded. Undone where that raises."""
        names = [entry, *(name for name in self._before if name in self._affected)]
        for name in self._affected & set(self._before):
            del sys.modules[name]
        for name in self._affected & set(graph.sources):
            if graph.sources[name] is not None:
                stage = Stage(graph.sources[name], kept.left_out.get(name, ()), kept.values.get(name))
                self._staged[name] = stage
                linecache.cache.pop(graph.sources[name].path, None)
        try:
            for name in names:
                if name in graph.sources:  # Without an entry the toolkit has functions of its own.
                    importlib.import_module(name)
        except BaseException:
            self.undo()
            raise
        finally:
            self._staged.clear()

    def undo(self):
        for name in loaded_modules(self._folders):
            if name not in self._before:
                _forget(name, self._before)
        sys.modules.update(self._before)


def _forget(name, before):
    module = sys.modules.pop(name)
    parent, _, attribute = name.rpartition(".")
    if parent in before and vars(before[parent]).get(attribute) is module:
        delattr(before[parent], attribute)


def forget_all(folders):
    """So that the next import of them starts from what is on disk, whatever came of the last."""
    for name in loaded_modules(folders):
        del sys.modules[name]
    folders.invalidate()

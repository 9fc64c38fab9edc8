"""The user's modules as they lie on disk: what imports would find now, without importing anything."""

import os
import pkgutil
import sys
from importlib.machinery import ModuleSpec, PathFinder

from .graph import Graph, is_users, parents_and_self
from .source_loader import UserLoader
from .sources import Source


class Shadowed(Exception):
    """A file of the user's would take the place of a module that is loaded already, and is not the user's."""


class Disk:
    """What imports would find now."""

    def __init__(self, folders, known):
        folders.invalidate()
        self._entries = folders.entries()
        self._folders = folders
        self._known = known
        self._places = {}

    def graph(self, names):
        """All that can be reached from these modules by imports, as far as it is the user's."""
        sources, waiting = {}, list(names)
        while waiting:
            name = waiting.pop()
            if name in sources or not self._locate(name):
                continue
            sources[name] = self._read(name)
            for module, attribute in Graph(sources).summary(name).requires:
                waiting.extend(parents_and_self(module))
                waiting.append("%s.%s" % (module, attribute))
        return Graph(sources)

    def _read(self, name):
        spec = self._locate(name)
        if not isinstance(spec.loader, UserLoader):
            return None
        source = Source.read(name, spec.origin, spec.submodule_search_locations is not None)
        known = self._known.sources.get(name)
        if source is None or known is None:
            return source
        if source.is_same(known):
            return known
        source.follow(known)
        return source

    def _locate(self, name):
        if name not in self._places:
            self._places[name] = self._find(name)
        return self._places[name]

    def _find(self, name):
        parent = name.rpartition(".")[0]
        if parent:
            package = self._locate(parent)
            path = list(package.submodule_search_locations or ()) if package else []
        else:
            path = self._entries
        spec = find_in(path, name)
        if spec is None or parent or self._is_first(name, spec):
            return spec
        return None

    def _is_first(self, name, spec):
        """Whether `import name` would really take it from the user's folder."""
        loaded = sys.modules.get(name)
        if loaded is not None and not is_users(loaded, self._folders):
            self._refuse_shadow(name, spec, loaded)
            return False
        if name in sys.builtin_module_names:
            return False
        found = PathFinder.find_spec(name)
        return found is not None and found.origin == spec.origin

    def _refuse_shadow(self, name, spec, loaded):
        found = PathFinder.find_spec(name) if getattr(loaded, "__file__", None) else None
        if spec.origin and found is not None and found.origin == spec.origin:
            file = os.path.basename(spec.origin)
            raise Shadowed("%s takes the place of the module %s, which is loaded already" % (file, name))


def find_in(path, name):
    """As PathFinder.find_spec, which can find a folder without `__init__.py` only while its parent is loaded."""
    portions = []
    for entry in path:
        finder = pkgutil.get_importer(entry)
        spec = finder.find_spec(name) if finder else None
        if spec is not None and spec.loader is not None:
            return spec
        portions.extend(spec.submodule_search_locations or () if spec else ())
    if not portions:
        return None
    spec = ModuleSpec(name, None, is_package=True)
    spec.submodule_search_locations = portions
    return spec

"""The user's modules and which imports which."""

import sys
import types

from .source_loader import source_of
from .sources import Source
from .summary import EMPTY


class Graph:
    """sources: by module name; None for packages without a file of their own."""

    def __init__(self, sources):
        self.sources = sources

    def summary(self, name):
        """Empty for what is no Python source, or no proper one."""
        source = self.sources.get(name)
        try:
            return source.summary() if source else EMPTY
        except (SyntaxError, ValueError):
            return EMPTY

    def imports_of(self, name):
        """The user's modules that one of them imports, anywhere in its code, and the packages that these lie in."""
        targets = set()
        for module, attribute in self.summary(name).requires:
            targets.update(parents_and_self(module))
            targets.add("%s.%s" % (module, attribute))
        return {target for target in targets if target in self.sources and target != name}

    def submodules(self, package):
        return {name for name in self.sources if name.startswith(package + ".")}


def parents_and_self(name):
    parts = name.split(".")
    return [".".join(parts[: length + 1]) for length in range(len(parts))]


def loaded_modules(folders):
    """The user's modules in sys.modules."""
    return {name: module for name, module in list(sys.modules.items()) if is_users(module, folders)}


def is_users(module, folders):
    if not isinstance(module, types.ModuleType):
        return False
    values = vars(module)  # Attributes of lazy modules may import something when they are asked for.
    if values.get("__name__") == "__main__":
        return False
    file = values.get("__file__")
    places = [file] if isinstance(file, str) else list(values.get("__path__") or ())
    return any(isinstance(place, str) and folders.contains(place) for place in places)


def graph_of_loaded(modules, baseline):
    """As loaded; `baseline` tells of modules that our loader did not load, and of those not imported so far."""
    sources = dict(baseline.sources) if baseline else {}
    for name, module in modules.items():
        sources[name] = source_of(module) or sources.get(name) or _adopt(name, module)
    return Graph(sources)


def _adopt(name, module):
    """A module that was imported before the agent came; its file is all that is known of it."""
    file = getattr(module, "__file__", None)
    if file is None or not file.endswith(".py"):
        return None
    return Source.read(name, file, hasattr(module, "__path__"))

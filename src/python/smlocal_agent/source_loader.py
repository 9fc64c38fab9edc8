"""Imports from the code folders compile the source that is there, and remember it.

A path hook, Python's own way to say how the modules of a folder are found and loaded; other folders keep theirs. Cached
bytecode is neither read nor written: it is matched to its source by a size and a time in whole seconds, which two saves in
one second share.
"""

import sys
from importlib.machinery import (
    BYTECODE_SUFFIXES,
    EXTENSION_SUFFIXES,
    ExtensionFileLoader,
    FileFinder,
    SOURCE_SUFFIXES,
    SourceFileLoader,
    SourcelessFileLoader,
)

from .sources import Source


class UserLoader(SourceFileLoader):
    """Loads a module of the user's; `source` is what it was compiled from."""

    def __init__(self, name, path, staged):
        super().__init__(name, path)
        self.source = None
        self._staged = staged

    def exec_module(self, module):
        stage = self._staged.get(module.__name__)
        if stage is not None:
            module.__dict__.update(stage.values)
        super().exec_module(module)

    def get_code(self, fullname):
        stage = self._staged.get(fullname)
        if stage is not None and stage.source.path == self.path:
            self.source = stage.source
            return stage.compile()
        self.source = Source(fullname, self.path, self.get_data(self.path), self.is_package(fullname))
        try:
            tree = self.source.summary().tree()
        except (SyntaxError, ValueError, RecursionError):
            return self.source_to_code(self.source.data, self.path)  # Raises what every import of it would.
        return self.source_to_code(tree, self.path)  # Parsed once: the parser's warnings are printed once.


class Stage:
    """How one module is to be made anew: from this source, without these statements, with these values in their place."""

    def __init__(self, source, left_out=frozenset(), values=None):
        self.source = source
        self.values = values or {}
        self._left_out = left_out

    def compile(self):
        tree = self.source.summary().tree(without=self._left_out)
        return compile(tree, self.source.path, "exec", dont_inherit=True)


def install(folders):
    """@returns the stages by module name: empty, but while a reload is under way"""
    staged = {}

    def loader(name, path):
        return UserLoader(name, path, staged)

    hook = FileFinder.path_hook(
        (ExtensionFileLoader, EXTENSION_SUFFIXES),
        (loader, SOURCE_SUFFIXES),
        (SourcelessFileLoader, BYTECODE_SUFFIXES),
    )

    def only_user_folders(path):
        if not folders.contains(path):
            raise ImportError("not a code folder", path=path)
        return hook(path)

    sys.path_hooks.insert(0, only_user_folders)
    return staged


def source_of(module):
    """What a loaded module was compiled from; None for namespace packages and extension modules."""
    loader = getattr(getattr(module, "__spec__", None), "loader", None)
    if isinstance(loader, UserLoader):
        return loader.source
    return None

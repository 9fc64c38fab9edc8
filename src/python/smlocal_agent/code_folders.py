"""The folders that the user's code is imported from."""

import os
import sys
import sysconfig
from importlib.machinery import PathFinder

from .toolkit import code_directory


class CodeFolders:
    def __init__(self):
        # As given → as resolved: a path may go through a link to the folder, or a link in the folder may lead out of it.
        self._folders = {}
        self._known = {}

    def add(self, path):
        given = os.path.abspath(path)
        if given in self._folders:
            return
        self._folders[given] = os.path.realpath(given)
        self._known.clear()
        for entry in list(sys.path_importer_cache):
            if isinstance(entry, str) and self.contains(entry):
                del sys.path_importer_cache[entry]

    def contains(self, path):
        return self.relative(path) is not None

    def relative(self, path):
        """A file's path as the user knows it, or None if it is not the user's."""
        if path not in self._known:
            self._known[path] = self._find(path)
        return self._known[path]

    def _find(self, path):
        given, resolved = os.path.abspath(path), os.path.realpath(path)
        if _is_installed(given):
            return None  # A virtual environment beside the code.
        for folder, target in self._folders.items():
            for start, inner in ((folder, given), (target, given), (target, resolved)):
                if _is_in(inner, start):
                    return os.path.relpath(inner, start)
        return None

    def entries(self):
        """The places of sys.path that are the user's, in order."""
        return [entry for entry in sys.path if isinstance(entry, str) and self.contains(entry or os.getcwd())]

    def invalidate(self):
        """Makes the next import list these folders anew, however young the last listing is."""
        for entry, finder in list(sys.path_importer_cache.items()):
            if isinstance(entry, str) and self.contains(entry) and hasattr(finder, "invalidate_caches"):
                finder.invalidate_caches()

    def list(self):
        """The folders themselves."""
        return sorted(set(self._folders.values()))


def folders_of_toolkit():
    """Where the toolkit's own rules and the SageMaker SDK's say that the code is."""
    folders = CodeFolders()
    submitted = os.environ.get("SAGEMAKER_SUBMIT_DIRECTORY", "")
    for path in (code_directory(), submitted):
        if os.path.isabs(path) and os.path.isdir(path):
            folders.add(path)
    return folders


def add_folder_of(folders, module_name):
    """The entry module decides: a toolkit may have put another folder on sys.path (multi-model containers do)."""
    spec = PathFinder.find_spec(module_name.partition(".")[0])
    origin = spec.origin if spec and spec.has_location else None
    if origin is None or folders.contains(origin) or _is_installed(origin):
        return
    folder = os.path.dirname(origin)
    folder = os.path.dirname(folder) if spec.submodule_search_locations else folder
    if not _is_in(_library(), os.path.realpath(folder)):
        folders.add(folder)


def _is_installed(path):
    """Whether a file belongs to Python or to a package; Debian's packages lie beside what sysconfig names."""
    parts = path.split(os.sep)
    return "site-packages" in parts or "dist-packages" in parts or _is_in(os.path.realpath(path), _library())


def _library():
    return os.path.realpath(sysconfig.get_path("stdlib"))


def _is_in(path, folder):
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)

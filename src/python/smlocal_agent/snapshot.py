"""Which files of the code folders are not what they were: those that are no modules, but may be read by the handler."""

import hashlib
import os

_IGNORED_FOLDERS = {"__pycache__", "node_modules", "site-packages", "dist-packages"}
_LARGEST_HASHED = 1 << 20


class Snapshot:
    def __init__(self, folders):
        self._folders = folders
        self._files = {path: self._version(path) for path in self._walk()}

    def changed(self, paths=None):
        """The files, relative to the code folder, that were changed, added or removed since; of `paths` where given."""
        if paths is None:
            candidates = {path for path in set(self._files) | set(self._walk()) if not _is_passing(path)}
        else:
            candidates = {os.path.join(folder, path) for folder in self._folders.list() for path in paths}
        different = {path for path in candidates if not self._is_same(path)}
        return {self._folders.relative(path) for path in different}

    def accept(self, relative_paths):
        """These were taken up."""
        for folder in self._folders.list():
            for relative in relative_paths:
                path = os.path.join(folder, relative)
                self._files[path] = self._version(path)

    def _walk(self):
        for folder in self._folders.list():
            for parent, names, files in os.walk(folder):
                names[:] = [name for name in names if name not in _IGNORED_FOLDERS and not name.startswith(".")]
                for name in files:
                    yield os.path.join(parent, name)

    def _is_same(self, path):
        known, now = self._files.get(path), _status(path)
        if known is None or now is None:
            return known is None and now is None
        return known[0] == now or (known[1] is not None and known[1] == self._version(path)[1])

    def _version(self, path):
        """(size and times, digest): a file that was only touched is no other."""
        status = _status(path)
        if status is None:
            return None
        if status[0] > _LARGEST_HASHED:
            return status, None
        try:
            with open(path, "rb") as file:
                return status, hashlib.sha256(file.read()).hexdigest()
        except OSError:
            return None


def _status(path):
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns, status.st_ino


def _is_passing(path):
    """Editors' own files."""
    name = os.path.basename(path)
    return name.startswith(".") or name.endswith(("~", ".swp", ".swx", ".tmp", ".pyc"))

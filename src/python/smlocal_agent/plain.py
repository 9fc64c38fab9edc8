"""A process that imports the user's code without the toolkit, as gunicorn's workers do. It cannot be reloaded; it says what it
has imported, so that the host knows whether new workers would run what was saved, and then whether they do.
"""

import atexit
import hashlib
import os
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

from .mailbox import WorkerFile, sweep


class Plain:
    """folder: the user's code; mailbox: the folder shared with the host; note: takes a sentence on a failure of ours."""

    def __init__(self, folder, mailbox, note):
        self._folder, self._mailbox, self._note = folder, mailbox, note
        self._modules = {}
        self._importing = 0
        self._file = None
        os.register_at_fork(after_in_child=self._forked)

    def finder(self, path):
        def loader(name, file):
            return PlainLoader(name, file, self)

        return FileFinder(
            path,
            (ExtensionFileLoader, EXTENSION_SUFFIXES),
            (loader, SOURCE_SUFFIXES),
            (SourcelessFileLoader, BYTECODE_SUFFIXES),
        )

    def begin(self):
        self._importing += 1

    def end(self, name, path, digest):
        self._importing -= 1
        self._modules[name] = {"file": os.path.relpath(path, self._folder), "digest": digest}
        if self._importing <= 0:
            self._tell()

    def _forked(self):
        """A server that has imported the application before it makes its workers: each has what its parent had."""
        self._importing, self._file = 0, None
        if self._modules:
            self._tell()

    def _tell(self):
        # Where the toolkit is at work as well, its agent says more, in the same file.
        if "smlocal_agent.agent" in sys.modules:
            return
        try:
            if self._file is None:
                sweep(self._mailbox)
                self._file = WorkerFile(self._mailbox, "plain")
                atexit.register(self._file.remove)
            self._file.write(id=0, state="ready", modules=self._modules, outcome=None)
        except Exception:  # The process matters more than what we say of it.
            self._note("The mailbox could not be written to.")


class PlainLoader(SourceFileLoader):
    """Compiles the source that is there: cached bytecode is matched by whole seconds, which two saves may share."""

    def __init__(self, name, path, plain):
        super().__init__(name, path)
        self._plain, self._digest = plain, None

    def get_code(self, fullname):
        data = self.get_data(self.path)
        self._digest = hashlib.sha256(data).hexdigest()
        return self.source_to_code(data, self.path)

    def exec_module(self, module):
        self._plain.begin()
        try:
            super().exec_module(module)
        finally:
            self._plain.end(module.__name__, self.path, self._digest)


_PLAIN = {}


def finder_for(path, folder, mailbox, note):
    """What finds modules in `path`, which lies in the code folder."""
    if folder not in _PLAIN:
        _PLAIN[folder] = Plain(folder, mailbox, note)
    return _PLAIN[folder].finder(path)

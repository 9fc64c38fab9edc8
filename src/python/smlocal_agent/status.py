"""What this worker last told the host of itself."""

import atexit

from .mailbox import WorkerFile


class Status:
    """id: of the last request that was handled; outcome: what came of it."""

    def __init__(self, folder, handler, note):
        self._folder, self._handler, self._note = folder, handler, note
        self.id, self.state, self.outcome = 0, "starting", None
        self._modules = {}
        self._file = None

    def open(self):
        """For this process, which may be a forked child that goes on where its parent was."""
        self._file = WorkerFile(self._folder)
        atexit.register(self._file.remove)

    def tell(self, **changes):
        self._modules = self._handler.modules()
        self.tell_quickly(**changes)

    def tell_quickly(self, **changes):
        """While no module has come or gone."""
        for name, value in changes.items():
            setattr(self, name, value)
        try:
            self._file.write(id=self.id, state=self.state, modules=self._modules, outcome=self.outcome)
        except OSError:
            self._note("The mailbox could not be written to.")

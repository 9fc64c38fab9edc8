"""The agent of one worker process: a thread that looks for requests, and what it knows of the process's transformers."""

import atexit
import gc
import os
import sys
import threading
import time
import weakref

from . import debugging
from .failures import traceback_of
from .handler import Handler
from .live import REGISTRATION, Registration, bind_to, is_initialized, live_classes, view_of
from .mailbox import Requests, WorkerFile, sweep
from .outcome import outcome
from .reimport import forget_all
from .reload import Reload

INTERVAL = 0.010


class Agent:
    def __init__(self, mailbox, note):
        self._mailbox, self._note = mailbox, note
        self._handler = Handler()
        self._classes = {}
        self._facades = weakref.WeakSet()
        self._has_plain = False
        self._id, self._state, self._outcome = 0, "starting", None
        self._requests = Requests(mailbox)
        self._prepare_process()
        os.register_at_fork(
            before=lambda: self._lock.acquire(),
            after_in_parent=lambda: self._lock.release(),
            after_in_child=self._prepare_process,
        )

    def _prepare_process(self):
        """Of a forked child too: threads are not inherited. One that never serves is never heard of."""
        self._lock = threading.RLock()
        self._thread = None
        self._file = None

    # --- the transformers ----------------------------------------------------------------------------------------------

    def new_transformer(self, cls):
        """One that the toolkit then makes its own; where this fails, it makes a plain one, which cannot be reloaded."""
        try:
            if cls not in self._classes:
                self._classes[cls] = live_classes(cls)
        except Exception:
            self._has_plain = True
            raise
        facade = object.__new__(self._classes[cls])
        facade.__dict__[REGISTRATION] = Registration(self, facade)
        self._facades.add(facade)
        self.wake()
        return facade

    def wake(self):
        """Makes sure that this process is being looked after; called with every request that it serves."""
        if self._thread is not None:
            return
        with self._lock:
            if self._thread is None:
                self._start()

    def _start(self):
        self._file = WorkerFile(self._mailbox)
        atexit.register(self._file.remove)
        debugging.listen(self._note)
        self._thread = threading.Thread(target=self._serve, name="smlocal-agent", daemon=True)
        if any(map(is_initialized, self._facades)):
            # Forked from a process that had loaded the handler, maybe before the last change.
            self._answer_next()
        sweep(self._mailbox)
        self._report()
        self._thread.start()

    def initialize(self, view, initialize, args, kwargs):
        """Has the toolkit initialise a transformer, which it tries again with each request until it succeeds."""
        with self._lock:
            if is_initialized(view):
                return
            view.__dict__[REGISTRATION].arguments = args, kwargs
            self._handler.find_entry()
            try:
                initialize(*args, **kwargs)
            except BaseException as error:
                self._could_not_initialize(error)
                raise
            bind_to(view)
            self._handler.has_loaded()
            self._report(state="ready")

    def _could_not_initialize(self, error):
        if not self._initialized():
            # Helpers that were imported before the failure are not to be met by the next attempt.
            forget_all(self._handler.folders)
            self._report(state="failed", outcome=outcome("failed", traceback=traceback_of(error)))

    def _initialized(self):
        return [facade for facade in self._facades if is_initialized(facade)]

    # --- the requests --------------------------------------------------------------------------------------------------

    def _serve(self):
        while True:
            try:
                self._answer_next()
            except Exception:
                self._note("A request could not be answered.")
            time.sleep(INTERVAL)

    def _answer_next(self):
        request = self._requests.next()
        if request is None or request["id"] == self._id:
            return
        started = time.perf_counter()
        with self._lock:
            sweep(self._mailbox)
            self._report(state="reloading")
            result = self._take_up(request)
            result["milliseconds"] = round((time.perf_counter() - started) * 1000, 1)
            self._report(id=request["id"], outcome=result, state=self._settled_state())
        if result["kind"] == "failed":
            sys.stderr.write("smlocal: not reloaded: %s\n" % result["traceback"].splitlines()[-1])
        if result["model"] == "loaded":
            gc.collect()  # The old model hangs in a cycle of its version; it may be large.

    def _settled_state(self):
        attempted = any(facade.__dict__[REGISTRATION].arguments for facade in self._facades)
        return "ready" if self._initialized() else "failed" if attempted else "starting"

    def _take_up(self, request):
        # A request in between was overwritten by this one; what it named is not known.
        paths = request.get("paths") if request["id"] == self._id + 1 else None
        facades = self._initialized()
        try:
            if self._has_plain:
                return outcome("cannot", reason="the toolkit's transformer is of an unknown kind")
            if not facades:
                return self._start_over(paths)
            return Reload(self._handler, facades, paths).run()
        except Exception as error:
            self._note("A reload failed.")
            return outcome("cannot", reason="the reload agent failed: %s: %s" % (type(error).__name__, error))

    def _start_over(self, paths):
        """Nothing is loaded: the toolkit will import what is on disk, and does so now where it has tried before."""
        forget_all(self._handler.folders)
        changed = self._handler.snapshot.changed(paths)
        self._handler.snapshot.accept(changed)
        tried = [facade for facade in self._facades if facade.__dict__[REGISTRATION].arguments]
        try:
            for facade in tried:
                args, kwargs = facade.__dict__[REGISTRATION].arguments
                view_of(facade).validate_and_initialize(*args, **kwargs)
        except BaseException as error:
            return outcome("failed", changed, traceback=traceback_of(error))
        return outcome("reloaded" if tried else "unchanged", changed, model="loaded" if tried else "none")

    def _report(self, **changes):
        for name, value in changes.items():
            setattr(self, "_" + name, value)
        try:
            modules = self._handler.modules()
            self._file.write(id=self._id, state=self._state, modules=modules, outcome=self._outcome)
        except OSError:
            self._note("The mailbox could not be written to.")


_AGENTS = {}


def agent_of_this_process(mailbox, note):
    """Made with the first transformer; a forked child goes on with its parent's."""
    if mailbox not in _AGENTS:
        _AGENTS[mailbox] = Agent(mailbox, note)
    return _AGENTS[mailbox]

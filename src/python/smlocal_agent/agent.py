"""The agent of one worker process: a thread that looks for requests, and what it knows of the process's transformers."""

import gc
import os
import sys
import threading
import time
import weakref
from functools import partial

from . import debugging
from .failures import traceback_of
from .graph import loaded_modules
from .handler import Handler
from .live import REGISTRATION, Registration, bind_to, is_initialized, live_classes
from .mailbox import Requests, sweep
from .outcome import outcome
from .reimport import forget_all
from .reload import THREAD_NAME
from .requests import take_up
from .status import Status

INTERVAL = 0.010
FORK_WAITS = 0.2
QUIET = 0.2
LONGEST_QUIET = 2.0


class Agent:
    def __init__(self, mailbox, note):
        self._mailbox, self._note = mailbox, note
        self._handler = Handler()
        self._classes = {}
        self._facades = weakref.WeakSet()
        self._is_lost = False
        self._unprepared_since = None
        self._asked = 0.0
        self._status = Status(mailbox, self._handler, note)
        self._requests = Requests(mailbox)
        self._forks = threading.local()
        self._prepare_process()
        os.register_at_fork(
            before=self._before_fork, after_in_parent=self._after_fork, after_in_child=self._prepare_process
        )

    def _prepare_process(self):
        """Of a forked child too: threads are not inherited. One that never serves is never heard of."""
        self._lock = threading.RLock()
        self._thread = None

    def _before_fork(self):
        """Lets a reload come to its end, lest the child be half reloaded; not for long, as a `model_fn` may be what forks."""
        self._forks.waited = self._lock.acquire(timeout=FORK_WAITS)

    def _after_fork(self):
        if self._forks.waited:
            self._lock.release()

    # --- the transformers ----------------------------------------------------------------------------------------------

    def new_transformer(self, cls):
        """One that the toolkit then makes its own; where this fails, it makes a plain one, which cannot be reloaded."""
        try:
            if cls not in self._classes:
                self._classes[cls] = live_classes(cls)
        except Exception:
            self._is_lost = True
            raise
        facade = object.__new__(self._classes[cls])
        facade.__dict__[REGISTRATION] = Registration(self, facade)
        with self._lock:
            self._facades.add(facade)
        self.wake()
        return facade

    def wake(self):
        """Makes sure that this process is being looked after; called with every request that it serves."""
        self._asked = time.monotonic()
        if self._thread is not None:
            return
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._serve, name=THREAD_NAME, daemon=True)
                self._try(self._start, "The worker could not be announced.")
                self._thread.start()

    def _start(self):
        self._status.open()
        debugging.listen(self._note)
        if self._initialized():
            # Forked from a process that had loaded the handler, maybe before the last change.
            self._answer_next()
        sweep(self._mailbox)
        self._status.tell()

    def _try(self, work, complaint):
        """Where the toolkit is at work, no failure of the agent's gets through."""
        try:
            work()
        except Exception:
            self._is_lost = True
            self._note(complaint)

    def initialize(self, view, initialize, args, kwargs):
        """Has the toolkit initialise a transformer, which it tries again with each request until it succeeds."""
        with self._lock:
            if is_initialized(view):
                return
            view.__dict__[REGISTRATION].arguments = args, kwargs
            self._try(self._handler.find_entry, "The handler was not found.")
            try:
                initialize(*args, **kwargs)
            except BaseException as error:
                self._try(partial(self._could_not_initialize, error), "A failure could not be told.")
                raise
            bind_to(view)
            self._try(self._handler.has_loaded, "The handler could not be read.")
            self._status.tell(state="ready")
            self._unprepared_since = time.monotonic()

    def _could_not_initialize(self, error):
        if not self._initialized():
            # Helpers that were imported before the failure are not to be met by the next attempt.
            forget_all(self._handler.folders)
            self._status.tell(state="failed", outcome=outcome("failed", traceback=traceback_of(error)))

    def _initialized(self):
        return [facade for facade in self._facades if is_initialized(facade)]

    # --- the requests --------------------------------------------------------------------------------------------------

    def _serve(self):
        while True:
            try:
                self._answer_next()
                self._prepare()
            except Exception:
                self._note("A request could not be answered.")
            time.sleep(INTERVAL)

    def _prepare(self):
        """What would fall into the time of the next reload, once a model has been loaded and while nobody waits."""
        if self._unprepared_since is None or not self._is_quiet(self._unprepared_since):
            return
        self._unprepared_since = None
        with self._lock:
            self._handler.code_in_models(self._initialized(), loaded_modules(self._handler.folders))
        gc.collect()  # The first in a process full of PyTorch; and an old model hangs in a cycle of its version.

    def _is_quiet(self, since):
        """The first requests of a new container have mostly been waiting for it, and no collection is to hold them up."""
        now = time.monotonic()
        return now - max(since, self._asked) > QUIET or now - since > LONGEST_QUIET

    def _answer_next(self):
        request = self._requests.next()
        if request is None or request["id"] == self._status.id:
            return
        started = time.perf_counter()
        with self._lock:
            sweep(self._mailbox)
            self._status.tell_quickly(state="reloading")
            result = self._take_up(request)
            result["milliseconds"] = round((time.perf_counter() - started) * 1000, 1)
            self._status.tell(id=request["id"], outcome=result, state=self._settled_state())
        if result["kind"] == "failed":
            sys.stderr.write("smlocal: not reloaded: %s\n" % result["traceback"].splitlines()[-1])
        if result["model"] == "loaded":
            self._unprepared_since = time.monotonic()

    def _take_up(self, request):
        if self._is_lost:
            return outcome("cannot", reason="the reload agent failed in this worker")
        # Where a request in between was overwritten by this one, what it named is not known.
        paths = request.get("paths") if request["id"] == self._status.id + 1 else None
        return take_up(self._handler, list(self._facades), paths if isinstance(paths, list) else None, self._note)

    def _settled_state(self):
        attempted = any(facade.__dict__[REGISTRATION].arguments for facade in self._facades)
        return "ready" if self._initialized() else "failed" if attempted else "starting"


_AGENTS = {}


def agent_of_this_process(mailbox, note):
    """Made with the first transformer; a forked child goes on with its parent's."""
    if mailbox not in _AGENTS:
        _AGENTS[mailbox] = Agent(mailbox, note)
    return _AGENTS[mailbox]

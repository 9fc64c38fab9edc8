"""`python -m smlocal_serving`: a port, and as many workers as SAGEMAKER_MODEL_SERVER_WORKERS says behind it; or a front with several
models behind it, where SAGEMAKER_MULTI_MODEL is true."""

import os
import signal
import sys
import time

from . import worker
from .listener import listen
from .settings import Settings

#: A worker that ends is started again, but no sooner than this after its last start.
SHORTEST_LIFE_SECONDS = 1


class Master:
    """Keeps the workers running until it is told to end."""

    def __init__(self, settings):
        self._settings = settings
        self._started = {}
        self._ending = False

    def run(self):
        sys.path.insert(0, self._settings.code_dir)
        for stream in (sys.stdout, sys.stderr):
            # At once, and a line in one piece: all workers write to the same pipe.
            stream.reconfigure(line_buffering=True, write_through=False)
        listener = listen(self._settings.port)
        signal.signal(signal.SIGTERM, self._end)
        signal.signal(signal.SIGINT, self._end)
        while not self._ending:
            while len(self._started) < self._settings.workers:
                self._start(listener)
            self._wait()

    def _start(self, listener):
        pid = os.fork()
        if pid == 0:
            try:
                worker.run(self._settings, listener)
            finally:
                os._exit(1)
        self._started[pid] = time.monotonic()

    def _wait(self):
        pid, status = os.wait()
        started = self._started.pop(pid, None)
        if started is None or self._ending:
            return
        print("A worker ended with %s; starting another." % _how(status), file=sys.stderr, flush=True)
        time.sleep(max(0, SHORTEST_LIFE_SECONDS - (time.monotonic() - started)))

    def _end(self, *_):
        self._ending = True
        for pid in self._started:
            try:
                os.kill(pid, signal.SIGTERM)
            except ProcessLookupError:
                pass
        os._exit(0)


def _how(status):
    if os.WIFSIGNALED(status):
        return "signal %d" % os.WTERMSIG(status)
    return "status %d" % os.WEXITSTATUS(status)


if __name__ == "__main__":
    settings = Settings()
    if settings.is_multi_model:
        # Only here: what it imports takes as long as a worker takes to start.
        from .front import Front

        Front(settings).run()
    else:
        Master(settings).run()

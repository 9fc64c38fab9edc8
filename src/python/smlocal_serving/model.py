"""One of several models: its processes, which share a port, and whether they can answer."""

import os
import signal
import subprocess
import sys
import threading
import time

from .listener import listen

#: A worker that ends is started again, but no sooner than this after its last start.
SHORTEST_LIFE_SECONDS = 1

#: What a worker says when it has tried to load the model.
READY, OUT_OF_MEMORY = b"1", b"0"


class LoadingFailed(Exception):
    """A worker ended before it had tried."""


class OutOfMemory(Exception):
    """A worker had no memory for the model."""


class Model:
    def __init__(self, name, url, place, workers):
        self.name, self.url = name, url
        self._place = place
        self._listener = listen(0)
        self.port = self._listener.getsockname()[1]
        self._workers = [ModelWorker(self) for _ in range(workers)]

    def start(self):
        """Returns when every worker has loaded the model, or has failed as it will fail with each request. @raises LoadingFailed, OutOfMemory"""
        for worker in self._workers:
            worker.start()
        for worker in self._workers:
            worker.await_first_word()

    def stop(self):
        self.kill()
        for worker in self._workers:
            worker.join()
        self._listener.close()

    def kill(self):
        for worker in self._workers:
            worker.kill()

    def described(self):
        return {
            "modelName": self.name,
            "modelUrl": self.url,
            "minWorkers": len(self._workers),
            "maxWorkers": len(self._workers),
            "batchSize": 1,
            "maxBatchDelay": 100,
            "workers": [worker.described(str(index)) for index, worker in enumerate(self._workers)],
        }

    def command(self, said):
        arguments = [str(self._listener.fileno()), str(said), self.name, self._place]
        return [sys.executable, "-m", "smlocal_serving.model_worker"] + arguments

    def open_files(self, said):
        return (self._listener.fileno(), said)


class ModelWorker(threading.Thread):
    """Keeps one process running. By a thread of its own, for a process that is to end with its parent ends with the thread that started it."""

    def __init__(self, model):
        super().__init__(daemon=True)
        self._model = model
        self._process = None
        self._ending = False
        self._lock = threading.Lock()
        self._first_word = None
        self._has_spoken = threading.Event()

    def run(self):
        while self._begin():
            started = time.monotonic()
            status = self._process.wait()
            if self._ending:
                return
            print("A worker of %s ended with %s; starting another." % (self._model.name, _how(status)), file=sys.stderr, flush=True)
            time.sleep(max(0, SHORTEST_LIFE_SECONDS - (time.monotonic() - started)))

    def await_first_word(self):
        self._has_spoken.wait()
        if self._first_word == OUT_OF_MEMORY:
            raise OutOfMemory()
        if self._first_word != READY:
            raise LoadingFailed()

    def kill(self):
        with self._lock:
            self._ending = True
            if self._process is not None:
                self._process.send_signal(signal.SIGKILL)

    def described(self, identifier):
        running = self._process is not None and self._process.poll() is None
        return {"id": identifier, "status": "READY" if running else "UNLOADING", "gpu": False}

    def _begin(self):
        """Starts the process, unless all is to end, and reads what it says. @returns whether it was started"""
        heard, said = os.pipe()
        with self._lock:
            if not self._ending:
                command, files = self._model.command(said), self._model.open_files(said)
                self._process = subprocess.Popen(command, pass_fds=files, stdin=subprocess.DEVNULL)
        os.close(said)
        word = os.read(heard, 1)
        os.close(heard)
        if not self._has_spoken.is_set():
            self._first_word = word
            self._has_spoken.set()
        return not self._ending


def _how(status):
    return "signal %d" % -status if status < 0 else "status %d" % status

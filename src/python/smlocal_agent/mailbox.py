"""The folder that the host and the workers of one container talk through.

The host renames `request.json` into it; each worker renames its own `worker-<pid>.json` into it, and takes it away at its
exit. Flat files only, readable by all: whoever owns the folder on the host can read and remove what root wrote.
"""

import json
import os
import re

from . import processes

WORKER_FILE = re.compile(r"worker-\d+\.json$")


class Requests:
    """The host's requests, each seen once."""

    def __init__(self, folder):
        self._path = os.path.join(folder, "request.json")
        self._seen = None

    def next(self):
        """A request that was not there at the last look, or None."""
        try:
            status = os.stat(self._path)
            version = (status.st_ino, status.st_mtime_ns, status.st_ctime_ns, status.st_size)
            if version == self._seen:
                return None
            with open(self._path, "rb") as file:
                request = json.loads(file.read().decode("utf-8"))
        except (OSError, ValueError):
            return None
        self._seen = version
        valid = isinstance(request, dict) and isinstance(request.get("id"), int)
        return request if valid else None


class WorkerFile:
    """What this process tells the host of itself."""

    def __init__(self, folder, kind="toolkit"):
        self._folder, self._kind = folder, kind
        self._pid = os.getpid()
        self._path = os.path.join(folder, "worker-%d.json" % self._pid)
        self._started = processes.start_time(self._pid)

    def write(self, **members):
        report = dict(members, pid=self._pid, started=self._started, kind=self._kind)
        new = self._path + ".new"
        with open(new, "w", encoding="utf-8") as file:
            json.dump(report, file)
        os.chmod(new, 0o644)
        os.replace(new, self._path)

    def remove(self):
        # A forked child inherits what its parent does at exit, but not the parent's file.
        if os.getpid() == self._pid:
            _remove(self._path)


def sweep(folder):
    """Removes the files of workers that have ended without doing so, lest the host wait for their answer."""
    try:
        names = os.listdir(folder)
    except OSError:
        return
    for name in names:
        path = os.path.join(folder, name)
        if WORKER_FILE.match(name) and _has_ended(path):
            _remove(path)


def _has_ended(path):
    try:
        with open(path, "rb") as file:
            report = json.loads(file.read().decode("utf-8"))
        return not processes.is_alive(report["pid"], report["started"])
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _remove(path):
    try:
        os.unlink(path)
    except OSError:
        pass

"""`python -m smlocal_launcher`: one process in place of a container.

The first line of its standard input is JSON:

    {"command": [...], "environment": {...}, "mounts": [{"source": ..., "target": ..., "writable": ...}],
     "directory": "/a/folder/of/ours", "workdir": "/where/it/starts", "memory": 8000000000}

It shows the mounts (namespace.py; links.py where the system has no such thing, and the paths are then others), starts the command, each
of whose processes may take so many bytes, and ends as that ends. When its standard input ends the daemon is gone, and then so is the
process, with all that it has started: nothing outlives the daemon.
"""

import json
import os
import resource
import signal
import sys
import threading

from . import children, links, namespace

NOT_FOUND, NOT_EXECUTABLE = 127, 126


def main():
    order = json.loads(sys.stdin.buffer.readline())
    children.adopt_orphans()
    moved = str
    if not namespace.show(order["mounts"], order["directory"]):
        moved = links.show(order["mounts"], order["directory"])
    environment = {name: moved(value) for name, value in order["environment"].items()}
    pid = os.fork()
    if pid == 0:
        limit_memory(order["memory"])
        start([moved(word) for word in order["command"]], environment, moved(order["workdir"]))
    signal.signal(signal.SIGTERM, lambda *_: children.send(pid, signal.SIGTERM))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=end_with_the_daemon, daemon=True).start()
    status = children.wait(pid)
    children.end_all()
    sys.exit(128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status))


def limit_memory(most):
    """So that a model which eats memory gets a MemoryError before the machine has none left."""
    if not sys.platform.startswith("linux"):
        return  # Elsewhere this counts what is read from files, too, or nothing.
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))


def start(command, environment, workdir):
    """Becomes the command; as with a container, one that cannot be run ends with 126 or 127."""
    try:
        os.setsid()
        children.die_with_parent()
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.chdir(workdir)
        os.execvpe(command[0], command, environment)
    except OSError as error:
        sys.stderr.write("%s: %s\n" % (command[0], error.strerror))
        sys.stderr.flush()
        os._exit(NOT_FOUND if isinstance(error, FileNotFoundError) else NOT_EXECUTABLE)


def end_with_the_daemon():
    # Not by sys.stdin, whose lock this thread would take into the interpreter's end.
    while os.read(0, 4096):
        pass
    children.end_all()
    os._exit(128 + signal.SIGKILL)


main()

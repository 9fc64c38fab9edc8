"""`python -m smlocal_serving.model_worker LISTENER SAID NAME FOLDER`: one process of one of several models; see model.py.

The first two are open files: the socket to take connections from, and where to say that the model has been tried.
"""

import os
import signal
import socket
import sys

from .model import OUT_OF_MEMORY, READY
from .settings import Settings
from .worker import Worker, end_with_the_master


def main(listener, said, name, folder):
    end_with_the_master()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True, write_through=False)
    # The handler lies in code/, as with AWS's PyTorch images, or beside the model, where multi-model-server looks for it.
    sys.path[:0] = [os.path.join(folder, "code"), folder]
    settings = Settings()
    settings.model_dir = folder
    worker = Worker(settings, name)
    had_memory = worker.initialize()
    os.write(said, READY if had_memory else OUT_OF_MEMORY)
    os.close(said)
    worker.serve(socket.socket(fileno=listener))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4])

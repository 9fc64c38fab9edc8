"""Lets a debugger attach to a worker, where config.yml asks for it and the image has debugpy."""

import os

PORT = "SMLOCAL_DEBUG_PORT"


def listen(note):
    """Takes the port in this process; of several workers the first has it. note: takes a sentence on a failure."""
    port = os.environ.get(PORT)
    if not port:
        return
    try:
        import debugpy

        debugpy.listen(("0.0.0.0", int(port)))
    except ImportError:
        note("debug is asked for, but the image has no debugpy (pip install debugpy).")
    except Exception:  # Another worker has the port.
        note("debugpy could not listen.")

"""Python's garbage collector, which may take a tenth of a second in a process full of PyTorch."""

import contextlib
import gc


@contextlib.contextmanager
def no_collection():
    """For a short while in which much is made and little is garbage, as when source is parsed."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()

"""What a worker does with a request of the host's."""

from .failures import traceback_of
from .live import REGISTRATION, is_initialized, view_of
from .outcome import outcome
from .reimport import forget_all
from .reload import Reload


def take_up(handler, facades, paths, note):
    """@returns the outcome, whatever happens: a failure of the agent's own sends the host to another tier"""
    try:
        initialized = [facade for facade in facades if is_initialized(facade)]
        if initialized:
            return Reload(handler, initialized, paths).run()
        return _start_over(handler, facades, paths)
    except Exception as error:
        note("A reload failed.")
        return outcome("cannot", reason="the reload agent failed: %s: %s" % (type(error).__name__, error))


def _start_over(handler, facades, paths):
    """Nothing is loaded: the toolkit will import what is on disk, and does so now where it has tried before."""
    forget_all(handler.folders)
    changed = handler.snapshot.changed(paths)
    handler.snapshot.accept(changed)
    tried = [facade for facade in facades if facade.__dict__[REGISTRATION].arguments]
    try:
        for facade in tried:
            args, kwargs = facade.__dict__[REGISTRATION].arguments
            view_of(facade).validate_and_initialize(*args, **kwargs)
    except BaseException as error:
        return outcome("failed", changed, traceback=traceback_of(error))
    return outcome("reloaded" if tried else "unchanged", changed, model="loaded" if tried else "none")

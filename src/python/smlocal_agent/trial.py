"""`python -m smlocal_agent.trial`: a process that loads the handler as a new worker would, and ends.

0: that went well; 4: the code cannot be imported, and the traceback says why; all else: whether a worker would come up cannot
be told.

A server that has ended its workers can only start new ones, so whether these would come up is tried first.
"""

import importlib
import inspect
import os
import sys

from .failures import traceback_of
from .room import holds_one
from .toolkit import code_directory, entry_module

NOT_IMPORTED = 4


class Untried(Exception):
    """Whether a worker would come up cannot be told."""


def main():
    folder = code_directory()
    sys.path.insert(0, folder)
    handler = imported(lambda: importlib.import_module(entry_module()))
    if not holds_one():
        load_model(handler, os.path.dirname(folder))


def imported(load):
    """What is loaded; the end of this process where that fails."""
    try:
        return load()
    except BaseException as error:  # A module may well call sys.exit, with whatever code.
        sys.stderr.write(traceback_of(error))
        sys.exit(NOT_IMPORTED)


def load_model(handler, model_dir):
    model_fn = getattr(handler, "model_fn", None)
    if model_fn is None:  # The framework's own, which no change of the user's can break.
        return
    try:
        inspect.signature(model_fn).bind(model_dir)
    except TypeError:
        raise Untried("model_fn wants more than the model's folder")
    model_fn(model_dir)


if __name__ == "__main__":
    main()

"""A failure of the user's code as the user should read it."""

import ast
import importlib
import linecache
import os
import traceback

_AGENT = os.path.dirname(os.path.abspath(__file__))
_TOOLKITS = ("sagemaker_inference", "smlocal_serving")
_IMPORTLIB = os.path.dirname(os.path.abspath(importlib.__file__))


def traceback_of(error):
    """Without the frames of the agent, of the toolkit and of the import system."""
    linecache.clearcache()
    described = traceback.TracebackException.from_exception(error)
    _shorten(described, set())
    return "".join(described.format()).rstrip("\n")


def _shorten(described, seen):
    if described is None or id(described) in seen:
        return
    seen.add(id(described))
    described.stack = traceback.StackSummary.from_list([frame for frame in described.stack if not _is_ours(frame)])
    for other in (described.__cause__, described.__context__, *(getattr(described, "exceptions", None) or ())):
        _shorten(other, seen)


def _is_ours(frame):
    if frame.filename.startswith("<frozen importlib") or frame.filename == ast.__file__:
        return True
    folder = os.path.dirname(frame.filename)
    return folder in (_AGENT, _IMPORTLIB) or os.path.basename(folder) in _TOOLKITS


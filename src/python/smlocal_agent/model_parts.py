"""Which code of the user's lives in a loaded model, whoever put it there.

`torch.load` and `pickle` make instances of classes that `model_fn` never names.
"""

import gc
import types

_NOT_FOLLOWED = (types.ModuleType, types.FrameType, types.CodeType)
_LIMIT = 200_000


def code_in(model, is_users_module):
    """The places, (module, name), of the user's classes and functions in a model; None where it is too large to tell."""
    found, seen, waiting = set(), set(), [model]
    looked_at = 0
    while waiting:
        thing = waiting.pop()
        if id(thing) in seen or isinstance(thing, _NOT_FOLLOWED):
            continue
        seen.add(id(thing))
        code = thing if isinstance(thing, (type, types.FunctionType)) else type(thing)
        if is_users_module(getattr(code, "__module__", None)):
            found.add((code.__module__, code.__qualname__.partition(".")[0]))
        parts = _parts(thing)
        looked_at += len(parts)
        if looked_at > _LIMIT:
            return None
        waiting.extend(part for part in parts if gc.is_tracked(part))
    return found


def _parts(thing):
    if isinstance(thing, type):
        return ()
    if isinstance(thing, types.FunctionType):  # Not its module, which its globals are.
        return [*(thing.__closure__ or ()), *(thing.__defaults__ or ()), thing.__dict__]
    return gc.get_referents(thing)

"""What came of a request, as the host reads it."""

HOOKS = ("model_fn", "input_fn", "predict_fn", "output_fn", "transform_fn")


class Cannot(Exception):
    """In place is no way for this change; the host has others."""


def outcome(kind, changed=(), functions=(), model="none", traceback=None, reason=None):
    members = {"kind": kind, "changed": sorted(changed), "functions": list(functions), "model": model}
    if traceback is not None:
        members["traceback"] = traceback
    if reason is not None:
        members["reason"] = reason
    return members

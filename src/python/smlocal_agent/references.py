"""Which modules have something of another one's among their values, however they came by it."""

import types


def references_of(modules):
    """@returns module → names of other modules of the user's"""
    return {name: _sources_of_values(name, module, modules) for name, module in modules.items()}


def _sources_of_values(name, module, modules):
    found = set()
    for value in list(vars(module).values()):
        owner = _owner(value)
        if isinstance(owner, str) and owner in modules and owner != name:
            found.add(owner)
    return found


def _owner(value):
    try:
        return value.__name__ if isinstance(value, types.ModuleType) else getattr(value, "__module__", None)
    except Exception:  # A value of the user's, which may do anything when asked.
        return None

"""Statements that work once in a process and never again: a second `Counter("requests")` in prometheus_client raises.

Such a failure says nothing against the user's change, and a fresh process would not have it.
"""

import traceback


def cannot_run_twice(error, comparison, folders):
    """Where in the user's code an import failed, if that statement and all that it reaches are what they were."""
    place = _innermost_module_line(error, folders)
    if place is None:
        return None
    name, file, line = place
    here = [each for each in comparison.new.summary(name).statements if line in each.lines]
    before = {each.digest for each in comparison.old.summary(name).statements}
    if not here or here[0].digest is None or here[0].digest not in before:
        return None
    different = comparison.differences(comparison.places_in(here[0]))
    return None if different else "line %d of %s" % (line, folders.relative(file))


def _innermost_module_line(error, folders):
    found = None
    for frame, line in traceback.walk_tb(error.__traceback__):
        code = frame.f_code
        if code.co_name == "<module>" and folders.contains(code.co_filename):
            found = frame.f_globals.get("__name__"), code.co_filename, line
    return found

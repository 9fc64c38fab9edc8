"""Which modules must be imported anew after a change. Pure."""


class Difference:
    """Between two graphs. changed: modules whose source is new, another or gone. gone: those that no import leads to."""

    def __init__(self, old, new):
        names = set(old.sources) | set(new.sources)
        self.changed = {name for name in names if not _is_same(old, new, name)}
        self.gone = set(old.sources) - set(new.sources)


def _is_same(old, new, name):
    if name not in old.sources or name not in new.sources:
        return False
    before, after = old.sources[name], new.sources[name]
    return before is after or (before is not None and before.is_same(after))


def affected_by(changed, entry, old, new, references):
    """The changed modules and all that have something of theirs, in themselves or through others.

    references: module → modules that its values come from, for what was not imported by a plain statement. A package and
    what lies in it are attributes of each other, so they go together. Where nobody is known to use an affected module, it
    was imported by a computed name, and anybody may have it.
    """
    names = set(old.sources) | set(new.sources)
    imports = {name: old.imports_of(name) | new.imports_of(name) for name in names}
    affected = set(changed)
    waiting = list(changed)
    while waiting:
        name = waiting.pop()
        family = _family(name, names)
        importers = {each for each in names if name in imports[each]}
        importers |= {each for each in names - family if name in references.get(each, ())}
        if not importers and name != entry and name in old.sources:
            return names
        waiting.extend((importers | family) - affected)
        affected |= importers | family
    return affected


def _family(name, names):
    """The packages that a module lies in, and what lies in it."""
    return {each for each in names if each.startswith(name + ".") or name.startswith(each + ".")}

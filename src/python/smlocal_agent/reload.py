"""One reload of a worker: what changed, new modules, new functions, a new model if need be, then one swap for all of it."""

import os
from functools import partial

from .collection import no_collection
from .disk import Disk, Shadowed
from .failures import traceback_of
from .graph import graph_of_loaded, loaded_modules
from .kept import Comparison, Kept
from .live import draft_of, load_anew, model_of, publish
from .outcome import HOOKS, Cannot, outcome
from .plan import Difference, affected_by
from .references import references_of
from .reimport import Reimport
from .reruns import cannot_run_twice
from .room import holds_one


THREAD_NAME = "smlocal-agent"


class Reload:
    """handler: what is loaded (handler.py); facades: its initialised transformers; paths: what the host saw change, or None."""

    def __init__(self, handler, facades, paths):
        self._handler, self._facades, self._paths = handler, facades, paths
        self._modules = loaded_modules(handler.folders)
        self._old = graph_of_loaded(self._modules, handler.baseline)
        self._new = None
        self._changed_files = set()

    def run(self):
        try:
            return self._run()
        except (Cannot, Shadowed) as error:
            return self._outcome("cannot", reason=str(error))

    def _run(self):
        with no_collection():
            found = self._look()
        return found() if callable(found) else found

    def _look(self):
        """An outcome, or what is left to do."""
        self._new = Disk(self._handler.folders, self._old).graph(self._roots())
        difference = Difference(self._old, self._new)
        self._changed_files = self._files_that_differ(difference.changed)
        broken = self._broken(difference.changed)
        if broken is not None:
            return self._failed(broken)
        data = self._handler.snapshot.changed(self._paths) - self._files_of(self._old) - self._files_of(self._new)
        if data:
            raise Cannot("%s is no module that the handler imports" % ", ".join(sorted(data)[:3]))
        if not difference.changed:
            return self._outcome("unchanged")
        entry = self._handler.entry
        affected = affected_by(difference.changed, entry, self._old, self._new, references_of(self._modules))
        comparison = Comparison(self._old, self._new, self._modules)
        kept = Kept(comparison, entry, self._handler.code_in_models(self._facades, self._modules), affected)
        if kept.why_not is not None and holds_one():
            raise Cannot("%s, and the model is too big to be held twice" % kept.why_not)
        functions = [hook for hook in HOOKS if comparison.differences([(entry, hook)])]
        return partial(self._exchange, affected | difference.gone, comparison, kept, functions)

    def _roots(self):
        """The entry, and what was imported by names that the code does not spell out."""
        imported = set().union(*(self._old.imports_of(name) for name in self._old.sources))
        return [self._handler.entry, *(name for name in self._modules if name not in imported)]

    def _broken(self, changed):
        for name in sorted(changed & set(self._new.sources)):
            try:
                if self._new.sources[name] is not None:
                    self._new.sources[name].summary()
            except (SyntaxError, ValueError) as error:
                return error
        return None

    def _exchange(self, affected, comparison, kept, functions):
        reimport = Reimport(self._handler.folders, self._handler.staged, affected, self._modules)
        try:
            with no_collection():
                reimport.run(self._handler.entry, self._new, kept)
        except BaseException as error:  # A module may well call sys.exit.
            return self._import_failed(error, comparison)
        try:
            drafts = [self._draft(facade, kept.why_not is not None) for facade in self._facades]
        except BaseException as error:
            reimport.undo()
            return self._failed(error)
        for facade, draft in zip(self._facades, drafts):
            publish(facade, draft)
        self._handler.accept(self._new, self._changed_files)
        model = "kept" if kept.why_not is None else "loaded"
        return self._outcome("reloaded", functions=functions, model=model, reason=kept.why_not)

    def _draft(self, facade, with_model):
        draft = draft_of(facade)
        if with_model:
            load_anew(draft)
        else:
            draft._validate_user_module_and_set_functions()
        return draft

    def _import_failed(self, error, comparison):
        statement = cannot_run_twice(error, comparison, self._handler.folders)
        if statement is None:
            return self._failed(error)
        reason = "%s, which has not changed, cannot be executed twice in one process" % statement
        return self._outcome("cannot", reason=reason, traceback=traceback_of(error))

    def _failed(self, error):
        if _is_for_main_thread(error):  # In a new worker the same code may be right.
            return self._outcome("cannot", reason="the code must run in the main thread", traceback=traceback_of(error))
        return self._outcome("failed", traceback=traceback_of(error))

    def _outcome(self, kind, model="kept", **members):
        has_model = any(model_of(facade) is not None for facade in self._facades)
        return outcome(kind, self._changed_files, model=model if has_model else "none", **members)

    def _files_of(self, graph):
        return {self._handler.folders.relative(source.path) for source in graph.sources.values() if source is not None}

    def _files_that_differ(self, names):
        """Without those that are as they were, and only imported no more."""
        files = set()
        for name in names:
            source = self._new.sources.get(name) or self._old.sources.get(name)
            if source is not None and (name in self._new.sources or not os.path.exists(source.path)):
                files.add(self._handler.folders.relative(source.path))
        return files


def _is_for_main_thread(error):
    """As signal.signal and asyncio.get_event_loop word it."""
    said = str(error)
    return "only works in main thread" in said or "no current event loop in thread '%s'" % THREAD_NAME in said

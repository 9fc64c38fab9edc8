"""The user's handler as this process has loaded it."""

from . import source_loader
from .code_folders import add_folder_of, folders_of_toolkit
from .disk import Disk, Shadowed
from .graph import Graph, graph_of_loaded, loaded_modules
from .live import REGISTRATION, model_of
from .model_parts import code_in
from .snapshot import Snapshot
from .toolkit import entry_module


class Handler:
    """entry: the name of the module with the hooks. baseline: its modules and those that they import, as last taken up."""

    def __init__(self):
        self.folders = folders_of_toolkit()
        self.staged = source_loader.install(self.folders)
        self.snapshot = Snapshot(self.folders)
        self.entry = None
        self.baseline = Graph({})

    def find_entry(self):
        """Before the toolkit imports it, so that it is imported by our loader."""
        self.entry = entry_module()
        known = len(self.folders.list())
        add_folder_of(self.folders, self.entry)
        if len(self.folders.list()) > known:
            self.snapshot = Snapshot(self.folders)

    def has_loaded(self):
        """The toolkit has imported the entry, and with it all that it needs."""
        loaded = graph_of_loaded(loaded_modules(self.folders), None)
        try:
            on_disk = Disk(self.folders, loaded).graph([self.entry])
        except Shadowed:
            on_disk = Graph({})
        self.baseline = Graph({**on_disk.sources, **loaded.sources})

    def accept(self, graph, files):
        """A reload has taken these up."""
        self.baseline = graph
        self.snapshot.accept(files)

    def modules(self):
        """What is loaded, for the host to compare with what it has saved."""
        modules = loaded_modules(self.folders)
        sources = graph_of_loaded(modules, self.baseline).sources
        loaded = {name: sources[name] for name in modules if sources[name] is not None}
        return {
            name: {"file": self.folders.relative(source.path), "digest": source.digest} for name, source in loaded.items()
        }

    def code_in_models(self, facades, modules):
        """The places of the user's code that the loaded models are made of; all classes, where that cannot be told."""
        places = set()
        for facade in facades:
            registration = facade.__dict__[REGISTRATION]
            model = model_of(facade)
            if registration.code[0] is not model:
                registration.code = model, code_in(model, modules.__contains__)
            found = registration.code[1]
            places |= self._all_classes() if found is None else found
        return places

    def _all_classes(self):
        statements = [each for name in self.baseline.sources for each in self.baseline.summary(name).statements]
        return {(each.module, name) for each in statements if each.is_class for name in each.binds}

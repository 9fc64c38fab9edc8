"""The source of a user's module: the bytes that it was, or will be, compiled from."""

import hashlib

from .statements import summarize


class Source:
    def __init__(self, name, path, data, is_package):
        self.name = name
        self.path = path
        self.data = data
        self.is_package = is_package
        self.digest = hashlib.sha256(data).hexdigest()
        self._summary = None

    @classmethod
    def read(cls, name, path, is_package):
        """What is on disk now, or None where nothing is."""
        try:
            with open(path, "rb") as file:
                return cls(name, path, file.read(), is_package)
        except OSError:
            return None

    def is_same(self, other):
        return other is not None and (self.path, self.digest) == (other.path, other.digest)

    def summary(self):
        """Its statements; raises SyntaxError (or ValueError) as an import would."""
        if self._summary is None:
            self._summary = summarize(self.data, self.path, self.name, self.is_package)
        return self._summary

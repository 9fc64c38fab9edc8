"""The source of a user's module: the bytes that it was, or will be, compiled from."""

import hashlib
import io
import tokenize

from .summary import summarize


class Source:
    def __init__(self, name, path, data, is_package):
        self.name = name
        self.path = path
        self.data = data
        self.is_package = is_package
        self.digest = hashlib.sha256(data).hexdigest()
        self._summary = None
        self._earlier = None

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

    def follow(self, earlier):
        """Another source of this module has been read, of which most may be the same."""
        if (earlier.name, earlier.is_package, earlier._encoding()) == (self.name, self.is_package, self._encoding()):
            self._earlier = earlier._summary

    def _encoding(self):
        try:
            return tokenize.detect_encoding(io.BytesIO(self.data).readline)[0]
        except SyntaxError:
            return None

    def summary(self):
        """Its statements; raises SyntaxError (or ValueError) as an import would."""
        if self._summary is None:
            self._summary = summarize(self.data, self.path, self.name, self.is_package, self._earlier)
            self._earlier = None
        return self._summary

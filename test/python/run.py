"""Runs the tests of this folder for agent.test.ts: `--list` prints their names, a name of a file runs it; all as JSON."""

import io
import json
import pathlib
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent


def tests_in(suite):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from tests_in(test)
        else:
            yield test


def title(test):
    """`Kept: when lines move`, of Kept.test_when_lines_move."""
    kind, name = test.id().split(".")[-2:]
    return "%s: %s" % (kind, name.replace("test_", "", 1).replace("_", " "))


def load(name):
    return unittest.defaultTestLoader.loadTestsFromName(name)


def listed():
    files = sorted(path.stem for path in HERE.glob("test_*.py"))
    return {file: [title(test) for test in tests_in(load(file))] for file in files}


def run(file):
    """@returns title → what went wrong, "" for nothing, null for a test that this machine cannot run"""
    suite = load(file)
    titles = [title(test) for test in tests_in(suite)]
    result = unittest.TextTestRunner(stream=io.StringIO()).run(suite)
    outcomes = dict.fromkeys(titles, "")
    outcomes.update((title(test), None) for test, _ in result.skipped)
    outcomes.update((title(test), text) for test, text in result.failures + result.errors)
    return outcomes


if __name__ == "__main__":
    sys.path.insert(0, str(HERE))
    json.dump(listed() if sys.argv[1] == "--list" else run(sys.argv[1]), sys.stdout)

"""`python -m smlocal_agent.uvicorn_trial ARGUMENTS OF UVICORN`: loads the application as uvicorn's new worker would, and ends.

Its exit codes are trial.py's.
"""

import sys

from uvicorn.importer import import_from_string
from uvicorn.main import main

from .trial import imported


def load(arguments):
    settings = main.make_context("uvicorn", arguments).params
    sys.path.insert(0, settings.get("app_dir") or ".")
    imported(lambda: application(settings))


def application(settings):
    loaded = import_from_string(settings["app"])
    return loaded() if settings.get("factory") else loaded


if __name__ == "__main__":
    load(sys.argv[1:])

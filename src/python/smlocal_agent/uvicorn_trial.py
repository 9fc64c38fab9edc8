"""`python -m smlocal_agent.uvicorn_trial ARGUMENTS OF UVICORN`: loads the application as uvicorn's new worker would, and ends."""

import sys

from uvicorn.importer import import_from_string
from uvicorn.main import main


def load(arguments):
    settings = main.make_context("uvicorn", arguments).params
    sys.path.insert(0, settings.get("app_dir") or ".")
    import_from_string(settings["app"])


if __name__ == "__main__":
    load(sys.argv[1:])

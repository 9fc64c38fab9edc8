"""Whether there is room for a second model beside the first."""

import os


def holds_one():
    """Asked for by `reload: restart` of config.yml: then the old model goes before the new one comes."""
    return os.environ.get("SMLOCAL_RELOAD") == "restart"

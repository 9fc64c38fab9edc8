"""The paths of SageMaker's containers where they cannot be mounted: a folder of links, told by the environment."""

import os
import re


def show(mounts, directory):
    """Links each source under `directory` at its target's path.

    @returns what moves a text there: each path in it that begins with a target's folder
    """
    root = os.path.join(directory, "root")
    for mount in sorted(mounts, key=lambda mount: mount["target"].count("/")):
        _link(mount["source"], root + mount["target"])
    tops = sorted({"/".join(mount["target"].split("/")[:3]) for mount in mounts} | {"/opt/ml"})
    os.makedirs(root + "/opt/ml/model", exist_ok=True)
    return lambda text: _moved(text, tops, root)


def _link(source, place):
    _make_folder(os.path.dirname(place))
    if os.path.lexists(place):
        # What lies over it has come first; a folder of the same name is filled up.
        os.unlink(place)
    os.symlink(source, place)


def _make_folder(path):
    """A real folder at `path`; a link on the way becomes one, of links to what is in it."""
    if os.path.islink(path):
        source = os.readlink(path)
        os.unlink(path)
        os.mkdir(path)
        for entry in os.scandir(source):
            os.symlink(entry.path, os.path.join(path, entry.name))
    elif not os.path.isdir(path):
        _make_folder(os.path.dirname(path))
        os.mkdir(path)


def _moved(value, tops, root):
    """Each part of a value such as `/opt/ml/model/code:/usr/lib` that begins with one of the folders."""
    for top in tops:
        whole = r"(^|[:=,\s])%s(?=/|$|[:,\s])" % re.escape(top)
        value = re.sub(whole, lambda found, top=top: found.group(1) + root + top, value)
    return value

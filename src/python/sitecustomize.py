"""The interpreter's own start-up hook: watches for what is imported, then runs the image's own hook.

Every Python in the container runs this file (launchers, pip, subprocesses, even a Python 2), hence its rules: nothing is
imported that is not loaded anyway, nothing is printed, and no failure of ours gets out. Only a process that imports the
toolkit's transformer ever loads the agent, and only one that looks into the code folder what tells of plain imports.
"""
import os
import sys

_HERE = os.path.dirname(os.path.abspath(__file__))
_MAILBOX = os.environ.get("SMLOCAL_MAILBOX")
_TOOLKIT = "sagemaker_inference.transformer"


def _note(what):
    """A failure of ours goes into the mailbox, as the container's output is the user's."""
    import traceback

    try:
        with open(os.path.join(_MAILBOX, "agent-error-%d.txt" % os.getpid()), "a") as file:
            file.write("%s\n%s" % (what, traceback.format_exc()))
    except (IOError, OSError):
        pass


class _ToolkitFinder(object):
    """Stands first on sys.meta_path, and finds by asking those behind it."""

    def find_spec(self, name, path=None, target=None):
        if name != _TOOLKIT:
            return None
        for finder in list(sys.meta_path):
            find = None if finder is self else getattr(finder, "find_spec", None)
            spec = find(name, path, target) if find else None
            if spec is not None:
                self._attach_after_execution(spec)
                return spec
        return None

    def _attach_after_execution(self, spec):
        try:
            execute = spec.loader.exec_module

            def exec_module(module):
                execute(module)
                _attach(module)

            spec.loader.exec_module = exec_module
        except Exception:
            _note("The import of %s could not be followed." % _TOOLKIT)


def _attach(toolkit):
    try:
        if _HERE not in sys.path:
            sys.path.append(_HERE)
        import smlocal_agent

        smlocal_agent.attach(toolkit, _MAILBOX, _note)
    except Exception:
        _note("The reload agent could not start.")


class _CodeFolderHook(object):
    """Stands first on sys.path_hooks, and is asked once for each folder that something is imported from."""

    def __init__(self):
        base = os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml")
        self._code = os.path.realpath(os.path.join(base, "model", "code"))
        self._busy = False

    def install(self):
        sys.path_hooks.insert(0, self)
        # What has been imported so far, by .pth files for one, may have looked into the folder already.
        for path in [path for path in sys.path_importer_cache if self._is_code(path)]:
            del sys.path_importer_cache[path]

    def _is_code(self, path):
        return (os.path.realpath(path) + os.sep).startswith(self._code + os.sep)

    def __call__(self, path):
        # A file as well is asked about, by `python app.py`.
        if self._busy or not self._is_code(path) or not os.path.isdir(path):
            raise ImportError("not a code folder")
        self._busy = True  # What is imported here may look into that folder itself.
        try:
            if _HERE not in sys.path:
                sys.path.append(_HERE)
            from smlocal_agent.plain import finder_for

            return finder_for(path, self._code, _MAILBOX, _note)
        except Exception:
            _note("Imports from the code folder could not be followed.")
            raise ImportError("left to Python")
        finally:
            self._busy = False


def _run_the_images_own():
    """What would have been imported as `sitecustomize` without us, under that name; what it raises is its own."""
    ours = sys.modules.pop("sitecustomize", None)
    places = [place for place, entry in enumerate(sys.path) if os.path.abspath(entry) == _HERE]
    for place in reversed(places):
        del sys.path[place]
    try:
        import sitecustomize
    except ImportError as error:
        # Python 2 has no ImportError.name.
        if getattr(error, "name", str(error).split(" ")[-1]) != "sitecustomize":
            raise
        sys.modules["sitecustomize"] = ours
    finally:
        if places:
            sys.path.insert(places[0], _HERE)


if _MAILBOX and sys.version_info >= (3, 8):
    sys.meta_path.insert(0, _ToolkitFinder())
_run_the_images_own()
if _MAILBOX and sys.version_info >= (3, 8):
    # After that search for `sitecustomize`, which must not find this file again where the hook adds its folder to the path.
    _CodeFolderHook().install()

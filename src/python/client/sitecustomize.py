"""Start-up hook for Python scripts that `smlocal exec` runs: clients with AWS's own addresses written into them come here too.

AWS_ENDPOINT_URL turns every client of botocore's to smlocal, but for those that are given an address in code. The SageMaker
Python SDK gives its STS clients one (https://sts.REGION.amazonaws.com). While AWS_ENDPOINT_URL is set, an address of
amazonaws.com that is given to a client is therefore left out, so that the environment decides. Any other address stays.

Every Python of the script's runs this file, hence its rules: nothing is imported that is not loaded anyway, nothing is
printed, and the hook that this one stands before is run in its turn.
"""
import os
import sys

_HERE = os.path.dirname(os.path.abspath(__file__))
_BOTOCORE = "botocore.session"
_AWS_DOMAINS = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws")


def _is_of_aws(url):
    try:
        from urllib.parse import urlsplit

        host = (urlsplit(url).hostname or "").lower()
    except Exception:
        return False
    return host.endswith(_AWS_DOMAINS)


def _turn(session_module):
    create_client = session_module.Session.create_client

    def create_client_here(self, *args, **kwargs):
        if os.environ.get("AWS_ENDPOINT_URL"):
            # create_client(service, region, api_version, use_ssl, verify, endpoint_url, ...)
            if len(args) > 5 and args[5] and _is_of_aws(args[5]):
                args = args[:5] + (None,) + args[6:]
            url = kwargs.get("endpoint_url")
            if url and _is_of_aws(url):
                kwargs = dict(kwargs, endpoint_url=None)
        return create_client(self, *args, **kwargs)

    session_module.Session.create_client = create_client_here


class _BotocoreFinder(object):
    """Stands first on sys.meta_path, and finds by asking those behind it."""

    def find_spec(self, name, path=None, target=None):
        if name != _BOTOCORE:
            return None
        sys.meta_path.remove(self)
        from importlib.util import find_spec

        spec = find_spec(name)
        loader = getattr(spec, "loader", None)
        if loader is None or not hasattr(loader, "exec_module"):
            return spec
        execute = loader.exec_module

        def exec_module(module):
            execute(module)
            try:
                _turn(module)
            except AttributeError:
                pass  # A botocore without Session.create_client: it is left as it is.

        loader.exec_module = exec_module
        return spec


def _run_next_hook():
    """Python runs the first sitecustomize that it finds; an environment may have one of its own behind this."""
    import importlib.machinery

    paths = [path for path in sys.path if os.path.abspath(path or ".") != _HERE]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", paths)
    if spec is None or spec.loader is None:
        return
    import importlib.util

    module = importlib.util.module_from_spec(spec)
    sys.modules["sitecustomize"] = module
    spec.loader.exec_module(module)


sys.meta_path.insert(0, _BotocoreFinder())
_run_next_hook()

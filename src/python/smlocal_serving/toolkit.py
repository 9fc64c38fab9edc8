"""Which transformer runs the handler: the real toolkit's where this Python has it, else ours."""

import os
import sys
from importlib import import_module
from importlib.util import find_spec


def make_transformer():
    """A transformer, live where the host watches the handler's files."""
    if find_spec("sagemaker_inference") is not None:
        # Its import is seen by the agent's own hook.
        transformer = import_module("sagemaker_inference.transformer").Transformer
        return transformer(default_inference_handler=_default_handler())
    from . import transformer as module

    mailbox = os.environ.get("SMLOCAL_MAILBOX")
    if mailbox:
        import smlocal_agent

        smlocal_agent.attach(module, mailbox, _note)
    return module.Transformer()


def _default_handler():
    """What AWS's PyTorch images take as default functions, where that package is there as well."""
    if find_spec("sagemaker_pytorch_serving_container") is None or find_spec("torch") is None:
        return None
    package = "sagemaker_pytorch_serving_container.default_pytorch_inference_handler"
    return import_module(package).DefaultPytorchInferenceHandler()


def _note(what):
    print("smlocal: %s %s" % (what, sys.exc_info()[1]), file=sys.stderr, flush=True)

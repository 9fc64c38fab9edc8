"""The rules by which a handler's functions are found, checked and called; sagemaker_inference 1.10's, in words of our own.

The attributes have that class's names, by which the reload agent binds new functions to a live worker.
"""

import importlib
import traceback
from importlib.util import find_spec
from inspect import signature

from . import codecs
from .settings import Settings

class DefaultFunctions:
    """What stands in for a function that the handler does not define."""

    def model_fn(self, model_dir):
        raise NotImplementedError(_please_provide("model_fn"))

    def input_fn(self, data, content_type):
        return codecs.decode(data, content_type)

    def predict_fn(self, data, model):
        raise NotImplementedError(_please_provide("predict_fn"))

    def output_fn(self, prediction, accept):
        return codecs.encode(prediction, accept)


class Transformer:
    """One handler in one worker: its module, its functions, its model."""

    def __init__(self, default_functions=None):
        self._defaults = default_functions or DefaultFunctions()
        self._initialized = False
        self._environment = self._model = self._context = None
        self._pre_model_fn = self._model_warmup_fn = self._model_fn = None
        self._transform_fn = self._input_fn = self._predict_fn = self._output_fn = None

    def validate_and_initialize(self, model_dir, context=None):
        """Finds the functions and loads the model, unless that is done. A failure is tried again with the next request."""
        if self._initialized:
            return
        self._context = context
        self._environment = Settings()
        self._validate_user_module_and_set_functions()
        if self._pre_model_fn is not None:
            self._run_handler_function(self._pre_model_fn, model_dir)
        self._model = self._run_handler_function(self._model_fn, model_dir)
        if self._model_warmup_fn is not None:
            self._run_handler_function(self._model_warmup_fn, model_dir, self._model)
        self._initialized = True

    def transform(self, data, context):
        """Answers a batch of requests, which is one. @returns their bodies; status and content type are set on the context"""
        try:
            self.validate_and_initialize(context.system_properties["model_dir"], context)
            return [self._answer(item.get("body"), context) for item in data]
        except Exception as error:  # What a handler raises is the client's to see.
            message = str(error) or "Invalid Request"
            context.set_response_status(500, message.replace("\r", " ").replace("\n", " "))
            return ["%s\n%s" % (message, traceback.format_exc())]

    def _answer(self, body, context):
        headers = context.get_all_request_header(0)
        content_type = _content_type(headers)
        accept = headers.get("Accept") or headers.get("accept")
        if not accept or accept == "*/*":
            accept = self._environment.default_accept
        if content_type in codecs.TEXT_TYPES:
            body = body.decode("utf-8")
        result = self._run_handler_function(self._transform_fn, self._model, body, content_type, accept)
        if isinstance(result, tuple):
            result, accept = result[0], result[1]
        context.set_response_content_type(0, accept)
        return result

    def _validate_user_module_and_set_functions(self):
        name = self._environment.module_name
        module = importlib.import_module(name) if find_spec(name) is not None else None
        found = {hook: getattr(module, hook, None) for hook in HOOKS}
        if found["transform_fn"] and any(found[hook] for hook in PARTS):
            raise ValueError(
                "Cannot use transform_fn implementation in conjunction with "
                "input_fn, predict_fn, and/or output_fn implementation"
            )
        self._model_fn = getattr(module, "model_fn", self._defaults.model_fn)
        self._transform_fn = found["transform_fn"] or self._default_transform_fn
        for hook in PARTS:
            setattr(self, "_" + hook, found[hook] or getattr(self._defaults, hook))
        self._pre_model_fn, self._model_warmup_fn = found["pre_model_fn"], found["model_warmup_fn"]

    def _default_transform_fn(self, model, data, content_type, accept):
        prepared = self._run_handler_function(self._input_fn, data, content_type)
        prediction = self._run_handler_function(self._predict_fn, prepared, model)
        return self._run_handler_function(self._output_fn, prediction, accept)

    def _run_handler_function(self, function, *arguments):
        """A function may take the context as one more argument."""
        taken = len(signature(function).parameters)
        if taken == len(arguments):
            return function(*arguments)
        if taken == len(arguments) + 1:
            return function(*arguments, self._context)
        raise TypeError(
            "%s takes %d arguments but %d were given." % (function.__name__, taken, len(arguments))
        )


HOOKS = (
    "transform_fn", "input_fn", "predict_fn", "output_fn", "pre_model_fn", "model_warmup_fn",
)
PARTS = ("input_fn", "predict_fn", "output_fn")


def _content_type(headers):
    for name, value in headers.items():
        if name.lower() in ("content-type", "contenttype"):
            return value
    return None


def _please_provide(hook):
    return (
        "\nPlease provide a %s implementation.\n"
        "See documentation for %s at https://sagemaker.readthedocs.io/en/stable/\n" % (hook, hook)
    )

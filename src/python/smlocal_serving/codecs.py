"""The toolkit's defaults for what comes in and goes out: JSON, CSV and NPY, as NumPy arrays (NPZ comes in only).

NumPy and SciPy are imported when a handler relies on a default that needs them.
"""

import io
import json

JSON, CSV, NPY, NPZ = "application/json", "text/csv", "application/x-npy", "application/x-npz"

#: These reach a handler as text, all others as bytes.
TEXT_TYPES = (JSON, CSV)

MESSAGE = """Content type %s is not supported by this framework.

            Please implement input_fn to to deserialize the request data or an output_fn to
            serialize the response. For more information, see the SageMaker Python SDK README."""


class UnsupportedFormatError(Exception):
    """Neither the handler nor a default knows this content type."""

    # What the client reads is the toolkit's own, for that is what it will read on AWS.
    __module__ = "sagemaker_inference.errors"

    def __init__(self, content_type):
        super().__init__(MESSAGE % content_type)


def _from_json(text):
    return _numpy().array(json.loads(text))


def _from_csv(text):
    return _numpy().genfromtxt(io.StringIO(text), dtype=None, delimiter=",")


def _from_npy(data):
    return _numpy().load(io.BytesIO(data), allow_pickle=True)


def _from_npz(data):
    from scipy import sparse

    return sparse.load_npz(io.BytesIO(data))


def _to_json(prediction):
    return json.dumps(prediction, default=_as_list)


def _to_csv(prediction):
    text = io.StringIO()
    _numpy().savetxt(text, prediction, delimiter=",", fmt="%s")
    return text.getvalue()


def _to_npy(prediction):
    data = io.BytesIO()
    _numpy().save(data, prediction)
    return data.getvalue()


DECODERS = {JSON: _from_json, CSV: _from_csv, NPY: _from_npy, NPZ: _from_npz}
ENCODERS = {JSON: _to_json, CSV: _to_csv, NPY: _to_npy}


def decode(data, content_type):
    """An array from a request's body. @raises UnsupportedFormatError, for a KeyError of the decoder's as well"""
    try:
        return DECODERS[content_type](data)
    except KeyError:
        raise UnsupportedFormatError(content_type)


def encode(prediction, accept):
    """A body and its content type from a prediction, by the first type in `accept` that is known. @raises UnsupportedFormatError"""
    for content_type in accept.replace(" ", "").split(","):
        if content_type in ENCODERS:
            return ENCODERS[content_type](prediction), content_type
    raise UnsupportedFormatError(accept)


def _as_list(value):
    if hasattr(value, "tolist"):
        return value.tolist()
    return json.JSONEncoder().default(value)


def _numpy():
    try:
        import numpy
    except ImportError:
        raise ImportError(
            "The default functions for JSON, CSV and NPY need NumPy, which this Python does not have. "
            "Type `pip install numpy`, or write an input_fn and an output_fn."
        ) from None
    return numpy

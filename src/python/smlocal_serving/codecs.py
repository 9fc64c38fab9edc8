"""The toolkit's defaults for what comes in and goes out: JSON, CSV and NPY, as NumPy arrays (NPZ comes in only).

NumPy and SciPy are imported when a handler relies on a default that needs them.
"""

import io
import json

JSON, CSV, NPY, NPZ = "application/json", "text/csv", "application/x-npy", "application/x-npz"

#: These reach a handler as text, all others as bytes.
TEXT_TYPES = (JSON, CSV)


class UnsupportedFormat(Exception):
    """Neither the handler nor a default knows this content type."""

    def __init__(self, content_type):
        super().__init__(
            "Content type %s is not supported by this framework.\n\n"
            "            Please implement input_fn to to deserialize the request data or an output_fn to\n"
            "            serialize the response. For more information, see the SageMaker Python SDK README."
            % content_type
        )


def decode(data, content_type):
    """An array from a request's body. @raises UnsupportedFormat"""
    if content_type == JSON:
        return _numpy().array(json.loads(data))
    if content_type == CSV:
        return _numpy().genfromtxt(io.StringIO(data), dtype=None, delimiter=",")
    if content_type == NPY:
        return _numpy().load(io.BytesIO(data), allow_pickle=True)
    if content_type == NPZ:
        from scipy import sparse

        return sparse.load_npz(io.BytesIO(data))
    raise UnsupportedFormat(content_type)


def encode(prediction, accept):
    """A body and its content type from a prediction, by the first type in `accept` that is known. @raises UnsupportedFormat"""
    for content_type in accept.replace(" ", "").split(","):
        if content_type == JSON:
            return json.dumps(prediction, default=_as_list), content_type
        if content_type == CSV:
            text = io.StringIO()
            _numpy().savetxt(text, prediction, delimiter=",", fmt="%s")
            return text.getvalue(), content_type
        if content_type == NPY:
            data = io.BytesIO()
            _numpy().save(data, prediction)
            return data.getvalue(), content_type
    raise UnsupportedFormat(accept)


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

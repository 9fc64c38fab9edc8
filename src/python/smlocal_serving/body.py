"""A request's body as a handler sees it, and what a handler returned as an answer's body; both as TorchServe has them."""

import json


def body_for_handler(data, content_type):
    """The bytes; None for a form, whose fields TorchServe hands on under their own names."""
    form = (content_type or "").split(";")[0].strip().lower()
    if form in ("application/x-www-form-urlencoded", "multipart/form-data"):
        return None
    return bytearray(data)


def body_for_client(result):
    """@raises TypeError where it is nothing that can be sent"""
    if isinstance(result, (bytes, bytearray)):
        return bytes(result)
    if isinstance(result, str):
        return result.encode("utf-8")
    return json.dumps(result, indent=2, sort_keys=False).encode("utf-8")

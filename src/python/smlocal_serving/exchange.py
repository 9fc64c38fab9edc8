"""What every request has in common: a body that may come in chunks, an answer that leaves in one piece."""

import json
from http.server import BaseHTTPRequestHandler

NOT_FOUND = (
    b'{\n  "code": 404,\n  "type": "ResourceNotFoundException",\n'
    b'  "message": "Requested resource is not found, please refer to API document."\n}\n'
)
HEALTHY = b'{\n  "status": "Healthy"\n}\n'
JSON = "application/json"


class Exchange(BaseHTTPRequestHandler):
    """One request and its answer; the connection ends with it."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # The answer leaves in one piece.

    def too_large(self, length):
        raise NotImplementedError

    def route(self):
        """The path, without its query."""
        return self.path.split("?", 1)[0]

    def body(self):
        """The request's; None where it is longer than may be."""
        if "chunked" in self.headers.get("transfer-encoding", "").lower():
            return self._chunks()
        length = int(self.headers.get("content-length") or 0)
        return None if self.too_large(length) else self.rfile.read(length)

    def _chunks(self):
        data = bytearray()
        while True:
            size = int(self.rfile.readline().split(b";")[0], 16)
            if self.too_large(len(data) + size):
                return None
            data += self.rfile.read(size)
            self.rfile.readline()
            if size == 0:
                return bytes(data)

    def answer(self, status, phrase, content_type, body):
        self.close_connection = True
        self.send_response_only(status, phrase or "")
        if content_type is not None:
            self.send_header("content-type", content_type)
        self.send_header("content-length", str(len(body)))
        self.send_header("connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def answer_json(self, status, phrase, value):
        self.answer(status, phrase, JSON, (json.dumps(value, indent=2) + "\n").encode("utf-8"))

    def answer_not_found(self):
        self.answer(404, "Not Found", JSON, NOT_FOUND)

    def answer_too_large(self):
        self.answer(413, "Request Entity Too Large", None, b"")

    def answer_healthy(self):
        self.answer(200, "OK", JSON, HEALTHY)

    def log_message(self, *_):
        """TorchServe's access log is its own; a line for each ping would bury the handler's output."""

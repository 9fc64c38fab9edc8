"""One worker process: a handler, and the requests that it answers, one at a time."""

import ctypes
import signal
import socket
import sys
import traceback
import uuid
from http.server import BaseHTTPRequestHandler

from .body import body_for_client, body_for_handler
from .context import Context
from .toolkit import make_transformer

NOT_FOUND = (
    b'{\n  "code": 404,\n  "type": "ResourceNotFoundException",\n'
    b'  "message": "Requested resource is not found, please refer to API document."\n}\n'
)
HEALTHY = b'{\n  "status": "Healthy"\n}\n'

PR_SET_PDEATHSIG = 1

#: How long a client may take to send what it has begun to send.
SLOWEST_CLIENT_SECONDS = 60


class Worker:
    """The handler of this process, and how it is asked."""

    def __init__(self, settings):
        self._settings = settings
        self._context = Context(settings.model_dir)
        self._transformer = make_transformer()

    def initialize(self):
        """Loads the handler. Where it cannot be loaded its traceback is printed, and each request tries again."""
        try:
            self._transformer.validate_and_initialize(
                model_dir=self._settings.model_dir, context=self._context
            )
        except Exception:
            traceback.print_exc()
            sys.stderr.flush()

    def serve(self, listener):
        """Takes one connection after the other, a request each, so that a request goes to a worker that is free."""
        while True:
            connection, address = listener.accept()
            connection.settimeout(SLOWEST_CLIENT_SECONDS)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with connection:
                try:
                    Exchange(connection, address, self)
                except OSError:
                    pass  # The client has gone.

    def answer(self, headers, data):
        """@returns status, phrase, content type (None for an error's) and body"""
        processor = self._context.begin(str(uuid.uuid4()), headers)
        body = body_for_handler(data, headers.get("content-type"))
        try:
            result = self._transformer.transform([{"body": body}], self._context)[0]
            payload = body_for_client(result)
        except Exception:
            traceback.print_exc()
            sys.stderr.flush()
            return 503, "Prediction failed", None, b"Prediction failed"
        status = processor.get_response_status_code()
        content_type = processor.get_response_header("content-type")
        return status, processor.get_response_status_phrase(), content_type, payload

    def too_large(self, length):
        return length > self._settings.largest_body


class Exchange(BaseHTTPRequestHandler):
    """One request and its answer."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # The answer leaves in one piece.

    def __init__(self, connection, address, worker):
        self._worker = worker
        super().__init__(connection, address, None)

    def do_POST(self):
        if self._path() != "/invocations":
            self._send(404, "Not Found", "application/json", NOT_FOUND)
            return
        data = self._read()
        if data is None:
            self._send(413, "Request Entity Too Large", None, b"")
            return
        # Lower case, as everything that comes from SageMaker's front end is.
        headers = {name.lower(): value for name, value in self.headers.items()}
        self._send(*self._worker.answer(headers, data))

    def do_GET(self):
        if self._path() == "/ping":
            self._send(200, "OK", "application/json", HEALTHY)
        else:
            self._send(404, "Not Found", "application/json", NOT_FOUND)

    def _path(self):
        return self.path.split("?", 1)[0]

    def _read(self):
        """The body; None where it is longer than may be."""
        if "chunked" in self.headers.get("transfer-encoding", "").lower():
            return self._read_chunks()
        length = int(self.headers.get("content-length") or 0)
        return None if self._worker.too_large(length) else self.rfile.read(length)

    def _read_chunks(self):
        data = bytearray()
        while True:
            size = int(self.rfile.readline().split(b";")[0], 16)
            if self._worker.too_large(len(data) + size):
                return None
            data += self.rfile.read(size)
            self.rfile.readline()
            if size == 0:
                return bytes(data)

    def _send(self, status, phrase, content_type, body):
        self.close_connection = True
        self.send_response_only(status, phrase or "")
        if content_type is not None:
            self.send_header("content-type", content_type)
        self.send_header("content-length", str(len(body)))
        self.send_header("connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """TorchServe's access log is its own; a line for each ping would bury the handler's output."""


def _end_with_the_master():
    """Even should it be killed. Linux only; elsewhere the launcher finds what is left."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def run(settings, listener):
    """The whole life of a worker process."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _end_with_the_master()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    worker = Worker(settings)
    worker.initialize()
    worker.serve(listener)

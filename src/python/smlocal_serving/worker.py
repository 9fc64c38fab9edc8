"""One worker process: a handler, and the requests that it answers, one at a time."""

import ctypes
import signal
import socket
import sys
import traceback
import uuid

from .body import body_for_client, body_for_handler
from .context import Context
from .exchange import Exchange
from .toolkit import make_transformer

PR_SET_PDEATHSIG = 1

#: How long a client may take to send what it has begun to send.
SLOWEST_CLIENT_SECONDS = 60


class Worker:
    """The handler of this process, and how it is asked."""

    def __init__(self, settings, name="model"):
        self._settings = settings
        self._context = Context(settings.model_dir, name)
        self._transformer = make_transformer()

    def initialize(self):
        """Loads the handler. Where it cannot be loaded its traceback is printed, and each request tries again.

        @returns False where it was memory that it lacked
        """
        try:
            self._transformer.validate_and_initialize(
                model_dir=self._settings.model_dir, context=self._context
            )
        except Exception as error:
            traceback.print_exc()
            sys.stderr.flush()
            return not isinstance(error, MemoryError)
        return True

    def serve(self, listener):
        """Takes one connection after the other, a request each, so that a request goes to a worker that is free."""
        while True:
            connection, address = listener.accept()
            connection.settimeout(SLOWEST_CLIENT_SECONDS)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with connection:
                try:
                    Invocation(connection, address, self)
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


class Invocation(Exchange):
    """A request to this worker."""

    def __init__(self, connection, address, worker):
        self._worker = worker
        super().__init__(connection, address, None)

    def too_large(self, length):
        return self._worker.too_large(length)

    def do_POST(self):
        if self.route() != "/invocations":
            self.answer_not_found()
            return
        data = self.body()
        if data is None:
            self.answer_too_large()
            return
        # Lower case, as everything that comes from SageMaker's front end is.
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.answer(*self._worker.answer(headers, data))

    def do_GET(self):
        if self.route() == "/ping":
            self.answer_healthy()
        else:
            self.answer_not_found()


def end_with_the_master():
    """Even should it be killed. Linux only; elsewhere the launcher finds what is left."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def run(settings, listener):
    """The whole life of a worker process."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    end_with_the_master()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    worker = Worker(settings)
    worker.initialize()
    worker.serve(listener)

"""Several models behind one port: SageMaker's API for loading and unloading them, as multi-model-server has it.

Each model has processes of its own, so that one model's modules are no other's.
"""

import http.client
import json
import os
import signal
import sys
import threading
from http.server import ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

from .exchange import Exchange
from .listener import listen
from .model import LoadingFailed, Model, OutOfMemory

MOST_A_PAGE = 100


class Front:
    """The port, and the models by their names."""

    def __init__(self, settings):
        self.settings = settings
        self._models = {}
        self._lock = threading.Lock()

    def run(self):
        for stream in (sys.stdout, sys.stderr):
            stream.reconfigure(line_buffering=True, write_through=False)
        signal.signal(signal.SIGTERM, self._end)
        signal.signal(signal.SIGINT, self._end)
        server = Server(listen(self.settings.port), self)
        server.serve_forever()

    def load(self, name, url):
        """@raises KeyError where it is there already, LoadingFailed, OutOfMemory, FileNotFoundError"""
        place = self.settings.place_of(url)
        if not os.path.isdir(place):
            raise FileNotFoundError(place)
        model = Model(name, url, place, self.settings.workers)
        with self._lock:
            if name in self._models:
                raise KeyError(name)
            self._models[name] = model
        try:
            model.start()
        except Exception:
            with self._lock:
                self._models.pop(name, None)
            model.stop()
            raise

    def get(self, name):
        """@raises LookupError"""
        with self._lock:
            return self._models[name]

    def unload(self, name):
        """@raises LookupError"""
        with self._lock:
            model = self._models.pop(name)
        model.stop()

    def page(self, first, limit):
        """@returns the models from this place on, and the place of the next page, if any"""
        with self._lock:
            names = sorted(self._models)
            chosen = [self._models[name] for name in names[first : first + limit]]
        # Also where that page will be empty: so multi-model-server has it.
        return chosen, first + limit if first + limit <= len(names) else None

    def _end(self, *_):
        for model in list(self._models.values()):
            model.kill()
        os._exit(0)


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, listener, front):
        super().__init__(listener.getsockname(), Call, bind_and_activate=False)
        self.socket.close()
        self.socket = listener
        self.front = front

    def handle_error(self, *_):
        """The client has gone."""


class Call(Exchange):
    """One request to the port."""

    timeout = 60

    def too_large(self, length):
        return length > self.server.front.settings.largest_body

    def do_GET(self):
        parts = self._parts()
        if parts == ["ping"]:
            self.answer_healthy()
        elif parts == ["models"]:
            self._list()
        elif len(parts) == 2 and parts[0] == "models":
            self._with_model(parts[1], lambda model: self.answer_json(200, "OK", model.described()))
        else:
            self.answer_not_found()

    def do_POST(self):
        parts = self._parts()
        data = self.body()
        if data is None:
            self.answer_too_large()
        elif parts == ["models"]:
            self._load(data)
        elif len(parts) == 3 and parts[0] == "models" and parts[2] == "invoke":
            self._with_model(parts[1], lambda model: self._invoke(model, data))
        elif parts == ["invocations"]:
            self._fault(400, "Bad Request", "BadRequestException", "Parameter model_name is required.")
        else:
            self.answer_not_found()

    def do_DELETE(self):
        parts = self._parts()
        if len(parts) != 2 or parts[0] != "models":
            self.answer_not_found()
            return
        try:
            self.server.front.unload(parts[1])
        except LookupError:
            self._unknown(parts[1])
        else:
            self.answer_json(200, "OK", {"status": 'Model "%s" unregistered' % parts[1]})

    def _parts(self):
        return [unquote(part) for part in self.route().strip("/").split("/")]

    def _query(self):
        return {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}

    def _with_model(self, name, action):
        try:
            model = self.server.front.get(name)
        except LookupError:
            self._unknown(name)
        else:
            action(model)

    def _list(self):
        query = self._query()
        limit, first = _number(query.get("limit"), MOST_A_PAGE), _number(query.get("next_page_token"), 0)
        models, following = self.server.front.page(first, min(limit, MOST_A_PAGE))
        listed = {"models": [{"modelName": model.name, "modelUrl": model.url} for model in models]}
        if following is not None:
            listed = {"nextPageToken": str(following), **listed}
        self.answer_json(200, "OK", listed)

    def _load(self, data):
        wanted = self._query()
        if (self.headers.get("content-type") or "").split(";")[0].strip().lower() == "application/json":
            try:
                wanted = {**wanted, **json.loads(data)}
            except (ValueError, TypeError) as error:
                self._fault(400, "Bad Request", "BadRequestException", str(error))
                return
        url, name = wanted.get("url"), wanted.get("model_name")
        if not isinstance(url, str) or not isinstance(name, str):
            missing = "url" if not isinstance(url, str) else "model_name"
            self._fault(400, "Bad Request", "BadRequestException", "Parameter %s is required." % missing)
            return
        try:
            self.server.front.load(name, url)
        except KeyError:
            self._fault(409, "Conflict", "ConflictStatusException", "Model %s is already registered." % name)
        except FileNotFoundError:
            self._fault(404, "Not Found", "ModelNotFoundException", "Model not found in model store: %s" % url)
        except OutOfMemory:
            self._fault(507, "Insufficient Storage", "InternalServerException", "System out of memory")
        except LoadingFailed:
            self._fault(500, "Internal Server Error", "InternalServerException", "Failed to start workers")
        else:
            self.answer_json(200, "OK", {"status": "Workers scaled"})

    def _invoke(self, model, data):
        headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP}
        connection = http.client.HTTPConnection("127.0.0.1", model.port)
        try:
            connection.request("POST", "/invocations", data, headers)
            answer = connection.getresponse()
            body = answer.read()
        except (OSError, http.client.HTTPException):
            message = "No worker is available to serve request for model: %s" % model.name
            self._fault(503, "Service Unavailable", "ServiceUnavailableException", message)
            return
        finally:
            connection.close()
        self.answer(answer.status, answer.reason, answer.getheader("content-type"), body)

    def _unknown(self, name):
        self._fault(404, "Not Found", "ModelNotFoundException", "Model not found: %s" % name)

    def _fault(self, status, phrase, kind, message):
        self.answer_json(status, phrase, {"code": status, "type": kind, "message": message})


HOP_BY_HOP = ("connection", "transfer-encoding", "content-length", "expect", "keep-alive")


def _number(text, default):
    return int(text) if text is not None and text.isdigit() else default

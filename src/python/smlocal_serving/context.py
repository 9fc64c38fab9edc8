"""What a handler function may ask for as its last argument: the request's headers in, status and headers out.

The same methods as the object that TorchServe and multi-model-server give, for handlers call them.
"""


class RequestProcessor:
    """One request's headers, and what is set for its answer."""

    def __init__(self, headers):
        self._headers = headers
        self._status, self._phrase = 200, ""
        self._response_headers = {}

    def get_request_property(self, key):
        return self._headers.get(key)

    def get_request_properties(self):
        return self._headers

    def report_status(self, code, reason_phrase=None):
        self._status, self._phrase = code, reason_phrase

    def get_response_status_code(self):
        return self._status

    def get_response_status_phrase(self):
        return self._phrase

    def add_response_property(self, key, value):
        self._response_headers[key] = value

    def get_response_headers(self):
        return self._response_headers

    def get_response_header(self, key):
        return self._response_headers.get(key)


class Context:
    """The worker's context; `request_processor` is that of the request which is being answered."""

    def __init__(self, model_dir, model_name="model"):
        self.model_name = model_name
        self.manifest = {}
        self.metrics = None
        self.request_ids = None
        self.request_processor = None
        self.system_properties = {
            "model_dir": model_dir,
            "gpu_id": None,
            "batch_size": 1,
            "server_name": "smlocal",
            "server_version": "1",
            "limit_max_image_pixels": True,
        }

    def begin(self, request_id, headers):
        """Takes up the next request. @returns its processor"""
        processor = RequestProcessor(headers)
        self.request_processor, self.request_ids = [processor], {0: request_id}
        return processor

    def get_request_id(self, idx=0):
        return self.request_ids.get(idx) if self.request_ids else None

    def get_request_header(self, idx, key):
        return self.request_processor[idx].get_request_property(key)

    def get_all_request_header(self, idx):
        return self.request_processor[idx].get_request_properties()

    def set_response_content_type(self, idx, value):
        self.set_response_header(idx, "content-type", value)

    def get_response_content_type(self, idx):
        return self.get_response_headers(idx).get("content-type")

    def get_response_status(self, idx):
        processor = self.request_processor[idx]
        return processor.get_response_status_code(), processor.get_response_status_phrase()

    def set_response_status(self, code=200, phrase="", idx=0):
        if self.request_processor is not None:
            self.request_processor[idx].report_status(code, reason_phrase=phrase)

    def set_all_response_status(self, code=200, phrase=""):
        for processor in self.request_processor or []:
            processor.report_status(code, reason_phrase=phrase)

    def get_response_headers(self, idx):
        return self.request_processor[idx].get_response_headers()

    def set_response_header(self, idx, key, value):
        self.request_processor[idx].add_response_property(key, value)

"""What a model server does with the toolkit, for the tests: loads its default handler service and passes requests on.

Run as a program it is the server's worker: it reads one request a line from standard input and writes one answer a line. A
request names what to do: `invoke` (answered when done), `start` (the same, in a thread of its own; `join` waits for it),
`initialize`, `evaluate` (an expression, for what no answer shows), `fork` (into a child, which `invoke_child` asks), `subclass` (serves by a transformer of the test's own from now on).
"""

import inspect
import json
import os
import sys
import threading


class Context:
    """As much of mms.context.Context and ts.context.Context as the toolkit uses; they are alike in that."""

    def __init__(self, model_dir):
        self.model_name = "model"
        self.system_properties = {"model_dir": model_dir}
        self.request_processor = [self]
        self.status = 200

    def get_request_properties(self):
        return {"Content-Type": "application/json", "Accept": "application/json"}

    def set_response_content_type(self, index, content_type):
        self.content_type = content_type

    def set_response_status(self, code, phrase=""):
        self.status = code


class Worker:
    def __init__(self):
        from sagemaker_inference.default_handler_service import DefaultHandlerService

        self.service = DefaultHandlerService()
        self.model_dir = os.environ["SAGEMAKER_BASE_DIR"] + "/model"
        self.threads = {}

    def initialize(self, _):
        # The toolkit's first versions are not given a context.
        contexts = [Context(self.model_dir)] if inspect.signature(self.service.initialize).parameters else []
        try:
            self.service.initialize(*contexts)
        except Exception as error:  # As multi-model-server does.
            return "%s: %s" % (type(error).__name__, error)
        return "initialized"

    def invoke(self, body):
        context = Context(self.model_dir)
        answer = self.service.handle([{"body": body.encode("utf-8")}], context)[0]
        return {"status": context.status, "body": answer}

    def start(self, body):
        results = []
        thread = threading.Thread(target=lambda: results.append(self.invoke(body)))
        self.threads[body] = thread, results
        thread.start()

    def join(self, body):
        thread, results = self.threads.pop(body)
        thread.join()
        return results[0]

    def evaluate(self, expression):
        return eval(expression, {"worker": self, "transformer": self.service._service, "sys": sys, "os": os})

    def subclass(self, _):
        """As toolkits for other frameworks do, MXNet's for one."""
        from sagemaker_inference.default_handler_service import DefaultHandlerService
        from sagemaker_inference.transformer import Transformer

        class Counting(Transformer):
            def __init__(self):
                self.answers = 0
                super().__init__()

            def transform(self, data, context):
                self.answers += 1
                return ["<%d %s>" % (self.answers, answer) for answer in super().transform(data, context)]

        self.service = DefaultHandlerService(Counting())

    def fork(self, _):
        """A child as preloading servers make it, which then waits for its first request."""
        (inner_in, self.child_out), (self.child_in, inner_out) = os.pipe(), os.pipe()
        self.child = os.fork()
        if self.child == 0:
            while True:
                body = os.read(inner_in, 65536).decode("utf-8")
                os.write(inner_out, json.dumps(self.invoke(body)).encode("utf-8"))
        return self.child

    def invoke_child(self, body):
        os.write(self.child_out, body.encode("utf-8"))
        return json.loads(os.read(self.child_in, 65536).decode("utf-8"))


def main():
    worker = Worker()
    for line in sys.stdin:
        [(verb, argument)] = json.loads(line).items()
        print(json.dumps(getattr(worker, verb)(argument)), flush=True)


if __name__ == "__main__":
    main()

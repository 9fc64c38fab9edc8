"""A handler's folder, a mailbox and a worker with the real toolkit, for one test."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import textwrap
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
AGENT = HERE.parent.parent / "src" / "python"

# Answers what it is sent with the version of each function, and when its model was loaded.
HANDLER = {
    "inference.py": """
        import itertools
        from helper import decorate

        def model_fn(model_dir):
            return {"loaded": True}

        def input_fn(data, content_type):
            return data

        def predict_fn(data, model):
            model["requests"] = model.get("requests", 0) + 1
            return decorate(data)

        def output_fn(prediction, accept):
            return prediction
    """,
    "helper.py": """
        from deep.words import WORD

        def decorate(text):
            return WORD + " " + text
    """,
    "deep/__init__.py": "",
    "deep/words.py": "WORD = 'one'\n",
}


class WorkerTest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="smlocal-agent-"))
        self.addCleanup(shutil.rmtree, self.root, ignore_errors=True)
        self.code = self.root / "ml" / "model" / "code"
        self.mailbox = self.root / "mailbox"
        self.code.mkdir(parents=True)
        self.mailbox.mkdir()
        self.request_id = 0
        self.process = None
        self.environment = {}

    # --- the user ------------------------------------------------------------------------------------------------------

    def save(self, name, text):
        """As an editor does, by rename; the source may be indented as the test is."""
        path = self.code / name
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_name(path.name + ".saving")
        new.write_text(textwrap.dedent(text), encoding="utf-8")
        os.replace(new, path)

    def save_all(self, files):
        for name, text in files.items():
            self.save(name, text)

    def replace(self, name, old, new):
        text = (self.code / name).read_text(encoding="utf-8")
        self.assertIn(old, text)
        self.save(name, text.replace(old, new))

    # --- the worker ----------------------------------------------------------------------------------------------------

    def start(self, files=HANDLER, initialize=True):
        self.save_all(files)
        environment = dict(
            os.environ,
            PYTHONPATH=os.pathsep.join([str(self.code), str(AGENT), str(HERE)]),
            SAGEMAKER_BASE_DIR=str(self.root / "ml"),
            SMLOCAL_MAILBOX=str(self.mailbox),
            OPENBLAS_NUM_THREADS="1",
            **self.environment,
        )
        self.errors = open(self.root / "stderr", "w+")
        self.addCleanup(self.errors.close)
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "serving.py")], env=environment, cwd=str(self.root),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, universal_newlines=True,
        )  # fmt: skip
        self.addCleanup(self.stop)
        self.wait_for(lambda: list(self.mailbox.glob("worker-*.json")))
        if initialize:
            self.assertEqual(self.tell("initialize"), "initialized")

    def stop(self):
        if self.process.poll() is None:
            self.process.stdin.close()
            self.process.wait(10)
        self.process.stdout.close()

    def tell(self, verb, argument=None):
        self.process.stdin.write(json.dumps({verb: argument}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        self.assertNotEqual(line, "", "The worker ended: " + self.printed())
        return json.loads(line)

    def ask(self, body="x"):
        answer = self.tell("invoke", body)
        self.assertEqual(answer["status"], 200, answer["body"])
        return answer["body"]

    def printed(self):
        return (self.root / "stderr").read_text()

    # --- the host ------------------------------------------------------------------------------------------------------

    def request(self, paths=None):
        self.request_id += 1
        request = {"id": self.request_id} if paths is None else {"id": self.request_id, "paths": paths}
        new = self.mailbox / "request.json.new"
        new.write_text(json.dumps(request))
        os.replace(new, self.mailbox / "request.json")

    def report(self):
        files = list(self.mailbox.glob("worker-*.json"))
        self.assertEqual(len(files), 1, files)
        return json.loads(files[0].read_text())

    def answered(self):
        """The worker's report when it has handled the last request."""
        return self.wait_for(lambda: self.report()["id"] == self.request_id and self.report())

    def reload(self, paths=None):
        self.request(paths)
        return self.answered()["outcome"]

    def wait_for(self, condition, seconds=10):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            result = condition()
            if result:
                return result
            time.sleep(0.002)
        notes = "".join(path.read_text() for path in self.mailbox.glob("agent-error-*"))
        self.fail("Nothing came of it in %d s. %s %s" % (seconds, notes, self.printed()))

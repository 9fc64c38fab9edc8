"""Processes that import the user's code without the toolkit, as gunicorn's workers do: they tell what they have imported."""

import hashlib
import json
import os
import pathlib
import py_compile
import shutil
import subprocess
import sys
import tempfile
import unittest

from harness import AGENT

# Prints what this process has told so far.
TELL = """
import json, os
def told():
    path = os.path.join(os.environ["SMLOCAL_MAILBOX"], "worker-%d.json" % os.getpid())
    return json.load(open(path)) if os.path.exists(path) else None
"""


class Plain(unittest.TestCase):
    def setUp(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="smlocal-plain-"))
        self.addCleanup(shutil.rmtree, self.root, ignore_errors=True)
        self.code, self.mailbox = self.root / "ml" / "model" / "code", self.root / "mailbox"
        self.code.mkdir(parents=True)
        self.mailbox.mkdir()
        (self.code / "package").mkdir()
        (self.code / "package" / "__init__.py").write_text("")
        (self.code / "package" / "part.py").write_text("PART = 1\n")
        (self.code / "app.py").write_text("from package.part import PART\n")

    def run_python(self, script):
        environment = dict(
            os.environ,
            PYTHONPATH=os.pathsep.join([str(AGENT), str(self.code)]),
            SMLOCAL_MAILBOX=str(self.mailbox),
            SAGEMAKER_BASE_DIR=str(self.root / "ml"),
        )
        done = subprocess.run(
            [sys.executable, "-c", TELL + script],
            env=environment, cwd=str(self.root), stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True,
        )  # fmt: skip
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return json.loads(done.stdout)

    def digest(self, path):
        return hashlib.sha256((self.code / path).read_bytes()).hexdigest()

    def test_tells_each_module_with_the_digest_of_its_source(self):
        report = self.run_python("import app\nprint(json.dumps(told()))")
        self.assertEqual((report["kind"], report["state"], report["outcome"]), ("plain", "ready", None))
        files = {"app": "app.py", "package": "package/__init__.py", "package.part": "package/part.py"}
        expected = {name: {"file": file, "digest": self.digest(file)} for name, file in files.items()}
        self.assertEqual(report["modules"], expected)

    def test_says_nothing_where_nothing_of_the_users_is_imported(self):
        self.assertIsNone(self.run_python("import decimal\nprint(json.dumps(told()))"))
        self.assertEqual(list(self.mailbox.iterdir()), [])

    def test_a_forked_worker_tells_what_its_parent_had_imported(self):
        report = self.run_python(
            "import app, sys\n"
            "if os.fork() == 0:\n    print(json.dumps(told())); sys.stdout.flush(); os._exit(0)\n"
            "os.wait()"
        )
        self.assertIn("package.part", report["modules"])

    def test_runs_what_is_on_disk_whatever_bytecode_lies_beside_it(self):
        script = "import package.part\nprint(json.dumps([package.part.PART, told()]))"
        self.run_python(script)
        times = os.stat(self.code / "package" / "part.py")
        (self.code / "package" / "part.py").write_text("PART = 2\n")
        os.utime(self.code / "package" / "part.py", ns=(times.st_atime_ns, times.st_mtime_ns))
        part, report = self.run_python(script)
        self.assertEqual(part, 2)
        self.assertEqual(report["modules"]["package.part"]["digest"], self.digest("package/part.py"))

    def test_a_module_of_which_there_is_only_bytecode(self):
        (self.code / "compiled.py").write_text("VALUE = 3\n")
        py_compile.compile(str(self.code / "compiled.py"), cfile=str(self.code / "compiled.pyc"))
        (self.code / "compiled.py").unlink()
        self.assertEqual(self.run_python("import compiled\nprint(json.dumps(compiled.VALUE))"), 3)

    def test_its_file_goes_with_it(self):
        self.run_python("import app\nprint(json.dumps(told()))")
        self.assertEqual(list(self.mailbox.iterdir()), [])

    def test_a_broken_module_raises_as_ever(self):
        (self.code / "broken.py").write_text("def f(:\n")
        kind = self.run_python("try:\n    import broken\nexcept SyntaxError as e:\n    print(json.dumps(e.lineno))")
        self.assertEqual(kind, 1)


if __name__ == "__main__":
    unittest.main()

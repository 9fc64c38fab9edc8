"""The interpreter's start-up hook, in whatever Python it is met."""

import ast
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

from harness import AGENT

HOOK = AGENT / "sitecustomize.py"


class StartTest(unittest.TestCase):
    def setUp(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="smlocal-start-"))
        self.addCleanup(shutil.rmtree, self.root, ignore_errors=True)
        self.mailbox = self.root / "mailbox"
        self.image = self.root / "image"
        self.mailbox.mkdir()
        self.image.mkdir()

    def python(self, *arguments, path=None, mailbox=None, executable=sys.executable):
        path = [str(AGENT), str(self.image)] if path is None else path
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path), "SMLOCAL_MAILBOX": str(mailbox or self.mailbox)}
        return subprocess.run([executable, *arguments], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True)

    def printed(self, *arguments, **options):
        done = self.python(*arguments, **options)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def notes(self):
        return "".join(path.read_text() for path in self.mailbox.iterdir())


class StartUp(StartTest):
    def test_leaves_a_process_without_the_toolkit_alone(self):
        look = "import sys; print(sorted(n for n in sys.modules if 'smlocal' in n), len(sys.path_hooks))"
        plain = self.printed("-c", "import sys; print([], len(sys.path_hooks))")
        self.assertEqual(self.printed("-c", look), plain)
        self.assertEqual(list(self.mailbox.iterdir()), [])

    def test_imports_nothing_of_its_own(self):
        modules = "import sys; print(sorted(set(sys.modules) - {'sitecustomize'}))"
        self.assertEqual(self.printed("-c", modules), self.printed("-c", modules, path=[str(self.image)]))

    def test_switched_off_interpreters_start_as_ever(self):
        for switch in ("-S", "-I", "-E"):
            self.assertEqual(self.printed(switch, "-c", "import sys; print('sitecustomize' in sys.modules and sys.modules['sitecustomize'].__file__.startswith(%r))" % str(AGENT)), "False\n")

    def test_a_mailbox_that_is_not_there_or_not_writable(self):
        self.assertEqual(self.printed("-c", "print(1)", mailbox="/nowhere"), "1\n")

    def test_in_a_virtual_environment(self):
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(self.root / "venv")], check=True)
        python = str(self.root / "venv" / "bin" / "python")
        look = "import sys; print(type(sys.meta_path[0]).__name__)"
        self.assertEqual(self.printed("-c", look, executable=python), "_ToolkitFinder\n")

    def test_is_understood_by_all_pythons_that_the_toolkit_runs_on(self):
        for path in AGENT.rglob("*.py"):
            ast.parse(path.read_text(), str(path), feature_version=(3, 8))

    def test_uses_nothing_outside_the_standard_library(self):
        if not hasattr(sys, "stdlib_module_names"):
            self.skipTest("This Python does not list its library.")
        # debugpy is used where the image has it, and the toolkit is what this is all about.
        known = {*sys.stdlib_module_names, "sitecustomize", "smlocal_agent", "smlocal_serving", "sagemaker_inference"}
        known.add("debugpy")
        # Asked only in a container that is served by it.
        known.add("uvicorn")
        # The serving host decodes into arrays, where the handler's own Python has them.
        known.update({"numpy", "scipy"})
        for path in AGENT.rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Import):
                    self.assertLessEqual({alias.name.partition(".")[0] for alias in node.names}, known)
                elif isinstance(node, ast.ImportFrom) and not node.level:
                    self.assertIn(node.module.partition(".")[0], known)

    def test_is_understood_by_a_python_2(self):
        versions = sorted(map(str, pathlib.Path.home().glob(".pyenv/versions/2.*/bin/python")))
        python = versions[0] if versions else shutil.which("python2")
        if python is None:
            self.skipTest("There is no Python 2 here.")
        (self.image / "sitecustomize.py").write_text("print('the image')\n")
        self.assertEqual(self.printed("-c", "print('works')", executable=python), "the image\nworks\n")


class TheImagesOwn(StartTest):
    def image_has(self, text):
        (self.image / "sitecustomize.py").write_text(text)

    def test_runs_once_under_its_own_name(self):
        self.image_has("import sys\nprint(__name__, __file__)\nsys.path.insert(0, '/added')\nvalue = 1\n")
        look = "import sitecustomize, sys, json; print(json.dumps([sitecustomize.value, sys.path[:3]]))"
        first, second = self.printed("-c", look).splitlines()
        self.assertEqual(first, "sitecustomize %s" % (self.image / "sitecustomize.py"))
        value, path = json.loads(second)
        self.assertEqual(value, 1)
        self.assertIn("/added", path)
        self.assertIn(str(AGENT), path)

    def test_may_fail_as_it_would_without_us(self):
        self.image_has("import no_such_module\n")
        with_us = self.python("-c", "print('works')")
        without = self.python("-c", "print('works')", path=[str(self.image)])
        self.assertEqual((with_us.stdout, with_us.returncode), (without.stdout, without.returncode))
        self.assertEqual(with_us.stderr.splitlines()[-1], without.stderr.splitlines()[-1])
        self.assertEqual(self.notes(), "")

    def test_of_the_python_itself(self):
        system = "/usr/lib/python3.11/sitecustomize.py"
        if not (os.path.exists("/usr/bin/python3.11") and os.path.exists(system)):
            self.skipTest("This system's Python has none.")
        look = "import sitecustomize; print(sitecustomize.__file__)"
        self.assertEqual(self.printed("-c", look, executable="/usr/bin/python3.11"), system + "\n")


class Attaching(StartTest):
    """With packages of the name of the toolkit, made to be hard."""

    def toolkit(self, transformer):
        (self.image / "sagemaker_inference").mkdir()
        (self.image / "sagemaker_inference" / "__init__.py").write_text("")
        (self.image / "sagemaker_inference" / "transformer.py").write_text(transformer)

    def test_a_toolkit_that_fails_to_import_fails_as_ever(self):
        self.toolkit("1 / 0\n")
        done = self.python("-c", "import sagemaker_inference.transformer")
        self.assertIn("ZeroDivisionError", done.stderr)
        self.assertEqual(self.notes(), "")

    def test_a_toolkit_of_an_unknown_kind_works_and_the_failure_is_noted(self):
        self.toolkit("class Other: pass\n")
        self.assertEqual(self.printed("-c", "import sagemaker_inference.transformer; print('works')"), "works\n")
        self.assertIn("The reload agent could not start.", self.notes())
        self.assertIn("AttributeError", self.notes())

    def test_a_transformer_whose_agent_fails_is_a_plain_one(self):
        self.toolkit("class Transformer:\n    def transform(self): return 'answer'\n")
        (self.image / "sagemaker_inference" / "environment.py").write_text("1 / 0\n")
        make = "from sagemaker_inference.transformer import Transformer; print(Transformer().transform())"
        self.assertEqual(self.printed("-c", make), "answer\n")
        self.assertIn("A transformer could not be made live.", self.notes())


if __name__ == "__main__":
    unittest.main()

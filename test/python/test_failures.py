"""Code that does not work never serves; what served before goes on."""

import unittest

from harness import HANDLER, WorkerTest


class Failures(WorkerTest):
    def assert_failed(self, *lines):
        outcome = self.reload()
        self.assertEqual((outcome["kind"], outcome["model"]), ("failed", "kept"), outcome)
        for line in lines:
            self.assertIn(line, outcome["traceback"])
        for hidden in ("importlib", "smlocal_agent", "transformer.py", "ast.py"):
            self.assertNotIn(hidden, outcome["traceback"])
        self.assertEqual(self.report()["state"], "ready")
        self.assertEqual(self.ask(), "one x")
        return outcome

    def assert_mended(self, name, text, answer="one x"):
        self.save(name, text)
        self.assertIn(self.reload()["kind"], ("reloaded", "unchanged"))
        self.assertEqual(self.ask(), answer)

    def test_a_syntax_error_then_its_mend(self):
        self.start()
        modules = self.tell("evaluate", "sorted((n, id(m)) for n, m in sys.modules.items())")
        self.save("helper.py", "def decorate(text):\n    return (\n")
        self.assert_failed('%s", line 2' % (self.code / "helper.py"), "SyntaxError")
        self.assertEqual(self.tell("evaluate", "sorted((n, id(m)) for n, m in sys.modules.items())"), modules)
        self.assertEqual(len(self.printed().splitlines()), 1)
        self.assertRegex(self.printed(), "^smlocal: not reloaded: .*SyntaxError")
        self.assert_mended("helper.py", "def decorate(text):\n    return 'mended ' + text\n", "mended x")

    def test_an_error_while_a_helper_is_imported(self):
        self.start()
        self.save("deep/words.py", "WORD = 1 / 0\n")
        outcome = self.assert_failed("ZeroDivisionError", 'inference.py", line 3', 'helper.py", line 2', 'words.py", line 1')
        self.assertIn("WORD = 1 / 0", outcome["traceback"])
        self.assertEqual(self.tell("evaluate", "sys.modules['deep'].words.WORD"), "one")
        self.assert_mended("deep/words.py", "WORD = 'two'\n", "two x")

    def test_a_name_that_a_helper_has_no_more(self):
        self.start()
        self.replace("helper.py", "def decorate", "def adorn")
        self.assert_failed("ImportError", "decorate", 'inference.py", line 3')

    def test_a_deleted_helper(self):
        self.start()
        (self.code / "helper.py").unlink()
        outcome = self.assert_failed("ModuleNotFoundError: No module named 'helper'")
        self.assertEqual(outcome["changed"], ["helper.py"])
        self.assert_mended("helper.py", "def decorate(text):\n    return 'back ' + text\n", "back x")

    def test_the_deleted_handler_itself(self):
        self.start()
        (self.code / "inference.py").unlink()
        # What a new worker would do: the toolkit goes on with functions of its own, of which model_fn refuses.
        self.assert_failed("NotImplementedError", "Please provide a model_fn implementation.")

    def test_hooks_that_exclude_each_other(self):
        self.start()
        text = (self.code / "inference.py").read_text()
        self.save("inference.py", text + "\ndef transform_fn(model, data, content_type, accept):\n    return data\n")
        self.assert_failed("ValueError: Cannot use transform_fn implementation in conjunction with")
        self.assert_mended("inference.py", text)

    def test_a_model_fn_that_raises(self):
        self.start()
        self.replace("inference.py", 'return {"loaded": True}', 'raise RuntimeError("no model")')
        self.assert_failed('inference.py", line 6, in model_fn', "RuntimeError: no model")
        self.replace("inference.py", 'raise RuntimeError("no model")', 'return {"loaded": 2}')
        self.assertEqual(self.reload()["model"], "loaded")
        self.assertEqual(self.tell("evaluate", "transformer._model['loaded']"), 2)

    def test_a_model_fn_that_belongs_into_the_main_thread(self):
        self.start()
        handle = "import signal\n    signal.signal(signal.SIGUSR1, signal.SIG_IGN)\n    return"
        self.replace("inference.py", 'return {"loaded": True}', handle + " {}")
        outcome = self.reload()
        self.assertEqual((outcome["kind"], outcome["reason"]), ("cannot", "the code must run in the main thread"))
        self.assertEqual(self.ask(), "one x")

    def test_a_handler_that_exits(self):
        self.start()
        self.replace("inference.py", "import itertools", "raise SystemExit(3)")
        self.assert_failed("SystemExit: 3")

    def test_a_new_submodule_leaves_no_trace(self):
        self.start()
        self.save("deep/more.py", "")
        self.replace("inference.py", "import itertools", "import deep.more\n1 / 0")
        self.assert_failed("ZeroDivisionError")
        self.assertFalse(self.tell("evaluate", "hasattr(sys.modules['deep'], 'more') or 'deep.more' in sys.modules"))

    def test_a_statement_that_works_once_in_a_process(self):
        once = "import sys\nif hasattr(sys, 'counter'):\n    raise ValueError('Duplicated timeseries')\nsys.counter = 1\n"
        self.start({**HANDLER, "helper.py": once + "def decorate(text):\n    return 'one ' + text\n"})
        self.replace("helper.py", "return 'one ' + text", "return 'two ' + text")
        outcome = self.reload()
        self.assertEqual(outcome["kind"], "cannot")
        self.assertEqual(outcome["reason"], "line 3 of helper.py, which has not changed, cannot be executed twice in one process")
        self.assertIn("Duplicated timeseries", outcome["traceback"])
        self.assertEqual(self.ask(), "one x")

    def test_a_lazily_imported_module_that_breaks(self):
        self.start({**HANDLER, "late.py": "WORD = 'late'\n"})
        self.replace("inference.py", "return prediction\n", "from late import WORD\n    return prediction + WORD\n")
        self.reload()
        self.assertEqual(self.ask(), "one xlate")
        self.save("late.py", "WORD = 'later'\n")
        self.assertEqual(self.reload()["changed"], ["late.py"])
        self.assertEqual(self.ask(), "one xlater")


class Uninitialised(WorkerTest):
    """A worker that could not load the handler: multi-model-server keeps it, and the toolkit tries again."""

    def test_says_why_and_is_mended_by_a_save(self):
        self.start({**HANDLER, "inference.py": "import helper\nbroken(\n"}, initialize=False)
        self.assertEqual(self.report()["state"], "starting")
        self.assertEqual(self.report()["outcome"], None)
        self.assertRegex(self.tell("initialize"), "^SyntaxError")
        report = self.report()
        self.assertEqual((report["state"], report["id"], report["modules"]), ("failed", 0, {}))
        self.assertIn('inference.py", line 2', report["outcome"]["traceback"])
        self.save_all(HANDLER)
        self.save("helper.py", "def decorate(text):\n    return 'mended ' + text\n")
        outcome = self.reload(["inference.py", "helper.py"])
        self.assertEqual((outcome["kind"], outcome["model"]), ("reloaded", "loaded"))
        self.assertEqual(outcome["changed"], ["helper.py", "inference.py"])
        self.assertEqual(self.report()["state"], "ready")
        self.assertEqual(self.ask(), "mended x")

    def test_is_mended_without_a_request_too(self):
        self.start({**HANDLER, "inference.py": "import helper\nbroken(\n"}, initialize=False)
        self.tell("initialize")
        self.save_all(HANDLER)
        self.save("helper.py", "def decorate(text):\n    return 'mended ' + text\n")
        self.assertEqual(self.ask(), "mended x")
        self.assertEqual(self.report()["state"], "ready")

    def test_stays_failed_while_it_is_broken(self):
        self.start({**HANDLER, "inference.py": "def model_fn(d):\n    1 / 0\n"}, initialize=False)
        self.tell("initialize")
        self.replace("inference.py", "1 / 0", "2 / 0")
        outcome = self.reload()
        self.assertEqual(outcome["kind"], "failed")
        self.assertIn("2 / 0", outcome["traceback"])
        self.assertEqual(self.report()["state"], "failed")

    def test_that_was_not_asked_anything_yet_has_nothing_to_do(self):
        self.start(initialize=False)
        self.save("deep/words.py", "WORD = 'two'\n")
        self.assertEqual(self.reload()["kind"], "unchanged")
        self.assertEqual(self.report()["state"], "starting")
        self.assertEqual(self.ask(), "two x")


if __name__ == "__main__":
    unittest.main()

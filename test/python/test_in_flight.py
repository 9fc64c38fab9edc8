"""Requests and loads that are under way when a file is saved."""

import unittest

from harness import HANDLER, WorkerTest

# Waits where a file tells it to, so that no test waits for time to pass.
WAITING = {
    "inference.py": """
        import os, pathlib, time
        from helper import decorate, WORD

        ROOT = pathlib.Path(os.environ["SMLOCAL_MAILBOX"]).parent

        def wait(name):
            (ROOT / (name + "-reached")).write_text("")
            while not (ROOT / name).exists():
                time.sleep(0.001)

        def model_fn(model_dir):
            return "model"

        def input_fn(data, content_type):
            return WORD + data

        def predict_fn(data, model):
            if "slow" in data:
                wait(data[-5:])
            return decorate(data) + model

        def output_fn(prediction, accept):
            return prediction + WORD
    """,
    "helper.py": """
        WORD = " one "

        def decorate(text):
            return text + WORD
    """,
}


class InFlight(WorkerTest):
    def reached(self, name):
        self.wait_for((self.root / (name + "-reached")).exists)

    def go(self, name):
        (self.root / name).write_text("")

    def test_a_request_finishes_on_the_code_and_the_model_that_it_started_with(self):
        self.start(WAITING)
        self.tell("start", "slow1")
        self.reached("slow1")
        self.replace("helper.py", '" one "', '" two "')
        self.replace("inference.py", 'return "model"', 'return "other"')
        self.assertEqual(self.reload()["model"], "loaded")
        self.assertEqual(self.ask("x"), " two x two other two ")
        self.tell("start", "slow2")
        self.reached("slow2")
        self.replace("helper.py", '" two "', '" three "')
        self.assertEqual(self.reload()["model"], "kept")
        self.assertEqual(self.ask("x"), " three x three other three ")
        self.go("slow1")
        self.go("slow2")
        self.assertEqual(self.tell("join", "slow1")["body"], " one slow1 one model one ")
        self.assertEqual(self.tell("join", "slow2")["body"], " two slow2 two other two ")

    def test_the_old_serves_while_a_model_loads_and_the_newest_save_wins(self):
        self.start(WAITING)
        self.replace("inference.py", 'return "model"', 'wait("load1")\n    return "other"')
        self.request()
        self.reached("load1")
        self.assertEqual(self.report()["state"], "reloading")
        self.assertEqual(self.ask("x"), " one x one model one ")
        self.replace("helper.py", '" one "', '" two "')
        self.request()
        self.replace("helper.py", '" two "', '" three "')
        self.request()
        self.assertEqual(self.ask("x"), " one x one model one ")
        self.go("load1")
        self.assertEqual(self.answered()["outcome"]["model"], "kept")
        self.assertEqual(self.ask("x"), " three x three other three ")

    def test_attributes_of_the_transformer_are_those_of_the_current_version(self):
        self.start(WAITING)
        self.tell("evaluate", "setattr(transformer, '_extra', 1)")
        self.replace("inference.py", 'return "model"', 'return "other"')
        self.reload()
        seen = "transformer._model, transformer._initialized, transformer._extra, type(transformer).__name__"
        self.assertEqual(self.tell("evaluate", seen), ["other", True, 1, "Transformer"])
        self.assertEqual(self.tell("evaluate", "transformer._run_handler_function(transformer._input_fn, 'x', '')"), " one x")

    def test_a_subclass_with_methods_of_its_own(self):
        self.start(WAITING, initialize=False)
        self.tell("subclass")
        self.assertEqual(self.tell("initialize"), "initialized")
        self.assertEqual(self.ask("x"), "<1  one x one model one >")
        self.replace("helper.py", '" one "', '" two "')
        self.assertEqual(self.reload()["functions"], ["input_fn", "predict_fn", "output_fn"])
        self.assertEqual(self.ask("x"), "<2  two x two model two >")


if __name__ == "__main__":
    unittest.main()

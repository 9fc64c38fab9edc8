"""Whether the loaded model stays, and whether it fits the new code if it does."""

import unittest

from harness import WorkerTest

# A model of a class of the user's, made with a helper, a table and a decorator; hooks that share things with it.
HANDLER = {
    "inference.py": """
        import enum
        import functools
        import logging
        from dataclasses import dataclass
        import network
        from network import Net, TooLong

        logger = logging.getLogger(__name__)
        LOADS = []
        TOKENIZER = None
        LIMIT = 100

        class Mode(enum.Enum):
            FAST = 1

        @dataclass(frozen=True, order=True)
        class Setting:
            mode: Mode

        def timed(function):
            @functools.wraps(function)
            def wrapper(*args):
                logger.debug("called")
                return function(*args)
            return wrapper

        @timed
        def model_fn(model_dir):
            global TOKENIZER
            TOKENIZER = object()
            net = Net(LIMIT)
            net.setting = Setting(Mode.FAST)
            net.count = 0
            return net

        @timed
        def input_fn(data, content_type):
            assert TOKENIZER is not None
            return data

        def predict_fn(data, model):
            model.count += 1
            assert isinstance(model, Net), "class"
            assert isinstance(model, network.Net), "class"
            assert model.setting.mode is Mode.FAST, "enum"
            assert model.setting == Setting(Mode.FAST), "dataclass"
            try:
                return model.run(data) + " %d" % model.count
            except TooLong:
                return "too long"

        def output_fn(prediction, accept):
            return prediction
    """,
    "network.py": """
        from words import clean, SUFFIX

        class TooLong(Exception):
            pass

        class Base:
            def run(self, text):
                if len(text) > self.limit:
                    raise TooLong()
                return clean(text)

        class Net(Base):
            def __init__(self, limit):
                self.limit = limit

        def unused_by_the_model():
            return SUFFIX
    """,
    "words.py": """
        SUFFIX = "!"

        def clean(text):
            return text.strip()

        def other():
            return SUFFIX
    """,
}


class ModelTest(WorkerTest):
    def setUp(self):
        super().setUp()
        self.start(HANDLER)
        self.assertEqual(self.ask(" x "), "x 1")

    def assert_kept(self, answer="x 2"):
        outcome = self.reload()
        self.assertEqual((outcome["kind"], outcome["model"]), ("reloaded", "kept"), outcome)
        self.assertEqual(self.ask(" x "), answer)
        self.assertEqual(self.ask("x" * 101), "too long")
        return outcome

    def assert_loaded(self, reason, answer="x 1"):
        outcome = self.reload()
        self.assertEqual((outcome["kind"], outcome["model"]), ("reloaded", "loaded"), outcome)
        self.assertEqual(outcome["reason"], reason)
        self.assertEqual(self.ask(" x "), answer)
        self.assertEqual(self.ask("x" * 101), "too long")
        return outcome


class Kept(ModelTest):
    def test_when_a_decorated_hook_beside_it_changes(self):
        self.replace("inference.py", "    return data\n", "    return data + 'y'\n")
        self.assertEqual(self.assert_kept("xy 2".replace("xy", "x y"))["functions"], ["input_fn"])

    def test_when_a_module_that_it_uses_changes_elsewhere(self):
        self.replace("words.py", '"!"', '"?"')
        self.assertEqual(self.assert_kept()["functions"], [])

    def test_when_lines_move_and_comments_come(self):
        for name in HANDLER:
            self.save(name, "# moved\n\n\n" + (self.code / name).read_text())
        self.assert_kept()

    def test_when_an_unrelated_class_function_and_constant_come(self):
        self.replace("network.py", "class TooLong", "import json\n\nOTHER = json.dumps([1])\n\nclass Third:\n    pass\n\nclass TooLong")
        self.assert_kept()

    def test_over_many_reloads(self):
        for number in range(2, 12):
            self.replace("inference.py", "    return prediction", "    prediction = prediction + '.'\n    return prediction")
            self.replace("words.py", "SUFFIX = ", "# %d\nSUFFIX = " % number)
            outcome = self.reload()
            self.assertEqual(outcome["model"], "kept", outcome)
            self.assertEqual(self.ask("x"), "x %d%s" % (number, "." * (number - 1)))


class Loaded(ModelTest):
    def test_when_model_fn_changes(self):
        self.replace("inference.py", "net.count = 0", "net.count = 10")
        self.assertEqual(self.assert_loaded("inference.model_fn changed", "x 11")["functions"], ["model_fn"])

    def test_when_a_constant_that_it_names_changes(self):
        self.replace("inference.py", "LIMIT = 100", "LIMIT = 99")
        self.assert_loaded("inference.LIMIT changed")

    def test_when_its_decorator_changes(self):
        self.replace("inference.py", '"called"', '"called it"')
        self.assert_loaded("inference.timed changed")

    def test_when_a_method_of_a_base_class_changes(self):
        self.replace("network.py", "return clean(text)", "return clean(text).title()")
        self.assert_loaded("network.Base changed", "X 1")

    def test_when_a_helper_of_a_method_changes(self):
        self.replace("words.py", "return text.strip()", "return text.strip().title()")
        self.assert_loaded("words.clean changed", "X 1")

    def test_when_the_helper_comes_from_elsewhere(self):
        self.save("others.py", "def clean(text):\n    return text.strip()\n")
        self.replace("network.py", "from words import clean, SUFFIX", "from others import clean\nfrom words import SUFFIX")
        self.assert_loaded("network.clean, others.clean, words.clean changed")

    def test_when_a_pre_model_fn_comes(self):
        self.save("inference.py", (self.code / "inference.py").read_text() + "\ndef pre_model_fn(model_dir):\n    LOADS.append(1)\n")
        self.assertEqual(self.reload()["model"], "loaded")
        self.assertEqual(self.tell("evaluate", "sys.modules['inference'].LOADS"), [1])

    def test_when_a_hook_assigns_a_variable_of_it_while_it_serves(self):
        self.replace("inference.py", "    model.count += 1", "    global LIMIT\n    LIMIT = 100\n    model.count += 1")
        self.assert_loaded("inference.LIMIT is assigned while the model serves")

    def test_with_isinstance_right_for_the_next_change(self):
        self.replace("network.py", "return clean(text)", "return clean(text).title()")
        self.assert_loaded("network.Base changed", "X 1")
        self.replace("inference.py", "    return data\n", "    return data + 'y'\n")
        self.assert_kept("X Y 3")


class Fitting(WorkerTest):
    """Handlers made to be hard."""

    def handler(self, *parts):
        hooks = "\ndef input_fn(data, content_type):\n    return data\n\ndef output_fn(prediction, accept):\n    return prediction\n"
        return "\n".join(parts) + hooks

    def test_a_table_that_a_decorator_fills_is_part_of_the_model(self):
        table = "TABLE = {}\ndef register(f):\n    TABLE[f.__name__] = f\n    return f\n"
        uses = "@register\ndef first():\n    return 'first'\n\ndef model_fn(d):\n    return TABLE['first']()\n"
        predict = "def predict_fn(data, model):\n    return model\n"
        self.start({"inference.py": self.handler(table, uses, predict)})
        self.assertEqual(self.ask(), "first")
        self.replace("inference.py", "'first'\n", "'changed'\n")
        self.assertEqual(self.reload()["model"], "loaded")
        self.assertEqual(self.ask(), "changed")

    def test_a_pickled_class_that_model_fn_never_names(self):
        network = "class Net:\n    def run(self):\n        return 'old'\n"
        load = "import pickle, network\ndef model_fn(d):\n    return pickle.loads(b'cnetwork\\nNet\\n)\\x81.')\n"
        predict = "def predict_fn(data, model):\n    return model.run()\n"
        self.start({"inference.py": self.handler(load, predict), "network.py": network})
        self.assertEqual(self.ask(), "old")
        self.replace("inference.py", "return model.run()", "return model.run() + str(isinstance(model, network.Net))")
        self.assertEqual(self.reload()["model"], "kept")
        self.assertEqual(self.ask(), "oldTrue")
        self.replace("network.py", "old", "new")
        outcome = self.reload()
        self.assertEqual((outcome["model"], outcome["reason"]), ("loaded", "network.Net changed"))
        self.assertEqual(self.ask(), "newTrue")

    def test_a_cache_that_changed_code_has_filled(self):
        cache = "CACHE = {}\ndef model_fn(d):\n    return CACHE\n"
        predict = "def predict_fn(data, model):\n    if data not in CACHE:\n        CACHE[data] = 'old'\n    return CACHE[data]\n"
        self.start({"inference.py": self.handler(cache, predict)})
        self.assertEqual(self.ask(), "old")
        self.replace("inference.py", "'old'", "'new'")
        outcome = self.reload()
        self.assertEqual(outcome["reason"], "inference.CACHE is filled by code that changed")
        self.assertEqual(self.ask(), "new")

    def test_a_subclass_that_its_base_keeps_in_a_list(self):
        base = "class Base:\n    kinds = []\n    def __init_subclass__(cls):\n        Base.kinds.append(cls)\n"
        kind = "class Kind(Base):\n    def run(self):\n        return 'old'\n"
        hooks = "def model_fn(d):\n    return [kind() for kind in Base.kinds]\n\ndef predict_fn(data, model):\n    return model[0].run() + str(len(model))\n"
        self.start({"inference.py": self.handler(base, kind, hooks)})
        self.assertEqual(self.ask(), "old1")
        self.replace("inference.py", "'old'", "'new'")
        self.assertEqual(self.reload()["model"], "loaded")
        self.assertEqual(self.ask(), "new1")

    def test_a_name_that_is_imported_and_then_replaced(self):
        hooks = "import json\njson = type('J', (), {'dumps': lambda _, x: 'mine'})()\ndef model_fn(d):\n    return json.dumps(1)\n"
        self.start({"inference.py": self.handler(hooks, "def predict_fn(data, model):\n    return model + json.dumps(1)\n")})
        self.replace("inference.py", "model + json", "model + '!' + json")
        outcome = self.reload()
        self.assertEqual(outcome["reason"], "inference.json is both imported and computed")
        self.assertEqual(self.ask(), "mine!mine")

    def test_warnings_of_the_parser_come_once(self):
        hooks = "def model_fn(d):\n    return '\\d'\ndef predict_fn(data, model):\n    return model\n"
        self.environment = {"PYTHONWARNINGS": "always"}
        self.start({"inference.py": self.handler(hooks)})
        self.assertEqual(self.printed().count("invalid escape sequence"), 1)
        self.replace("inference.py", "return model\n", "return model + '!'\n")
        self.assertEqual(self.reload()["model"], "kept")
        self.assertEqual(self.printed().count("invalid escape sequence"), 2)

    def test_names_that_are_computed(self):
        hooks = "def load():\n    return 'old'\ndef model_fn(d):\n    return globals()['lo' + 'ad']()\ndef predict_fn(data, model):\n    return model\n"
        self.start({"inference.py": self.handler(hooks)})
        self.replace("inference.py", "'old'", "'new'")
        self.assertEqual(self.reload()["model"], "loaded")
        self.assertEqual(self.ask(), "new")

    def test_star_imports_local_imports_and_circles(self):
        files = {
            "inference.py": self.handler(
                "from first import *\ndef model_fn(d):\n    from third import made\n    return made()\n"
                "def predict_fn(data, model):\n    return model + one()\n"
            ),
            "first.py": "import second\ndef one():\n    return second.two()\n",
            "second.py": "import first\ndef two():\n    return 'two'\n",
            "third.py": "def made():\n    return 'made'\n",
        }
        self.start(files)
        self.assertEqual(self.ask(), "madetwo")
        self.replace("second.py", "'two'", "'zwei'")
        self.assertEqual(self.reload()["model"], "kept")
        self.assertEqual(self.ask(), "madezwei")
        self.replace("third.py", "'made'", "'gemacht'")
        self.assertEqual(self.reload()["model"], "loaded")
        self.assertEqual(self.ask(), "gemachtzwei")

    def test_modules_imported_by_computed_names(self):
        files = {
            "inference.py": self.handler(
                "import importlib\nPLUGINS = [importlib.import_module('plugins.' + name) for name in ('a', 'b')]\n"
                "def model_fn(d):\n    return 'model '\ndef predict_fn(data, model):\n    return model + ''.join(each.word() for each in PLUGINS)\n"
            ),
            "plugins/a.py": "def word():\n    return 'a'\n",
            "plugins/b.py": "from . import c\ndef word():\n    return c.WORD\n",
            "plugins/c.py": "WORD = 'b'\n",
        }
        self.start(files)
        self.assertEqual(self.ask(), "model ab")
        self.replace("plugins/a.py", "'a'", "'A'")
        self.assertEqual(self.reload()["model"], "kept")
        self.assertEqual(self.ask(), "model Ab")
        self.replace("plugins/c.py", "'b'", "'B'")
        self.assertEqual(self.reload()["model"], "kept")
        self.assertEqual(self.ask(), "model AB")

    def test_a_warm_up_and_a_model_that_is_made_by_the_toolkits_own_order(self):
        hooks = "STEPS = []\ndef pre_model_fn(d):\n    STEPS.append('pre')\ndef model_fn(d):\n    STEPS.append('model')\n    return STEPS\n"
        warm = "def model_warmup_fn(d, model):\n    model.append('warm')\ndef predict_fn(data, model):\n    return ' '.join(model)\n"
        self.start({"inference.py": self.handler(hooks, warm)})
        self.assertEqual(self.ask(), "pre model warm")
        self.replace("inference.py", "'warm'", "'warmer'")
        self.assertEqual(self.reload()["model"], "loaded")
        self.assertEqual(self.ask(), "pre model warmer")


class HeldOnce(WorkerTest):
    """`reload: restart`: there is no room for a second model."""

    def setUp(self):
        super().setUp()
        self.environment = {"SMLOCAL_RELOAD": "restart"}
        self.start(HANDLER)
        self.assertEqual(self.ask(" x "), "x 1")

    def test_a_changed_model_is_left_to_a_process_without_the_old_one(self):
        self.replace("inference.py", "net.count = 0", "net.count = 10")
        outcome = self.reload()
        self.assertEqual(outcome["kind"], "cannot")
        self.assertEqual(
            outcome["reason"], "inference.model_fn changed, and the model is too big to be held twice"
        )
        self.assertEqual(self.ask(" x "), "x 2")

    def test_what_leaves_the_model_alone_is_taken_up(self):
        self.replace("inference.py", "    return data\n", "    return data + 'y'\n")
        self.assertEqual((self.reload()["kind"], self.ask(" x ")), ("reloaded", "x y 2"))


if __name__ == "__main__":
    unittest.main()

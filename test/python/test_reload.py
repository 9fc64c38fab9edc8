"""Saved files of a handler whose worker is live."""

import os
import unittest

from harness import HANDLER, WorkerTest


class Reload(WorkerTest):
    def test_answers_by_new_code_and_keeps_the_model(self):
        self.start()
        self.assertEqual(self.ask(), "one x")
        model = self.tell("evaluate", "id(transformer._model)")
        self.replace("inference.py", "return data\n", "return data.upper()\n")
        outcome = self.reload(["inference.py"])
        self.assertEqual(self.ask(), "one X")
        milliseconds = outcome.pop("milliseconds")
        expected = {"kind": "reloaded", "changed": ["inference.py"], "functions": ["input_fn"], "model": "kept"}
        self.assertEqual(outcome, expected)
        self.assertLess(milliseconds, 1000)
        self.assertEqual(self.tell("evaluate", "id(transformer._model)"), model)
        self.assertEqual(self.tell("evaluate", "transformer._model['requests']"), 2)
        self.assertEqual(self.printed(), "")

    def test_a_helper_two_imports_away(self):
        self.start()
        self.save("deep/words.py", "WORD = 'two'\n")
        outcome = self.reload(["deep/words.py"])
        self.assertEqual(self.ask(), "two x")
        self.assertEqual(outcome["changed"], ["deep/words.py"])
        self.assertEqual(outcome["functions"], ["predict_fn"])
        self.assertEqual(outcome["model"], "kept")

    def test_two_saves_of_one_size_and_one_time(self):
        self.start()
        for number in range(10, 20):
            self.save("deep/words.py", "WORD = '%d'\n" % number)
            os.utime(self.code / "deep/words.py", (1, 1))
            self.assertEqual(self.reload()["kind"], "reloaded")
            self.assertEqual(self.ask(), "%d x" % number)

    def test_a_new_file_and_its_import(self):
        self.start()
        self.save("extra.py", "def shout(text):\n    return text + '!'\n")
        self.replace("inference.py", "import itertools\n", "from extra import shout\n")
        self.replace("inference.py", "return prediction\n", "return shout(prediction)\n")
        outcome = self.reload(["extra.py", "inference.py"])
        self.assertEqual(self.ask(), "one x!")
        self.assertEqual(outcome["changed"], ["extra.py", "inference.py"])
        self.assertEqual(outcome["functions"], ["output_fn"])

    def test_a_new_file_that_an_optional_import_finds(self):
        optional = "try:\n    from fast import WORD\nexcept ImportError:\n    WORD = 'slow'\n"
        self.start({**HANDLER, "deep/words.py": optional})
        self.assertEqual(self.ask(), "slow x")
        self.save("fast.py", "WORD = 'fast'\n")
        self.assertEqual(self.reload(["fast.py"])["kind"], "reloaded")
        self.assertEqual(self.ask(), "fast x")
        (self.code / "fast.py").unlink()
        self.assertEqual(self.reload(["fast.py"])["changed"], ["fast.py"])
        self.assertEqual(self.ask(), "slow x")

    def test_a_package_takes_the_place_of_a_module(self):
        self.start()
        self.save("helper/__init__.py", "def decorate(text):\n    return 'package ' + text\n")
        self.assertEqual(self.reload(["helper/__init__.py"])["kind"], "reloaded")
        self.assertEqual(self.ask(), "package x")

    def test_a_deleted_file_that_nobody_imports_any_more(self):
        self.start()
        self.replace("inference.py", "from helper import decorate", "decorate = str.title")
        (self.code / "helper.py").unlink()
        outcome = self.reload(["inference.py", "helper.py"])
        self.assertEqual(outcome["changed"], ["helper.py", "inference.py"])
        self.assertEqual(self.ask(), "X")
        self.assertEqual(list(self.report()["modules"]), ["inference"])

    def test_a_helper_that_is_imported_no_more_may_break(self):
        self.start()
        self.replace("inference.py", "from helper import decorate", "decorate = str.title")
        self.reload()
        self.save("helper.py", "broken(\n")
        self.assertEqual(self.reload(["helper.py"])["kind"], "cannot")
        self.assertEqual(self.ask(), "X")

    def test_nothing_changed(self):
        self.start()
        os.utime(self.code / "helper.py")
        for paths in (None, [], ["helper.py"]):
            outcome = self.reload(paths)
            self.assertEqual((outcome["kind"], outcome["model"]), ("unchanged", "kept"))

    def test_only_a_comment_changed(self):
        self.start()
        self.replace("inference.py", "import itertools", "# A comment.\nimport itertools")
        outcome = self.reload()
        self.assertEqual((outcome["kind"], outcome["functions"], outcome["model"]), ("reloaded", [], "kept"))

    def test_the_five_hooks_are_found_as_the_toolkit_finds_them(self):
        self.start()
        without = "def model_fn(model_dir):\n    return {}\n\ndef transform_fn(model, data, content_type, accept):\n"
        self.save("inference.py", without + "    return 'transformed ' + data\n")
        outcome = self.reload()
        self.assertEqual(self.ask(), "transformed x")
        self.assertEqual(outcome["functions"], ["model_fn", "input_fn", "predict_fn", "output_fn", "transform_fn"])

    def test_hooks_with_a_context(self):
        self.start()
        self.replace("inference.py", "def output_fn(prediction, accept):", "def output_fn(prediction, accept, context):")
        self.replace("inference.py", "return prediction\n", "return prediction + context.model_name\n")
        self.reload()
        self.assertEqual(self.ask(), "one xmodel")

    def test_digests_are_of_what_runs(self):
        import hashlib

        self.start()
        modules = self.report()["modules"]
        self.assertEqual(set(modules), {"inference", "helper", "deep", "deep.words"})
        self.save("deep/words.py", "WORD = 'saved, not loaded'\n")
        self.assertEqual(self.report()["modules"], modules)
        self.reload()
        digest = hashlib.sha256((self.code / "deep/words.py").read_bytes()).hexdigest()
        self.assertEqual(self.report()["modules"]["deep.words"], {"file": "deep/words.py", "digest": digest})
        self.assertEqual(self.report()["state"], "ready")

    def test_the_same_text_in_another_encoding_is_other_code(self):
        self.start({**HANDLER, "deep/words.py": "WORD = 'e'\n"})
        text = b"# coding: %s\nWORD = '\xc3\xa9'\n"
        for encoding, word in ((b"utf-8", "\u00e9"), (b"latin-1", "\u00c3\u00a9")):
            (self.code / "deep/words.py").write_bytes(text % encoding)
            self.assertEqual(self.reload()["functions"], ["predict_fn"])
            self.assertEqual(self.ask(), word + " x")

    def test_stale_bytecode_is_not_used(self):
        self.start()
        self.assertEqual(list(self.code.rglob("*.pyc")), [])


class Data(WorkerTest):
    """What is no module is the business of another tier."""

    def test_a_data_file(self):
        self.start({**HANDLER, "labels.json": "[1]"})
        self.save("labels.json", "[2]")
        for paths in (["labels.json"], None):
            outcome = self.reload(paths)
            self.assertEqual(outcome["kind"], "cannot")
            self.assertEqual(outcome["reason"], "labels.json is no module that the handler imports")
            self.request_id += 1  # As if a request had been missed.

    def test_a_data_file_and_a_module_together(self):
        self.start({**HANDLER, "labels.json": "[1]"})
        self.save("labels.json", "[2]")
        self.save("deep/words.py", "WORD = 'two'\n")
        self.assertEqual(self.reload(["deep/words.py", "labels.json"])["kind"], "cannot")
        self.assertEqual(self.ask(), "one x")

    def test_a_module_that_no_import_sees(self):
        self.start()
        self.save("train.py", "import helper\n")
        self.assertEqual(self.reload(["train.py"])["kind"], "cannot")

    def test_a_data_file_that_was_only_touched(self):
        self.start({**HANDLER, "labels.json": "[1]"})
        os.utime(self.code / "labels.json", (1, 1))
        self.assertEqual(self.reload(["labels.json"])["kind"], "unchanged")

    def test_only_what_the_host_names_counts(self):
        self.start()
        self.save("notes.log", "ignored by .gitignore, say")
        self.save("deep/words.py", "WORD = 'two'\n")
        self.assertEqual(self.reload(["deep/words.py"])["kind"], "reloaded")

    def test_a_file_that_would_take_the_place_of_a_library(self):
        self.start()
        self.save("itertools.py", "")  # Built in: an import would not see it.
        self.assertEqual(self.reload([])["kind"], "unchanged")
        self.replace("inference.py", "import itertools", "import json")
        self.assertEqual(self.reload([])["kind"], "reloaded")
        self.save("json.py", "")
        outcome = self.reload(["json.py"])
        self.assertEqual(outcome["kind"], "cannot")
        self.assertEqual(outcome["reason"], "json.py takes the place of the module json, which is loaded already")


if __name__ == "__main__":
    unittest.main()

"""Processes: several workers, forked ones, dead ones."""

import json
import os
import signal
import stat
import subprocess
import sys
import unittest

from harness import WorkerTest


class Workers(WorkerTest):
    def reports(self):
        found = []
        for path in self.mailbox.glob("worker-*.json"):
            try:
                found.append(json.loads(path.read_text()))
            except FileNotFoundError:
                pass  # Swept meanwhile.
        return found

    def test_a_worker_says_who_it_is(self):
        self.start()
        [report] = self.reports()
        self.assertEqual((report["pid"], report["id"], report["state"], report["outcome"]), (self.process.pid, 0, "ready", None))
        with open("/proc/%d/stat" % self.process.pid) as file:
            self.assertEqual(report["started"], int(file.read().rpartition(")")[2].split()[19]))
        mode = os.stat(self.mailbox / ("worker-%d.json" % self.process.pid)).st_mode
        self.assertEqual(stat.S_IMODE(mode), 0o644)
        self.assertEqual(len(list(self.mailbox.iterdir())), 1)

    def test_takes_its_file_away_at_its_end(self):
        self.start()
        self.stop()
        self.assertEqual(list(self.mailbox.iterdir()), [])

    def test_sweeps_up_after_killed_workers_and_those_whose_pid_another_has_now(self):
        self.start()
        dead = subprocess.Popen([sys.executable, "-c", ""])
        dead.wait()
        for pid, started in ((dead.pid, 1), (os.getpid(), 1)):
            (self.mailbox / ("worker-%d.json" % pid)).write_text(json.dumps({"pid": pid, "started": started, "id": 0}))
        self.request()
        self.wait_for(lambda: [report["id"] for report in self.reports()] == [1])

    def test_several_workers_answer_one_request(self):
        self.start()
        first = self.process
        self.addCleanup(first.stdout.close)
        self.addCleanup(first.stdin.close)
        self.start()
        self.assertEqual(len(self.reports()), 2)
        self.save("deep/words.py", "WORD = 'two'\n")
        self.request()
        reports = self.wait_for(lambda: all(report["id"] == 1 for report in self.reports()) and self.reports())
        self.assertEqual([report["outcome"]["kind"] for report in reports], ["reloaded"] * 2)
        self.assertEqual(self.ask(), "two x")
        first.send_signal(signal.SIGKILL)
        first.wait()
        self.request()
        self.wait_for(lambda: [report["id"] for report in self.reports()] == [2])

    def test_a_forked_worker_is_one_as_soon_as_it_serves_and_is_never_behind(self):
        self.start()
        child = self.tell("fork")
        self.addCleanup(os.kill, child, signal.SIGKILL)
        self.save("deep/words.py", "WORD = 'two'\n")
        self.reload()  # The child is not waited for.
        self.assertEqual(self.tell("invoke_child", "x")["body"], "two x")
        self.assertEqual({report["pid"]: report["id"] for report in self.reports()}, {self.process.pid: 1, child: 1})
        self.save("deep/words.py", "WORD = 'three'\n")
        self.request()
        self.wait_for(lambda: [report["id"] for report in self.reports()] == [2, 2])
        self.assertEqual((self.tell("invoke_child", "x")["body"], self.ask()), ("three x", "three x"))

    def test_an_unreadable_request_is_no_request(self):
        self.start()
        for text in ("", "[]", '{"id": "1"}', '{"id": '):
            (self.mailbox / "new").write_text(text)
            os.replace(self.mailbox / "new", self.mailbox / "request.json")
        self.request_id = 6
        (self.mailbox / "new").write_text(json.dumps({"id": 7, "later": {"members": []}, "paths": "none"}))
        os.replace(self.mailbox / "new", self.mailbox / "request.json")
        self.request_id = 7
        self.assertEqual(self.answered()["outcome"]["kind"], "unchanged")


if __name__ == "__main__":
    unittest.main()

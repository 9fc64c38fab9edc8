"""A process and all that it has started, whatever became of its parents."""

import ctypes
import os
import signal
import sys
import time

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36

LINUX = sys.platform.startswith("linux")


def adopt_orphans():
    """Makes this process the parent of every descendant whose own has ended, so that none gets away. Linux only."""
    if LINUX:
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def die_with_parent():
    """Even should this launcher itself be killed. Linux only."""
    if LINUX:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def send(pid, number):
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


def wait(pid):
    """The exit status of `pid`; orphans that were adopted are collected meanwhile."""
    while True:
        ended, status = os.wait()
        if ended == pid:
            return status


def end_all():
    """Kills every descendant, and what they start while they are being killed."""
    while True:
        found = descendants(os.getpid())
        for pid in found:
            send(pid, signal.SIGKILL)
        if not found and not collect():
            return
        time.sleep(0.005)


def collect():
    """Takes note of children that have ended. @returns whether there are others"""
    try:
        while os.waitpid(-1, os.WNOHANG)[0] != 0:
            pass
        return True
    except ChildProcessError:
        return False


def descendants(root):
    """The numbers of all that `root` has started and that still runs."""
    parents = parents_by_pid()
    found, grown = {root}, True
    while grown:
        more = {pid for pid, parent in parents.items() if parent in found} - found
        grown = bool(more)
        found |= more
    return found - {root}


def parents_by_pid():
    if not LINUX:
        return parents_by_ps()
    parents = {}
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open("/proc/%s/stat" % name, "rb") as file:
                state, parent = file.read().rsplit(b")", 1)[1].split()[:2]
        except OSError:
            continue  # It has ended meanwhile.
        if state != b"Z":
            parents[int(name)] = int(parent)
    return parents


def parents_by_ps():
    import subprocess

    lines = subprocess.run(["ps", "-axo", "pid=,ppid="], capture_output=True, text=True).stdout
    return {int(pid): int(parent) for pid, parent in map(str.split, lines.splitlines())}

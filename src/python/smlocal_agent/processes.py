"""Which process is which: a pid alone may have been given to another process since."""

import os


def start_time(pid):
    """When a process started, in the kernel's ticks since boot; None where there is no such process or no /proc."""
    fields = _status(pid)
    return int(fields[19]) if fields else None


def is_alive(pid, started):
    """Whether that very process still runs; taken for alive where the system does not tell."""
    if not os.path.exists("/proc/self/stat"):
        return True
    fields = _status(pid)
    return bool(fields) and fields[0] not in ("Z", "X") and started in (None, int(fields[19]))


def _status(pid):
    """The fields of /proc/<pid>/stat after the program's name, which may hold blanks and brackets."""
    try:
        with open("/proc/%d/stat" % pid, "rb") as file:
            return file.read().decode("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return None

"""The paths of SageMaker's containers, really there: in a mount namespace of the process's own. Linux only."""

import ctypes
import os
import sys

CLONE_NEWNS, CLONE_NEWUSER = 0x00020000, 0x10000000
MS_RDONLY, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 1, 32, 4096, 16384, 1 << 18
MS_KEEP = 2 | 4 | 8 | 1024 | 2048 | (1 << 21)  # nosuid, nodev, noexec, noatime, nodiratime, relatime


def show(mounts, directory):
    """Mounts each source at its target, read-only unless it says `writable`, for this process and its children.

    directory: an empty folder of ours, on which the parents of the targets are made
    @returns False where the system does not allow it; nothing has then been changed
    """
    if not sys.platform.startswith("linux") or not _new_namespace():
        return False
    for top in sorted({_top(mount["target"]) for mount in mounts}):
        _make_room(top, directory)
    for mount in sorted(mounts, key=lambda mount: mount["target"].count("/")):
        _bind(mount["source"], mount["target"], mount.get("writable") is True)
    return True


def _new_namespace():
    uid, gid = os.getuid(), os.getgid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNS) != 0:
        if libc.unshare(CLONE_NEWNS | CLONE_NEWUSER) != 0:
            return False
        _write("/proc/self/setgroups", "deny")
        _write("/proc/self/uid_map", "%d %d 1" % (uid, uid))
        _write("/proc/self/gid_map", "%d %d 1" % (gid, gid))
    # What is mounted here is not to be seen outside.
    return _mount(None, "/", None, MS_REC | MS_PRIVATE) == 0


def _make_room(top, directory):
    """Covers a folder such as /opt with one in which we may make others; what is in it stays to be seen."""
    staging = os.path.join(directory, "staging" + top.replace("/", "-"))
    os.makedirs(staging, exist_ok=True)
    _check(_mount("tmpfs", staging, "tmpfs", 0), staging)
    for entry in os.scandir(top) if os.path.isdir(top) else ():
        place = os.path.join(staging, entry.name)
        if entry.is_symlink():
            os.symlink(os.readlink(entry.path), place)
            continue
        _make_place(entry.path, place)
        _check(_mount(entry.path, place, None, MS_BIND | MS_REC), place)
    _check(_mount(staging, top, None, MS_BIND | MS_REC), top)


def _bind(source, target, writable):
    if not os.path.lexists(target):
        _make_place(source, target)
    _check(_mount(source, target, None, MS_BIND | MS_REC), target)
    if not writable:
        flags = os.statvfs(target).f_flag & MS_KEEP
        _check(_mount(None, target, None, MS_REMOUNT | MS_BIND | MS_RDONLY | flags), target)


def _make_place(source, target):
    """Something of the same kind to mount on."""
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
        return
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with open(target, "a"):
        pass


def _top(target):
    return "/" + target.split("/")[1]


def _mount(source, target, kind, flags):
    encode = lambda text: None if text is None else os.fsencode(text)  # noqa: E731
    libc = ctypes.CDLL(None, use_errno=True)
    return libc.mount(encode(source), encode(target), encode(kind), ctypes.c_ulong(flags), None)


def _check(result, place):
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, "cannot mount: %s" % os.strerror(number), place)


def _write(path, text):
    with open(path, "w") as file:
        file.write(text)

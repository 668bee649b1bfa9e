"""A seccomp filter for user code: an allow-list by system call, closed to machines without a table."""

from __future__ import annotations

import ctypes
import os
import platform
import struct
from collections.abc import Iterator

from workers.sandbox.syscalls import ALLOWED, GUARDED, REFUSED, TABLES

ALLOW, EPERM, ENOSYS, KILL = 0x7FFF0000, 0x00050000 | 1, 0x00050000 | 38, 0x80000000
_LOAD, _EQUAL, _AT_LEAST, _AND, _RETURN = 0x20, 0x15, 0x35, 0x54, 0x06
_NUMBER, _ARCH, _ARGS = 0, 4, 16
CLONE_THREAD = 0x00010000
_FCNTL_REFUSED = (8, 10, 15, 1026)  # F_SETOWN, F_SETSIG, F_SETOWN_EX, F_NOTIFY: signals to others
_IOCTL_ALLOWED = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)  # terminal? window, bytes left, non-blocking, cloexec
_PRCTL_ALLOWED = (3, 15, 16, 0x53564D41)  # read dumpable, set and read the thread's name, name memory


class NoFilter(OSError):
    """This machine has no table of system calls, or its kernel takes no filter."""


def program(machine: str, pid: int) -> bytes:
    """The filter as BPF for a machine ("x86_64", "aarch64"); `pid` is the process that may signal itself."""
    if machine not in TABLES:
        raise NoFilter(f"there is no table of system calls for {machine}")
    audit, numbers = TABLES[machine]
    code = [_op(_LOAD, _ARCH), _op(_EQUAL, audit, 1, 0), _op(_RETURN, KILL), _op(_LOAD, _NUMBER)]
    if machine == "x86_64":
        # The x32 interface has numbers of its own for the same calls.
        code += [_op(_AT_LEAST, 0x40000000, 0, 1), _op(_RETURN, ENOSYS)]
    for name, number in numbers.items():
        rules = [_op(_RETURN, ALLOW if name in ALLOWED else EPERM)] if name in ALLOWED | REFUSED else \
            [*_guard(name, pid)]
        code += [_op(_EQUAL, number, 0, len(rules)), *rules]
    return b"".join([*code, _op(_RETURN, ENOSYS)])


def _guard(name: str, pid: int) -> Iterator[bytes]:
    """The rules of a call that is allowed with certain arguments only; each path ends in a return."""
    assert name in GUARDED
    if name == "clone":
        # Threads, never processes.
        yield from (_op(_LOAD, _ARGS), _op(_AND, CLONE_THREAD), _op(_EQUAL, CLONE_THREAD, 0, 1), _op(_RETURN, ALLOW))
    elif name == "prlimit64":
        # Reading limits: the pointer to a new one is null, both halves of it.
        yield from (_op(_LOAD, _ARGS + 16), _op(_EQUAL, 0, 0, 3), _op(_LOAD, _ARGS + 20), _op(_EQUAL, 0, 0, 1),
                    _op(_RETURN, ALLOW))
    elif name == "tgkill":
        yield from (_op(_LOAD, _ARGS), _op(_EQUAL, pid, 0, 1), _op(_RETURN, ALLOW))
    elif name == "fcntl":
        yield _op(_LOAD, _ARGS + 8)
        for refused in _FCNTL_REFUSED:
            yield from (_op(_EQUAL, refused, 0, 1), _op(_RETURN, EPERM))
        yield _op(_RETURN, ALLOW)
        return
    else:
        yield _op(_LOAD, _ARGS + (8 if name == "ioctl" else 0))
        for allowed in _IOCTL_ALLOWED if name == "ioctl" else _PRCTL_ALLOWED:
            yield from (_op(_EQUAL, allowed, 0, 1), _op(_RETURN, ALLOW))
    yield _op(_RETURN, EPERM)


def _op(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("=HBBI", code, yes, no, value & 0xFFFFFFFF)


def install() -> None:
    """Filter the calling process for good; raises NoFilter. Needs no privilege once no_new_privs is set."""
    code = program(platform.machine(), os.getpid())
    held = ctypes.create_string_buffer(code, len(code))
    head = struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(held))
    libc = ctypes.CDLL(None, use_errno=True)
    prctl_seccomp, mode_filter = 22, 2
    if libc.prctl(prctl_seccomp, mode_filter, head, 0, 0):
        raise NoFilter(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

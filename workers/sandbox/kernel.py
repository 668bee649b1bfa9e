"""The kernel's locks by ctypes: Landlock, capabilities, namespaces, limits; each raises when it cannot close."""

from __future__ import annotations

import ctypes
import os
import resource
import struct
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cache

READ = 1 << 2 | 1 << 3  # read files, list directories
WRITE = READ | 1 << 1 | 1 << 4 | 1 << 5 | 1 << 7 | 1 << 8 | 1 << 14  # write, remove, make folders and files, truncate
_FILE_RIGHTS = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 14
_OLDEST_ABI = 1
_CREATE, _ADD, _RESTRICT = 444, 445, 446
_LANDLOCK_BY_ABI = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1, 5: (1 << 16) - 1}
_NEWUSER, _NEWNET, _NEWIPC, _NEWUTS = 0x10000000, 0x40000000, 0x08000000, 0x04000000
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_CAPBSET_DROP, _PR_NO_NEW_PRIVS = 1, 4, 24, 38
_SYS_CAPSET = {"x86_64": 126, "aarch64": 91}


class CannotLock(OSError):
    """The kernel refused a lock that the tier promises."""


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _must(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise CannotLock(number, f"{what}: {os.strerror(number)}")
    return result


def landlock_abi() -> int:
    """The version of Landlock this kernel has, or 0."""
    return max(0, int(_libc().syscall(_CREATE, None, 0, 1)))


def has_landlock() -> bool:
    """Whether this kernel can fence files. What an old version misses (truncation, TCP) the seccomp filter refuses."""
    return landlock_abi() >= _OLDEST_ABI


def no_new_privileges() -> None:
    """Nothing this process starts may gain rights; Landlock and seccomp ask for it."""
    _must(_libc().prctl(_PR_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")


def die_with_parent() -> None:
    """Be killed when the thread that started this process ends."""
    _must(_libc().prctl(_PR_SET_PDEATHSIG, 9, 0, 0, 0), "pdeathsig")


def restrict_files(rules: Mapping[str, int]) -> None:
    """Deny every path but those below the given ones, TCP, and (from ABI 6) signals and abstract sockets."""
    abi = landlock_abi()
    if abi < _OLDEST_ABI:
        raise CannotLock(38, f"Landlock ABI {abi} is too old")
    handled = _LANDLOCK_BY_ABI[min(abi, 5)]
    size = 24 if abi >= 6 else 16 if abi >= 4 else 8
    attributes = struct.pack("=QQQ", handled, 0b11, 0b11)[:size]
    ruleset = _must(_libc().syscall(_CREATE, attributes, len(attributes), 0), "landlock")
    try:
        for path, rights in rules.items():
            _allow(ruleset, path, rights & handled)
        _must(_libc().syscall(_RESTRICT, ruleset, 0), "landlock_restrict_self")
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    # A path that is not there needs no rule: nothing below it can be read.
    with suppress(FileNotFoundError, PermissionError):
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            if not os.path.isdir(path):
                rights &= _FILE_RIGHTS
            rule = struct.pack("=Qi", rights, place)
            _must(_libc().syscall(_ADD, ruleset, 1, rule, 0), f"landlock rule {path}")
        finally:
            os.close(place)


def drop_capabilities() -> None:
    """Give up every capability; a no-op for ordinary users, what makes root one of them."""
    for capability in range(64):
        # Refused to ordinary users, who have none to drop.
        _libc().prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)
    head = struct.pack("=Ii", 0x20080522, 0)
    number = _SYS_CAPSET.get(os.uname().machine)
    if number is None:
        raise CannotLock(38, f"no table for {os.uname().machine}")
    _must(_libc().syscall(number, head, struct.pack("=6I", 0, 0, 0, 0, 0, 0)), "capset")


def leave_network() -> bool:
    """Move into a network of its own, with nothing in it; False where the kernel does not let us."""
    user, group = os.getuid(), os.getgid()
    if _libc().unshare(_NEWUSER | _NEWNET | _NEWIPC | _NEWUTS) != 0:
        return False
    for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        # Without a map the process is nobody to the rest of the machine, which is no worse.
        with suppress(OSError), open(f"/proc/self/{name}", "w", encoding="ascii") as file:
            file.write(text)
    return True


def limit(limits: Iterable[tuple[int, int]]) -> None:
    """Hard limits of this process; none is ever raised."""
    for name, value in limits:
        _, hard = resource.getrlimit(name)
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(name, (value, value))


def undumpable() -> None:
    """No core dumps, and no other process may look into this one."""
    _libc().prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)

"""System calls by name and number for the sandbox: what user code may ask of the kernel, and what is refused."""

from __future__ import annotations

from collections.abc import Mapping


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


ALLOWED = _names("""
    read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2 open openat openat2 creat close
    close_range stat fstat lstat newfstatat statx statfs fstatfs access faccessat faccessat2 readlink readlinkat
    lseek getdents getdents64 getcwd chdir fchdir mkdir mkdirat rmdir unlink unlinkat rename renameat renameat2
    ftruncate fallocate fsync fdatasync sync_file_range fadvise64 flock dup dup2 dup3 pipe pipe2 sendfile
    copy_file_range umask mmap munmap mprotect mremap madvise brk msync mincore futex futex_waitv set_robust_list
    get_robust_list rseq set_tid_address exit exit_group sched_yield sched_getaffinity sched_getparam
    sched_getscheduler sched_get_priority_max sched_get_priority_min getcpu membarrier gettid getpid getppid getpgrp
    getpgid getsid getuid geteuid getgid getegid getgroups getresuid getresgid getpriority capget rt_sigaction
    rt_sigprocmask rt_sigreturn rt_sigtimedwait rt_sigsuspend rt_sigpending sigaltstack restart_syscall pause
    clock_gettime clock_getres clock_nanosleep nanosleep gettimeofday time times getitimer setitimer alarm poll
    ppoll select pselect6 epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_create eventfd2 eventfd uname sysinfo
    getrusage getrlimit getrandom arch_prctl
""")
"""Enough for pandas, NumPy, PyArrow, DuckDB, scikit-learn and Plotly with threads; file access is Landlock's matter."""

GUARDED = frozenset(("clone", "fcntl", "ioctl", "prctl", "prlimit64", "tgkill"))
"""Allowed with certain arguments only; seccomp.py says which."""

REFUSED = _names("""
    fork vfork execve execveat kill tkill ptrace process_vm_readv process_vm_writev pidfd_open pidfd_send_signal
    pidfd_getfd rt_sigqueueinfo rt_tgsigqueueinfo socket socketpair connect bind listen accept accept4 sendto
    sendmsg sendmmsg recvfrom recvmsg recvmmsg mount umount2 chroot pivot_root setns unshare bpf perf_event_open
    keyctl add_key request_key userfaultfd io_uring_setup io_uring_enter io_uring_register chmod fchmod fchmodat
    fchmodat2 chown fchown lchown fchownat utime utimes utimensat futimesat setxattr lsetxattr fsetxattr removexattr
    lremovexattr fremovexattr symlink symlinkat link linkat mknod mknodat memfd_create shmget shmat shmctl msgget
    semget mq_open inotify_init inotify_init1 fanotify_init setuid setgid setreuid setregid setresuid setresgid
    setgroups capset setpgid setsid setrlimit setpriority sched_setaffinity sched_setscheduler sethostname
    name_to_handle_at open_by_handle_at init_module finit_module kexec_load reboot swapon timer_create truncate
    personality vmsplice splice tee seccomp
""")
"""Answered with "not permitted". Whatever is in no list is answered with "not implemented", as an old kernel would.

Landlock does not cover changing modes, owners and times of files, nor links, so these are refused here.
"""

X86_64: Mapping[str, int] = {
    "read": 0, "write": 1, "readv": 19, "writev": 20, "pread64": 17, "pwrite64": 18, "preadv": 295, "pwritev": 296,
    "preadv2": 327, "pwritev2": 328, "open": 2, "openat": 257, "openat2": 437, "creat": 85, "close": 3,
    "close_range": 436, "stat": 4, "fstat": 5, "lstat": 6, "newfstatat": 262, "statx": 332, "statfs": 137,
    "fstatfs": 138, "access": 21, "faccessat": 269, "faccessat2": 439, "readlink": 89, "readlinkat": 267, "lseek": 8,
    "getdents": 78, "getdents64": 217, "getcwd": 79, "chdir": 80, "fchdir": 81, "mkdir": 83, "mkdirat": 258,
    "rmdir": 84, "unlink": 87, "unlinkat": 263, "rename": 82, "renameat": 264, "renameat2": 316, "truncate": 76,
    "ftruncate": 77, "fallocate": 285, "fsync": 74, "fdatasync": 75, "sync_file_range": 277, "fadvise64": 221,
    "flock": 73, "dup": 32, "dup2": 33, "dup3": 292, "pipe": 22, "pipe2": 293, "sendfile": 40, "copy_file_range": 326,
    "umask": 95, "mmap": 9, "munmap": 11, "mprotect": 10, "mremap": 25, "madvise": 28, "brk": 12, "msync": 26,
    "mincore": 27, "futex": 202, "futex_waitv": 449, "set_robust_list": 273, "get_robust_list": 274, "rseq": 334,
    "set_tid_address": 218, "exit": 60, "exit_group": 231, "sched_yield": 24, "sched_getaffinity": 204,
    "sched_getparam": 143, "sched_getscheduler": 145, "sched_get_priority_max": 146, "sched_get_priority_min": 147,
    "getcpu": 309, "membarrier": 324, "gettid": 186, "getpid": 39, "getppid": 110, "getpgrp": 111, "getpgid": 121,
    "getsid": 124, "getuid": 102, "geteuid": 107, "getgid": 104, "getegid": 108, "getgroups": 115, "getresuid": 118,
    "getresgid": 120, "getpriority": 140, "capget": 125, "rt_sigaction": 13, "rt_sigprocmask": 14, "rt_sigreturn": 15,
    "rt_sigtimedwait": 128, "rt_sigsuspend": 130, "rt_sigpending": 127, "sigaltstack": 131, "restart_syscall": 219,
    "pause": 34, "clock_gettime": 228, "clock_getres": 229, "clock_nanosleep": 230, "nanosleep": 35,
    "gettimeofday": 96, "time": 201, "times": 100, "getitimer": 36, "setitimer": 38, "alarm": 37, "poll": 7,
    "ppoll": 271, "select": 23, "pselect6": 270, "epoll_create1": 291, "epoll_ctl": 233, "epoll_wait": 232,
    "epoll_pwait": 281, "epoll_create": 213, "eventfd2": 290, "eventfd": 284, "uname": 63, "sysinfo": 99,
    "getrusage": 98, "getrlimit": 97, "getrandom": 318, "arch_prctl": 158, "clone": 56, "tgkill": 234, "fcntl": 72,
    "ioctl": 16, "prctl": 157, "prlimit64": 302, "fork": 57, "vfork": 58, "execve": 59, "execveat": 322, "kill": 62,
    "tkill": 200, "ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311, "pidfd_open": 434,
    "pidfd_send_signal": 424, "pidfd_getfd": 438, "rt_sigqueueinfo": 129, "rt_tgsigqueueinfo": 297, "socket": 41,
    "socketpair": 53, "connect": 42, "bind": 49, "listen": 50, "accept": 43, "accept4": 288, "sendto": 44,
    "sendmsg": 46, "sendmmsg": 307, "recvfrom": 45, "recvmsg": 47, "recvmmsg": 299, "mount": 165, "umount2": 166,
    "chroot": 161, "pivot_root": 155, "setns": 308, "unshare": 272, "bpf": 321, "perf_event_open": 298, "keyctl": 250,
    "add_key": 248, "request_key": 249, "userfaultfd": 323, "io_uring_setup": 425, "io_uring_enter": 426,
    "io_uring_register": 427, "chmod": 90, "fchmod": 91, "fchmodat": 268, "fchmodat2": 452, "chown": 92, "fchown": 93,
    "lchown": 94, "fchownat": 260, "utime": 132, "utimes": 235, "utimensat": 280, "futimesat": 261, "setxattr": 188,
    "lsetxattr": 189, "fsetxattr": 190, "removexattr": 197, "lremovexattr": 198, "fremovexattr": 199, "symlink": 88,
    "symlinkat": 266, "link": 86, "linkat": 265, "mknod": 133, "mknodat": 259, "memfd_create": 319, "shmget": 29,
    "shmat": 30, "shmctl": 31, "msgget": 68, "semget": 64, "mq_open": 240, "inotify_init": 253, "inotify_init1": 294,
    "fanotify_init": 300, "setuid": 105, "setgid": 106, "setreuid": 113, "setregid": 114, "setresuid": 117,
    "setresgid": 119, "setgroups": 116, "capset": 126, "setpgid": 109, "setsid": 112, "setrlimit": 160,
    "setpriority": 141, "sched_setaffinity": 203, "sched_setscheduler": 144, "sethostname": 170,
    "name_to_handle_at": 303, "open_by_handle_at": 304, "init_module": 175, "finit_module": 313, "kexec_load": 246,
    "reboot": 169, "swapon": 167, "timer_create": 222, "personality": 135, "vmsplice": 278, "splice": 275, "tee": 276,
    "seccomp": 317,
}

AARCH64: Mapping[str, int] = {
    "read": 63, "write": 64, "readv": 65, "writev": 66, "pread64": 67, "pwrite64": 68, "preadv": 69, "pwritev": 70,
    "preadv2": 286, "pwritev2": 287, "openat": 56, "openat2": 437, "close": 57, "close_range": 436, "fstat": 80,
    "newfstatat": 79, "statx": 291, "statfs": 43, "fstatfs": 44, "faccessat": 48, "faccessat2": 439, "readlinkat": 78,
    "lseek": 62, "getdents64": 61, "getcwd": 17, "chdir": 49, "fchdir": 50, "mkdirat": 34, "unlinkat": 35,
    "renameat": 38, "renameat2": 276, "truncate": 45, "ftruncate": 46, "fallocate": 47, "fsync": 82, "fdatasync": 83,
    "sync_file_range": 84, "fadvise64": 223, "flock": 32, "dup": 23, "dup3": 24, "pipe2": 59, "sendfile": 71,
    "copy_file_range": 285, "umask": 166, "mmap": 222, "munmap": 215, "mprotect": 226, "mremap": 216, "madvise": 233,
    "brk": 214, "msync": 227, "mincore": 232, "futex": 98, "futex_waitv": 449, "set_robust_list": 99,
    "get_robust_list": 100, "rseq": 293, "set_tid_address": 96, "exit": 93, "exit_group": 94, "sched_yield": 124,
    "sched_getaffinity": 123, "sched_getparam": 121, "sched_getscheduler": 120, "sched_get_priority_max": 125,
    "sched_get_priority_min": 126, "getcpu": 168, "membarrier": 283, "gettid": 178, "getpid": 172, "getppid": 173,
    "getpgid": 155, "getsid": 156, "getuid": 174, "geteuid": 175, "getgid": 176, "getegid": 177, "getgroups": 158,
    "getresuid": 148, "getresgid": 150, "getpriority": 141, "capget": 90, "rt_sigaction": 134, "rt_sigprocmask": 135,
    "rt_sigreturn": 139, "rt_sigtimedwait": 137, "rt_sigsuspend": 133, "rt_sigpending": 136, "sigaltstack": 132,
    "restart_syscall": 128, "clock_gettime": 113, "clock_getres": 114, "clock_nanosleep": 115, "nanosleep": 101,
    "gettimeofday": 169, "times": 153, "getitimer": 102, "setitimer": 103, "ppoll": 73, "pselect6": 72,
    "epoll_create1": 20, "epoll_ctl": 21, "epoll_pwait": 22, "eventfd2": 19, "uname": 160, "sysinfo": 179,
    "getrusage": 165, "getrlimit": 163, "getrandom": 278, "clone": 220, "tgkill": 131, "fcntl": 25, "ioctl": 29,
    "prctl": 167, "prlimit64": 261, "execve": 221, "execveat": 281, "kill": 129, "tkill": 130, "ptrace": 117,
    "process_vm_readv": 270, "process_vm_writev": 271, "pidfd_open": 434, "pidfd_send_signal": 424,
    "pidfd_getfd": 438, "rt_sigqueueinfo": 138, "rt_tgsigqueueinfo": 240, "socket": 198, "socketpair": 199,
    "connect": 203, "bind": 200, "listen": 201, "accept": 202, "accept4": 242, "sendto": 206, "sendmsg": 211,
    "sendmmsg": 269, "recvfrom": 207, "recvmsg": 212, "recvmmsg": 243, "mount": 40, "umount2": 39, "chroot": 51,
    "pivot_root": 41, "setns": 268, "unshare": 97, "bpf": 280, "perf_event_open": 241, "keyctl": 219, "add_key": 217,
    "request_key": 218, "userfaultfd": 282, "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427,
    "fchmod": 52, "fchmodat": 53, "fchmodat2": 452, "fchown": 55, "fchownat": 54, "utimensat": 88, "setxattr": 5,
    "lsetxattr": 6, "fsetxattr": 7, "removexattr": 14, "lremovexattr": 15, "fremovexattr": 16, "symlinkat": 36,
    "linkat": 37, "mknodat": 33, "memfd_create": 279, "shmget": 194, "shmat": 196, "shmctl": 195, "msgget": 186,
    "semget": 190, "mq_open": 180, "inotify_init1": 26, "fanotify_init": 262, "setuid": 146, "setgid": 144,
    "setreuid": 145, "setregid": 143, "setresuid": 147, "setresgid": 149, "setgroups": 159, "capset": 91,
    "setpgid": 154, "setsid": 157, "setrlimit": 164, "setpriority": 140, "sched_setaffinity": 122,
    "sched_setscheduler": 119, "sethostname": 161, "name_to_handle_at": 264, "open_by_handle_at": 265,
    "init_module": 105, "finit_module": 273, "kexec_load": 104, "reboot": 142, "swapon": 224, "timer_create": 107,
    "personality": 92, "vmsplice": 75, "splice": 76, "tee": 77, "seccomp": 277,
}

TABLES: Mapping[str, tuple[int, Mapping[str, int]]] = {
    "x86_64": (0xC000003E, X86_64),
    "aarch64": (0xC00000B7, AARCH64),
}
"""By machine: the audit word a filter compares first, and the numbers. A machine that is not here has no sandbox."""

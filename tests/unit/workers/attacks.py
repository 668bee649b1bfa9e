"""More than thirty attacks on the Python sandbox: expressions of which none may come to its end."""

from __future__ import annotations

SYSCALL = "__import__('ctypes').CDLL(None).syscall"

ATTACKS: dict[str, str] = {
    "read the password file": "open('/etc/passwd').read()",
    "read the application's files": "open({root!r} + '/canvas/settings.py').read()",
    "read a secret beside it": "open({secret!r}).read()",
    "read it by a symbolic link": "(__import__('os').symlink({secret!r}, 'link'), open('link').read())",
    "read it by a hard link": "(__import__('os').link({secret!r}, 'hard'), open('hard').read())",
    "read it through its own root": "open('/proc/self/root' + {secret!r}).read()",
    "read it through the folder above": "open('../../../' + '../' * 20 + {secret!r}).read()",
    "read it with pandas": "pd.read_csv({secret!r})",
    "read it with DuckDB": "__import__('duckdb').read_csv({secret!r}).fetchall()",
    "read the parent's environment": "assert_text(open('/proc/%d/environ' % __import__('os').getppid()).read())",
    "read its own environment for secrets": "__import__('os').environ['SECRET_KEY']",
    "list processes": "assert_text([p for p in __import__('os').listdir('/proc') if p.isdigit()])",
    "find a leaked descriptor": "assert_text([p for p in descriptors() if 'out/printed' not in p])",
    "trace its parent": f"assert_zero({SYSCALL}(101, 16, __import__('os').getppid(), 0, 0))",
    "kill its parent": "__import__('os').kill(__import__('os').getppid(), 9)",
    "see jobs of others": "__import__('os').listdir('../..')",
    "talk over TCP": "__import__('socket').create_connection(('127.0.0.1', {port}), 2)",
    "talk over UDP": "__import__('socket').socket(2, 2).sendto(b'x', ('127.0.0.1', {port}))",
    "talk over a named socket": "__import__('socket').socket(1).connect({door!r})",
    "talk over an abstract socket": "__import__('socket').socket(1).connect('\\0inkling')",
    "fetch an address": "__import__('urllib.request').request.urlopen('http://127.0.0.1:{port}/').read()",
    "start a shell": "__import__('subprocess').check_output(['/bin/sh', '-c', 'id'])",
    "replace itself": "__import__('os').execv('/bin/true', ['true'])",
    "fork": "__import__('os').fork()",
    "leave a daemon": "__import__('multiprocessing').get_context('fork').Process(target=print).start()",
    "start two thousand threads": "[__import__('threading').Thread(target=__import__('time').sleep, args=(9,),"
                                  " daemon=True).start() for _ in range(2000)]",
    "take four gigabytes": "bytearray(4 << 30)",
    "hide memory in a file": "__import__('os').memfd_create('x')",
    "write into the home folder": "open({home!r} + '/canary', 'w').write('x')",
    "write beside the program": "open({root!r} + '/canary', 'w').write('x')",
    "write into the packages": "open(pd.__file__, 'a').write('#')",
    "write into the temp folder": "open({temp!r} + '/canary', 'w').write('x')",
    "change a file's mode": "__import__('os').chmod({secret!r}, 0o777)",
    "change a file's times": "__import__('os').utime({secret!r}, (0, 0))",
    "cut a file short": "__import__('os').truncate({secret!r}, 0)",
    "write a file of gigabytes": "open('big', 'wb').truncate(8 << 30)",
    "nest a user namespace": f"assert_zero({SYSCALL}(272, 0x10000000))",
    "use io_uring": f"assert_positive({SYSCALL}(425, 4, None))",
    "mount": f"assert_zero({SYSCALL}(165, b'none', b'/', b'tmpfs', 0, 0))",
    "raise its own limits": "__import__('resource').setrlimit(__import__('resource').RLIMIT_DATA, (-1, -1))",
    "leave a pickle for the parent": "open('../in/job.json', 'w').write('x')",
}

PROGRAM = """
import ctypes, json, os
def assert_zero(n):
    if n != 0: raise OSError("refused")
def assert_positive(n):
    if n < 0: raise OSError("refused")
def assert_text(t):
    if not t: raise OSError("nothing there")
    return t
def descriptors():
    for number in os.listdir("/proc/self/fd"):
        try:
            path = os.readlink("/proc/self/fd/" + number)
        except OSError:
            continue
        if path != "/dev/null" and not path.endswith("/fd"):
            yield path
outcomes = {{}}
for name, attack in {attacks!r}.items():
    try:
        outcomes[name] = "worked: " + repr(eval(attack))[:200]
    except BaseException as problem:
        outcomes[name] = "blocked"
print(json.dumps(outcomes))
"""
"""Runs every attack in one process, and prints what came of each."""

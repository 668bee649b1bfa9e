"""Attacks a sandbox from inside, at every start: what is promised is tried, not believed."""

from __future__ import annotations

import json
import os
import secrets
import tempfile
import time
from pathlib import Path

from workers.sandbox.job import Allowance, job, read_file

ATTACKS = {
    "reads a file of the machine": "open({secret!r}).read()",
    "writes outside its folder": "open({target!r}, 'w').write('x')",
    "reads the environment of its parent": "open(f'/proc/{{__import__(\"os\").getppid()}}/environ').read() or 1/0",
    "talks over TCP": "__import__('socket').create_connection(('127.0.0.1', 9), 1)",
    "talks over UDP": "__import__('socket').socket(2, 2).sendto(b'x', ('127.0.0.1', 9))",
    "starts a program": "__import__('subprocess').run(['/bin/true'])",
    "forks": "__import__('os').fork()",
    "takes all memory": "bytearray(3 << 30)",
}
"""What must fail, by name; expressions of which none may come to an end."""

_CODE = """
outcomes = {{}}
for name, attack in {attacks!r}.items():
    try:
        eval(attack)
        outcomes[name] = "it worked"
    except BaseException as problem:
        outcomes[name] = "blocked"
import json
print(json.dumps(outcomes))
outcomes["sum"] = int(pd.DataFrame({{"a": [1, 2]}})["a"].sum())
str(outcomes["sum"])
"""


TRIES = 3
"""A door is there a moment before somebody answers at it, and a busy machine may let honest code run out of time."""


def prove(jobs: Path, door: Path, patience: float) -> dict[str, str]:
    """The outcome of each attack, by name; empty when honest code does not run either."""
    until = time.monotonic() + patience
    while not door.exists():
        if time.monotonic() > until:
            return {}
        time.sleep(0.05)
    for _ in range(TRIES):
        if told := _attacked(jobs, door):
            return told
        time.sleep(0.5)
    return {}


def _attacked(jobs: Path, door: Path) -> dict[str, str]:
    with tempfile.TemporaryDirectory(prefix="inkling-proof-") as folder:
        secret, target = Path(folder) / "secret", Path(folder) / "target"
        secret.write_text(secrets.token_hex(16))
        attacks = {name: attack.format(secret=str(secret), target=str(target)) for name, attack in ATTACKS.items()}
        wanted = {"code": _CODE.format(attacks=attacks), "tables": {}, "values": {}}
        try:
            with job(jobs, door, wanted, {}, Allowance(memory=512, seconds=20.0)) as attack:
                ended = attack.poll(25.0)
                answer = json.loads(read_file(attack.folder / "out" / "answer.json", 65_536) or b"{}")
                told = json.loads(attack.printed() or "{}")
        except (OSError, ValueError):
            return {}
        if ended is None or ended.reason != "ended" or answer.get("text") != "3":
            return {}
        if os.path.exists(target):
            told["writes outside its folder"] = "it worked"
        return {name: str(told.get(name, "unknown")) for name in ATTACKS}

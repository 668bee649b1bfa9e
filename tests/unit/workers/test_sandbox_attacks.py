"""Hostile Python in the tier this machine has: attacks are blocked, nothing leaks, neighbours go on working."""

from __future__ import annotations

import json
import os
import platform
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tests.unit.workers.attacks import ATTACKS, PROGRAM
from workers.kind import Cancel, Cancelled, CellError
from workers.sandbox.answers import read_answer
from workers.sandbox.client import Allowance, finish, sandbox
from workers.sandbox.host import ROOT

SMALL = Allowance(memory=256, seconds=20.0, file=64 << 20, files=128 << 20)


def run(code: str, allow: Allowance = SMALL, cancel: Cancel | None = None) -> tuple[Any, str]:
    """The answer and what was printed; raises CellError for a job that did not end by itself."""
    token = cancel or Cancel()
    with sandbox.start("python", {"code": code, "tables": {}, "values": {}}, {}, allow, token) as running:
        for _ in finish(running, token):
            pass
        return read_answer(running.folder), running.printed()


def still_works() -> None:
    answer, _ = run("1 + 1")
    assert answer.ok and answer.value == 2


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What came of every attack, run once."""
    secret = tmp_path_factory.mktemp("canary") / "secret.txt"
    secret.write_text("the canary sings")
    before = secret.stat()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        door = sandbox._state()["doors"]["python"]
        words = {"root": str(ROOT), "secret": str(secret), "port": listener.getsockname()[1], "door": door,
                 "home": str(Path.home()), "temp": tempfile.gettempdir()}
        answer, printed = run(PROGRAM.format(attacks={n: a.format(**words) for n, a in ATTACKS.items()}))
        listener.settimeout(0.2)
        with pytest.raises(TimeoutError):
            listener.accept()
    assert answer.ok, answer
    assert "canary" not in printed and "root:" not in printed
    after = secret.stat()
    assert (after.st_size, after.st_mode, after.st_mtime) == (before.st_size, before.st_mode, before.st_mtime)
    found: dict[str, str] = json.loads(printed.splitlines()[-1])
    return found


def test_this_machine_has_a_tier_and_proved_it() -> None:
    tier = sandbox.tier()
    print(f"sandbox tier {tier.letter}: {tier.words}")
    assert tier.letter in ("A", "B"), tier.words
    assert len(tier.attacks) == 8 and set(tier.attacks.values()) == {"blocked"}


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_blocked(outcomes: dict[str, str], name: str) -> None:
    if "syscall" in ATTACKS[name]:
        assert platform.machine() == "x86_64", "these numbers are those of x86_64"
    assert outcomes[name] == "blocked"


HARMLESS = [
    "read the password file", "read the application's files", "read a secret beside it", "read it with pandas",
    "read it by a symbolic link", "read it through its own root", "read it with DuckDB", "list processes",
    "read the parent's environment", "read its own environment for secrets", "start a shell", "see jobs of others",
    "find a leaked descriptor", "talk over TCP", "talk over UDP", "hide memory in a file", "change a file's times",
]


def test_the_attacks_are_real_they_work_without_a_sandbox(tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("the canary sings")
    with socket.socket() as listener, (tmp_path / "leak").open("w") as leak:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        words = {"root": str(ROOT), "secret": str(secret), "port": listener.getsockname()[1]}
        attacks = {name: ATTACKS[name].format(**words) for name in HARMLESS}
        done = subprocess.run(
            [sys.executable, "-c", "import pandas as pd\n" + PROGRAM.format(attacks=attacks)], cwd=tmp_path, text=True,
            capture_output=True, env={"SECRET_KEY": "x"}, pass_fds=[leak.fileno()], check=True)
    outcomes = json.loads(done.stdout)
    assert [name for name, outcome in outcomes.items() if outcome == "blocked"] == []


@pytest.mark.parametrize("path", [ROOT / "canary", Path.home() / "canary", Path(tempfile.gettempdir()) / "canary"])
def test_no_attack_left_a_file(outcomes: dict[str, str], path: Path) -> None:
    assert outcomes and not path.exists()


@pytest.mark.parametrize(("code", "allow", "error"), [
    ("while True: pass", Allowance(memory=256, seconds=0.5), "timeout"),
    ("import time; time.sleep(60)", Allowance(memory=256, seconds=0.5), "timeout"),
    ("for n in range(30):\n    open(f'{n}', 'wb').write(b'x' * (20 << 20))", SMALL, "too_much_written"),
    ("import ctypes; ctypes.string_at(0)", SMALL, "crashed"),
    ("import os; os._exit(9)", SMALL, "crashed"),
    ("import os; os.abort()", SMALL, "crashed"),
])
def test_code_that_never_ends_well_ends_typed_and_neighbours_work(code: str, allow: Allowance, error: str) -> None:
    with pytest.raises(CellError) as raised:
        run(code, allow)
    assert raised.value.code == error
    still_works()


@pytest.mark.parametrize(("code", "error"), [
    ("while True: print('x' * 1000)", "printed_too_much"),
    ("x = [0] * 10**9", "out_of_memory"),
    ("exit()", "python_exit"),
    ("import os\nwhile True: os.fork()", "python_failed"),
])
def test_code_that_takes_too_much_is_told_so(code: str, error: str) -> None:
    answer, printed = run(code)
    assert not answer.ok and answer.code == error
    assert len(printed) < 64 * 1024
    still_works()


def test_memory_taken_bit_by_bit_ends_too() -> None:
    code = "a = []\nwhile True: a.append(np.ones(1_000_000))"
    answer, _ = run(code)
    assert answer.code == "out_of_memory" and answer.line == 2
    still_works()


def test_a_stop_kills_the_code_at_once() -> None:
    cancel = Cancel()
    threading.Timer(0.3, cancel.set).start()
    with pytest.raises(Cancelled):
        run("while True: pass", cancel=cancel)
    stopped = time.perf_counter()
    until = stopped + 5.0
    jobs = Path(sandbox._state()["jobs"])
    while list(jobs.iterdir()) and time.perf_counter() < until:
        time.sleep(0.01)
    assert not list(jobs.iterdir()), "the folder of a stopped job goes with it"
    still_works()


def test_every_job_starts_from_a_clean_slate() -> None:
    run("pd.leak = 'something'; import sys; sys.modules['leak'] = pd")
    answer, _ = run("(hasattr(pd, 'leak'), 'leak' in __import__('sys').modules, __import__('os').listdir('.'))")
    assert answer.text == "(False, False, [])"


HONEST = """
import duckdb, threading, datetime, zoneinfo, tempfile, pathlib, re, decimal
from sklearn.ensemble import RandomForestRegressor
from sklearn.cluster import KMeans
frame = pd.DataFrame({"a": np.arange(2000) % 7, "b": np.random.default_rng(1).normal(size=2000)})
model = RandomForestRegressor(n_estimators=5, n_jobs=2).fit(frame[["a"]], frame.b)
groups = KMeans(3, n_init=1).fit_predict(frame)
found = duckdb.sql("select a, sum(b) from frame group by a order by a").df()
thread = threading.Thread(target=lambda: np.linalg.svd(np.ones((50, 50)))); thread.start(); thread.join()
frame.to_parquet("x.parquet"); again = pd.read_parquet("x.parquet"); frame.to_csv("x.csv"); pd.read_csv("x.csv")
pathlib.Path("folder").mkdir(); pathlib.Path("x.csv").rename("y.csv"); pathlib.Path("y.csv").unlink()
pd.Timestamp("2024-03-10").tz_localize("America/New_York") ; zoneinfo.ZoneInfo("Europe/Oslo")
with tempfile.TemporaryFile() as file: file.write(b"x")
px.scatter(frame, x="a", y="b", trendline=None).to_json()
len(found) == 7 and len(again) == 2000
"""


def test_honest_work_runs() -> None:
    answer, printed = run(HONEST, Allowance(memory=1024, seconds=60.0))
    assert answer.ok and answer.value is True, (answer, printed)


def test_it_needs_no_root() -> None:
    if os.getuid() != 0:
        still_works()
        return
    answer, _ = run("open('/proc/self/status').read()")
    held = dict(line.split(":\t", 1) for line in answer.text.splitlines() if ":\t" in line)
    assert int(held["CapEff"], 16) == int(held["CapPrm"], 16) == 0 and held["NoNewPrivs"] == "1"

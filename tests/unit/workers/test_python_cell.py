"""The Python cell: tables by name in, a table, figure, text or number out, errors at the person's own line."""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from workers import registry, resolve, runner, scheduler
from workers.graph import Cell, Graph
from workers.kind import Cancel, Cancelled, CellError, Step
from workers.local import Canvas
from workers.ports import Table, Value, literal_table
from workers.sandbox import answers
from workers.store import Store

BIRDS = literal_table({"species": "text", "mass": "integer", "seen": "date", "at": "datetime"},
                      [["Gentoo", 5000, "2024-01-02", "2024-01-02T03:04:05"], ["Adelie", None, None, None]])


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(tmp_path_factory.mktemp("store"))


def steps(store: Store, code: str, tables: dict[str, Table] | None = None, cancel: Cancel | None = None,
          limits: dict[str, int] | None = None, **values: Any) -> Iterator[Step]:
    resolve.open_engine(store)
    kind = registry.kind("python")
    work = runner.work_of(uuid.uuid4().hex, store, "", cancel or Cancel())
    params = kind.params.model_validate({"code": code, **(limits or {})})
    given = {name: Value(value) for name, value in values.items()}
    fed = {"birds": BIRDS} if tables is None else tables
    yield from kind.compute(params, tables=fed, values=given, work=work)


def last(store: Store, code: str, **more: Any) -> Step:
    return [*steps(store, code, **more)][-1]


def failure(store: Store, code: str, **more: Any) -> CellError:
    with pytest.raises(CellError) as raised:
        last(store, code, **more)
    return raised.value


def test_a_frame_becomes_a_table_others_can_use(store: Store) -> None:
    step = last(store, "heavy = birds.dropna()\nheavy.assign(kg=heavy.mass / 1000)")
    assert step.view["rows"] == [["Gentoo", 5000, "2024-01-02T00:00:00", "2024-01-02T03:04:05", 5.0]]
    assert [c["type"] for c in step.view["columns"]] == ["text", "number", "datetime", "datetime", "number"]
    assert step.outputs["table"].op["op"] == "stored"


def test_the_variable_result_counts_when_the_last_line_is_none(store: Store) -> None:
    assert last(store, "result = 4 * len(birds)\nx = 1").outputs["value"] == Value(8)
    assert last(store, "result = 1\n2").view == {"type": "value", "value": 2}


@pytest.mark.parametrize(("code", "view"), [
    ("1 / 4", {"type": "value", "value": 0.25}), ("np.int64(3)", {"type": "value", "value": 3}),
    ("True", {"type": "value", "value": True}), ("2 ** 80", {"type": "value", "value": str(2**80)}),
    ("'so it is'", {"type": "printed", "text": "so it is"}), ("{1: [2]}", {"type": "printed", "text": "{1: [2]}"}),
    ("x = 1", {"type": "printed", "text": ""}),
    ("print('hello')", {"type": "printed", "text": "", "printed": {"text": "hello\n", "characters": 6}}),
])
def test_numbers_texts_and_what_is_printed_are_shown(store: Store, code: str, view: dict[str, Any]) -> None:
    assert last(store, code).view == view


@pytest.mark.parametrize(("code", "columns", "rows"), [
    ("birds.groupby('species').mass.mean()", ["species", "mass"], [["Adelie", None], ["Gentoo", 5000.0]]),
    ("pd.Series([1, 2])", ["0"], [[1], [2]]), ("np.eye(2)", ["0", "1"], [[1.0, 0.0], [0.0, 1.0]]),
    ("pd.DataFrame([[1, 2]], columns=['a', 'a'])", ["a", "a_2"], [[1, 2]]),
    ("pd.DataFrame({'a': [1, 'x', None]})", ["a"], [["1"], ["x"], [None]]),
    ("pd.DataFrame({'a': pd.Categorical(['x', None])})", ["a"], [["x"], [None]]),
    ("pd.DataFrame({'a': []})", ["a"], []), ("pd.DataFrame({'a': [None]})", ["a"], [[None]]),
    ("pd.DataFrame({'a': [{'b': 1}]})", ["a"], [['{"b":1}']]),
    ("pd.DataFrame({('a', 'b'): [1]})", ["a_b"], [[1]]),
    ("pd.DataFrame({'größe ✓': ['日本']})", ["größe ✓"], [["日本"]]),
    ("pd.DataFrame({'a': [float('inf'), float('nan')]})", ["a"], [[None], [None]]),
    ("pd.DataFrame({'a': pd.to_datetime(['2024-07-01T12:00+02:00'], utc=True)})", ["a"], [["2024-07-01T10:00:00"]]),
    ("pd.DataFrame({'a': [1]}).iloc[:, :0]", None, None),
])
def test_frames_of_every_shape_arrive(store: Store, code: str, columns: list[str] | None, rows: Any) -> None:
    if columns is None:
        assert len(failure(store, code).message) > 10
        return
    view = last(store, code).view
    assert ([c["name"] for c in view["columns"]], view["rows"]) == (columns, rows)


def test_a_figure_is_shown_without_colours_of_its_own(store: Store) -> None:
    view = last(store, "px.bar(birds, x='species', y='mass', title='<a href=\"//evil\">x</a>')").view
    assert view["type"] == "figure" and view["marks"] == 2 and "template" not in view["figure"]["layout"]
    assert "href" not in json.dumps(view) and "Figure drawn by Python" in view["summary"]


def test_large_scatters_are_drawn_by_the_browsers_library(store: Store) -> None:
    figure = last(store, "px.scatter(x=np.arange(5000), y=np.arange(5000))").view["figure"]
    assert [trace["type"] for trace in figure["data"]] == ["scatter"]


def test_a_figure_the_browser_cannot_draw_says_so(store: Store) -> None:
    error = failure(store, "go.Figure(go.Scatter3d(x=[1], y=[1], z=[1]))")
    assert error.code == "figure_unknown" and "scatter3d" in error.message


@pytest.mark.parametrize(("code", "kind", "words", "line"), [
    ("x = 1\nbrids.mean()", "python_failed", "Did you mean “birds”?", 2),
    ("def f():\n    return 1 / 0\n\nf()", "python_failed", "Line 2: ZeroDivisionError", 2),
    ("birds['wings']", "python_failed", "KeyError", 1),
    ("for x in:\n    pass", "python_syntax", "line 1", 1), ("  x = 1", "python_syntax", "indent", 1),
    ("import socket; socket.socket()", "python_failed", "PermissionError", 1),
])
def test_an_error_stands_at_the_persons_line(store: Store, code: str, kind: str, words: str, line: int) -> None:
    error = failure(store, code)
    assert error.code == kind and words in error.message, error.message
    assert error.place is not None and error.place["line"] == line
    if "brids" in code:
        assert error.place["column"] == 1
    assert "workers/sandbox" not in error.detail and "python_job" not in error.detail, error.detail


def test_what_was_printed_before_an_error_is_kept(store: Store) -> None:
    error = failure(store, "print('so far so good')\n1 / 0")
    assert "so far so good" in error.detail and 'File "<cell>", line 2' in error.detail


def test_what_is_printed_shows_while_the_code_runs(store: Store) -> None:
    shown = [*steps(store, "import time\nprint('first')\ntime.sleep(0.6)\n1")]
    assert shown[0].view["printed"]["text"] == "first\n" and not shown[0].exact
    assert shown[-1].view["value"] == 1


def test_values_are_python_values(store: Store) -> None:
    assert last(store, "least * 2 + len(word)", least=20, word="abc").outputs["value"] == Value(43)


@pytest.mark.parametrize(("limits", "code", "fix"), [
    ({"seconds": 1}, "while True: pass", {"label": "Allow 5 s", "params": {"seconds": 5}}),
])
def test_a_limit_offers_to_be_raised(store: Store, limits: dict[str, int], code: str, fix: dict[str, Any]) -> None:
    error = failure(store, code, limits=limits)
    assert error.fix == fix


def test_a_stop_is_quick(store: Store) -> None:
    cancel, stopped = Cancel(), []
    threading.Timer(0.4, lambda: (stopped.append(time.perf_counter()), cancel.set())).start()
    with pytest.raises(Cancelled):
        last(store, "while True: pass", cancel=cancel)
    print(f"stopped after {(time.perf_counter() - stopped[0]) * 1000:.0f} ms")


def test_tables_and_values_flow_on(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path))
    birds = canvas.add("dataset", source="sample:penguins", name="birds")
    code = "birds.groupby('species', as_index=False).body_mass_g.mean()"
    means = canvas.add("python", birds, name="means", code=code)
    top = canvas.add("filter", means, name="top", column="body_mass_g", test=">", value=5000)
    figure = canvas.add("python", means, name="drawn", code="px.bar(means, x='species', y='body_mass_g')")
    behind = canvas.add("table", figure, name="behind")
    outcomes = canvas.run()
    assert [row[0] for row in canvas.rows(top)] == ["Gentoo"]
    assert outcomes[figure].state == "done" and canvas.view(figure)["type"] == "figure"
    assert outcomes[behind].error is not None and outcomes[behind].error["code"] == "gives_nothing"
    assert canvas.run() == {} or set(canvas.run()) <= {behind}, "a figure counts as a result"


def test_it_waits_for_run_until_it_is_known_to_be_cheap() -> None:
    kind = registry.kind("python")
    cell = Cell("c", "python")
    assert not scheduler.runs_alone(cell, kind, None)
    assert scheduler.runs_alone(cell, kind, 90.0) and not scheduler.runs_alone(cell, kind, 900.0)
    written = Cell("c", "python", mode="written")
    assert not scheduler.runs_alone(written, kind, 90.0)
    words = scheduler.states(Graph({"c": written}), {"c": "f" * 64})["c"]
    assert words.state == "not_run" and "Ctrl+Enter" in words.reason


# what hostile code may leave behind -------------------------------------------------------------------------


@pytest.mark.parametrize("code", [
    "open('../out/table.parquet', 'w').write('PAR1 nonsense')",
    "import os; os.mkdir('../out/answer.json')",
    "import os; os.mkfifo('../out/figure.json')",
    "open('../out/answer.json', 'w').write('{' * 10)",
])
def test_files_left_in_its_place_change_nothing(store: Store, code: str) -> None:
    error = None
    try:
        last(store, code)
    except CellError as problem:
        error = problem
    assert error is None or error.code in ("python_failed", "bad_answer", "internal")
    assert last(store, "1 + 1").view["value"] == 2


@pytest.mark.parametrize("text", [
    "", "[]", "nonsense", '{"ok": true, "kind": "pickle"}', '{"ok": true, "more": 1}', '{"ok": "x"}', "[" * 100_000,
    '{"ok": false, "code": "DROP TABLE"}', '{"ok": true, "text": "' + "x" * 600_000 + '"}',
])
def test_an_answer_of_another_shape_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "answer.json").write_text(text)
    with pytest.raises(CellError, match="cannot be read"):
        answers.read_answer(tmp_path)


def test_links_and_pipes_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "secret").write_text('{"ok": true}')
    (tmp_path / "out" / "answer.json").symlink_to(tmp_path / "secret")
    (tmp_path / "out" / "table.parquet").hardlink_to(tmp_path / "secret")
    for read in (answers.read_answer, answers.read_table, answers.read_figure):
        with pytest.raises(CellError):
            read(tmp_path)


@pytest.mark.parametrize(("figure", "code"), [
    ("{}", "bad_answer"), ('{"data": 1}', "bad_answer"), ('{"data": [1]}', "bad_answer"),
    (json.dumps({"data": [{}] * 500}), "figure_too_large"),
    (json.dumps({"data": [{"x": "y" * 9_000_000}]}), "figure_too_large"),
    (json.dumps({"data": [{"x": {"bdata": "!!", "dtype": "f8"}}]}), "bad_answer"),
    (json.dumps({"data": [{"x": {"bdata": "AA==", "dtype": "object"}}]}), "bad_answer"),
    ('{"data": [{"x": ' + "[" * 40 + "]" * 40 + "}]}", "bad_answer"),
])
def test_a_figure_of_another_shape_is_refused(tmp_path: Path, figure: str, code: str) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "figure.json").write_text(figure)
    with pytest.raises(CellError) as raised:
        answers.read_figure(tmp_path)
    assert raised.value.code == code


@pytest.mark.parametrize("text", [
    "<script>x</script>", "<img src=x onerror=y>", "<a href='javascript:x'>y</a>", "<svg/onload=x>",
    "<b onclick=x>y</b>", "<<script>script>x", "<iframe", "<A HREF=x>",
])
def test_markup_is_taken_out_of_figures(text: str) -> None:
    left = answers.clean({"layout": {"title": {"text": text}}})["layout"]["title"]["text"]
    assert "<" not in left.replace("<b>", "").replace("</b>", ""), left

"""What a cell kind is: CellKind, Params, column pickers, Work, and the typed errors a kind may raise."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from workers.ports import Model, Port, Predicate, Table, Value

FILTERS = "filters"
"""The input port of filter links, on every kind that reads a table."""
BEST = "best"
"""The name of the model that every final result of a kind with a Model output comes with."""
PARAM = "param."
"""What the name of a port begins with that is a param: a Value linked to it takes the place of what was set."""


class Params(BaseModel):
    """Typed params of a kind; the JSON Schema of a subclass draws the inspector form.

    A list field with the hint `keyed: "step:"` gathers the entries that a document holds under keys of their own
    (“step:<id>”), ordered by each entry's `at`, a fractional index: people who change different entries never write
    the same key.
    """

    model_config = ConfigDict(extra="ignore", allow_inf_nan=False, str_max_length=200_000)


def gathered(model: type[BaseModel], given: Mapping[str, Any]) -> dict[str, Any]:
    """Params of a document with keyed entries gathered into their list fields; each gets its `id`, and loses its `at`.

    Entries of the list field itself come first.
    """
    out = dict(given)
    for name, field_ in model.model_fields.items():
        extra = field_.json_schema_extra
        prefix = extra.get("keyed") if isinstance(extra, dict) else None
        if not isinstance(prefix, str):
            continue
        found = [(str(entry.get("at", "")), key, entry) for key, entry in given.items()
                 if key.startswith(prefix) and isinstance(entry, Mapping)]
        own = given.get(name)
        out[name] = [*(own if isinstance(own, list) else []), *(
            {**{k: v for k, v in entry.items() if k != "at"}, "id": key[len(prefix):]}
            for _, key, entry in sorted(found, key=lambda one: one[:2]))]
    return out


def pick_column(*, of: str = "table", types: tuple[str, ...] = (), when: dict[str, Any] | None = None,
                **extra: Any) -> Any:
    """A field holding the name of a column of the input port `of`, optionally of certain types.

    `when` shows the field only while other params have one of the given values: {"mark": ["bar", "line"]}.
    """
    extra.setdefault("default", None)
    hints: dict[str, Any] = {"picker": "column", "of": of, "types": list(types)} | ({"when": when} if when else {})
    return Field(json_schema_extra=hints, **extra)


def pick_columns(*, of: str = "table", types: tuple[str, ...] = (), **extra: Any) -> Any:
    """A field holding a list of column names of the input port `of`."""
    extra.setdefault("default_factory", list)
    return Field(json_schema_extra={"picker": "columns", "of": of, "types": list(types)}, **extra)


class CellError(Exception):
    """A typed, user-facing failure of a cell.

    `code` is stable and machine-readable; `message` says what and where in the user's words;
    `fix` is an optional one-click repair: {"label", "params": {name: value}}; `param` names the field; `place` is
    {"line", "column"} in the cell's code, counted from 1.
    """

    def __init__(self, code: str, message: str, *, param: str | None = None, fix: dict[str, Any] | None = None,
                 detail: str = "", place: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.code, self.message, self.param, self.fix, self.detail = code, message, param, fix, detail
        self.place = place


class NeedsSettings(CellError):
    """The cell lacks a param or an input; not a failure. `missing` lists what to set, in words; `fix` is a guess."""

    def __init__(self, message: str, *, missing: tuple[str, ...] = (), fix: dict[str, Any] | None = None) -> None:
        super().__init__("needs_settings", message, fix=fix)
        self.missing = missing


@dataclass(frozen=True, slots=True)
class Step:
    """One better and better answer of a cell; the last one a kind yields is exact.

    `view` is JSON for the browser ({"type": "table" | "figure" | "markdown" | ..., ...}); `outputs` are the values of
    the output ports (only needed on the last step); `fraction` in 0..1 is the share of rows seen or work done;
    `interval` the words for the footer ("±0.6 % at 95%"); `rows` the exact row count once known.
    """

    view: dict[str, Any] = field(default_factory=dict)
    outputs: Mapping[str, Any] = field(default_factory=dict)
    fraction: float = 1.0
    exact: bool = True
    rows: int | None = None
    interval: str = ""
    note: str = ""


class Cancelled(Exception):
    """The run was told to stop; raised by `Cancel.check` and never shown as an error."""


class Cancel:
    """Tells a run to stop: an event to look at, and hooks (engine interrupt, child kill) called at once.

    `reason` is "" until it is set: "stopped" (somebody or something else asked) or "timeout". `finish` asks a kind
    that `finishes` to end with the best it has; it is no cancel, and whoever looks at `enough` decides what to do.
    """

    def __init__(self) -> None:
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._hooks: list[Callable[[], object]] = []
        self.reason = ""
        self.enough = False

    def finish(self) -> None:
        """Ask for the best there is: the run ends soon, and well."""
        self.enough = True

    def set(self, reason: str = "stopped") -> None:
        """Stop the run; the first reason given stays."""
        with self._lock:
            if self._event.is_set():
                return
            self.reason = reason
            self._event.set()
            hooks = list(self._hooks)
        for hook in hooks:
            hook()

    def is_set(self) -> bool:
        """Whether the run was told to stop."""
        return self._event.is_set()

    def check(self) -> None:
        """Raise Cancelled if the run was told to stop."""
        if self._event.is_set():
            raise Cancelled(self.reason)

    def wait(self, seconds: float) -> bool:
        """Sleep, but wake at once when told to stop; returns whether it was."""
        return self._event.wait(seconds)

    def on_set(self, hook: Callable[[], object]) -> None:
        """Call `hook` from the stopping thread once told to stop; at once if that was before."""
        with self._lock:
            if not self._event.is_set():
                self._hooks.append(hook)
                return
        hook()


@dataclass(frozen=True, slots=True)
class Work:
    """What a kind that reads a source or writes a table may use, if its `compute` asks for `work`.

    `store` is a workers.store.Store; `source_token` is what the server resolved for the source param; a table written
    to the store under `fingerprint` becomes the output of the cell: `keep(table)` does that, `table()` gives it.
    `through(table)` keeps only the plan of a table, for what is as quick to read through as to read.
    `keep_model(predictor, name)` keeps a workers.automl.predictor.Predictor with the result; `load_model` opens the one
    a Model names. `trials` makes executors of AutoML trials on other workers (see workers.automl.processes.Executor),
    given a Shelf; None where there are none.
    `grant` is what the server gave to this run alone: sealed credentials, and the bytes a source may bring in.
    """

    fingerprint: str
    store: Any
    source_token: str = ""
    cancel: Cancel = field(default_factory=Cancel)
    run: str = ""
    keep: Callable[[Table], Table] = lambda table: table
    through: Callable[[Table], Table] = lambda table: table
    table: Callable[[], Table] = lambda: Table({})
    keep_model: Callable[..., Model] = lambda predictor, name=BEST: Model(name)
    load_model: Callable[[Model], Any] = lambda model: model
    trials: Any = None
    grant: Mapping[str, Any] = field(default_factory=dict)


class CellKind:
    """Base of every kind. Declares identity, params and ports; computes in a generator of Steps.

    A *lazy* kind also defines `plan`: its output ports exist as soon as its params are valid, so cells behind it never
    wait for it to run. Its own run only shows a view. A kind without `plan` materialises: its table is waited for.
    A kind with `plan` and `keeps` materialises too, but its columns are known before it ran.

    A port in `many_inputs` takes any number of links; it gives {name of the cell that feeds it: value}.

    `steers` names params that change only what Predicate and Value outputs carry, never the cell's own result: changing
    them runs what follows, not the cell. A kind with such an output defines `plan`, which gets them. They also pick
    which of the kept models a Model output names: see `model_name`.

    A kind that `finishes` lands the best it has when somebody stops it, once it has something. A kind that `looks`
    defines `look`: what its cell shows before it runs, from its settings and a glance at its inputs.

    With `outputs_vary`, which outputs exist depends on the run: a table, or only a figure.

    `dear` kinds wait for Run until they were measured to be cheap. `prompt` kinds show a first step at once,
    from a sample or as progress, so they run on their own however long the exact answer takes. All others run on their
    own while they cost under 500 ms. A kind that `takes_turns` makes way, after its first step, for cells sent with it:
    that step is quick enough to be computed twice.
    `versioned` names the params of a source that say which data it reads: each set of their values is a version that
    people can go back to. A param `snapshot` among them is set anew to read the same source again.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    group: ClassVar[Literal["Data", "Prepare", "Explore", "Model"]]
    icon: ClassVar[str]
    shortcut: ClassVar[str] = ""
    version: ClassVar[int] = 1
    params: ClassVar[type[Params]]
    inputs: ClassVar[Mapping[str, Port]] = {}
    outputs: ClassVar[Mapping[str, Port]] = {}
    optional_inputs: ClassVar[frozenset[str]] = frozenset()
    many_inputs: ClassVar[frozenset[str]] = frozenset()
    steers: ClassVar[frozenset[str]] = frozenset()
    view: ClassVar[str] = "table"
    size: ClassVar[tuple[int, int]] = (420, 280)
    queue: ClassVar[Literal["interactive", "batch", "searches"]] = "interactive"
    dear: ClassVar[bool] = False
    prompt: ClassVar[bool] = False
    takes_turns: ClassVar[bool] = False
    keeps: ClassVar[bool] = False
    outputs_vary: ClassVar[bool] = False
    finishes: ClassVar[bool] = False
    measures: ClassVar[frozenset[str]] = frozenset()  # keys in its view that hold times it took: no two runs agree
    timeout: ClassVar[float] = 120.0
    computes: ClassVar[bool] = True  # False: nothing runs; browsers draw what people wrote
    code: ClassVar[str] = ""
    versioned: ClassVar[tuple[str, ...]] = ()

    def plan(self, params: Any, *args: Any, **inputs: Any) -> dict[str, Any]:
        """The output ports, without reading data. Defined by lazy kinds only."""
        raise TypeError(f"{type(self).__name__} defines no plan")

    def compute(self, params: Any, *args: Any, **inputs: Any) -> Iterator[Step]:
        """Yield better and better steps; the last is exact."""
        raise TypeError(f"{type(self).__name__} defines no compute")

    def look(self, params: Any, *args: Any, **inputs: Any) -> Step:
        """A step shown while the cell waits for Run; takes what `compute` takes. Defined by dear kinds."""
        raise TypeError(f"{type(self).__name__} has no look")

    def python(self, params: Any, inputs: Mapping[str, Any], code: Any) -> Mapping[str, str] | None:
        """The cell as plain pandas and Plotly for “Export as Python”: {output port: variable}, {} for a mere view.

        `inputs` names the variable of each input port (a many-port: {cell: variable}); `code` is a PandasCode: `title`
        of the cell, `name(prefix)` for a fresh variable, `types(frame)`, `line(text)`, `ask("px")` for a library.
        None, as here: the planned tables are written out by their ops, so most kinds need not define it.
        """
        return None

    def example(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """(params, inputs) that run in a second: docs, palette preview and the conformance suite use it."""
        raise TypeError(f"{type(self).__name__} defines no example")

    def migrate(self, params: dict[str, Any], version: int) -> dict[str, Any]:
        """Params of an older `version`, brought up to date."""
        return params

    def model_name(self, params: Any) -> str:
        """Which of the models kept with a result its Model output names."""
        return BEST

    @classmethod
    def accepts(cls) -> dict[str, Port]:
        """Every input port: those declared, and filter links where a table is read. No kind knows of the latter."""
        return {**cls.inputs, **({FILTERS: Predicate} if Table in cls.inputs.values() else {})}

    @classmethod
    def accepts_many(cls) -> frozenset[str]:
        """Input ports that any number of links may feed, or none."""
        return cls.many_inputs | ({FILTERS} & cls.accepts().keys())

    @classmethod
    def steered(cls) -> tuple[str, ...]:
        """Outputs that follow from `steers` alone."""
        return tuple(n for n, port in cls.outputs.items() if cls.steers and port in (Predicate, Value))

    @classmethod
    def picked(cls) -> tuple[str, ...]:
        """Outputs that follow from the cell's result and from `steers`."""
        return tuple(n for n, port in cls.outputs.items() if cls.steers and port is Model)

    @classmethod
    def looks(cls) -> bool:
        """Whether its cell shows something before it runs."""
        return cls.look is not CellKind.look

    @classmethod
    def keeps_for(cls, params: Mapping[str, Any]) -> bool:
        """Whether its table is written to the store; a kind may decide by its params, given as JSON."""
        return cls.keeps

    @classmethod
    def is_lazy(cls, params: Mapping[str, Any] | None = None) -> bool:
        """Whether outputs exist before a run: of a cell with these params, or of the kind as declared."""
        return cls.has_plan() and not (cls.keeps if params is None else cls.keeps_for(params))

    @classmethod
    def lands_with(cls, params: Mapping[str, Any] | None = None) -> frozenset[str]:
        """What every final result of it comes with: a stored "table", a "model"; `Store.has_parts` looks for them."""
        if cls.is_lazy(params) or cls.outputs_vary:
            return frozenset()
        return frozenset(word for word, port in (("table", Table), ("model", Model)) if port in cls.outputs.values())

    @classmethod
    def has_plan(cls) -> bool:
        """Whether the columns of its outputs are known before a run."""
        return cls.plan is not CellKind.plan

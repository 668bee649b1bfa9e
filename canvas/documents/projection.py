"""From document to Graph: pure, incremental by touched cell; what does not fit becomes a diagnostic."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from pydantic import BaseModel, ValidationError

from workers.graph import Cell, Edge, Graph
from workers.kind import PARAM, gathered
from workers.ports import Value

log = logging.getLogger(__name__)
MAX_NAME = 64
MAX_CODE = 200_000


class KindLike(Protocol):
    """What the projection reads of a kind; `workers.kind.CellKind` is one."""

    title: Any
    version: Any
    params: Any
    inputs: Any
    outputs: Any
    optional_inputs: Any
    many_inputs: Any
    steers: Any
    code: Any
    computes: Any
    accepts: Any
    accepts_many: Any
    steered: Any
    picked: Any


@dataclass(frozen=True, slots=True)
class Projection:
    """The graph that may run, and what was dropped or flagged by cell and by edge, in the user's words."""

    graph: Graph
    cell_problems: Mapping[str, list[str]] = field(default_factory=dict)
    edge_problems: Mapping[str, list[str]] = field(default_factory=dict)


def project(doc_json: Mapping[str, Any], kinds: Mapping[str, KindLike], sources: Mapping[str, str]) -> Projection:
    """The projection of a whole document {cells, edges}; `sources` maps each known source to its token."""
    projector = Projector(kinds)
    projector.sources.update(sources)
    for cell_id, cell in doc_json.get("cells", {}).items():
        projector.set_cell(cell_id, cell)
    for edge_id, edge in doc_json.get("edges", {}).items():
        projector.set_edge(edge_id, edge)
    return projector.projection()


def wanted_source(cell: Mapping[str, Any] | None) -> str | None:
    """The source a cell's params name, if any; somebody must resolve it to a token before projecting."""
    params = cell.get("params") if cell else None
    source = params.get("source") if isinstance(params, Mapping) else None
    return source if isinstance(source, str) and source else None


class Projector:
    """Keeps each cell's projection and redoes only what was touched; edges are chosen anew when the shape changed."""

    def __init__(self, kinds: Mapping[str, KindLike]) -> None:
        self.kinds = kinds
        self.sources: dict[str, str] = {}
        self._raw: dict[str, Mapping[str, Any]] = {}
        self._edges_raw: dict[str, Mapping[str, Any]] = {}
        self._cells: dict[str, Cell] = {}
        self._edges: tuple[Edge, ...] = ()
        self._edge_problems: dict[str, list[str]] = {}
        self._fed: dict[str, frozenset[str]] = {}
        self._links_stale = True
        self._changed = True

    def set_cell(self, cell_id: str, raw: Mapping[str, Any] | None) -> None:
        """Take a cell's JSON anew; None means it was deleted."""
        before = self._cells.get(cell_id)
        if not isinstance(raw, Mapping):
            self._raw.pop(cell_id, None)
            if self._cells.pop(cell_id, None):
                self._links_stale = self._changed = True
            return
        self._raw[cell_id] = raw
        if _is_note(raw, self.kinds):
            if self._cells.pop(cell_id, None):
                self._links_stale = self._changed = True
            return
        after = _project_cell(cell_id, raw, self.kinds, self.sources)
        if before != after:
            self._cells[cell_id] = after
            self._changed = True
            if before is None or before.kind != after.kind:
                self._links_stale = True

    def set_edge(self, edge_id: str, raw: Mapping[str, Any] | None) -> None:
        """Take an edge's JSON anew; None means it was deleted."""
        if self._edges_raw.get(edge_id) == raw:
            return
        if raw is None:
            self._edges_raw.pop(edge_id, None)
        else:
            self._edges_raw[edge_id] = raw
        self._links_stale = True

    def set_sources(self, sources: Mapping[str, str]) -> None:
        """Take resolved sources; cells that name one of them are projected again."""
        news = {s for s, token in sources.items() if self.sources.get(s) != token}
        self.sources.update(sources)
        for cell_id, raw in list(self._raw.items()):
            if wanted_source(raw) in news:
                self.set_cell(cell_id, raw)

    def changed(self) -> bool:
        """Whether `take_changed` would be true."""
        self._relink()
        return self._changed

    def take_changed(self) -> bool:
        """Whether the projection differs from the one at the last call."""
        self._relink()
        changed, self._changed = self._changed, False
        return changed

    def mark_changed(self) -> None:
        """Make the next `take_changed` true: what it announced could not be stored."""
        self._changed = True

    def projection(self) -> Projection:
        """The projection as it stands."""
        self._relink()
        cells = {}
        for cell_id in sorted(self._cells):
            cell = self._cells[cell_id]
            open_ports = self._open_inputs(cell)
            cells[cell_id] = _with_problems(cell, open_ports) if open_ports else cell
        problems = {c.id: list(c.problems) for c in cells.values() if c.problems}
        return Projection(Graph(cells, self._edges), problems, dict(self._edge_problems))

    def _open_inputs(self, cell: Cell) -> list[str]:
        kind = self.kinds.get(cell.kind)
        if kind is None:
            return []
        fed = self._fed.get(cell.id, frozenset())
        return [port for port in kind.inputs if port not in kind.optional_inputs and port not in fed]

    def _relink(self) -> None:
        if not self._links_stale:
            return
        self._links_stale = False
        edges, problems = _choose_edges(self._edges_raw, self._cells, self.kinds, self._raw)
        fed: dict[str, set[str]] = {}
        for edge in edges:
            fed.setdefault(edge.target, set()).add(edge.target_port)
        if edges != self._edges or problems != self._edge_problems:
            self._changed = True
        self._edges, self._edge_problems = edges, problems
        self._fed = {cell: frozenset(ports) for cell, ports in fed.items()}


def _with_problems(cell: Cell, ports: Iterable[str]) -> Cell:
    words = tuple("Connect a table to its input." if p == "table" else f"Connect the input “{p}”." for p in ports)
    return replace(cell, problems=cell.problems + words)


def _is_note(raw: Mapping[str, Any], kinds: Mapping[str, KindLike]) -> bool:
    """Whether nothing ever runs for a cell: it is in no graph, so writing in it plans nothing."""
    kind = kinds.get(raw["kind"]) if isinstance(raw.get("kind"), str) else None
    return kind is not None and not kind.computes


def _project_cell(cell_id: str, raw: Mapping[str, Any], kinds: Mapping[str, KindLike],
                  sources: Mapping[str, str]) -> Cell:
    """One cell alone: defaults for missing keys, clamped texts, params validated by the kind."""
    kind_name = raw.get("kind")
    kind_name = kind_name[:MAX_NAME] if isinstance(kind_name, str) else ""
    name = raw.get("name")
    mode = "manual" if raw.get("mode") == "manual" else "auto"
    name = name[:MAX_NAME] if isinstance(name, str) else ""
    kind = kinds.get(kind_name)
    if kind is None:
        lost = "This cell lost its kind; delete it."
        words = f"This server does not know the kind “{kind_name}”." if kind_name else lost
        return Cell(cell_id, kind_name, 0, {}, name, "", mode, (words,))
    given = raw.get("params")
    given = dict(given) if isinstance(given, Mapping) else {}
    problems: list[str] = []
    if kind.code:
        code = raw.get("code")
        given["code"] = code if isinstance(code, str) else ""
        if len(given["code"]) > MAX_CODE:
            given["code"] = given["code"][:MAX_CODE]
            problems.append(f"The text is longer than {MAX_CODE:,} characters; the rest is left out.")
    if kind.code and kind.computes and mode == "auto" and raw.get("ran") != code_mark(given["code"]):
        mode = "written"
    params, wrong = _validate(kind.params, given)
    problems += wrong
    token = ""
    if "source" in kind.params.model_fields and (source := wanted_source({"params": params})):
        token = sources.get(source, "")
        if not token:
            problems.append("Its data is not here any more. Choose or upload another file.")
    steering = {p: params.pop(p) for p in sorted(kind.steers) if p in params}
    return Cell(cell_id, kind_name, kind.version, params, name, token, mode, tuple(problems), steering,
                kind.steered(), tuple(sorted(kind.many_inputs)), kind.picked())


def code_mark(code: str) -> str:
    """A short mark of a text (FNV-1a, 64 bits): a cell holds the mark of the code somebody last ran as `ran`.

    Code runs by itself only while it is what a person has run; half a word typed starts nothing.
    """
    mark = 0xCBF29CE484222325
    for byte in code.encode("utf-8", "surrogatepass"):
        mark = (mark ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return f"{mark:016x}"


def _validate(model: type[BaseModel], given: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Params as validated JSON, and what is wrong with them. A wrong value gives way to the default."""
    given = {k: v for k, v in gathered(model, given).items() if v is not None and k in model.model_fields}
    problems: list[str] = []
    for _ in range(len(model.model_fields) + 1):
        try:
            return model.model_validate(given).model_dump(mode="json"), problems
        except ValidationError as error:
            wrong = {str(e["loc"][0]) if e["loc"] else "": e for e in reversed(error.errors())}
            problems += [_in_words(model, name, e) for name, e in sorted(wrong.items())]
            kept = {k: v for k, v in given.items() if k not in wrong}
            if len(kept) == len(given):
                break
            given = kept
        except Exception as error:
            # A kind's own validator may raise anything; one kind's fault must not stop the whole canvas.
            log.warning("params of a kind could not be validated", exc_info=error)
            problems.append(f"Its settings cannot be read ({type(error).__name__}).")
            break
    return {k: given[k] for k in sorted(given)}, list(dict.fromkeys(problems))


def _in_words(model: type[BaseModel], name: str, error: Mapping[str, Any]) -> str:
    known = model.model_fields.get(name)
    title = (known.title if known and known.title else name.replace("_", " ")).strip() or "settings"
    if error["type"] == "missing":
        return f"Set {title}."
    return f"{title[:1].upper()}{title[1:]}: {error['msg'][:1].lower()}{error['msg'][1:]}."


def _choose_edges(raw: Mapping[str, Mapping[str, Any]], cells: Mapping[str, Cell], kinds: Mapping[str, KindLike],
                  titles: Mapping[str, Mapping[str, Any]]) -> tuple[tuple[Edge, ...], dict[str, list[str]]]:
    """Edges greedily in the order of their random ids, so that nobody wins by clock; each drop gets its reason."""
    kept: list[Edge] = []
    problems: dict[str, list[str]] = {}
    taken: set[tuple[str, str]] = set()
    feeds: dict[str, list[str]] = {}
    for edge_id in sorted(raw):
        edge = Edge(edge_id, *(str(raw[edge_id].get(f, "")) for f in ("from", "fromPort", "to", "toPort")))
        reason = _unfit(edge, cells, kinds)
        taker = kinds.get(cells[edge.target].kind) if not reason else None
        if taker and edge.target_port not in taker.accepts_many() and (edge.target, edge.target_port) in taken:
            reason = "This input already has a link; only one can feed it."
        if not reason and (loop := _path(feeds, edge.target, edge.source)):
            names = [_title(c, cells, titles) for c in loop]
            reason = f"This link would close a loop: {' → '.join([*names, names[0]])}."
        if reason:
            problems[edge_id] = [reason]
            continue
        kept.append(edge)
        taken.add((edge.target, edge.target_port))
        feeds.setdefault(edge.source, []).append(edge.target)
    return tuple(kept), problems


def _unfit(edge: Edge, cells: Mapping[str, Cell], kinds: Mapping[str, KindLike]) -> str:
    """Why an edge fits nothing, or the empty string."""
    source, target = cells.get(edge.source), cells.get(edge.target)
    if source is None or target is None:
        return "One end of this link was deleted."
    if edge.source == edge.target:
        return "A cell cannot feed itself."
    giver, taker = kinds.get(source.kind), kinds.get(target.kind)
    if giver is None or taker is None:
        return "One end of this link has a kind this server does not know."
    if edge.source_port not in giver.outputs:
        return f"There is no output “{edge.source_port}” on a {giver.title} cell."
    takes = _taken_at(taker, edge.target_port)
    if takes is None:
        return f"There is no input “{edge.target_port}” on a {taker.title} cell."
    if giver.outputs[edge.source_port] is not takes:
        return f"What “{edge.source_port}” gives does not fit into “{edge.target_port}”."
    return ""


def _taken_at(kind: KindLike, port: str) -> Any:
    """The type an input port takes; a param takes a Value, but not what names a source of data."""
    param = port.removeprefix(PARAM)
    if param != port:
        return Value if param in kind.params.model_fields and param not in ("source", "code", *kind.steers) else None
    return kind.accepts().get(port)


def _path(feeds: Mapping[str, list[str]], start: str, goal: str) -> list[str]:
    """A path along kept edges, or nothing; the first one found in a fixed order."""
    came: dict[str, str] = {start: ""}
    stack = [start]
    while stack:
        cell = stack.pop()
        if cell == goal:
            path = [cell]
            while came[path[-1]]:
                path.append(came[path[-1]])
            return path[::-1]
        for child in sorted(feeds.get(cell, ()), reverse=True):
            if child not in came:
                came[child] = cell
                stack.append(child)
    return []


def _title(cell_id: str, cells: Mapping[str, Cell], titles: Mapping[str, Mapping[str, Any]]) -> str:
    title = titles.get(cell_id, {}).get("title")
    return title[:40] if isinstance(title, str) and title else cells[cell_id].name or cells[cell_id].kind

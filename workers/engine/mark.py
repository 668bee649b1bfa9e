"""What a mark is: how it asks its table, draws an answer and says itself in Python; marks/ holds them."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any, ClassVar

from workers.engine.approx import Answer, answer
from workers.engine.axes import NUMERIC
from workers.engine.charts import VALUE, Chart, ChartSpec, X
from workers.engine.drawing import Drawing, key_of, layout_of, short_value
from workers.engine.series import Frame, frame_of
from workers.kind import CellError
from workers.ports import Op, Table

if TYPE_CHECKING:
    from workers.engine.figure_code import FigureCode

_KNOWN: dict[str, Mark] = {}


class Mark:
    """One way to draw. A subclass is the only place a new mark touches.

    `uses` names the params it reads besides x; the form shows those. `panels` says whether it can be split in small
    multiples. `zero` keeps the axis of values from zero.
    """

    name: ClassVar[str] = ""
    label: ClassVar[str] = ""
    words: ClassVar[str]
    order: ClassVar[int]
    uses: ClassVar[frozenset[str]] = frozenset()
    panels: ClassVar[bool] = True
    zero: ClassVar[bool] = False

    def __init_subclass__(cls) -> None:
        if cls.name:
            _KNOWN[cls.name] = cls()

    def plan(self, table: Table | Op, spec: ChartSpec) -> Chart:
        """Check columns and types and form the question, without reading rows but for exact ranges."""
        raise TypeError(f"the mark {self.name} does not say what it asks")

    def frame(self, chart: Chart, step: Answer) -> Frame:
        """Series and keys that all panels share."""
        return frame_of(chart, step)

    def traces(self, chart: Chart, step: Answer, frame: Frame) -> list[dict[str, Any]]:
        """Plotly traces of one panel; `meta.series` tells the browser which colour."""
        raise TypeError(f"the mark {self.name} does not say how it is drawn")

    def layout(self, chart: Chart, step: Answer, frame: Frame) -> dict[str, Any]:
        """Axes of one panel."""
        return layout_of(chart, chart.value_title, zero=self.zero, lying=self.lying(chart.spec))

    def lying(self, spec: ChartSpec) -> bool:
        """Whether the axis of values is the horizontal one."""
        return spec.horizontal and "horizontal" in self.uses

    def code(self, chart: Chart, code: FigureCode) -> None:
        """Write the lines that draw the same with pandas and Plotly."""
        raise TypeError(f"the mark {self.name} does not say itself in Python")

    def draw(self, chart: Chart, start: str) -> Iterator[Drawing]:
        """Better and better drawings, the last exact."""
        from workers.engine.figures import drawing

        for step in answer(chart.op, chart.query, start=start):
            yield drawing(self, chart, step)

    def brush(self, chart: Chart) -> dict[str, Any]:
        """How a browser turns a selection of marks into conditions on columns."""
        spec = chart.spec
        sides = {"x": chart.x.brush(), "y": chart.y.brush() if chart.y else None}
        return {**sides, "series": spec.color if "color" in self.uses else None,
                "facet": spec.facet if self.panels else None, "lying": self.lying(spec)}

    def summary(self, chart: Chart, step: Answer) -> str:
        """One sentence for screen readers."""
        at = {c.name: i for i, c in enumerate(step.columns)}
        head = f"{self.words} of {chart.value_title} by {chart.spec.x}"
        head += f" and {chart.y.title}" if chart.y else ""
        numbers = [(r[at[VALUE]], r[at[X]]) for r in step.rows
                   if isinstance(r[at[VALUE]], (int, float)) and r[at[X]] is not None]
        about = "" if step.exact else " (approximate)"
        if not numbers:
            return f"{head}: no values."
        value, key = max(numbers, key=lambda pair: pair[0])
        place = chart.x.place(int(key)) if chart.x.how == "bins" else key_of(chart.x, key)
        place = f"{place:.6g}" if isinstance(place, float) else str(short_value(place))
        return f"{head}{about}: {len(step.rows):,} marks, highest {value:,.6g} at {place}."


def marks() -> dict[str, Mark]:
    """Every mark by name, in the order of the form."""
    from workers.engine import marks as home

    for found in iter_modules(home.__path__):
        import_module(f"{home.__name__}.{found.name}")
    return dict(sorted(_KNOWN.items(), key=lambda pair: pair[1].order))


def mark(name: str) -> Mark:
    """A mark by name. Raises CellError unknown_mark."""
    found = marks().get(name)
    if found is None:
        raise CellError("unknown_mark", f"There is no mark “{name}”. There are: {', '.join(marks())}.", param="mark")
    return found


def is_numeric(chart: Chart, column: str | None) -> bool:
    """Whether a column holds numbers."""
    return bool(column) and chart.columns[str(column)].type in NUMERIC

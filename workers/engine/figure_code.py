"""A chart as Python that runs: pandas computes what is drawn, Plotly draws it, without this project."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workers.engine.axes import DAYS, NUMERIC, Axis
from workers.engine.charts import FACET, MAX_SERIES, Chart, ChartSpec
from workers.engine.figures import planned, spec_of
from workers.ports import Op, Table

_PERIODS = {"year": "Y", "quarter": "Q", "month": "M", "week": "W-SUN"}
_FLOORS = {"day": "D", "hour": "h", "minute": "min"}


class FigureCode:
    """Lines of a script that makes `fig` from the data frame `table`; marks write into it."""

    def __init__(self, table: str) -> None:
        self.table = table
        self.imports = {"import pandas as pd", "import plotly.graph_objects as go"}
        self.lines: list[str] = []
        self.split = self.panels = False

    def line(self, text: str) -> None:
        """One more line."""
        self.lines.append(text)

    def needs(self, text: str) -> None:
        """An import the lines use."""
        self.imports.add(text)

    # rows ------------------------------------------------------------------------------------------------------

    def column(self, name: str) -> str:
        """A column of the data frame."""
        return f"{self.table}[{name!r}]"

    def key(self, axis: Axis) -> str:
        """The expression of a grouping key."""
        source = self.column(axis.column)
        if axis.how == "bins":
            return self._bins(axis, source)
        if axis.unit == "day_of_week":
            return f"pd.to_datetime({source}).dt.day_name()"
        if axis.unit == "hour_of_day":
            return f"pd.to_datetime({source}).dt.hour"
        if axis.how == "time" and axis.unit in _PERIODS:
            return f"pd.to_datetime({source}).dt.to_period({_PERIODS[axis.unit]!r}).dt.start_time"
        if axis.how == "time" and axis.unit in _FLOORS:
            return f"pd.to_datetime({source}).dt.floor({_FLOORS[axis.unit]!r})"
        return self.category(axis.column, axis.type) if axis.how == "category" else source

    def category(self, name: str, kind: str) -> str:
        """A column as texts, with a word for what is missing."""
        source = self.column(name)
        if kind == "boolean":
            return f'{source}.map({{True: "true", False: "false"}}).fillna("missing")'
        if kind == "text":
            return f'{source}.fillna("missing")'
        return f'{source}.astype("string").fillna("missing")'

    def _bins(self, axis: Axis, source: str) -> str:
        self.needs("import numpy as np")
        value = f"np.log10({source}.where({source} > 0))" if axis.log else source
        number = f"np.floor(({value} - {axis.start!r}) / {axis.width!r}).clip(upper={axis.bins - 1})"
        if axis.log:
            low, high = (f"10 ** ({axis.start!r} + {n} * {axis.width!r})" for n in (number, f"({number} + 1)"))
            return f"({low} + {high}) / 2"
        return f"{axis.start!r} + ({number} + 0.5) * {axis.width!r}"

    def rows(self, chart: Chart) -> None:
        """`data`: a row for each row of the table, with x, y, series and panel."""
        spec = chart.spec
        single = chart.x.column.startswith("__") or spec.y is None
        parts = {"x": repr(spec.x) if single else self.key(chart.x), "value": self.column(spec.y or str(spec.x))}
        self._frame(chart, parts, "data")
        self._fold_series("data")
        self.line('data = data.dropna(subset=["x", "value"])')

    def _frame(self, chart: Chart, parts: Mapping[str, str], name: str) -> None:
        spec = chart.spec
        grouped = chart.query.by
        parts = dict(parts)
        if spec.color and "__series" in grouped:
            parts["series"] = self.category(spec.color, chart.columns[spec.color].type)
            self.split = True
        if spec.facet and FACET in grouped:
            parts["panel"] = self.category(spec.facet, chart.columns[spec.facet].type)
            self.panels = True
        self.line(f"{name} = pd.DataFrame({{")
        for field, expression in parts.items():
            self.line(f"    {field!r}: {expression},")
        self.line(f"}}, index={self.table}.index)")

    def _fold_series(self, name: str) -> None:
        if self.split:
            self.line(f'largest = {name}["series"].value_counts().index[:{MAX_SERIES}]')
            self.line(f'{name}["series"] = {name}["series"].where({name}["series"].isin(largest), "other")')
        if self.panels:
            self.line(f'panels = sorted({name}["panel"].value_counts().index[:9])')
            self.line(f'{name} = {name}[{name}["panel"].isin(panels)]')

    # aggregates ------------------------------------------------------------------------------------------------

    def values(self, chart: Chart, most: int | None = None) -> None:
        """`data`: one row for each mark, with its value, and low and high when errors are drawn."""
        function, value = chart.function, chart.query.measures[0].column
        parts = {"x": self.key(chart.x)}
        if chart.y is not None:
            parts["y"] = self.key(chart.y)
        if value:
            parts["value"] = self.column(value)
        self._frame(chart, parts, "rows")
        self._fold_series("rows")
        if chart.x.how != "category":
            self.line('rows = rows.dropna(subset=["x"])')
        by = ["x", *(["y"] if chart.y else []), *self._groups()]
        if chart.x.how == "category" and chart.x.unit == "none" and chart.y is None:
            self._top(chart, most or chart.spec.limit, value)
        groups = f"rows.groupby({by!r}, as_index=False)"
        if not value:
            self.line(f'data = {groups}.size().rename(columns={{"size": "value"}})')
        elif chart.spec.errors != "none" and function == "mean":
            self._errors(chart, by)
        else:
            self.line(f'data = {groups}["value"].agg({function!r})')

    def _top(self, chart: Chart, most: int, value: str | None) -> None:
        function = chart.function if value else "size"
        ranked = 'rows["x"].value_counts()' if not value else f'rows.groupby("x")["value"].agg({function!r})'
        ordered = f"{ranked}.sort_values(ascending=False, kind=\"stable\").index"
        self.line(f"order = list({ordered})")
        self.line(f"kept, rest = order[:{most}], order[{most}:]")
        if chart.spec.sort == "x":
            self.line("kept.sort()")
        elif chart.spec.sort == "value":
            self.line("kept.reverse()")
        self.line("if rest:")
        self.line('    kept.append(f"other ({len(rest):,})")')
        self.line('    rows["x"] = rows["x"].where(rows["x"].isin(kept), kept[-1])')

    def _errors(self, chart: Chart, by: list[str]) -> None:
        self.line(f'data = rows.groupby({by!r})["value"].agg(value="mean", error="sem", n="count").reset_index()')
        if chart.spec.errors == "ci":
            self.needs("from scipy import stats")
            self.line('data["error"] *= stats.t.ppf(0.975, (data["n"] - 1).clip(lower=1))')

    # traces ----------------------------------------------------------------------------------------------------

    def each_series(self, trace: str, *, lying: bool = False, errors: bool = False, **options: Any) -> None:
        """`fig`: a trace for each series and panel."""
        self.figure()
        x, y = ("value", "x") if lying else ("x", "value")
        extra = {**options, **({"orientation": "h"} if lying else {})}
        asked = "".join(f", {name}={value!r}" for name, value in extra.items())
        if errors and any('error="sem"' in line for line in self.lines):
            asked += f', error_{"x" if lying else "y"}={{"type": "data", "array": part["error"]}}'
        named = ', name=str(name)' if self.split else ""
        add = f"{trace}(x=part[{x!r}], y=part[{y!r}]{named}{asked})"
        groups = self._groups()
        if not groups:
            self.line("part = data")
            self.line(f"fig.add_trace({add})")
            return
        unpack = "(panel, name)" if len(groups) == 2 else ("(panel,)" if self.panels else "(name,)")
        self.line(f"for {unpack}, part in data.groupby({groups!r}, sort=False):")
        where = ", **places[panel]" if self.panels else ""
        self.line(f"    fig.add_trace({add}{where})")

    def _groups(self) -> list[str]:
        return [*(["panel"] if self.panels else []), *(["series"] if self.split else [])]

    def figure(self) -> None:
        """An empty `fig`, with a place for each panel."""
        if not self.panels:
            self.line("fig = go.Figure()")
            return
        self.needs("from plotly.subplots import make_subplots")
        self.line("columns = min(3 if len(panels) > 2 else 2, len(panels))")
        self.line("fig = make_subplots(rows=-(-len(panels) // columns), cols=columns, subplot_titles=panels, "
                  "shared_xaxes=True, shared_yaxes=True)")
        self.line('places = {name: {"row": i // columns + 1, "col": i % columns + 1} for i, name in enumerate(panels)}')

    def grid(self, trace: str, chart: Chart) -> None:
        """`fig`: a map of the values."""
        self.figure()
        if not self.panels:
            self.line('wide = data.pivot(index="y", columns="x", values="value")')
            self.line(f"fig.add_trace({trace}(x=wide.columns, y=wide.index, z=wide))")
            return
        self.line('for panel, part in data.groupby("panel"):')
        self.line('    wide = part.pivot(index="y", columns="x", values="value")')
        self.line(f'    fig.add_trace({trace}(x=wide.columns, y=wide.index, z=wide, coloraxis="coloraxis"), '
                  "**places[panel])")

    def density(self, chart: Chart) -> None:
        """`fig`: contours; Plotly bins and smooths them in its own way."""
        self.rows(chart)
        self.figure()
        add = ('go.Histogram2dContour(x=part["x"], y=part["value"], nbinsx=38, nbinsy=38, '
               'contours_coloring="fill", line_width=0)')
        if self.panels:
            self.line('for panel, part in data.groupby("panel"):')
            self.line(f"    fig.add_trace({add}, **places[panel])")
        else:
            self.line("part = data")
            self.line(f"fig.add_trace({add})")

    def trend(self, chart: Chart) -> None:
        """Least squares with the 95 % interval of the mean, for each series."""
        self.needs("import numpy as np")
        self.needs("from scipy import stats")
        groups = self._groups()
        each = f"data.groupby({groups!r}, sort=False)" if groups else "[(None, data)]"
        where = ", **places[key[0]]" if self.panels else ""
        for text in (
            f"for key, part in {each}:",
            '    fit = stats.linregress(part["x"], part["value"])',
            '    at = np.linspace(part["x"].min(), part["x"].max(), 41)',
            '    rest = part["value"] - fit.intercept - fit.slope * part["x"]',
            "    spread = np.sqrt((rest**2).sum() / (len(part) - 2))",
            '    far = (at - part["x"].mean()) ** 2 / ((part["x"] - part["x"].mean()) ** 2).sum()',
            "    half = stats.t.ppf(0.975, len(part) - 2) * spread * np.sqrt(1 / len(part) + far)",
            "    line = fit.intercept + fit.slope * at",
            '    fig.add_trace(go.Scatter(x=[*at, *at[::-1]], y=[*(line + half), *(line - half)[::-1]], fill="toself", '
            f'line_width=0, hoverinfo="skip", showlegend=False){where})',
            f'    fig.add_trace(go.Scatter(x=at, y=line, mode="lines", showlegend=False){where})',
            '    print(key, f"slope {fit.slope:.4g}, p {fit.pvalue:.3g}, R² {fit.rvalue**2:.3g}, n {len(part):,}")',
        ):
            self.line(text)

    def layout(self, **options: Any) -> None:
        """Settings of the whole figure."""
        asked = ", ".join(f"{name}={value!r}" for name, value in options.items())
        self.line(f"fig.update_layout({asked})")

    def finish(self, chart: Chart, *, axes: bool, lying: bool, titles: tuple[str, str]) -> None:
        """Titles, order of categories, log axes and reference lines."""
        if axes:
            x, y = reversed(titles) if lying else titles
            self.line(f"fig.update_layout(xaxis_title={x!r}, yaxis_title={y!r})")
            side = "yaxes" if lying else "xaxes"
            if any(line.startswith("kept") for line in self.lines):
                self.line(f'fig.update_{side}(type="category", categoryorder="array", categoryarray=kept)')
            elif chart.x.unit == "day_of_week":
                self.line(f'fig.update_{side}(categoryorder="array", categoryarray={list(DAYS)!r})')
            for log, which in ((chart.spec.is_log("x") and chart.x.type in NUMERIC, side),
                               (chart.spec.is_log("y"), "xaxes" if lying else "yaxes")):
                if log:
                    self.line(f'fig.update_{which}(type="log")')
            self._references(chart, lying)
    def _references(self, chart: Chart, lying: bool) -> None:
        for one in chart.spec.lines:
            column = chart.x.column if one.axis == "x" else chart.spec.y
            drawn = one.axis == "y" and chart.function in ("count", "sum", "min", "max")
            value = repr(one.value) if one.at == "value" else (
                f'data["value"].{one.at}()' if drawn or column is None else f"{self.column(column)}.{one.at}()")
            vertical = (one.axis == "x") != lying
            self.line(f"fig.add_{'v' if vertical else 'h'}line({'x' if vertical else 'y'}={value}, line_dash=\"dot\")")


def written(table: Table | Op, spec: ChartSpec | Mapping[str, Any], name: str) -> FigureCode:
    """The lines that make `fig` from a data frame. Raises NeedsSettings or CellError as `draw` does."""
    chosen = spec_of(spec)
    known, chart, _ = planned(table, chosen)
    code = FigureCode(name)
    known.code(chart, code)
    titles = (chart.x.title, chart.value_title if chart.y is None or chosen.mark == "violin" else chart.y.title)
    code.finish(chart, axes=chosen.mark != "pie", lying=known.lying(chosen), titles=titles)
    return code


def figure_python(table: Table | Op, spec: ChartSpec | Mapping[str, Any], name: str = "table") -> str:
    """A script of its own: reads the table from a Parquet file, makes `fig` and shows it."""
    code = written(table, spec, name)
    head = [f"# {name} is the table that feeds the chart, saved as Parquet.",
            f'{name} = pd.read_parquet("{name}.parquet")', ""]
    return "\n".join([*sorted(code.imports), "", *head, *code.lines, "fig.show()"]) + "\n"


def figure_function(table: Table | Op, spec: ChartSpec | Mapping[str, Any], name: str, code: Any) -> None:
    """Add a function that draws the chart from the frame `name` to a script (a PandasCode), and a call of it."""
    found = written(table, spec, name)
    for line in found.imports:
        code.needs(line)
    function, shown = code.name(f"draw_{code.title or 'chart'}"), code.name("figure")
    for line in (f"def {function}({name}):", *(f"    {line}" if line else "" for line in found.lines), "    return fig",
                 "", "", f"{shown} = {function}({name})", f"{shown}.show()"):
        code.line(line)

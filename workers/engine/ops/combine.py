"""Tables put together: joins by keys, rows below each other, columns side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from workers.engine.ops.node import Input, Name, NamesOf, OpNode
from workers.engine.ops.types import common, exactly
from workers.engine.pandas_text import DTYPES, keywords, listed, quote
from workers.kind import CellError

if TYPE_CHECKING:
    from workers.engine.pandas_code import PandasCode

How = Literal["inner", "left", "right", "full", "semi", "anti"]


class JoinKey(BaseModel):
    """A column of each side that must be equal."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    left: Name
    right: Name


class Join(OpNode):
    """Rows of two tables whose keys are equal; missing keys match nothing. Keys come out once, under the left name.

    `single` says that a row of the left side has at most one match; whoever plans the op has looked. A sample of the
    left side then gives one of the result, and a left join whose other columns nobody reads is left out.
    """

    op: Literal["join"]
    left: Input
    right: Input
    how: How = "inner"
    keys: Annotated[tuple[JoinKey, ...], Field(min_length=1, max_length=20)]
    suffix: Annotated[str, Field(min_length=1, max_length=50)] = "_other"
    single: bool = False

    def inputs(self) -> tuple[OpNode, ...]:
        """Left and right."""
        return (self.left, self.right)

    def renamed(self, left: list[str], right: list[str]) -> dict[str, str]:
        """{column of the right side: its name in the result}, keys left out."""
        keys, taken, names = {k.right for k in self.keys}, set(left), {}
        for column in right:
            if column in keys:
                continue
            name = column
            while name in taken:
                name += self.suffix
            taken.add(name)
            names[column] = name
        return names

    def origin(self, column: str, names_of: NamesOf) -> tuple[OpNode, str] | None:
        """Columns of both sides stay as they are, unless rows without a left side are added."""
        if self.how in ("right", "full"):
            return None
        mine = names_of(self.left)
        if column in mine:
            return self.left, column
        back = {new: old for old, new in self.renamed(mine, names_of(self.right)).items()}
        return (self.right, back[column]) if column in back else None

    def sampled_input(self) -> OpNode | None:
        """The left side, where each of its rows is there once or not at all."""
        return self.left if self.how in ("semi", "anti") or (self.single and self.how in ("inner", "left")) else None

    def counted_input(self) -> OpNode | None:
        """The left side, where each of its rows is there once."""
        return self.left if self.single and self.how == "left" else None

    def apply(self, sources: list[Any], c: Any) -> Any:
        """Matched rows, with those without a match as `how` says."""
        left, right = sources
        pairs = [_comparable(c, c.column(left, k.left), c.column(right, k.right), k) for k in self.keys]
        alone = self.how in ("semi", "anti")
        names = {} if alone else self.renamed(list(left.columns), list(right.columns))
        hidden = {f"__k{i}": b for i, (_, b) in enumerate(pairs)}
        other = right.select(**hidden, **{f"__r{i}": right[n] for i, n in enumerate(names)})
        tests = [a == other[f"__k{i}"] for i, (a, _) in enumerate(pairs)]
        if alone:
            return left.join(other, tests, how=self.how)
        how = {"full": "outer"}.get(self.how, self.how)
        both = left.join(other, tests, how=how)
        place = {k.left: i for i, k in reversed([*enumerate(self.keys)])}
        columns = {}
        for name in left.columns:
            value = both[name]
            if name in place and self.how in ("right", "full"):
                value = c.ibis.coalesce(value, both[f"__k{place[name]}"])
            columns[name] = value
        return both.select(**columns, **{new: both[f"__r{i}"] for i, new in enumerate(names.values())})

    def pandas(self, frames: list[str], code: PandasCode) -> str:
        """`left.merge(right, …)`; pandas would match missing keys with each other, so they are dropped first."""
        left, right = frames
        on = list(dict.fromkeys(k.left for k in self.keys))
        if self.how in ("semi", "anti") and len(on) == 1:
            test = f"{self._key(left, 0, 'left', code)}.isin({self._key(right, 0, 'right', code)}.dropna())"
            return f"{left}[{'~' if self.how == 'anti' else ''}{test}]"
        other = code.name(f"{right}_to_join")
        left, source = self._prepared(left, right, code)
        code.line(f"{other} = {source}")
        keys, gaps = listed(on), f"dropna(subset={listed(on)})"
        if self.how in ("semi", "anti"):
            kept = f"{other}[{keys}].{gaps}.drop_duplicates()"
            matched = code.name("matched")
            code.line(f'{matched} = {left}[{keys}].merge({kept}, on={keys}, how="left", indicator=True)["_merge"]')
            return f'{frames[0]}[({matched} {"==" if self.how == "semi" else "!="} "both").to_numpy()]'
        if self.how == "right":
            return f'{left}.{gaps}.merge({other}, on={keys}, how="right")'
        found = f'{left}.merge({other}.{gaps}, on={keys}, how="{"outer" if self.how == "full" else self.how}")'
        widened = self._widened(frames, code)
        if self.how == "full":
            alone = f"{other}[{other}[{keys}].isna().any(axis=1)]"
            return f"pd.concat([{found}, {alone}], ignore_index=True)"
        back = ", ".join(f"{quote(n)}: {quote(d)}" for n, d in widened.items())
        return f"{found}.astype({{{back}}})" if back else found

    def _key(self, frame: str, place: int, side: str, code: PandasCode) -> str:
        name = self.keys[place].left if side == "left" else self.keys[place].right
        return code.column(frame, name).text

    def _widened(self, frames: list[str], code: PandasCode) -> dict[str, str]:
        """Keys of the left side that were compared as another type, with their own."""
        mine, theirs = code.types(frames[0]), code.types(frames[1])
        return {k.left: DTYPES[mine[k.left]] for k in self.keys
                if DTYPES[common(mine[k.left], theirs[k.right])] != DTYPES[mine[k.left]]}

    def _prepared(self, left: str, right: str, code: PandasCode) -> tuple[str, str]:
        """Both sides with equal names and types of keys, and names of the result on the right."""
        mine, theirs = code.types(left), code.types(right)
        new = self.renamed(list(mine), list(theirs))
        names = {old: name for old, name in new.items() if old != name}
        source = f"{right}[{listed([*dict.fromkeys(k.right for k in self.keys), *new])}]"
        if len(new) + len({k.right for k in self.keys}) == len(theirs) and not names:
            source = right
        for key in self.keys:
            if key.right != key.left:
                names[key.right] = key.left
        if names:
            pairs = ", ".join(f"{quote(old)}: {quote(name)}" for old, name in names.items())
            source += f".rename(columns={{{pairs}}})"
        casts = {k.left: DTYPES[common(mine[k.left], theirs[k.right])] for k in self.keys}
        before = {k.left: (DTYPES[mine[k.left]], DTYPES[theirs[k.right]]) for k in self.keys}
        for place, frame in enumerate((left, source)):
            wrong = ", ".join(f"{quote(n)}: {quote(d)}" for n, d in casts.items() if before[n][place] != d)
            if wrong and place == 0:
                left = f"{frame}.astype({{{wrong}}})"
            elif wrong:
                source = f"{frame}.astype({{{wrong}}})"
        return left, source


def _comparable(c: Any, left: Any, right: Any, key: JoinKey) -> tuple[Any, Any]:
    one, two = c.word(left), c.word(right)
    if one == two:
        return left, right
    if not exactly(one, two):
        raise CellError("type_mismatch", f"“{key.left}” is {one} and “{key.right}” is {two}, so they are never equal. "
                        "Change the type of one of them first.", param="keys")
    word = common(one, two)
    return c.cast(left, word), c.cast(right, word)


class Union(OpNode):
    """Rows of several tables below each other; columns meet by name or by position, and types widen."""

    op: Literal["union"]
    tables: Annotated[tuple[Input, ...], Field(min_length=1, max_length=100)]
    by: Literal["name", "position"] = "name"
    source: str = ""
    labels: tuple[str, ...] = ()

    def inputs(self) -> tuple[OpNode, ...]:
        """All of them."""
        return self.tables

    def check(self) -> None:
        """As many labels as tables, if the source is told."""
        if self.source and len(self.labels) != len(self.tables):
            raise CellError("bad_op", "Each table needs a label.")

    def layout(self, types: list[dict[str, str]]) -> list[tuple[str, str, list[str | None]]]:
        """(name, type, the column of each table) of the result."""
        if self.by == "position":
            if len({len(t) for t in types}) > 1:
                sizes = " and ".join(str(n) for n in sorted({len(t) for t in types}))
                raise CellError("different_columns", f"The tables have {sizes} columns, so they cannot meet by "
                                "position. Meet by name instead.", param="by",
                                fix={"label": "Meet by name", "params": {"by": "name"}})
            rows: list[tuple[str, list[str | None]]] = [
                (name, [list(t)[i] for t in types]) for i, name in enumerate(types[0])
            ]
        else:
            every = dict.fromkeys(name for t in types for name in t)
            rows = [(name, [name if name in t else None for t in types]) for name in every]
        if self.source and self.source in [name for name, _ in rows]:
            raise CellError("duplicate_column", f"There is a column “{self.source}” already.", param="source")
        return [(name, common(*[t[c] for t, c in zip(types, columns, strict=True) if c is not None]), columns)
                for name, columns in rows]

    def apply(self, sources: list[Any], c: Any) -> Any:
        """All rows."""
        layout = self.layout([{n: c.word(t[n]) for n in t.columns} for t in sources])
        parts = []
        for place, table in enumerate(sources):
            columns = {}
            for name, word, given in layout:
                column = given[place]
                columns[name] = c.nothing(word) if column is None else c.widen(table[column], word)
            label = {self.source: c.ibis.literal(self.labels[place])} if self.source else {}
            parts.append(table.select(**label, **columns))
        return parts[0] if len(parts) == 1 else c.ibis.union(*parts, distinct=False)

    def pandas(self, frames: list[str], code: PandasCode) -> str:
        """`pd.concat([…], ignore_index=True)`."""
        layout = self.layout([code.types(frame) for frame in frames])
        parts = []
        for place, frame in enumerate(frames):
            types, text = code.types(frame), frame
            names = {g[place]: n for n, _, g in layout if g[place] not in (None, n)}
            if self.by == "position" and names:
                pairs = ", ".join(f"{quote(str(old))}: {quote(new)}" for old, new in names.items())
                text += f".rename(columns={{{pairs}}})"
            casts = {name: code.cast(frame, given[place] or "", word).text for name, word, given in layout
                     if given[place] is not None and types[given[place] or ""] != word}
            text += f".assign({keywords(casts)})" if casts else ""
            if self.source:
                text += f".assign({keywords({self.source: quote(self.labels[place])})})"
            parts.append(text)
        order = [*([self.source] if self.source else []), *[name for name, _, _ in layout]]
        joined = f"pd.concat([{', '.join(parts)}], ignore_index=True)"
        plain = not self.source and order == list(code.types(frames[0]))
        gaps = {name: DTYPES[word] for name, word, given in layout if None in given}
        types_text = ", ".join(f"{quote(n)}: {quote(d)}" for n, d in gaps.items())
        return joined + ("" if plain else f"[{listed(order)}]") + (f".astype({{{types_text}}})" if gaps else "")


class Beside(OpNode):
    """Columns of two tables side by side, row by row; the longer one decides."""

    op: Literal["beside"]
    left: Input
    right: Input
    suffix: Annotated[str, Field(min_length=1, max_length=50)] = "_other"
    needs_order: ClassVar[bool] = True

    def inputs(self) -> tuple[OpNode, ...]:
        """Left and right."""
        return (self.left, self.right)

    def _names(self, left: list[str], right: list[str]) -> dict[str, str]:
        taken, names = set(left), {}
        for column in right:
            name = column
            while name in taken:
                name += self.suffix
            taken.add(name)
            names[column] = name
        return names

    def apply(self, sources: list[Any], c: Any) -> Any:
        """Rows of equal number."""
        left, right = sources
        names = self._names(list(left.columns), list(right.columns))
        one = c.numbered(left)
        two = c.numbered(right).select(__at="__row", **{f"__r{i}": right[n] for i, n in enumerate(names)})
        both = one.join(two, one["__row"] == two["__at"], how="outer")
        both = both.order_by(c.ibis.coalesce(both["__row"], both["__at"]))
        return both.select(*left.columns, **{new: both[f"__r{i}"] for i, new in enumerate(names.values())})

    def pandas(self, frames: list[str], code: PandasCode) -> str:
        """`pd.concat([…], axis=1)`."""
        left, right = frames
        names = {o: n for o, n in self._names(list(code.types(left)), list(code.types(right))).items() if o != n}
        pairs = ", ".join(f"{quote(old)}: {quote(new)}" for old, new in names.items())
        other = f"{right}.rename(columns={{{pairs}}})" if names else right
        return f"pd.concat([{left}.reset_index(drop=True), {other}.reset_index(drop=True)], axis=1)"

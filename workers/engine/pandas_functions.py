"""Number, text and date functions of the expression language in pandas."""

from __future__ import annotations

from workers.engine.pandas_expression import OR, PRODUCT, SUM, TRANSLATED, Call, Piece, means
from workers.engine.pandas_text import quote


@means("abs")
def _abs(c: Call, a: Piece) -> Piece:
    a = c.number(a, lift=True)
    return Piece(f"{a.dot}.abs()", a.word)


@means("exp")
def _exp(c: Call, a: Piece) -> Piece:
    a = c.number(a, lift=True)
    c.ask("np")
    return Piece(f"np.exp({a.dot}.mask({a.within(OR)} > 700))", "number")


@means("floor", "ceil")
def _whole(c: Call, a: Piece) -> Piece:
    a = c.number(a, lift=True)
    if a.word == "integer":
        return a
    c.ask("np")
    return Piece(f'np.{c.name}({a.text}).astype("Int64")', "integer")


@means("round")
def _round(c: Call, a: Piece, digits: Piece | None = None) -> Piece:
    a = c.number(a, lift=True)
    if digits is None:
        if a.word == "integer":
            return a
        c.ask("np")
        return Piece(f'{c.ask("round_half_away")}({a.text}).astype("Int64")', "integer")
    c.ask("np")
    return Piece(f"{c.ask('round_half_away')}({c.floats(a).text}, {digits.text})", "number")


@means("sqrt")
def _sqrt(c: Call, a: Piece) -> Piece:
    a = c.number(a, lift=True)
    c.ask("np")
    return Piece(f"np.sqrt({a.dot}.mask({a.within(OR)} < 0))", "number")


@means("log")
def _log(c: Call, a: Piece, base: Piece | None = None) -> Piece:
    a = c.number(a, lift=True)
    c.ask("np")
    top = f"np.log({a.dot}.mask({a.within(OR)} <= 0))"
    if base is None:
        return Piece(top, "number")
    base = c.number(base, lift=True)
    return Piece(f"{top} / np.log({base.dot}.mask(({base.within(OR)} <= 0) | ({base.within(OR)} == 1)))",
                 "number", PRODUCT)


_METHODS = {"lower": "lower()", "upper": "upper()", "trim": "strip()", "length": "len()"}


@means("lower", "upper", "trim", "length")
def _method(c: Call, a: Piece) -> Piece:
    a = c.series(a, "text") if a.scalar else a
    return Piece(f"{a.dot}.str.{_METHODS[c.name]}", "integer" if c.name == "length" else "text")


_TESTS = {"contains": ("contains", ", regex=False", "lambda a, b: b in a"),
          "starts_with": ("startswith", "", "str.startswith"), "ends_with": ("endswith", "", "str.endswith")}


@means("contains", "starts_with", "ends_with")
def _test(c: Call, a: Piece, b: Piece) -> Piece:
    method, more, function = _TESTS[c.name]
    a = c.series(a, "text") if a.scalar else a
    if b.word == "missing":
        return c.missing("boolean")
    if b.scalar:
        return Piece(f"{a.dot}.str.{method}({b.text}{more})", "boolean")
    return Piece(f'{c.ask("pair_by_pair")}({function}, {a.text}, {b.text}).astype("boolean")', "boolean")


@means("replace")
def _replace(c: Call, a: Piece, old: Piece, new: Piece) -> Piece:
    a = c.series(a, "text") if a.scalar else a
    if old.word == "missing" or new.word == "missing":
        return c.missing("text")
    if old.scalar and new.scalar:
        # DuckDB leaves a text alone when the part to replace is empty.
        return Piece(f"{a.dot}.str.replace({old.text}, {new.text}, regex=False)", "text") if old.value else a
    trio = ", ".join((c.series(p, "text") if p.scalar else p).text for p in (a, old, new))
    rows = "None if pd.isna(t) or pd.isna(o) or pd.isna(n) else t.replace(o, n) if o else t"
    made = f"[{rows} for t, o, n in zip({trio})]"
    return Piece(f'pd.Series({made}, index={c.of.frame}.index, dtype="string[python]")', "text")


_PARTS = {"year": "year", "quarter": "quarter", "month": "month", "day": "day", "day_of_week": "day_of_week",
          "hour": "hour", "minute": "minute"}


@means(*_PARTS)
def _part(c: Call, a: Piece) -> Piece:
    if a.word == "time":
        return Piece(f'{a.dot}.map(lambda t: t.{c.name}, na_action="ignore").astype("Int64")', "integer")
    a = c.series(a, "datetime") if a.scalar else a
    return Piece(f'{a.dot}.dt.{_PARTS[c.name]}.astype("Int64")', "integer")


@means("number")
def _number(c: Call, a: Piece) -> Piece:
    a = c.series(a, "number" if a.word == "missing" else "") if a.scalar else a
    if a.word == "text":
        return Piece(f'pd.to_numeric({a.text}, errors="coerce").astype("Float64")', "number")
    return c.floats(a)


@means("integer")
def _integer(c: Call, a: Piece) -> Piece:
    a = c.series(a, "integer" if a.word == "missing" else "") if a.scalar else a
    if a.word == "text":
        c.ask("np")
        return Piece(f"{c.ask('whole_numbers')}({a.text})", "integer")
    if a.word == "number":
        return Piece(f'{a.dot}.round().astype("Int64")', "integer")
    return c.series(a, "integer")


@means("date")
def _date(c: Call, a: Piece) -> Piece:
    a = c.series(a) if a.scalar else a
    if a.word == "text":
        return Piece(f'pd.to_datetime({a.text}, errors="coerce", format="ISO8601").dt.normalize()', "date")
    return a if a.word == "date" else Piece(f"{a.dot}.dt.normalize()", "date")


@means("bin")
def _bin(c: Call, value: Piece, start: Piece, width: Piece) -> Piece:
    value, start, width = c.floats(value), c.number(start), c.number(width)
    c.ask("np")
    if width.scalar and not width.value:
        return c.missing("integer")
    by = width.within(PRODUCT + 1) if width.scalar else f"{width.dot}.mask({width.within(OR)} == 0)"
    shifted = f"{value.within(SUM)} - {start.within(SUM + 1)}"
    return Piece(f'np.floor(({shifted}) / {by}).astype("Int64")', "integer")


def time_key(piece: Piece, unit: str) -> Piece:
    """A date cut to a unit, as groups are made of it; other values as they are."""
    if unit == "none" or piece.word not in ("date", "datetime"):
        return piece
    if unit == "day_of_week":
        return Piece(f'{piece.dot}.dt.day_of_week.astype("Int64")', "integer")
    if unit == "hour_of_day":
        return Piece(f'{piece.dot}.dt.hour.astype("Int64")', "integer")
    if piece.word == "date" and unit in ("hour", "minute", "day"):
        return piece
    if unit in ("hour", "minute", "day"):
        step = {"hour": "h", "minute": "min", "day": "D"}[unit]
        return Piece(f"{piece.dot}.dt.floor({quote(step)})", piece.word)
    step = {"year": "Y", "quarter": "Q", "month": "M", "week": "W"}[unit]
    return Piece(f"{piece.dot}.dt.to_period({quote(step)}).dt.start_time", piece.word)


def cast(c: Call, piece: Piece, word: str) -> Piece:
    """Another type; what does not fit becomes missing."""
    if piece.word == word:
        return piece
    if word in ("number", "integer", "text", "date"):
        return TRANSLATED[word](c, piece)
    if word == "datetime":
        if piece.word == "text":
            return Piece(f'pd.to_datetime({piece.text}, errors="coerce", format="ISO8601")', word)
        return Piece(piece.text, word, piece.binds)
    if word == "boolean" and piece.word == "text":
        words = '{"true": True, "t": True, "yes": True, "y": True, "1": True, ' \
                '"false": False, "f": False, "no": False, "n": False, "0": False}'
        return Piece(f'{piece.dot}.str.lower().map({words}).astype("boolean")', word)
    if word == "boolean":
        return Piece(f"{piece.within(OR)} != 0", word, 1)
    c.ask("datetime")
    return Piece(f'pd.to_datetime({piece.text}, errors="coerce").dt.time', word)

"""The expression language in pandas: source text that means the same, missing values and all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from workers.engine.expression import unknown_column
from workers.engine.pandas_text import DTYPES, quote

Helper = Callable[[str], str]
"""Asks the script for a helper function or an import by name; gives the name."""

COMPARE, OR, AND, SUM, PRODUCT, UNARY, ATOM = 1, 2, 3, 5, 6, 7, 9
NUMBERS = ("integer", "number", "boolean")
MOMENTS = ("date", "datetime")


@dataclass(frozen=True, slots=True)
class Piece:
    """Source text of a value: its type word, how tightly it binds, and whether it is one scalar for all rows."""

    text: str
    word: str
    binds: int = ATOM
    scalar: bool = False
    value: Any = None

    def within(self, binds: int) -> str:
        """The text, in parentheses if it binds less than its place asks."""
        return self.text if self.binds >= binds else f"({self.text})"

    @property
    def dot(self) -> str:
        """The text as what a method is called on."""
        return self.within(ATOM)


class Translator:
    """Expressions over one frame. `lax` conditions may say False for “unknown”: a filter drops both."""

    def __init__(self, frame: str, types: Mapping[str, str], ask: Helper) -> None:
        self.frame, self.types, self.ask = frame, types, ask

    def piece(self, expression: Mapping[str, Any], lax: bool = False) -> Piece:
        """One expression."""
        if "col" in expression:
            name = expression["col"]
            if name not in self.types:
                raise unknown_column(name, list(self.types))
            return Piece(f"{self.frame}[{quote(name)}]", self.types[name])
        if "lit" in expression:
            return literal(expression)
        name, parts = expression["fn"], expression["args"]
        inner = lax and name in ("and", "or")
        return TRANSLATED[name](Call(self, name, lax), *[self.piece(p, inner) for p in parts])


@dataclass(frozen=True, slots=True)
class Call:
    """What a translation may use: the frame, helpers, and whether unknown may be told as False."""

    of: Translator
    name: str
    lax: bool

    def ask(self, name: str) -> str:
        """A library or a helper function by name."""
        return self.of.ask(name)

    def series(self, piece: Piece, word: str = "") -> Piece:
        """A piece that is a column, whatever it was, of a type if asked."""
        word = word or piece.word
        if piece.scalar:
            return Piece(f'pd.Series({piece.text}, index={self.of.frame}.index, dtype="{DTYPES[word]}")', word)
        if word != piece.word and DTYPES[word] != DTYPES[piece.word]:
            return Piece(f'{piece.dot}.astype("{DTYPES[word]}")', word)
        return piece

    def number(self, piece: Piece, lift: bool = False) -> Piece:
        """A number; booleans become 0 and 1."""
        if piece.scalar and not lift and isinstance(piece.value, (int, float)):
            return piece if not isinstance(piece.value, bool) else literal({"lit": int(piece.value)})
        word = "integer" if piece.word == "boolean" else piece.word if piece.word != "missing" else "number"
        return self.series(piece, word)

    def floats(self, piece: Piece) -> Piece:
        """A column of numbers with fractions."""
        return self.series(piece, "number")

    def missing(self, word: str) -> Piece:
        """A column of nothing but missing values."""
        return self.series(Piece("None", word, scalar=True), word)


def literal(part: Mapping[str, Any]) -> Piece:
    """A value written out."""
    value, word = part["lit"], part.get("type")
    if value is None:
        return Piece("pd.NA", "missing", scalar=True)
    if isinstance(value, bool):
        return Piece(repr(value), "boolean", scalar=True, value=value)
    if isinstance(value, (int, float)):
        binds = ATOM if value >= 0 else UNARY
        return Piece(repr(value), "integer" if isinstance(value, int) else "number", binds, True, value)
    if word in MOMENTS:
        return Piece(f"pd.Timestamp({quote(value)})", word, scalar=True, value=value)
    if word == "time":
        return Piece(f"datetime.time.fromisoformat({quote(value)})", "time", scalar=True, value=value)
    return Piece(quote(value), "text", scalar=True, value=value)


TRANSLATED: dict[str, Callable[..., Piece]] = {}


def means(*names: str) -> Callable[[Callable[..., Piece]], Callable[..., Piece]]:
    """Register the translation of functions of the expression language."""

    def add(build: Callable[..., Piece]) -> Callable[..., Piece]:
        for name in names:
            TRANSLATED[name] = build
        return build

    return add


def joined(*words: str) -> str:
    """The type that holds values of several types."""
    found = {w for w in words if w != "missing"}
    if len(found) <= 1:
        return next(iter(found), "missing")
    if found <= {"integer", "boolean"}:
        return "integer"
    return "number" if found <= set(NUMBERS) else "datetime" if found <= set(MOMENTS) else "text"


@means("+", "-", "*")
def _arithmetic(c: Call, a: Piece, b: Piece | None = None) -> Piece:
    if b is None:
        a = c.number(a)
        if a.scalar:
            return literal({"lit": -a.value})
        return Piece(f"-{a.within(UNARY)}", a.word, UNARY)
    if c.name == "+" and {a.word, b.word} <= {"text", "missing"}:
        a = c.series(a, "text") if b.scalar or a.word == "missing" else a
        return Piece(f"{a.within(SUM)} + {c.series(b, 'text').text if b.word == 'missing' else b.within(SUM + 1)}",
                     "text", SUM)
    a, b = c.number(a, lift=b.scalar), c.number(b)
    binds = PRODUCT if c.name == "*" else SUM
    return Piece(f"{a.within(binds)} {c.name} {b.within(binds + 1)}", joined(a.word, b.word), binds)


@means("/")
def _divide(c: Call, a: Piece, b: Piece) -> Piece:
    a, below = c.number(a, lift=b.scalar), _without_zero(c, b)
    return Piece(f"{a.within(PRODUCT)} / {below}", "number", PRODUCT) if below else c.missing("number")


def _without_zero(c: Call, b: Piece) -> str:
    """What to divide by: zero becomes missing; empty when it is nothing but zero."""
    b = c.number(b)
    if b.scalar:
        return b.within(UNARY) if b.value else ""
    return f"{b.dot}.mask({b.within(OR)} == 0)"


@means("%")
def _remainder(c: Call, a: Piece, b: Piece) -> Piece:
    a, below = c.number(a, lift=b.scalar), _without_zero(c, b)
    word = joined(a.word, c.number(b).word)
    c.ask("np")
    return Piece(f"np.fmod({a.text}, {below})", word) if below else c.missing(word)


@means("**")
def _power(c: Call, a: Piece, b: Piece) -> Piece:
    if b.scalar and isinstance(b.value, int) and b.value >= 1 and not isinstance(b.value, bool):
        return Piece(f"{c.floats(a).dot} ** {b.value}", "number", UNARY)
    return Piece(f"{c.ask('power')}({c.floats(a).text}, {c.floats(b).text})", "number")


_SIGNS = {"=": "=="}


@means("=", "!=", "<", "<=", ">", ">=")
def _compare(c: Call, a: Piece, b: Piece) -> Piece:
    a, b = _comparable(c, a, b)
    if a.scalar:
        a = c.series(a)
    sign = _SIGNS.get(c.name, c.name)
    text = f"{a.within(OR)} {sign} {b.within(OR)}"
    if a.word in (*MOMENTS, "time"):
        return _known(c, Piece(text, "boolean", COMPARE), (a, b), c.name != "!=")
    return Piece(text, "boolean", COMPARE)


def _known(c: Call, test: Piece, of: tuple[Piece, ...], missing_fails: bool) -> Piece:
    """A test that says True or False also for missing values, made to say “missing” there."""
    if c.lax and missing_fails:
        return test
    gaps = " | ".join(f"{p.dot}.isna()" for p in of if not p.scalar)
    return Piece(f'{test.dot}.astype("boolean").mask({gaps})', "boolean") if gaps else test


def _comparable(c: Call, a: Piece, b: Piece) -> tuple[Piece, Piece]:
    if a.word == "missing" or b.word == "missing":
        return c.series(a, joined(a.word, b.word)), c.series(b, joined(a.word, b.word))
    if a.word == "text" and b.word in (*MOMENTS, "time"):
        return _moment(c, a, b.word), b
    if b.word == "text" and a.word in (*MOMENTS, "time"):
        return a, _moment(c, b, a.word)
    if {a.word, b.word} <= set(NUMBERS) and a.word != b.word:
        return c.number(a), c.number(b)
    return a, b


def _moment(c: Call, text: Piece, word: str) -> Piece:
    if word == "time":
        c.ask("datetime")
    if text.scalar:
        return literal({"lit": text.value, "type": word})
    return Piece(f"pd.to_datetime({text.text})", word)


@means("between")
def _between(c: Call, value: Piece, low: Piece, high: Piece) -> Piece:
    (a, low), (_, high) = _comparable(c, value, low), _comparable(c, value, high)
    if not a.scalar and all(p.scalar and p.word != "missing" for p in (low, high)):
        test = Piece(f"{a.dot}.between({low.text}, {high.text})", "boolean")
        return _known(c, test, (a,), True) if a.word in (*MOMENTS, "time") else test
    tests = [_compare(Call(c.of, sign, c.lax), value, end) for sign, end in ((">=", low), ("<=", high))]
    return _all(Call(c.of, "and", c.lax), *tests)


@means("in")
def _one_of(c: Call, value: Piece, *choices: Piece) -> Piece:
    pairs = [_comparable(c, value, choice) for choice in choices]
    if value.scalar or not all(choice.scalar for choice in choices):
        return _all(Call(c.of, "or", c.lax), *[_compare(Call(c.of, "=", c.lax), value, b) for _, b in pairs])
    listed = ", ".join(b.text for choice, (_, b) in zip(choices, pairs, strict=True) if choice.word != "missing")
    test = Piece(f"{pairs[0][0].dot}.isin([{listed}])", "boolean")
    if any(choice.word == "missing" for choice in choices) and not c.lax:
        return Piece(f'{test.text}.astype("boolean").replace(False, pd.NA)', "boolean")
    return _known(c, test, (value,), True)


@means("and", "or")
def _all(c: Call, *tests: Piece) -> Piece:
    if len(tests) == 1:
        return tests[0]
    binds, sign = (AND, "&") if c.name == "and" else (OR, "|")
    first, *rest = [c.series(t, "boolean") if t.scalar else t for t in tests]
    return Piece(f" {sign} ".join(t.within(binds + (t is not first)) for t in (first, *rest)), "boolean", binds)


@means("not")
def _not(c: Call, test: Piece) -> Piece:
    if test.text.endswith(".isna()") and test.binds == ATOM:
        return Piece(f"{test.text.removesuffix('.isna()')}.notna()", "boolean")
    test = c.series(test, "boolean") if test.scalar else test
    return Piece(f"~{test.within(UNARY)}", "boolean", UNARY)


@means("if")
def _if(c: Call, test: Piece, yes: Piece, no: Piece) -> Piece:
    word = joined(yes.word, no.word)
    test = c.series(test, "boolean") if test.scalar else test
    otherwise = c.series(no, word) if no.scalar or no.word != word else no
    chosen = yes if yes.scalar or yes.word == word else c.series(yes, word)
    return Piece(f"{otherwise.dot}.mask({test.dot}.fillna(False), {chosen.text})", word)


@means("coalesce")
def _coalesce(c: Call, first: Piece, *rest: Piece) -> Piece:
    word = joined(first.word, *(p.word for p in rest))
    found = c.series(first, word)
    for piece in rest:
        if piece.word != "missing":
            found = Piece(f"{found.dot}.fillna({piece.text if piece.scalar else c.series(piece, word).text})", word)
    return found


@means("is_missing")
def _is_missing(c: Call, a: Piece) -> Piece:
    return Piece(f"{(c.series(a) if a.scalar else a).dot}.isna()", "boolean")


@means("min", "max")
def _extreme(c: Call, *values: Piece) -> Piece:
    word = joined(*(v.word for v in values))
    listed = [c.series(v, word).text for v in values if v.word != "missing"]
    if len(listed) < 2:
        return Piece(listed[0], word, SUM) if listed else c.missing("number")
    return Piece(f"{c.ask('smallest' if c.name == 'min' else 'largest')}({', '.join(listed)})", word)


@means("text")
def _text(c: Call, a: Piece) -> Piece:
    a = c.series(a, "text" if a.word == "missing" else "") if a.scalar else a
    if a.word == "date":
        return Piece(f'{a.dot}.dt.strftime("%Y-%m-%d").astype("string[python]")', "text")
    if a.word == "datetime":
        return Piece(f"{c.ask('date_text')}({a.text})", "text")
    if a.word == "boolean":
        return Piece(f'{a.dot}.astype("string[python]").str.lower()', "text")
    return a if a.word == "text" else Piece(f'{a.dot}.astype("string[python]")', "text")

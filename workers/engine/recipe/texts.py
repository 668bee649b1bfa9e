"""Steps on texts: trim, case, replace, strip, cut, simplify."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from workers.engine.recipe.columns import with_param
from workers.engine.recipe.step import CleaningStep, Name, call, chosen, col, listing, some_columns
from workers.ports import Column, Op

TEXT = ("text",)
STOP_WORDS = (
    "a", "an", "and", "are", "as", "at", "be", "by", "for", "from", "has", "he", "in", "is", "it", "its", "of", "on",
    "or", "she", "that", "the", "their", "they", "this", "to", "was", "were", "will", "with",
)


class _TextStep(CleaningStep):
    """A step on text columns; all of them when none is picked."""

    def names(self, columns: Sequence[Column]) -> list[str]:
        """The text columns it works on."""
        return [c.name for c in chosen(getattr(self, "columns"), columns, TEXT, every=True)]  # noqa: B009

    def touches(self, columns: Sequence[Column]) -> list[str]:
        """The text columns."""
        return self.names(columns)


def _texts() -> list[str]:
    found: list[str] = some_columns(types=TEXT, description="All of text when none is picked")
    return found


class Trim(_TextStep):
    """Take away blanks at the ends, and double ones inside if you like."""

    title, group, icon = "Trim blanks", "Text", "minus"
    do: Literal["trim"] = "trim"
    columns: list[Name] = _texts()
    inside: bool = Field(False, title="Double ones inside too")

    def ops(self, columns: Sequence[Column]) -> list[Op]:
        """A trim, after a pattern for the blanks inside."""
        names = self.names(columns)
        out: list[Op] = []
        if names and self.inside:
            out.append({"op": "replace_text", "columns": names, "how": "pattern", "find": r"\s+", "put": " "})
        return [*out, {"op": "assign", "values": {n: call("trim", col(n)) for n in names}}] if names else []

    def words(self) -> str:
        """Trim `city`."""
        return f"Trim {listing(self.columns, 'all text')}"


class Case(_TextStep):
    """Write texts in one case, so that spellings that differ in it become one."""

    title, group, icon = "Change case", "Text", "type"
    do: Literal["case"] = "case"
    columns: list[Name] = _texts()
    to: Literal["lower", "upper", "capitalised"] = Field("lower", title="Case", json_schema_extra={"labels": {
        "lower": "small letters", "upper": "capitals", "capitalised": "First letter a capital"}})

    def ops(self, columns: Sequence[Column]) -> list[Op]:
        """A function for each column."""
        names = self.names(columns)
        if not names:
            return []
        if self.to == "capitalised":
            return [{"op": "shape_text", "columns": names, "how": "capitalise"}]
        return [{"op": "assign", "values": {n: call(self.to, col(n)) for n in names}}]

    def words(self) -> str:
        """Write `city` in small letters."""
        how = {"lower": "small letters", "upper": "capitals", "capitalised": "capitalised words"}[self.to]
        return f"Write {listing(self.columns, 'all text')} in {how}"


class Replace(_TextStep):
    """Find and replace in texts: a part of them, the whole value, or what a regular expression matches."""

    title, group, icon = "Find and replace", "Text", "search"
    do: Literal["replace"] = "replace"
    columns: list[Name] = _texts()
    how: Literal["part", "whole", "pattern"] = Field("part", title="Find", json_schema_extra={"labels": {
        "part": "a part of the text", "whole": "the whole value", "pattern": "a pattern"}})
    find: Annotated[str, Field(max_length=500)] = Field("", title="Text")
    put: Annotated[str, Field(max_length=500)] = Field("", title="Replace by", description=(
        r"Nothing takes it away; in a pattern \1 stands for the first group"))
    ignore_case: bool = Field(False, title="Capitals do not matter")

    def lacks(self) -> str:
        """What to find."""
        return "" if self.find else "Write what to find"

    def ops(self, columns: Sequence[Column]) -> list[Op]:
        """A replacement."""
        if self.how == "pattern":
            with_param(self.find, "find")
        names = self.names(columns)
        return [{"op": "replace_text", "columns": names, "how": self.how, "find": self.find, "put": self.put,
                 "ignore_case": self.ignore_case}] if names else []

    def words(self) -> str:
        """Replace “x” by “y” in `city`."""
        by = f"by “{self.put}”" if self.put else "by nothing"
        return f"Replace “{self.find or '…'}” {by} in {listing(self.columns, 'all text')}"


class Strip(_TextStep):
    """Take away a beginning, an end, or all punctuation."""

    title, group, icon = "Remove prefix, suffix or punctuation", "Text", "minus"
    do: Literal["strip"] = "strip"
    columns: list[Name] = _texts()
    what: Literal["prefix", "suffix", "punctuation"] = Field("prefix", title="Remove")
    text: Annotated[str, Field(max_length=500)] = Field("", title="Text", json_schema_extra={
        "when": {"what": ["prefix", "suffix"]}})

    def lacks(self) -> str:
        """The text."""
        return "" if self.text or self.what == "punctuation" else f"Write the {self.what} to remove"

    def ops(self, columns: Sequence[Column]) -> list[Op]:
        """A replacement."""
        names = self.names(columns)
        return [{"op": "replace_text", "columns": names, "how": self.what, "find": self.text}] if names else []

    def words(self) -> str:
        """Remove the prefix “C-” from `id`."""
        what = "punctuation" if self.what == "punctuation" else f"the {self.what} “{self.text or '…'}”"
        return f"Remove {what} from {listing(self.columns, 'all text')}"


class Truncate(_TextStep):
    """Cut texts after so many characters."""

    title, group, icon = "Shorten", "Text", "minus"
    do: Literal["truncate"] = "truncate"
    columns: list[Name] = _texts()
    length: Annotated[int, Field(ge=1, le=100_000)] = Field(100, title="Characters")

    def ops(self, columns: Sequence[Column]) -> list[Op]:
        """A cut."""
        names = self.names(columns)
        return [{"op": "shape_text", "columns": names, "how": "cut", "length": self.length}] if names else []

    def words(self) -> str:
        """Cut `note` to 100 characters."""
        return f"Cut {listing(self.columns, 'all text')} to {self.length} characters"


class Simplify(_TextStep):
    """Bring free text to its plain words: small letters, no punctuation, single blanks, no English stop words."""

    title, group, icon = "Simplify text", "Text", "wand"
    do: Literal["simplify"] = "simplify"
    columns: list[Name] = some_columns(types=TEXT)
    stop_words: bool = Field(True, title="Leave out “the”, “and” and the like")

    def lacks(self) -> str:
        """The columns."""
        return "" if self.columns else "Pick the columns to simplify"

    def ops(self, columns: Sequence[Column]) -> list[Op]:
        """Small letters, then patterns, then a trim."""
        names = self.names(columns)
        shared = {"op": "replace_text", "columns": names}
        out: list[Op] = [{"op": "assign", "values": {n: call("lower", col(n)) for n in names}},
                         {**shared, "how": "punctuation", "put": " "}]
        if self.stop_words:
            # Two blanks between words, so that each word has ends of its own: word boundaries differ by engine.
            out.append({**shared, "how": "pattern", "find": r"\s+", "put": "  "})
            listed = "|".join(STOP_WORDS)
            out.append({**shared, "how": "pattern", "find": rf"(^|\s)({listed})(\s|$)", "put": " "})
        return [*out, {**shared, "how": "pattern", "find": r"\s+", "put": " "},
                {"op": "assign", "values": {n: call("trim", col(n)) for n in names}}]

    def words(self) -> str:
        """Simplify `note`."""
        return f"Simplify {listing(self.columns, 'columns')}"

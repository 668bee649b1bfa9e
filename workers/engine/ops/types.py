"""How types meet: the one type that holds values of several, and which types may be compared."""

from __future__ import annotations


def common(*words: str) -> str:
    """The narrowest type that holds values of all these types; text holds anything."""
    found = set(words)
    if len(found) == 1:
        return found.pop()
    if found <= {"integer", "number"}:
        return "number"
    return "datetime" if found <= {"date", "datetime"} else "text"


def exactly(one: str, two: str) -> bool:
    """Whether values of two types can be equal."""
    return common(one, two) != "text" or one == two or {one, two} == {"text", "other"}

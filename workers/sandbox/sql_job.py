"""Runs one SELECT in the locked child: a locked DuckDB over exactly the tables that were given."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_PLACE = re.compile(r"\n\nLINE (\d+): (.*)\n( *)\^", re.DOTALL)
_PLAIN = re.compile(
    r"(TINYINT|SMALLINT|INTEGER|BIGINT|UTINYINT|USMALLINT|UINTEGER|FLOAT|DOUBLE|DECIMAL\(.*\)|BOOLEAN|VARCHAR|DATE|TIME|"
    r"TIMESTAMP|TIMESTAMP_S|TIMESTAMP_MS|TIMESTAMP_NS|TIMESTAMP WITH TIME ZONE)\Z")
FORM = "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1"
_SETTINGS = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false",
             "allow_community_extensions": "false", "allow_unsigned_extensions": "false"}


class Refused(Exception):
    """The text is not exactly one SELECT."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def warm() -> None:
    """Run a query once, so that the first person's finds everything loaded."""
    import duckdb

    duckdb.connect(config={"threads": 1}).execute("SELECT 1").fetchall()


def run(folder: Path) -> None:
    """Run in/job.json {sql, views, values, memory, describe}; leaves out/answer.json and out/table.parquet."""
    from workers.sandbox.child import read_job

    wanted: dict[str, Any] = read_job(folder)
    sql, above = str(wanted["sql"]), 0
    try:
        # Opening one costs as much as most queries; parsing with the module's own functions would open a second.
        connection = locked(wanted, folder)
        names = set(one_select(connection, sql).named_parameters)
        above = 1
        answer: dict[str, Any] = {"ok": True, **_execute(connection, wanted, names)}
    except Refused as problem:
        answer = {"ok": False, "code": problem.code, "message": str(problem)}
    except Exception as problem:  # noqa: BLE001 - DuckDB's errors are told to the person who wrote the query
        answer = {"ok": False, **told(problem, sql.splitlines(), above)}
    (folder / "out" / "answer.json").write_text(json.dumps(answer, ensure_ascii=False), encoding="utf-8")


def _execute(connection: Any, wanted: Mapping[str, Any], names: set[str]) -> dict[str, Any]:
    """Columns, and unless only they are asked for the rows; the text stands on lines of its own inside ours."""
    values = {n: v for n, v in wanted["values"].items() if n in names}
    if missing := sorted(names - set(values)):
        raise Refused("unknown_value", missing[0])
    # Binding tells all that is wrong with names and types before a row is read.
    text = str(wanted["sql"]).strip().rstrip("; \n")
    source = f"FROM (\n{text}\n) AS t"
    described = connection.execute(f"DESCRIBE {source}", values or None).fetchall()
    columns = _columns(described)
    if wanted["describe"]:
        return {"kind": "columns", "columns": columns}
    aliases = ", ".join(f"c{place}" for place in range(len(columns)))
    picks = ", ".join(_cast(place, name, kind) for place, (name, kind) in enumerate(columns))
    written = connection.execute(f"COPY (SELECT {picks} {source}({aliases})) TO 'out/table.parquet' ({FORM})",
                                 values or None).fetchone()
    return {"kind": "table", "columns": columns, "rows": int(written[0])}


def _columns(described: list[tuple[Any, ...]]) -> list[tuple[str, str]]:
    """Names and types; a name that is there twice gets a number."""
    seen: dict[str, int] = {}
    columns = []
    for name, kind, *_ in described:
        seen[name.lower()] = seen.get(name.lower(), 0) + 1
        columns.append((name if seen[name.lower()] == 1 else f"{name}_{seen[name.lower()]}", str(kind)))
    return columns


def _cast(place: int, name: str, kind: str) -> str:
    """A column as Parquet can hold it: sums of whole numbers as such, nested values as text."""
    target = "BIGINT" if kind in ("HUGEINT", "UHUGEINT", "UBIGINT") else "" if _PLAIN.match(kind) else "VARCHAR"
    return (f"CAST(c{place} AS {target})" if target else f"c{place}") + f" AS {_name(name)}"


def one_select(connection: Any, sql: str) -> Any:
    """The only statement of a text, if it is a SELECT; raises Refused. Parsing runs nothing."""
    import duckdb

    statements = connection.extract_statements(sql)
    if not statements:
        raise Refused("empty", "Write a SELECT.")
    if len(statements) > 1:
        raise Refused("many_statements", f"There are {len(statements)} statements here. A SQL cell holds one SELECT.")
    if statements[0].type != duckdb.StatementType.SELECT:
        word = (re.search(r"[A-Za-z]+", _bare(sql)) or [""])[0].upper()
        raise Refused("not_select", f"A SQL cell holds one SELECT, and this is {word or 'something else'}.")
    return statements[0]


def _bare(sql: str) -> str:
    return re.sub(r"--[^\n]*|/\*.*?\*/", " ", sql, flags=re.DOTALL)


def locked(wanted: Mapping[str, Any], folder: Path) -> Any:
    """A connection that sees the given tables and nothing else, and whose settings nobody changes any more."""
    import duckdb

    # Paths stay relative, so that current_setting() tells nothing about the machine.
    os.chdir(folder)
    files = [f"in/{name}" for view in wanted["views"] for name in view.get("files", ())]
    connection = duckdb.connect(config={**_SETTINGS, "threads": 2, "memory_limit": f"{int(wanted['memory'])}MB"})
    allowed = ", ".join(f"'{path}'" for path in [*files, "out/table.parquet"])
    for setting in (
        "temp_directory = 'tmp'", f"max_temp_directory_size = '{int(wanted['spill'])}MB'",
        "python_enable_replacements = false", "TimeZone = 'UTC'", "preserve_insertion_order = true",
        f"allowed_paths = [{allowed}]",
    ):
        connection.execute(f"SET {setting}")
    for view in wanted["views"]:
        paths = ", ".join(f"'in/{name}'" for name in view.get("files", ()))
        body = f"SELECT * FROM read_parquet([{paths}])" if paths else view["sql"]
        connection.execute(f"CREATE OR REPLACE VIEW {_name(view['name'])} AS {body}")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def told(problem: Exception, lines: list[str], above: int) -> dict[str, Any]:
    """An error of DuckDB: its kind, its words, and the place in the text, which stood below `above` lines of ours."""
    text = str(problem)
    found = _PLACE.search(text)
    place: dict[str, Any] = {}
    if found and 1 <= int(found.group(1)) - above <= len(lines):
        number, shown = int(found.group(1)) - above, found.group(2)
        # The caret stands below a line printed after “LINE n: ”, of which long lines show a part only.
        column = len(found.group(3)) - len(f"LINE {found.group(1)}: ")
        if shown.startswith("..."):
            column += lines[number - 1].find(shown.strip(".")) - 3
        place = {"line": number, "column": max(1, column + 1)}
    words = re.sub(r"^[A-Za-z ]+ Error: ", "", text[:found.start()] if found else text).strip()
    code = {"ParserException": "sql_syntax", "CatalogException": "sql_unknown", "BinderException": "sql_unknown",
            "OutOfMemoryException": "out_of_memory", "ConversionException": "type_mismatch",
            "PermissionException": "not_allowed"}.get(type(problem).__name__, "sql_failed")
    return {"code": code, "message": words[:600], **place}

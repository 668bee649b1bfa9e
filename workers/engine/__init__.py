"""Tables: op spec, compilation to SQL, DuckDB, samples with intervals, profiles, figures, ingest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workers.engine.duck import Cancelled as Cancelled
    from workers.engine.duck import Limits as Limits
    from workers.engine.duck import engine as engine
    from workers.engine.duck import interrupt as interrupt
    from workers.engine.duck import use_store as use_store
    from workers.engine.expression import parse_formula as parse_formula
    from workers.engine.ingest import ingest_arrow as ingest_arrow
    from workers.engine.samples import load_sample as load_sample
    from workers.engine.samples import sample_names as sample_names
    from workers.engine.tables import arrow_of as arrow_of
    from workers.engine.tables import columns_of as columns_of
    from workers.engine.tables import count as count
    from workers.engine.tables import materialise as materialise
    from workers.engine.tables import page as page
    from workers.engine.tables import rows_of as rows_of
    from workers.engine.tables import sql_of as sql_of
    from workers.engine.tables import stored as stored
    from workers.engine.tables import table_of as table_of

_HOMES = {
    "duck": ("Cancelled", "Limits", "engine", "interrupt", "use_store"),
    "expression": ("parse_formula",),
    "ingest": ("ingest_arrow",),
    "samples": ("load_sample", "sample_names"),
    "tables": ("arrow_of", "columns_of", "count", "materialise", "page", "rows_of", "sql_of", "stored", "table_of"),
    "approx": ("Answer", "Query", "answer"),
    "figures": ("draw", "figure"),
}
_WHERE = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Public names load on first use, so that declaring kinds stays light.

    `ingest.ingest` and `profile.profile` are imported from their modules, which bear the same names.
    """
    if name not in _WHERE:
        raise AttributeError(name)
    from importlib import import_module

    value = getattr(import_module(f"workers.engine.{_WHERE[name]}"), name)
    globals()[name] = value
    return value

"""Tables: op spec, compilation to SQL, DuckDB, samples with intervals, profiles, figures, ingest."""

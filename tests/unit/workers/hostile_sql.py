"""Thirty-three hostile SQL statements: what reads files, changes settings, runs more than one SELECT."""

from __future__ import annotations

HONEST = "SELECT species, count(*) AS n FROM birds GROUP BY species ORDER BY species"

HOSTILE: dict[str, str] = {
    "read a file as text": "SELECT * FROM read_text('{secret}')",
    "read a file as bytes": "SELECT * FROM read_blob('{secret}')",
    "read a file as CSV": "SELECT * FROM read_csv('{secret}')",
    "read a file by its bare path": "SELECT * FROM '{secret}'",
    "read a file as JSON": "SELECT * FROM read_json_auto('{secret}')",
    "read another Parquet file": "SELECT * FROM read_parquet('{parquet}')",
    "climb out of its folder": "SELECT * FROM read_text('in/../../../../../../../../../..{secret}')",
    "read its own job": "SELECT * FROM read_text('in/job.json')",
    "list files": "SELECT * FROM glob('/etc/*')",
    "list the folders above": "SELECT * FROM glob('../*')",
    "guess a file's form": "SELECT * FROM sniff_csv('{secret}')",
    "read the frame of a Parquet file": "SELECT * FROM parquet_metadata('{parquet}')",
    "read the names in a Parquet file": "SELECT * FROM parquet_schema('{parquet}')",
    "read the environment": "SELECT getenv('HOME')",
    "attach a database": "ATTACH '{target}' AS other",
    "attach SQLite": "ATTACH 'x.db' (TYPE sqlite)",
    "copy to a file": "COPY (SELECT 1) TO '{target}'",
    "copy from a file": "COPY birds FROM '{secret}'",
    "export the database": "EXPORT DATABASE '{target}'",
    "install an extension": "INSTALL httpfs",
    "load an extension": "LOAD httpfs",
    "fetch an address": "SELECT * FROM read_csv('http://127.0.0.1:{port}/x.csv')",
    "fetch from a bucket": "SELECT * FROM read_parquet('s3://bucket/x.parquet')",
    "open the files again": "SET enable_external_access = true",
    "unlock the settings": "SET lock_configuration = false",
    "take more memory": "PRAGMA memory_limit = '100GB'",
    "reset a setting": "RESET memory_limit",
    "read a variable of Python": "SELECT * FROM wanted",
    "run a text as a query": "SELECT * FROM query('COPY (SELECT 1) TO ''{target}''')",
    "run a second statement": "SELECT 1; DROP VIEW birds",
    "change the tables": "CREATE OR REPLACE VIEW birds AS SELECT 1",
    "close the query early": "SELECT 1) TO '{target}' (FORMAT csv); --",
    "keep a secret": "CREATE SECRET s (TYPE s3, KEY_ID 'x', SECRET 'y')",
}
"""By what each tries; {secret} and {parquet} are files that are there, {target} one that must not come to be."""

HARMLESS: dict[str, str] = {
    "read settings": "SELECT current_setting('temp_directory') AS a, current_setting('allowed_paths')::VARCHAR AS b",
    "list databases": "SELECT path FROM duckdb_databases()",
    "list settings": "SELECT name, value FROM duckdb_settings()",
    "list views": "SELECT sql FROM duckdb_views() WHERE NOT internal",
}
"""Runs, and tells nothing of the machine."""

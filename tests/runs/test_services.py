"""The services that tests run against are the real programs."""

import psycopg


def test_valkey_answers(valkey):
    valkey.set("word", "inkling")
    assert valkey.get("word") == b"inkling"
    assert valkey.info("server")["server_name"] == "valkey"


def test_postgresql_answers(postgres_url):
    with psycopg.connect(postgres_url) as connection:
        assert connection.execute("select 'ink' || 'ling'").fetchone() == ("inkling",)

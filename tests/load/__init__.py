"""Measurements under load, run by hand: python -m tests.load.sockets, tests.load.crash."""

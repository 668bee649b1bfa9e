"""Fixtures every test may ask for by name: real services, made on first use and stopped at the end."""

pytest_plugins = ["tests.fixtures.services"]

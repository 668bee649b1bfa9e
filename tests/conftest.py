"""Fixtures every test may ask for by name: real services, made on first use and stopped at the end."""

pytest_plugins = ["tests.fixtures.services"]


def pytest_make_parametrize_id(config: object, val: object, argname: str) -> str | None:
    """Name bytes by their argument alone: two workers that build an archive a second apart must agree on the name."""
    return argname if isinstance(val, bytes) else None

"""One installation and one browser for all stories; a fresh context for each person; evidence kept on failure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from tests.e2e import browser as chromium
from tests.e2e.driver import Person
from tests.fixtures.application import ROOT, Application

RESULTS = ROOT / "test-results"
Meet = Callable[..., Person]


@pytest.fixture(scope="session")
def application() -> Iterator[Application]:
    """The running program, with the local owner and the demo canvas."""
    app = Application()
    try:
        app.start()
        yield app
    finally:
        RESULTS.mkdir(exist_ok=True)
        for log in [app.log, *sorted((app.home / "log").glob("*"))]:
            if log.is_file():
                (RESULTS / f"app-{log.name}").write_bytes(log.read_bytes()[-200_000:])
        app.stop()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Chromium; a machine without one is told by `make browser`."""
    path = chromium.executable()
    assert path, "no Chromium on this machine: run `make browser`"
    opened = playwright.chromium.launch(executable_path=path, args=chromium.FLAGS)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def owner_state(application: Application, browser: Browser) -> dict[str, object]:
    """The cookies of the local owner."""
    return signed_in(application, browser)


def signed_in(application: Application, browser: Browser) -> dict[str, object]:
    """The cookies of who used the one-time URL: it works once, so it is used once."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(application.sign_in_url)
    page.wait_for_url(f"{application.url}/**")
    state = context.storage_state()
    context.close()
    return dict(state)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    setattr(item, f"report_{report.when}", report)
    return report


@pytest.fixture
def meet(request, application: Application, browser: Browser, owner_state) -> Iterator[Meet]:
    """meet("owner") or meet("guest"): a person with a browser window of their own, not signed in if a guest."""
    people: list[Person] = []

    def arrive(name: str = "owner", *, theme: str = "light", size: tuple[int, int] = (1920, 1080)) -> Person:
        context = browser.new_context(
            storage_state=owner_state if name.startswith("owner") else None,
            viewport={"width": size[0], "height": size[1]},
            color_scheme=theme,
            reduced_motion="reduce",
            permissions=["clipboard-read", "clipboard-write"],
        )
        context.set_default_timeout(15_000)
        context.tracing.start(screenshots=True, snapshots=True)
        person = Person(name, context.new_page(), application.url)
        people.append(person)
        return person

    yield arrive
    failed = any(getattr(getattr(request.node, f"report_{w}", None), "failed", False) for w in ("setup", "call"))
    place = RESULTS / re.sub(r"[^a-z0-9]+", "-", request.node.name.lower()).strip("-")
    problems = []
    for number, person in enumerate(people):
        problems += [f"{person.name}: {line}" for line in person.problems]
        _leave(person, place, f"{number}-{person.name}", failed or bool(person.problems))
    assert failed or problems == [], "the browser's console holds errors"


def _leave(person: Person, place: Path, name: str, keep: bool) -> None:
    if keep:
        place.mkdir(parents=True, exist_ok=True)
        person.page.screenshot(path=place / f"{name}.png")
        (place / f"{name}.console.txt").write_text("\n".join(person.console))
        person.page.context.tracing.stop(path=place / f"{name}.zip")
    person.page.context.close()

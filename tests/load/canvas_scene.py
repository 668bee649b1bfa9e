"""What a canvas of a thousand cells costs the main thread of the browser: to mount, to pan and to zoom.

Builds the canvas in memory (`vite build --mode scene`), opens it in Chromium and prints a table of CPU milliseconds.
Run from a checkout: `python -m tests.load.canvas_scene [cells]`.

"mount" is all work from the first render until every card on the screen shows what it has: title, state, rows, and
of a chart its marks, axes and names as a sketch of the same numbers. "plotly" is the work after that, in idle slices,
until Plotly (loaded for the first time) has taken the place of every sketch: hovering and brushing are its part. Their
sum is what the page works before it rests.
"""

from __future__ import annotations

import functools
import http.server
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from playwright.sync_api import CDPSession, Page, sync_playwright

from tests.e2e.browser import FLAGS, executable

STATIC = Path(__file__).resolve().parents[2] / "static"
BUILT = STATIC / "dist" / "scene"
ZOOMS = {"overview": 0.1, "0.3": 0.3, "0.75": 0.75}
STEPS = 60
SETTLE_MS = 2_500
# No body of a card waits for its turn, none for its code.
PICTURED = """() => {
  const surface = document.querySelector('[data-region=canvas]');
  if (surface?.dataset.detail === 'far') return surface.querySelector('canvas') !== null;
  const cards = document.querySelectorAll('[data-cell-id][role=group]').length;
  return cards > 0 && !document.querySelector('[data-body]:empty, [data-body] [data-skeleton]');
}"""
# Playwright asks for the stack of every exception, caught ones too. Plotly throws and catches six while it loads; for
# each V8 would parse the 1.4 MB around it again to know its lines: 240 ms that only a page with developer tools pays.
LINES_KNOWN = "--js-flags=--no-enable-lazy-source-positions"


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves the built scene without a word."""

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def build() -> None:
    """The scene, with the tools of this checkout."""
    subprocess.run(
        ["node", "node_modules/vite/bin/vite.js", "build", "--mode", "scene", "--logLevel", "error"],
        cwd=STATIC,
        check=True,
    )


def cpu(session: CDPSession) -> float:
    """Milliseconds the page's main thread has worked so far."""
    metrics = {m["name"]: m["value"] for m in session.send("Performance.getMetrics")["metrics"]}
    return 1_000 * float(metrics["TaskDuration"])


def spent(page: Page, session: CDPSession, act: str, settle: int = 0) -> float:
    """Work done while `act` (a script that may be async) runs, and for a while after it."""
    before = cpu(session)
    page.evaluate(act)
    page.wait_for_timeout(settle)
    return cpu(session) - before


def moving(kind: str) -> str:
    """Sixty frames of wheel events: to the side, or with Ctrl held, which zooms."""
    change = "deltaX: 24, deltaY: 12" if kind == "pan" else "deltaY: i % 2 ? 6 : -6, ctrlKey: true"
    return f"""async () => {{
      const pane = document.querySelector('.react-flow__pane') ?? document.querySelector('.react-flow');
      for (let i = 0; i < {STEPS}; i++) {{
        pane.dispatchEvent(new WheelEvent('wheel', {{
          {change}, clientX: 700, clientY: 400, bubbles: true, cancelable: true }}));
        await new Promise(requestAnimationFrame);
      }}
    }}"""


def measure(page: Page, address: str, cells: int, zoom: float) -> list[float]:
    """CPU of the mount and of what Plotly adds, and of a pan and a zoom per frame."""
    page.goto("about:blank")
    page.add_init_script(
        f"sessionStorage.setItem('inkling:view:scene', JSON.stringify({{x: 260, y: 80, zoom: {zoom}}}))"
    )
    page.goto(f"{address}/index.scene.html?scene={cells}&hold=1")
    page.wait_for_function("globalThis.inklingMount !== undefined", timeout=120_000)
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    before = cpu(session)
    page.evaluate("inklingMount()")
    page.wait_for_function(PICTURED, timeout=120_000)
    mount = cpu(session) - before
    page.wait_for_timeout(SETTLE_MS)
    assert page.locator("[data-sketch]").count() == 0, "a chart is still a sketch"
    plotly = cpu(session) - before - mount
    pan = spent(page, session, moving("pan"), 100) / STEPS
    zoomed = spent(page, session, moving("zoom"), 100) / STEPS
    return [mount, plotly, pan, zoomed]


def main(cells: int) -> None:
    """Build, serve, measure, print."""
    build()
    handler = functools.partial(Quiet, directory=str(BUILT))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server, sync_playwright() as playwright:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = playwright.chromium.launch(executable_path=executable(), args=[*FLAGS, LINES_KNOWN])
        print(f"{cells} cells, main-thread CPU in ms (pan and zoom: per frame, mean of {STEPS})")
        print(f"{'zoom':<10}{'mount':>10}{'plotly':>10}{'pan':>10}{'zoom':>10}{'cards':>10}")
        for name, zoom in ZOOMS.items():
            context = browser.new_context(viewport={"width": 1600, "height": 820})
            page = context.new_page()
            figures = measure(page, f"http://127.0.0.1:{server.server_port}", cells, zoom)
            cards = page.locator("[data-cell-id][role=group]").count()
            print(f"{name:<10}" + "".join(f"{each:>10.1f}" for each in figures) + f"{cards:>10}")
            context.close()
        browser.close()
        server.shutdown()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000)

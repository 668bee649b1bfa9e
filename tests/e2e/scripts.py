"""What the driver runs inside a page."""

DROP = """([element, [name, type, body, x, y]]) => {
  const bytes = Uint8Array.from(atob(body), c => c.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], name, { type }));
  for (const kind of ["dragenter", "dragover", "drop"]) {
    const given = { bubbles: true, cancelable: true, dataTransfer: transfer, clientX: x, clientY: y };
    element.dispatchEvent(new DragEvent(kind, given));
  }
}"""

# A page that never rests is waited for a little, not for ever: a slow machine draws without a pause.
IDLE = "async late => { for (let n = 0; n < 2; n++) await new Promise(done => requestIdleCallback(done, late)); }"
LATE = {"timeout": 1000}

# Remembers every sentence that shows, so that a story can ask for one that was there for a moment only.
WATCH = """() => {
  window.seen = new Set();
  const note = () => document.querySelectorAll("progress[aria-label], [data-cell-id][role=group]")
    .forEach(element => window.seen.add(element.getAttribute("aria-label")));
  new MutationObserver(note).observe(document.body, { subtree: true, childList: true, attributes: true });
}"""

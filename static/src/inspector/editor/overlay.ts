/** Where completion lists float: above the whole page, in a shadow root that takes the editor's styles without a style element. */
import type { EditorView } from "@codemirror/view";

let shared: { host: HTMLElement; place: HTMLElement; root: ShadowRoot } | undefined;

/** The element to hand to `tooltips`; made once for the page. */
export function overlay(): HTMLElement {
  if (!shared) {
    const host = document.body.appendChild(document.createElement("div"));
    host.dataset.overlay = "code";
    host.className = "code-overlay";
    const root = host.attachShadow({ mode: "open" });
    shared = { host, root, place: root.appendChild(document.createElement("div")) };
  }
  return shared.place;
}

/** Lets the overlay wear what an editor wears. */
export function dress(view: EditorView): void {
  const worn = (view.root as ShadowRoot).adoptedStyleSheets;
  if (!shared || !worn.length) return;
  const missing = worn.filter((sheet) => !shared?.root.adoptedStyleSheets.includes(sheet));
  if (missing.length) shared.root.adoptedStyleSheets = [...shared.root.adoptedStyleSheets, ...missing];
}

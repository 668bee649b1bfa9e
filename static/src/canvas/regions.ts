/** F6 walks over the parts of the window in the order of reading. */
const ORDER = ["topbar", "palette", "canvas", "inspector", "outline", "tools"];
const FOCUSABLE = "button:not([disabled]), [href], input, select, textarea, [tabindex='0']";

export function nextRegion(by: 1 | -1): void {
  const regions = ORDER.map((name) => document.querySelector<HTMLElement>(`[data-region=${name}]`)).filter((each) => each !== null);
  // The innermost: the tools lie inside the canvas.
  const now = regions.findIndex((region) => region === document.activeElement?.closest("[data-region]"));
  for (let i = 1; i <= regions.length; i += 1) {
    const region = regions[(now + by * i + regions.length * 2) % regions.length];
    const target = region?.querySelector<HTMLElement>("[data-cell-id][tabindex='0']") ?? (region?.tabIndex === 0 ? region : region?.querySelector<HTMLElement>(FOCUSABLE));
    if (target) {
      target.focus();
      return;
    }
  }
}

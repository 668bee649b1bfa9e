/** The view on the canvas that actions may move: zoom, fit, centre; registered by the surface while it is on screen. */
export interface Viewport {
  /** x, y, zoom of the screen transform. */
  get(): [number, number, number];
  set(x: number, y: number, zoom: number, animate?: boolean): void;
  zoomBy(factor: number): void;
  zoomTo(zoom: number): void;
  fit(cells?: Iterable<string>): void;
  /** Pans so that a cell is clear of panels, and gives it focus when asked. */
  reveal(cell: string, focus?: boolean): void;
  /** Canvas coordinates of a screen point, and of the middle of the visible part. */
  toCanvas(x: number, y: number): [number, number];
  centre(): [number, number];
  pointer(): [number, number] | null;
  focus(): void;
}

let current: Viewport | null = null;

export function viewport(): Viewport | null {
  return current;
}

export function registerViewport(next: Viewport | null): void {
  current = next;
}

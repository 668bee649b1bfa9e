/** Undo and redo of one's own edits of cells and edges, with words for what was undone. */
import * as Y from "yjs";
import type { CanvasDocument } from "./document";

export class Undo {
  readonly manager: Y.UndoManager;
  /** What the transaction being written does, in words; `edits` sets it. */
  label = "";
  #listeners = new Set<() => void>();

  constructor(document: CanvasDocument) {
    this.manager = new Y.UndoManager([document.cells, document.edges], {
      trackedOrigins: new Set([document.local]),
      captureTimeout: 500,
    });
    this.manager.on("stack-item-added", (event) => {
      if (this.label && !event.stackItem.meta.has("label")) event.stackItem.meta.set("label", this.label);
      this.#tell();
    });
    this.manager.on("stack-item-popped", () => this.#tell());
    this.manager.on("stack-cleared", () => this.#tell());
  }

  /** Ends the current step: what follows is undone on its own. */
  stopCapturing(): void {
    this.manager.stopCapturing();
  }

  /** Words for what was undone, or undefined when there was nothing. */
  undo(): string | undefined {
    this.manager.stopCapturing();
    return describe(this.manager.undo());
  }

  redo(): string | undefined {
    return describe(this.manager.redo());
  }

  canUndo(): boolean {
    return this.manager.undoStack.length > 0;
  }

  canRedo(): boolean {
    return this.manager.redoStack.length > 0;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

function describe(item: { meta: Map<unknown, unknown> } | null): string | undefined {
  return item ? String(item.meta.get("label") ?? "change") : undefined;
}

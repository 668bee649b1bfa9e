/** Peers' carets and selections in the same text, in their colours, with their names. */
import { type Extension, RangeSetBuilder, StateEffect } from "@codemirror/state";
import { Decoration, type DecorationSet, type EditorView, ViewPlugin, type ViewUpdate, WidgetType } from "@codemirror/view";
import * as Y from "yjs";
import { session } from "../../app/session";

const COLOURS = new Set(["coral", "blue", "plum", "moss", "rose", "umber", "slate", "indigo"]);
const moved = StateEffect.define<null>();

class Caret extends WidgetType {
  constructor(readonly name: string, readonly colour: string) {
    super();
  }

  eq(other: Caret): boolean {
    return other.name === this.name && other.colour === this.colour;
  }

  toDOM(): HTMLElement {
    const caret = document.createElement("span");
    caret.className = `cm-peerCaret cm-peer-${this.colour}`;
    caret.dataset.caret = this.name;
    const name = caret.appendChild(document.createElement("span"));
    name.className = "cm-peerName";
    name.textContent = this.name;
    caret.dataset.new = "";
    setTimeout(() => delete caret.dataset.new, 2_000);
    return caret;
  }

  ignoreEvent(): boolean {
    return true;
  }
}

interface Spot {
  from: number;
  to: number;
  head: number;
  name: string;
  colour: string;
}

function spots(cell: string, text: Y.Text): Spot[] {
  const found: Spot[] = [];
  for (const peer of session.presence.peers()) {
    if (peer.caret?.cell !== cell || !text.doc) continue;
    const [anchor, head] = [peer.caret.anchor, peer.caret.head].map((at) => place(at, text));
    if (anchor === undefined || head === undefined) continue;
    const colour = COLOURS.has(peer.user.color) ? peer.user.color : "slate";
    found.push({ from: Math.min(anchor, head), to: Math.max(anchor, head), head, name: peer.user.name, colour });
  }
  return found.sort((a, b) => a.from - b.from);
}

/** Where a peer's relative position is now; undefined for one that fits this text no more. */
function place(at: unknown, text: Y.Text): number | undefined {
  try {
    const found = Y.createAbsolutePositionFromRelativePosition(Y.createRelativePositionFromJSON(at), text.doc as Y.Doc);
    return found?.type === text ? found.index : undefined;
  } catch {
    return undefined;
  }
}

function draw(view: EditorView, cell: string, text: Y.Text): DecorationSet {
  const length = view.state.doc.length;
  const ranges = spots(cell, text).flatMap(({ from, to, head, name, colour }) => {
    const end = Math.min(to, length);
    const marks = end > from ? [{ from, to: end, value: Decoration.mark({ class: `cm-peerText cm-peer-${colour}` }) }] : [];
    const at = Math.min(head, length);
    return [...marks, { from: at, to: at, value: Decoration.widget({ widget: new Caret(name, colour), side: head > from ? -1 : 1 }) }];
  });
  ranges.sort((a, b) => a.from - b.from || a.value.startSide - b.value.startSide);
  const builder = new RangeSetBuilder<Decoration>();
  for (const range of ranges) builder.add(range.from, range.to, range.value);
  return builder.finish();
}

/** Shows where others write in this text, and tells them where we do while the editor has the focus. */
export function carets(cell: string, text: Y.Text): Extension {
  const plugin = ViewPlugin.fromClass(class {
    decorations: DecorationSet;
    stop: () => void;

    constructor(readonly view: EditorView) {
      this.decorations = draw(view, cell, text);
      this.stop = session.presence.onMove(() => view.dispatch({ effects: moved.of(null) }));
    }

    update(update: ViewUpdate): void {
      const told = update.transactions.some((each) => each.effects.some((effect) => effect.is(moved)));
      if (told || update.docChanged) this.decorations = draw(update.view, cell, text);
      if (update.selectionSet || update.focusChanged || (update.docChanged && update.view.hasFocus)) tell(update.view, cell, text);
    }

    destroy(): void {
      this.stop();
      if (session.presence.caret()?.cell === cell) session.presence.set({ caret: null });
    }
  }, { decorations: (value) => value.decorations });
  return plugin;
}

function tell(view: EditorView, cell: string, text: Y.Text): void {
  if (!view.hasFocus) {
    if (session.presence.caret()?.cell === cell) session.presence.set({ caret: null });
    return;
  }
  const { anchor, head } = view.state.selection.main;
  const relative = (at: number) => Y.relativePositionToJSON(Y.createRelativePositionFromTypeIndex(text, Math.min(at, text.length))) as unknown;
  session.presence.set({ caret: { cell, anchor: relative(anchor), head: relative(head) } });
}

/** The shared text editor of a note: CodeMirror bound to the cell's Y.Text, in a shadow root so that no style element is needed. */
import { defaultKeymap } from "@codemirror/commands";
import { EditorView, drawSelection, keymap, placeholder } from "@codemirror/view";
import { useEffect, useRef } from "react";
import { yCollab, yUndoManagerKeymap } from "y-codemirror.next";
import * as Y from "yjs";
import { session } from "../app/session";

const LOOK = EditorView.theme({
  "&": { height: "100%", color: "var(--ink)", font: "var(--text-editor)" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { font: "var(--text-editor)", overflow: "auto" },
  ".cm-content": { padding: "12px 16px", caretColor: "var(--ink)", fontFamily: "inherit" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-placeholder": { color: "var(--ink-3)" },
  ".cm-selectionBackground, &.cm-focused .cm-selectionBackground": { background: "var(--accent-soft)" },
});

function close(cell: string): boolean {
  session.ui.set({ editing: null });
  document.querySelector<HTMLElement>(`[data-cell-id="${cell}"]`)?.focus();
  return true;
}

function open(host: HTMLElement, cell: string, label: string): () => void {
  const text = session.doc.code(cell);
  if (!text) return () => undefined;
  const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  const undoManager = new Y.UndoManager(text);
  const view = new EditorView({
    doc: text.toString(),
    root,
    parent: root,
    extensions: [
      keymap.of([{ key: "Escape", run: () => close(cell) }, ...yUndoManagerKeymap, ...defaultKeymap]),
      EditorView.lineWrapping,
      EditorView.contentAttributes.of({ "aria-label": `${label}. Markdown. Escape leaves the editor.` }),
      drawSelection(),
      placeholder("Write Markdown"),
      LOOK,
      yCollab(text, null, { undoManager }),
    ],
  });
  view.focus();
  view.dispatch({ selection: { anchor: view.state.doc.length } });
  return () => {
    view.destroy();
    undoManager.destroy();
  };
}

export default function NoteEditor({ cell, label }: { cell: string; label: string }) {
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = host.current;
    if (!element) return undefined;
    session.undo.stopCapturing();
    session.presence.set({ editing: cell });
    const end = open(element, cell, label);
    return () => {
      end();
      session.presence.set({ editing: null });
    };
  }, [cell, label]);
  return <div ref={host} style={{ height: "100%" }} data-editor={cell} />;
}

/** One editor on one shared text: language, completion, peers, faults, links and keys put together. Loaded when first needed. */
import { autocompletion, closeBrackets, closeCompletion, closeBracketsKeymap, completionKeymap, completionStatus } from "@codemirror/autocomplete";
import { defaultKeymap, indentWithTab } from "@codemirror/commands";
import { python } from "@codemirror/lang-python";
import { sql } from "@codemirror/lang-sql";
import { bracketMatching, indentOnInput, indentUnit } from "@codemirror/language";
import { EditorState, Prec } from "@codemirror/state";
import { EditorView, drawSelection, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers, placeholder, tooltips } from "@codemirror/view";
import { yCollab, ySyncFacet, yUndoManagerKeymap } from "y-codemirror.next";
import * as Y from "yjs";
import { session } from "../../app/session";
import { carets } from "./carets";
import { completion } from "./completion";
import { duck } from "./dialect";
import { type Fault, faults, showFault } from "./faults";
import { look } from "./look";
import type { Language } from "./names";
import { dress, overlay } from "./overlay";
import { connectUsed } from "./tables";

export interface EditorSpec {
  cell: string;
  language: Language;
  label: string;
  editable: boolean;
  focus: boolean;
  run: () => void;
  leave: () => void;
}

export interface OpenEditor {
  showFault: (fault: Fault | null) => void;
  close: () => void;
}

const CONNECT_AFTER = 500;
const HINTS: Record<Language, string> = { sql: "SELECT … FROM a cell's name", python: "Write Python; the last line is the result" };
const ids = new WeakMap<Y.Text, Y.UndoManager>();

/** One's own steps of a text and of the links it drew; they outlive the editor, so that scrolling away forgets nothing. */
function undoOf(text: Y.Text): Y.UndoManager {
  const known = ids.get(text);
  if (known) return known;
  const made = new Y.UndoManager([text, session.doc.edges], { captureTimeout: CONNECT_AFTER * 2, trackedOrigins: new Set() });
  ids.set(text, made);
  return made;
}

export function openEditor(host: HTMLElement, spec: EditorSpec): OpenEditor | undefined {
  const text = session.doc.code(spec.cell);
  if (!text) return undefined;
  const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  const undoManager = undoOf(text);
  const view = new EditorView({ doc: text.toString(), root, parent: root, extensions: extensions(spec, text, undoManager) });
  dress(view);
  if (spec.focus) view.focus();
  return {
    showFault: (fault) => showFault(view, fault),
    close: () => view.destroy(),
  };
}

function extensions(spec: EditorSpec, text: Y.Text, undoManager: Y.UndoManager) {
  const { language, editable } = spec;
  return [
    Prec.highest(keymap.of(keys(spec))),
    keymap.of([...closeBracketsKeymap, ...yUndoManagerKeymap, ...completionKeymap, ...defaultKeymap, indentWithTab]),
    lineNumbers(), highlightActiveLine(), highlightActiveLineGutter(), drawSelection(), bracketMatching(), closeBrackets(), indentOnInput(),
    indentUnit.of(language === "python" ? "    " : "  "), EditorState.tabSize.of(4), EditorView.lineWrapping,
    language === "sql" ? sql({ dialect: duck, upperCaseKeywords: true }) : python(),
    autocompletion({ icons: false }), completion(spec.cell, language), tooltips({ parent: overlay() }),
    EditorState.readOnly.of(!editable), EditorView.editable.of(editable),
    EditorView.contentAttributes.of({ "aria-label": describe(spec), "aria-multiline": "true" }),
    placeholder(HINTS[language]), faults, look,
    yCollab(text, null, { undoManager }), typeOver, carets(spec.cell, text), linking(spec), presence(spec.cell),
  ];
}

function describe({ label, language, editable }: EditorSpec): string {
  const words = `${label}. ${language === "sql" ? "SQL" : "Python"}`;
  return editable ? `${words}. Tab indents; Escape, then Tab, leaves. Control Enter runs.` : `${words}, read only`;
}

function keys({ run, leave }: EditorSpec) {
  return [
    { key: "Mod-Enter", preventDefault: true, run: (view: EditorView) => (closeCompletion(view), run(), true) },
    { key: "Escape", run: (view: EditorView) => (completionStatus(view.state) ? false : (leave(), true)) },
  ];
}

/** Some time after one's own typing, the cells that the code names are connected: one step of undo with the words. */
function linking({ cell, language, editable }: EditorSpec) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return EditorView.updateListener.of((update) => {
    const mine = update.transactions.some((each) => each.docChanged && (each.isUserEvent("input") || each.isUserEvent("delete")));
    if (!mine || !editable) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      const { state } = update.view;
      connectUsed(cell, state.doc.toString(), language, state.selection.main.head, state.facet(ySyncFacet));
    }, CONNECT_AFTER);
  });
}

/** Typing over a selection is ours to do: the browser would write style attributes, which the page's policy refuses. */
const typeOver = EditorView.domEventHandlers({
  beforeinput(event, view) {
    const { main } = view.state.selection;
    if (event.inputType !== "insertText" || event.data === null || main.empty || view.composing || view.state.readOnly) return false;
    const text = event.data;
    const plain = () => view.state.update(view.state.replaceSelection(text), { userEvent: "input.type", scrollIntoView: true });
    const taken = view.state.facet(EditorView.inputHandler).some((handle) => handle(view, main.from, main.to, text, plain));
    if (!taken) view.dispatch(plain());
    event.preventDefault();
    return true;
  },
});

/** Others see on the card who writes in it. */
function presence(cell: string) {
  return EditorView.focusChangeEffect.of((_, focused) => {
    session.presence.set({ editing: focused ? cell : null });
    return null;
  });
}

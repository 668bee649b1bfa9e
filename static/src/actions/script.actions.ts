/** A canvas as code that people keep: Python or a notebook, of what is selected or of everything. */
import { downloadScript, type ScriptForm } from "../app/scripts";
import { session } from "../app/session";
import { isNote } from "../canvas/kinds";
import type { Action, ActionContext } from "./action";

const mayRun = () => session.can("runner");
const chosen = ({ selection }: ActionContext) => [...selection].filter((id) => !isNote(session.kinds[session.doc.record(id)?.kind ?? ""]));

const ofCells = (form: ScriptForm, label: string): Action => ({
  id: `script-${form}`, label, group: "Run", icon: "code", when: (c) => mayRun() && chosen(c).length > 0, run: (c) => void downloadScript(form, chosen(c)),
});

const ofCanvas = (form: ScriptForm, label: string): Action => ({
  id: `canvas-${form}`, label, group: "Canvas", icon: "code", when: mayRun, run: () => void downloadScript(form),
});

export const actions: Action[] = [
  ofCells("py", "Export as Python"),
  ofCells("ipynb", "Export as notebook"),
  ofCanvas("py", "Export the canvas as Python"),
  ofCanvas("ipynb", "Export the canvas as notebook"),
];

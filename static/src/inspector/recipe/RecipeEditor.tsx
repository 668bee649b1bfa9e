/** The recipe in the inspector: suggestions, steps with their fields, and the menu that adds one. */
import { session } from "../../app/session";
import { useCanEdit } from "../../app/hooks";
import type { CellRecord } from "../../document/schema";
import { AddStep } from "./AddStep";
import { openStep, useOpened } from "./opened";
import { StepList } from "./StepList";
import { Suggestions } from "./Suggestions";
import { useRecipe } from "./useRecipe";
import s from "./recipe.module.css";

export function RecipeEditor({ record, param }: { record: CellRecord; param: string }) {
  const canEdit = useCanEdit();
  const { prefix, kinds, lines, suggestions } = useRecipe(record, param);
  const open = useOpened(record.id);
  const setOpen = (id: string | null) => openStep(record.id, id);
  return (
    <div className={s.editor} data-field={param} data-label="Steps">
      <h3 className={s.heading}>Steps</h3>
      {lines.length === 0 && <p className={s.empty}>No steps yet. What comes in goes out unchanged.</p>}
      <StepList cell={record.id} prefix={prefix} lines={lines} open={open} onOpen={setOpen} />
      <Suggestions cell={record.id} prefix={prefix} lines={lines} suggestions={suggestions} most={8} />
      {canEdit && <AddStep kinds={kinds} onAdd={(kind) => setOpen(session.edits.addEntry(record.id, prefix, { do: kind.do }))} />}
    </div>
  );
}

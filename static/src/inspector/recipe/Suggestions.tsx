/** What the data suggests, each with the one click that adds its step. */
import { session } from "../../app/session";
import { useCanEdit } from "../../app/hooks";
import { Button } from "../../theme";
import { isTaken, type Line, type Suggestion } from "./steps";
import s from "./recipe.module.css";

export interface SuggestionsProps {
  cell: string;
  prefix: string;
  lines: readonly Line[];
  suggestions: readonly Suggestion[] | null | undefined;
  most?: number;
}

export function Suggestions({ cell, prefix, lines, suggestions, most = 24 }: SuggestionsProps) {
  const canEdit = useCanEdit();
  const open = (suggestions ?? []).filter((each) => !isTaken(each, lines));
  if (!open.length || !canEdit) return null;
  return (
    <ul className={s.suggestions} aria-label="Suggestions">
      {open.slice(0, most).map((each) => (
        <li key={each.id}>
          <span title={each.words}>{each.words}</span>
          <Button variant="link" className="nodrag" aria-label={`${each.action}: ${each.words}`} onClick={() => session.edits.addEntry(cell, prefix, each.step)}>{each.action}</Button>
        </li>
      ))}
      {open.length > most && <li className={s.more}>{open.length - most} more in the inspector</li>}
    </ul>
  );
}

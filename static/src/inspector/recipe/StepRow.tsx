/** One line of a recipe: grip, switch, words, what it did; Alt and arrow keys move it. */
import type { KeyboardEvent, PointerEvent } from "react";
import { session } from "../../app/session";
import { useCanEdit } from "../../app/hooks";
import { Button, cx, Icon } from "../../theme";
import { pieces, wordsOf, type Line } from "./steps";
import s from "./recipe.module.css";

export interface StepRowProps {
  cell: string;
  line: Line;
  /** Whether the fields of the step are shown below; undefined where they never are. */
  open?: boolean;
  /** The line just under it or above it is where a dragged step would land. */
  mark?: "above" | "below";
  held: boolean;
  onOpen: () => void;
  onMove: (by: number) => void;
  onGrip: (event: PointerEvent) => void;
}

export function Words({ text }: { text: string }) {
  return pieces(text).map((piece, i) => (i % 2 ? <code key={i}>{piece}</code> : <span key={i}>{piece}</span>));
}

function Effect({ line }: { line: Line }) {
  if (line.error) return <span className={s.wrong}>error</span>;
  if (!line.on) return <span className={s.effect}>off</span>;
  const effect = line.result?.effect;
  if (!effect || (!effect.words && !effect.known)) return <span className={s.effect} aria-label="counting">…</span>;
  return <span className={cx(s.effect, Boolean(line.result?.lacks) && s.lacks)} title={effect.words}>{effect.words}</span>;
}

/** What the step found in the data and offers to be set, or what mends it. */
function Offer({ cell, line }: { cell: string; line: Line }) {
  const canEdit = useCanEdit();
  const offer = line.fix ?? (line.result?.effect.offer && line.on ? { label: offerWords(line.result.effect.offer), change: line.result.effect.offer } : undefined);
  if (!line.error && !offer) return null;
  return (
    <p className={cx(s.note, Boolean(line.error) && s.wrongNote)} role={line.error ? "alert" : undefined}>
      {line.error}{" "}
      {offer && canEdit && <Button variant="link" className="nodrag" onClick={() => session.edits.setEntry(cell, line.key, offer.change)}>{offer.label}</Button>}
    </p>
  );
}

function offerWords(offer: Record<string, unknown>): string {
  const [name, found] = Object.entries(offer).find(([, value]) => Array.isArray(value)) ?? ["", []];
  const n = (found as unknown[]).length;
  if (name === "columns") return n ? `Drop ${n === 1 ? `“${String((found as unknown[])[0])}”` : `these ${n} columns`}` : "Keep all columns";
  return `Use ${n === 1 ? "this value" : `these ${n} values`}`;
}

export function StepRow({ cell, line, open, mark, held, onOpen, onMove, onGrip }: StepRowProps) {
  const canEdit = useCanEdit();
  const onKey = (event: KeyboardEvent) => {
    const by = event.altKey ? ({ ArrowUp: -1, ArrowDown: 1 } as Record<string, number>)[event.key] : undefined;
    if (by === undefined || !canEdit) return;
    event.preventDefault();
    event.stopPropagation();
    onMove(by);
  };
  return (
    <div className={cx(s.step, !line.on && s.off, held && s.held, mark && s[mark])}>
      <div className={s.line}>
        {canEdit && <span className={cx(s.grip, "nodrag")} onPointerDown={onGrip} aria-hidden><Icon name="grip-vertical" size={14} /></span>}
        <button
          type="button" role="switch" aria-checked={line.on} aria-label={`Step ${wordsOf(line).replaceAll("`", "")} is on`} disabled={!canEdit} className={cx(s.tick, "nodrag")}
          onClick={() => session.edits.setEntry(cell, line.key, { on: !line.on })}
        >
          {line.on && <Icon name="check" size={14} />}
        </button>
        <button type="button" className={cx(s.words, "nodrag")} aria-expanded={open} aria-keyshortcuts={canEdit ? "Alt+ArrowUp Alt+ArrowDown" : undefined} onClick={onOpen} onKeyDown={onKey} data-step={line.id}>
          <Words text={wordsOf(line)} />
        </button>
        <Effect line={line} />
      </div>
      <Offer cell={cell} line={line} />
    </div>
  );
}

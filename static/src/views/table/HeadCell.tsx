/** A column's head: name, type word, profile, and the grip that resizes it. */
import type { PointerEvent } from "react";
import { Menu, Tooltip, cx, typeWord } from "../../theme";
import { percent } from "../../theme/format";
import { Profile, profileWords } from "../Profile";
import type { ColumnProfile, ViewColumn } from "../view";
import s from "./table.module.css";
import { draggedWidth, mayExceed, zoomOf } from "./widths";

const TYPES = ["text", "integer", "number", "boolean", "date", "datetime", "time"];

export interface HeadProps {
  column: ViewColumn;
  index: number;
  left: number;
  width: number;
  numeric: boolean;
  profile: ColumnProfile | undefined;
  /** How many values did not fit the column's type. */
  unfit?: number;
  onWidth: (width: number) => void;
  /** Given for data cells whose types may be changed. */
  onType?: (type: string) => void;
  /** Given where charts of the column may be added. */
  onSuggest?: () => void;
}

function Name({ column, numeric, width, onSuggest }: Pick<HeadProps, "column" | "numeric" | "width" | "onSuggest">) {
  const cut = mayExceed(column.name, width, 10) && s.cut;
  if (!onSuggest) return <span className={cx(s.name, cut, numeric && s.right)}>{column.name}</span>;
  const trigger = <button type="button" className={cx(s.name, s.nameButton, cut, numeric && s.right, "nodrag")} aria-label={`Column ${column.name}`} tabIndex={-1}>{column.name}</button>;
  return <Menu trigger={trigger} items={[{ id: "suggest", label: "Suggest charts", icon: "lightbulb", run: onSuggest }]} />;
}

function useGrip(width: number, onWidth: (width: number) => void) {
  return (event: PointerEvent<HTMLElement>) => {
    event.preventDefault();
    event.stopPropagation();
    const grip = event.currentTarget;
    const zoom = zoomOf(grip.closest<HTMLElement>("[role=grid]") ?? grip);
    const from = event.clientX;
    grip.setPointerCapture(event.pointerId);
    grip.onpointermove = (move) => onWidth(draggedWidth(width, move.clientX - from, zoom));
    grip.onpointerup = grip.onpointercancel = () => { grip.onpointermove = null; };
  };
}

function TypeWord({ column, onType }: Pick<HeadProps, "column" | "onType">) {
  const word = typeWord(column.type);
  if (!onType) return <span className={s.type}>{word}</span>;
  return (
    <Menu
      trigger={<button type="button" className={cx(s.type, s.typeButton, "nodrag")} aria-label={`Type of ${column.name}: ${word}. Change`} tabIndex={-1}>{word}</button>}
      items={[
        { heading: "Read this column as" },
        ...TYPES.map((type) => ({ id: type, label: typeWord(type).replace(/^./, (c) => c.toUpperCase()), checked: type === column.type, run: () => onType(type) })),
      ]}
    />
  );
}

/** What stands under the name of a column. */
export function underName(type: string, missing = 0): string {
  return missing > 0 ? `${typeWord(type)} ${percent(missing)} missing` : typeWord(type);
}

export function HeadCell({ column, index, left, width, numeric, profile, unfit, onWidth, onType, onSuggest }: HeadProps) {
  const grip = useGrip(width, onWidth);
  const words = profile ? profileWords(profile) : "";
  const under = underName(column.type, profile?.missing) + (unfit ? `${unfit} do not fit` : "");
  return (
    <div role="columnheader" aria-colindex={index + 1} className={s.head} style={{ left, width }}>
      <Tooltip content={<>{column.name}{words && <><br />{words}</>}</>} side="top">
        <span className={s.named}><Name column={column} numeric={numeric} width={width} onSuggest={onSuggest} /></span>
      </Tooltip>
      <span className={cx(s.sub, mayExceed(under, width) && s.cut, numeric && s.right)} title={unfit ? undefined : underName(column.type, profile?.missing)}>
        <TypeWord column={column} onType={onType} />
        {unfit ? <span className={s.unfit} title={`${unfit} values do not fit this type and are missing`}>{unfit} do not fit</span>
          : profile && profile.missing > 0 && <span className={s.gap}>{percent(profile.missing)} missing</span>}
      </span>
      {profile && <Profile profile={profile} />}
      {words && <span className="visually-hidden">{words}</span>}
      <span className={cx(s.grip, "nodrag")} onPointerDown={grip} aria-hidden />
    </div>
  );
}

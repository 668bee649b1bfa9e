/** Pick one column or several, with search, type glyphs and mono names. */
import { Combobox as Base } from "@base-ui/react/combobox";
import { cx } from "./classes";
import s from "./controls.module.css";
import { Icon } from "./Icon";
import o from "./overlay.module.css";
import { TypeGlyph, typeWord } from "./TypeGlyph";

export interface PickColumn {
  name: string;
  type: string;
}

interface Shared {
  columns: readonly PickColumn[];
  id?: string;
  label?: string;
  placeholder?: string;
  disabled?: boolean;
  invalid?: boolean;
}

const toText = (c: PickColumn) => c.name;
const same = (a: PickColumn, b: PickColumn) => a.name === b.name;

/** A name that the table does not have stays visible, so that a broken pick can be seen and changed. */
function known(columns: readonly PickColumn[], name: string): PickColumn {
  return columns.find((c) => c.name === name) ?? { name, type: "missing" };
}

function List({ label, several }: { label?: string; several?: boolean }) {
  return (
    <Base.Portal>
      <Base.Positioner className={o.layer} sideOffset={4} collisionPadding={8}>
        <Base.Popup className={o.popup} aria-label={label ?? "Columns"}>
          <div className={o.searchBox}>
            <Icon name="search" size={14} />
            <Base.Input placeholder="Find a column" aria-label="Find a column" />
          </div>
          <Base.Empty className={o.empty}>No column of that name</Base.Empty>
          <Base.List aria-label={label ?? "Columns"}>
            {(c: PickColumn) => (
              <Base.Item key={c.name} value={c} className={o.item}>
                {several && <span className={o.tick}><Base.ItemIndicator><Icon name="check" /></Base.ItemIndicator></span>}
                <TypeGlyph type={c.type} />
                <span className={cx(o.itemText, s.mono)} title={c.name}>{c.name}</span>
                <span className={o.hint}>{typeWord(c.type)}</span>
              </Base.Item>
            )}
          </Base.List>
        </Base.Popup>
      </Base.Positioner>
    </Base.Portal>
  );
}

export interface ColumnPickerProps extends Shared {
  value: string | null;
  onChange: (name: string | null) => void;
  clearable?: boolean;
}

export function ColumnPicker({ columns, value, onChange, id, label, placeholder = "Pick a column", disabled, invalid, clearable }: ColumnPickerProps) {
  const chosen = value ? known(columns, value) : null;
  const bad = invalid || chosen?.type === "missing";
  return (
    <Base.Root<PickColumn>
      items={columns as PickColumn[]} value={chosen} disabled={disabled} itemToStringLabel={toText} isItemEqualToValue={same}
      onValueChange={(c) => onChange(c ? c.name : null)} autoHighlight
    >
      <div className={s.pickerRow}>
        <Base.Trigger id={id} aria-label={label} aria-invalid={bad || undefined} className={cx(s.field, bad && s.invalid)}>
          {chosen ? <><TypeGlyph type={chosen.type} /><span className={cx(s.grow, s.mono, clearable && !disabled && s.clearable)} title={chosen.name}>{chosen.name}</span></>
            : <span className={cx(s.grow, s.placeholder)}>{placeholder}</span>}
          <Icon name="chevron-down" size={14} />
        </Base.Trigger>
        {clearable && chosen && !disabled && (
          <button type="button" className={s.clear} aria-label={`Clear ${label ?? "column"}`} onClick={() => onChange(null)}><Icon name="x" size={14} /></button>
        )}
      </div>
      <List label={label} />
    </Base.Root>
  );
}

export interface ColumnsPickerProps extends Shared {
  value: readonly string[];
  onChange: (names: string[]) => void;
}

export function ColumnsPicker({ columns, value, onChange, id, label, placeholder = "Pick columns", disabled, invalid }: ColumnsPickerProps) {
  const chosen = value.map((name) => known(columns, name));
  return (
    <div>
      <Base.Root<PickColumn, true>
        multiple items={columns as PickColumn[]} value={chosen} disabled={disabled} itemToStringLabel={toText} isItemEqualToValue={same}
        onValueChange={(list) => onChange(list.map((c) => c.name))}
      >
        <Base.Trigger id={id} aria-label={label} aria-invalid={invalid || undefined} className={cx(s.field, invalid && s.invalid)}>
          <span className={cx(s.grow, !chosen.length && s.placeholder)}>{chosen.length ? `${chosen.length} of ${columns.length} columns` : placeholder}</span>
          <Icon name="chevron-down" size={14} />
        </Base.Trigger>
        <List label={label} several />
      </Base.Root>
      {chosen.length > 0 && (
        <ul className={s.chips}>
          {chosen.map((c) => (
            <li key={c.name} className={cx(s.chip, c.type === "missing" && s.chipBad)}>
              <span className={s.grow} title={c.name}>{c.name}</span>
              {!disabled && (
                <button type="button" aria-label={`Remove ${c.name}`} onClick={() => onChange(value.filter((n) => n !== c.name))}><Icon name="x" size={12} /></button>
              )}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

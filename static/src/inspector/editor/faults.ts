/** The place of an error in the code: its line tinted, the word underlined, its number coloured. */
import { type Extension, type Range, RangeSet, StateEffect, StateField } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, GutterMarker, gutterLineClass } from "@codemirror/view";

export interface Fault {
  line: number;
  column: number;
}

const set = StateEffect.define<Fault | null>();

const gutter = new (class extends GutterMarker {
  elementClass = "cm-faultGutter";
})();

interface Marks {
  text: DecorationSet;
  numbers: RangeSet<GutterMarker>;
}

const NONE: Marks = { text: Decoration.none, numbers: RangeSet.empty };

function marksOf(view: { doc: { lines: number; line: (n: number) => { from: number; to: number; text: string } } }, fault: Fault | null): Marks {
  if (!fault || fault.line < 1 || fault.line > view.doc.lines) return NONE;
  const line = view.doc.line(fault.line);
  const start = Math.min(Math.max(0, fault.column - 1), line.text.length);
  const word = /^[\p{L}\p{N}_$."]+|^\S/u.exec(line.text.slice(start))?.[0] ?? "";
  const [from, to] = word ? [line.from + start, line.from + start + word.length] : [line.from + (line.text.length - line.text.trimStart().length), line.to];
  const ranges: Range<Decoration>[] = [Decoration.line({ class: "cm-faultLine" }).range(line.from)];
  if (to > from) ranges.push(Decoration.mark({ class: "cm-fault" }).range(from, to));
  return { text: Decoration.set(ranges, true), numbers: RangeSet.of([gutter.range(line.from)]) };
}

const field = StateField.define<Marks>({
  create: () => NONE,
  update(marks, transaction) {
    const told = transaction.effects.find((effect) => effect.is(set));
    if (told) return marksOf(transaction.state, told.value);
    if (!transaction.docChanged) return marks;
    return { text: marks.text.map(transaction.changes), numbers: marks.numbers.map(transaction.changes) };
  },
  provide: (marks) => [EditorView.decorations.from(marks, (each) => each.text), gutterLineClass.from(marks, (each) => each.numbers)],
});

export const faults: Extension = field;

export function showFault(view: EditorView, fault: Fault | null): void {
  view.dispatch({ effects: set.of(fault) });
}

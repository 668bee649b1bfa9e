/** Tests of recipe steps: kinds from the schema, lines from the document, words until the server answers. */
import { describe, expect, it } from "vitest";
import { isTaken, linesOf, pieces, recipeOf, wordsOf } from "./steps";

const SCHEMA = {
  $defs: {
    Trim: { title: "Trim blanks", group: "Text", icon: "minus", help: "Take away blanks.", properties: { id: { hidden: true }, on: { type: "boolean", hidden: true }, do: { const: "trim" }, columns: { type: "array", picker: "columns", items: { type: "string" } } } },
    Broken: { title: "Unreadable step", properties: { do: { const: "broken" } } },
  },
  properties: { steps: { type: "array", keyed: "step:", picker: "recipe", items: { oneOf: [{ $ref: "#/$defs/Trim" }, { $ref: "#/$defs/Broken" }] } } },
};
const { prefix, kinds } = recipeOf(SCHEMA, "steps");
const PARAMS = { "step:b": { at: "a1", do: "trim", columns: ["x", "y", "z"] }, "step:a": { at: "a0", do: "gone", on: false } };

describe("a recipe", () => {
  it("knows its kinds of step, but not the one for what cannot be read", () => {
    expect(prefix).toBe("step:");
    expect(kinds.map((k) => [k.do, k.group, k.fields.map((f) => f.name)])).toEqual([["trim", "Text", ["columns"]]]);
  });

  it("lists its steps in order with what is known of each", () => {
    const failed = { param: "step:b", message: "No column", fix: { label: "Use q", params: { "step:b": { columns: ["q"] } } } };
    const lines = linesOf(PARAMS, prefix, kinds, { steps: [], suggestions: null }, failed);
    expect(lines.map((l) => [l.id, l.on, l.kind?.title, l.error])).toEqual([["a", false, undefined, ""], ["b", true, "Trim blanks", "No column"]]);
    expect(lines[1]?.fix).toEqual({ label: "Use q", change: { columns: ["q"] } });
    expect(wordsOf(lines[1]!)).toBe("Trim blanks `x`, `y` and 1 more");
    expect(wordsOf(lines[0]!)).toBe("Unknown step");
  });

  it("marks names in words, and knows a suggestion that was taken", () => {
    expect(pieces("Trim `x` now")).toEqual(["Trim ", "x", " now"]);
    const lines = linesOf(PARAMS, prefix, kinds, undefined, null);
    const offer = { id: "1", column: null, words: "", action: "" };
    expect(isTaken({ ...offer, step: { do: "trim", columns: ["x", "y", "z"] } }, lines)).toBe(true);
    expect(isTaken({ ...offer, step: { do: "trim", columns: ["x"] } }, lines)).toBe(false);
  });
});

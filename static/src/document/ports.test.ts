import { describe, expect, it } from "vitest";
import { SCENE_KINDS } from "../app/scene-kinds";
import type { KindDeclaration } from "../schema.gen";
import { inputType, linkableParams, neededInputs, takesMany, waysIn } from "./ports";

const kind: KindDeclaration = {
  ...SCENE_KINDS[1]!,
  inputs: { table: "table", other: "table", filters: "predicate" }, optional_inputs: ["other", "filters"], many_inputs: ["filters"], steers: ["chosen"],
  params: {
    type: "object",
    properties: {
      limit: { type: "integer", title: "Most rows" }, value: { anyOf: [{ type: "string" }, { type: "number" }, { type: "null" }], title: "Value" }, columns: { type: "array" },
      x: { anyOf: [{ type: "string" }, { type: "null" }], picker: "column" }, source: { type: "string" }, chosen: { type: "integer" },
    },
  },
};

describe("what enters a cell", () => {
  it("offers a value the params that hold one thing", () => {
    expect(linkableParams(kind)).toEqual([{ name: "limit", label: "Most rows" }, { name: "value", label: "Value" }]);
    expect(waysIn(kind, "value").map((way) => way.port)).toEqual(["param.limit", "param.value"]);
  });

  it("knows the type of ports and of params", () => {
    expect([inputType(kind, "table"), inputType(kind, "param.limit")]).toEqual(["table", "value"]);
    expect([inputType(kind, "param.source"), inputType(kind, "param.chosen"), inputType(kind, "nope")]).toEqual([undefined, undefined, undefined]);
  });

  it("connects by itself only what a cell needs", () => {
    expect(neededInputs(kind)).toEqual([["table", "table"]]);
    expect([takesMany(kind, "filters"), takesMany(kind, "table")]).toEqual([true, false]);
  });
});

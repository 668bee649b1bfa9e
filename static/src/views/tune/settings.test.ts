import { describe, expect, it } from "vitest";
import { settingsOf, written } from "./settings";

const SCHEMA = {
  properties: {
    leaves: { title: "Leaves", description: "Most leaves.", type: "integer", minimum: 2, maximum: 1024, default: 31 },
    trust: { title: "Trust", description: "Small holds back.", type: "number", exclusiveMinimum: 0, maximum: 10 },
    own: { title: "Own level", type: "boolean" },
    weights: { title: "Weights", enum: ["uniform", "distance"], labels: { uniform: "All alike" }, type: "string" },
    balance: { title: "Class weights", anyOf: [{ const: "balanced", type: "string" }, { type: "null" }] },
    columns: { title: "Columns", anyOf: [{ type: "number" }, { const: "sqrt", type: "string" }, { type: "null" }] },
  },
};

describe("the settings of a learner", () => {
  const fields = Object.fromEntries(settingsOf(SCHEMA).map((each) => [each.name, each]));

  it("say what they do and how far they go", () => {
    expect(fields.leaves).toMatchObject({ label: "Leaves", type: "integer", min: 2, max: 1024, help: "Most leaves. From 2 to 1,024." });
    expect(fields.trust?.help).toBe("Small holds back. From above 0 to 10.");
    expect(fields.own?.type).toBe("boolean");
  });

  it("are picked where only some words fit", () => {
    expect(fields.weights?.choices).toEqual([{ value: "uniform", label: "All alike" }, { value: "distance", label: "Distance" }]);
    expect(fields.balance?.choices?.map((c) => c.value)).toEqual(["", "balanced"]);
  });

  it("are written where a number or a word fits", () => {
    expect(fields.columns).toMatchObject({ type: "text", choices: undefined });
    expect([written("sqrt"), written(" 0.5 "), written("")]).toEqual(["sqrt", 0.5, null]);
  });

  it("are none where there is no schema", () => {
    expect(settingsOf(undefined)).toEqual([]);
  });
});

/** Tests of the form fields drawn from pydantic's JSON Schema. */
import { describe, expect, it } from "vitest";
import { applies, fieldsOf, scalar, sections, valueOf } from "./fields";
import { fieldFor } from "./focus";

const SCHEMA = {
  $defs: { Measure: { properties: { function: { enum: ["count", "sum"], default: "count", type: "string" }, column: { anyOf: [{ type: "string" }, { type: "null" }], picker: "column", of: "table", types: [], when: { function: ["sum"] } } } },
    Unit: { enum: ["year", "month"], type: "string" } },
  properties: {
    column: { anyOf: [{ type: "string" }, { type: "null" }], default: null, picker: "column", of: "table", types: ["number"], title: "Column" },
    test: { enum: ["=", "in"], default: "=", title: "Test", labels: { in: "is one of" }, type: "string" },
    value: { anyOf: [{ type: "string" }, { type: "integer" }, { type: "number" }, { type: "null" }], default: null, picker: "value", of: "column", when: { test: ["="] } },
    values: { type: "array", items: {}, picker: "values", of: "column", when: { test: ["in"] } },
    bins: { anyOf: [{ type: "integer", minimum: 1, maximum: 200 }, { type: "null" }], default: null },
    unit: { $ref: "#/$defs/Unit", default: "year", section: "Time" },
    measures: { type: "array", items: { $ref: "#/$defs/Measure" }, title: "Compute" },
    negate: { type: "boolean", default: false },
    code: { type: "string", hidden: true },
    sorted: { type: "boolean", when: { column: "*" } },
  },
};

const fields = fieldsOf(SCHEMA);
const named = (name: string) => fields.find((f) => f.name === name)!;

describe("fieldsOf", () => {
  it("finds the type of each field", () => {
    expect(Object.fromEntries(fields.map((f) => [f.name, f.type]))).toEqual({
      column: "column", test: "choice", value: "scalar", values: "list", bins: "integer", unit: "choice", measures: "rows", negate: "switch", sorted: "switch",
    });
  });

  it("keeps bounds and nullability through anyOf, and choices through $ref", () => {
    expect(named("bins")).toMatchObject({ nullable: true, min: 1, max: 200 });
    expect(named("unit").choices.map((c) => c.value)).toEqual(["year", "month"]);
    expect(named("test").choices[1]).toEqual({ value: "in", label: "Is one of" });
  });

  it("describes one row of a list of objects", () => {
    expect(named("measures").fields.map((f) => f.type)).toEqual(["choice", "column"]);
  });

  it("hides what is marked hidden and labels what has no title", () => {
    expect(fields.some((f) => f.name === "code")).toBe(false);
    expect(named("negate").label).toBe("Negate");
  });

  it("survives a schema that is none", () => {
    expect(fieldsOf(null)).toEqual([]);
    expect(fieldsOf({ properties: { x: 3 } })[0]?.type).toBe("scalar");
  });
});

describe("conditions", () => {
  it("follow the shown value, also a default", () => {
    expect(applies(named("value"), {}, fields)).toBe(true);
    expect(applies(named("value"), { test: "in" }, fields)).toBe(false);
    expect(applies(named("values"), { test: "in" }, fields)).toBe(true);
  });

  it("know * as anything set", () => {
    expect(applies(named("sorted"), {}, fields)).toBe(false);
    expect(applies(named("sorted"), { column: "a" }, fields)).toBe(true);
  });
});

it("groups fields by section, those without one first", () => {
  expect(sections([named("unit"), named("column")]).map(([name]) => name)).toEqual(["", "Time"]);
});

it("shows the default until something is written", () => {
  expect(valueOf(named("test"), {})).toBe("=");
  expect(valueOf(named("test"), { test: "in" })).toBe("in");
});

it("reads free values by the type of the column", () => {
  expect(scalar("3,500", "number")).toBe(3500);
  expect(scalar("007", "text")).toBe("007");
  expect(scalar("yes", "boolean")).toBe(true);
  expect(scalar("  ", "number")).toBeNull();
  expect(scalar("abc", "number")).toBe("abc");
});

it("finds the field that a reason speaks of", () => {
  const list = [{ name: "x", label: "X" }, { name: "time_unit", label: "Time unit" }];
  expect(fieldFor("Pick a column for X", list)).toBe("x");
  expect(fieldFor("The time unit is missing", list)).toBe("time_unit");
  expect(fieldFor("Something else", list)).toBeUndefined();
});

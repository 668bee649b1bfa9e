/** Tests of keyed entries: their order, and what two people leave behind who change different ones. */
import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { between, entriesOf, indexAt } from "./entries";

const ids = (params: Record<string, unknown>) => entriesOf(params, "step:").map((each) => each.id);

describe("entries", () => {
  it("come by index, then by key, and skip what is none", () => {
    expect(ids({ "step:b": { at: "a1" }, "step:a": { at: "a1" }, "step:z": { at: "a0" }, steps: [], "step:bad": 3 })).toEqual(["z", "a", "b"]);
  });

  it("move to any place", () => {
    const params: Record<string, unknown> = { "step:a": { at: "a0" }, "step:b": { at: "a1" }, "step:c": { at: "a2" } };
    params["step:c"] = { at: indexAt(entriesOf(params, "step:"), "step:c", 0) };
    expect(ids(params)).toEqual(["c", "a", "b"]);
    params["step:c"] = { at: indexAt(entriesOf(params, "step:"), "step:c", 1) };
    expect(ids(params)).toEqual(["a", "c", "b"]);
  });

  it("survive indexes that cannot be read or lie in the wrong order", () => {
    expect(between("a1", "a0")).toBeTruthy();
    expect(between("!!", undefined)).toBeTruthy();
  });

  it("of two people are both kept", () => {
    const [one, two] = [new Y.Doc(), new Y.Doc()];
    one.getMap("params").set("step:a", { at: "a0", do: "trim" });
    Y.applyUpdate(two, Y.encodeStateAsUpdate(one));
    one.getMap("params").set("step:a", { at: "a0", do: "trim", columns: ["x"] });
    two.getMap("params").set("step:b", { at: "a1", do: "case" });
    Y.applyUpdate(one, Y.encodeStateAsUpdate(two));
    Y.applyUpdate(two, Y.encodeStateAsUpdate(one));
    expect(one.getMap("params").toJSON()).toEqual(two.getMap("params").toJSON());
    expect(entriesOf(one.getMap("params").toJSON(), "step:").map((e) => e.value)).toEqual([{ do: "trim", columns: ["x"] }, { do: "case" }]);
  });
});

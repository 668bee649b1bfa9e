/** Tests of how a cell's state looks. */
import { describe, expect, it } from "vitest";
import { NO_RESULT, type CellResult } from "../results/store";
import { lookOf } from "./words";

const ended = 1_700_000_000;
const done = { ...NO_RESULT, state: "done", step: { finished_at: ended } } as CellResult;

describe("the gauge of a result", () => {
  it("is bright when the result has just come", () => {
    expect(lookOf(done, ended * 1_000 + 400).gauge).toBe("full");
  });

  it("is faint from the start when it has been there for long", () => {
    expect(lookOf(done, ended * 1_000 + 60_000).gauge).toBe("faint");
  });

  it("stays bright for a failure, however old", () => {
    expect(lookOf({ ...done, state: "error" }, ended * 1_000 + 60_000).gauge).toBe("full");
  });
});

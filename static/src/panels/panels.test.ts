/** Tests of search, lineage order, saved words, sharing words and initials. */
import { expect, it } from "vitest";
import { initials } from "./Avatar";
import { match, search } from "./fuzzy";
import { lineageTree } from "./lineage";
import { queueWords } from "./RunSummary";
import { savedWords } from "./saved";
import { consequence, expiryWords } from "./sharing";

it("finds by the start of words, by letters in order, and not by scattered ones", () => {
  expect(match("ch", "Chart")?.at).toEqual([0, 1]);
  expect(match("gb", "Group by")).toBeDefined();
  expect(match("zz", "Chart")).toBeUndefined();
  expect(search("ta", ["Data", "Table", "Start"], (x) => x)[0]?.item).toBe("Table");
  expect(search("exact words", [{ label: "A", help: "the exact words" }], (x) => x.label, (x) => x.help)).toHaveLength(1);
});

it("puts every cell under the first that feeds it, also in a loop", () => {
  const edges = [{ from: "a", to: "b" }, { from: "b", to: "c" }, { from: "a", to: "c" }, { from: "c", to: "a" }];
  const tree = lineageTree(["a", "b", "c", "d"], edges);
  expect(tree.map((l) => [l.id, l.level])).toEqual([["a", 1], ["b", 2], ["c", 3], ["d", 1]]);
  expect(tree[0]).toMatchObject({ place: 1, of: 2 });
});

it("says what is saved and what is kept", () => {
  expect(savedWords({ state: "saving", pending: 1, savedAt: null })).toBe("Saving");
  expect(savedWords({ state: "offline", pending: 1, savedAt: null })).toBe("Offline, 1 change kept");
  expect(savedWords({ state: "offline", pending: 3, savedAt: 5 })).toBe("Offline, 3 changes kept");
  expect(savedWords({ state: "saved", pending: 0, savedAt: Date.now() })).toMatch(/^Saved \d/);
});

it("says what runs and what links do", () => {
  expect(queueWords(2, 1)).toBe("2 running, 1 queued");
  expect(queueWords(0, 1)).toBe("1 queued");
  expect(consequence("editor")).toContain("change cells");
  expect(expiryWords(null)).toBe("Never expires");
  expect(expiryWords("2026-01-02T00:00:00Z", Date.parse("2026-01-01T00:00:00Z"))).toBe("Expires in 1 day");
});

it("makes initials of any name", () => {
  expect(initials("Mei Tanaka")).toBe("MT");
  expect(initials("tomás")).toBe("TO");
  expect(initials("")).toBe("?");
});

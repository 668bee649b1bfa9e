import { describe, expect, it } from "vitest";
import { SCENE_KINDS } from "../app/scene-kinds";
import { tableFrom } from "./clipboard";
import { detailOf } from "./detail";
import { dock, docking, fitTransform, freePlace, handleId, nearest, portSpots, readHandle } from "./geometry";

const box = (x: number, y: number, w = 400, h = 200) => ({ x, y, w, h });

describe("geometry", () => {
  it("docks side by side cells left and right, stacked ones top and bottom", () => {
    expect(dock(box(0, 0), box(500, 0))).toEqual(["right", "left"]);
    expect(dock(box(0, 0), box(50, 300))).toEqual(["bottom", "top"]);
    expect(dock(box(0, 300), box(50, 0))).toEqual(["top", "bottom"]);
    expect(dock(box(0, 0), box(100, 50))).toEqual(["right", "left"]);
  });

  it("draws one output on every side its links leave from", () => {
    const boxes: Record<string, ReturnType<typeof box>> = { a: box(0, 0), b: box(500, 0), c: box(0, 300) };
    const edge = (to: string) => ({ id: to, from: "a", fromPort: "table", to, toPort: "table" });
    const { cells, sides } = docking([edge("b"), edge("c")], (id) => boxes[id]);
    expect(sides.get("c")).toEqual(["bottom", "top"]);
    const spots = portSpots(SCENE_KINDS[1], [400, 200], cells.get("a")!);
    expect(spots.map((spot) => [spot.handle, spot.x, spot.y])).toEqual([["in:table", 0, 100], ["out:table", 400, 100], ["out:table@bottom", 200, 200]]);
    expect(readHandle(handleId("out", "table", "bottom"))).toEqual({ way: "out", port: "table" });
  });

  it("finds the nearest cell in a direction", () => {
    const others: [string, ReturnType<typeof box>][] = [["right", box(500, 20)], ["far", box(1500, 0)], ["below", box(0, 300)]];
    expect(nearest(box(0, 0), others, "right")).toBe("right");
    expect(nearest(box(0, 0), others, "down")).toBe("below");
    expect(nearest(box(0, 0), others, "left")).toBeUndefined();
  });

  it("finds a free place and fits boxes in view", () => {
    expect(freePlace(box(0, 0), [400, 200], [box(0, 0), box(460, 0)])).toEqual([460, 240]);
    const [x, y, zoom] = fitTransform(box(0, 0, 1000, 500), 1096, 596);
    expect([x, y, zoom]).toEqual([48, 24, 1]);
  });

  it("changes the level of detail with hysteresis", () => {
    expect(detailOf(0.44, "near")).toBe("near");
    expect(detailOf(0.41, "near")).toBe("mid");
    expect(detailOf(0.44, "mid")).toBe("mid");
    expect(detailOf(0.17, "mid")).toBe("mid");
    expect(detailOf(0.14, "mid")).toBe("far");
    expect(detailOf(0.19, "far")).toBe("far");
  });

  it("knows a pasted table from prose", () => {
    expect(tableFrom("a\tb\n1\t2\n3\t4")?.name).toBe("Pasted table.tsv");
    expect(tableFrom("a,b\n1,2")?.name).toBe("Pasted table.csv");
    expect(tableFrom("Hello there\nhow are you")).toBeUndefined();
  });
});

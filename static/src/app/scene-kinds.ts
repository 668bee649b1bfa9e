/** Declarations of a few kinds for the canvas in memory. */
import type { KindDeclaration } from "../schema.gen";

function kind(name: string, title: string, group: KindDeclaration["group"], icon: string, shortcut: string, rest: Partial<KindDeclaration> = {}): KindDeclaration {
  return {
    name, title, group, icon, shortcut: shortcut.toUpperCase(), help: `${title}.`, version: 1, params: { type: "object", properties: {} }, inputs: { table: "table" }, optional_inputs: [], many_inputs: [], steers: [], versioned: [],
    outputs: { table: "table" }, view: "table", size: [420, 280], code: "", lazy: true, dear: false, prompt: false, computes: true, example: {}, ...rest,
  };
}

export const SCENE_KINDS: KindDeclaration[] = [
  kind("dataset", "Data source", "Data", "database", "d", { inputs: {} }),
  kind("filter", "Filter", "Prepare", "filter", "f"),
  kind("aggregate", "Group by", "Prepare", "group", "g"),
  kind("chart", "Chart", "Explore", "chart-column", "h", { outputs: {}, view: "figure", size: [440, 320] }),
  kind("text", "Text", "Explore", "type", "t", { inputs: {}, outputs: {}, view: "markdown", code: "markdown" }),
];

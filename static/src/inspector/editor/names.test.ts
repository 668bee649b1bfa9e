/** Names of tables in code, and the mark of a text. */
import { describe, expect, it } from "vitest";
import { codeMark } from "../../document/mark";
import { tablesUsed } from "./names";

const TABLES = ["flights", "flights_clean", "airports", "Größen", "data"];

describe("tables used", () => {
  it.each([
    ["SELECT * FROM flights", ["flights"]],
    ["select * from Flights f join airports a using (id)", ["flights", "airports"]],
    ["SELECT * FROM flights, airports WHERE 1", ["flights", "airports"]],
    ["SELECT * FROM flights AS f, airports b, data", ["flights", "airports", "data"]],
    ['SELECT * FROM "flights_clean" LEFT JOIN Größen ON true', ["flights_clean", "Größen"]],
    ["SELECT 'FROM flights' -- FROM airports\n/* FROM data */", []],
    ["WITH x AS (SELECT * FROM flights) SELECT * FROM x", ["flights"]],
    ["SELECT flights FROM elsewhere", []],
    ["SELECT * FROM (SELECT * FROM data) d JOIN flights ON a = b", ["data", "flights"]],
    ["FROM flights", ["flights"]],
  ])("SQL: %s", (code, names) => expect(tablesUsed(code, "sql", TABLES)).toEqual(names));

  it.each([
    ["flights.head()", ["flights"]],
    ["x = flights_clean.merge(airports)", ["flights_clean", "airports"]],
    ["# flights\n'airports' + \"data\"", []],
    ["'''flights''' ; data", ["data"]],
    ["row.flights", []],
    ["Flights", []],
  ])("Python: %s", (code, names) => expect(tablesUsed(code, "python", TABLES)).toEqual(names));

  it("waits for a name that may still grow", () => {
    const code = "SELECT * FROM flights";
    expect(tablesUsed(code, "sql", TABLES, code.length)).toEqual([]);
    expect(tablesUsed(`${code} `, "sql", TABLES, code.length + 1)).toEqual(["flights"]);
    expect(tablesUsed("SELECT * FROM airports", "sql", TABLES, 22)).toEqual(["airports"]);
  });
});

describe("the mark of a text", () => {
  it.each([["", "cbf29ce484222325"], ["a", "af63dc4c8601ec8c"], ["foobar", "85944171f73967e8"], ["größe ✓", "9884b0374da7aee1"]])(
    "%s is the one the server makes", (text, mark) => expect(codeMark(text)).toBe(mark));
});

"""The first demo: New York's flights of 2013 with weather, and why they leave late."""

from __future__ import annotations

from canvas.demos.parts import Demo, Link, cell, chart

QUESTION = """\
# Why do flights leave late?

Every flight that left New York in 2013, with the weather of its hour. **Late** means more than 15 minutes \
behind schedule: about one flight in five.

Delays pile up through the day, some airlines cope better than others, and summer is the worst time to fly.
"""
TRY = """\
### Try it

- Drag the **threshold** of *Up to two hours late* and watch its histogram follow.
- Pull a line out of any cell into empty space and pick **Chart**.
- Press **Share**, and edit this together.
"""


def demo() -> Demo:
    """What a cell feeds is to its right or next below, so that no link passes behind a card."""
    late = {"y": "percent_late", "aggregate": "mean"}
    measures = [{"function": "mean", "column": "percent_late", "name": "percent_late"},
                {"function": "count", "column": None, "name": "flights"}]
    cells = {
        "question": cell("text", (0, 0, 400, 220), "The question", code=QUESTION),
        "flights": cell("dataset", (0, 260, 400, 620), "Flights with weather", "flights",
                         {"source": "sample:flights_weather"}),
        "try": cell("text", (0, 920, 400, 200), "Try it", code=TRY),
        "departed": cell("filter", (460, 0, 380, 340), "Flights that left", "departed",
                          {"column": "dep_delay", "test": "is not missing"}),
        "late": cell("derive", (900, 0, 380, 340), "Late or not", "late_or_not",
                      {"name": "percent_late", "expression": "if(dep_delay > 15, 100, 0)"}),
        "sight": cell("aggregate", (900, 380, 380, 340), "By visibility", "by_visibility",
                       {"by": ["visib"], "measures": measures}),
        "short": cell("filter", (460, 380, 380, 340), "Up to two hours late", "up_to_two_hours",
                       {"column": "dep_delay", "test": "≤", "value": 120}),
        "hour": chart((1360, 0, 480, 240), "Delays pile up through the day", "bar", "hour", sort="x", **late),
        "year": chart((1360, 280, 480, 240), "Summer and the holidays are worst", "line", "time_hour",
                       time_unit="week", **late),
        "fog": chart((900, 760, 380, 360), "The less one sees, the later one leaves", "scatter", "visib",
                      y="percent_late"),
        "spread": chart((460, 760, 380, 360), "Most leave a little early", "histogram", "dep_delay"),
        "airline": chart((1360, 560, 480, 260), "Share of late flights by airline", "bar", "carrier", sort="-value",
                          **late),
        "week": chart((1360, 860, 480, 260), "Weekday by hour: where it gets late", "heatmap", "time_hour", y="hour",
                       time_unit="day_of_week", color="percent_late", aggregate="mean"),
    }
    links = [("flights", "departed"), ("departed", "late"), ("late", "sight"), ("departed", "short"), ("late", "hour"),
             ("late", "year"), ("sight", "fog"), ("short", "spread"), ("late", "airline"), ("late", "week")]
    return Demo("New York flights, 2013", cells, [Link(a, b) for a, b in links])

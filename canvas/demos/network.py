"""The second demo: flights cleaned and joined with airlines, airports and weather; a brush filters five charts."""

from __future__ import annotations

from canvas.demos.parts import Demo, Link, cell, chart, cleaning

QUESTION = """\
# Where, with whom, in what weather?

One table of flights says little until it meets others. Here it is **cleaned**, then **joined** with the names of \
airlines and airports and with the weather of its hour.
"""
TRY = """\
### Try it

- Drag across **How late they left**: five charts follow what you select. Escape clears it.
- Click a bar of any of them, then pull its triangle to another cell.
- Open *Tidy flights* and switch a step off.
"""


def demo() -> Demo:
    """Sources to the left, each join below the last, the brushed chart above what it filters."""
    keys = {"airlines": [("carrier", "carrier")], "airports": [("dest", "faa")],
            "weather": [("origin", "origin"), ("time_hour", "time_hour")]}

    def join(name: str, box: tuple[int, int, int, int], title: str, output: str) -> dict[str, object]:
        pairs = [{"left": left, "right": right} for left, right in keys[name]]
        return cell("join", box, title, output, {"how": "left", "keys": pairs, "suffix": f"_{name}"})

    cells = {
        "question": cell("text", (0, 0, 380, 200), "The question", code=QUESTION),
        "flights": cell("dataset", (0, 240, 380, 300), "Flights", "flights", {"source": "sample:flights"}),
        "airlines": cell("dataset", (0, 580, 380, 240), "Airlines", "airlines", {"source": "sample:airlines"}),
        "airports": cell("dataset", (0, 860, 380, 240), "Airports", "airports", {"source": "sample:airports"}),
        "weather": cell("dataset", (0, 1140, 380, 240), "Weather", "weather", {"source": "sample:weather"}),
        "try": cell("text", (440, 0, 400, 200), "Try it", code=TRY),
        "tidy": cell("clean", (440, 240, 400, 300), "Tidy flights", "tidy_flights", cleaning(
            {"do": "drop_missing", "columns": ["dep_delay"]},
            {"do": "clip", "columns": ["dep_delay"], "low": -30, "high": 240},
            {"do": "drop", "columns": ["year", "month", "day", "minute", "tailnum", "flight"]})),
        "with_airlines": join("airlines", (440, 580, 400, 240), "With airlines", "with_airlines"),
        "with_airports": join("airports", (440, 860, 400, 240), "With airports", "with_airports"),
        "with_weather": join("weather", (440, 1140, 400, 240), "With weather", "with_weather"),
        "brush": chart((440, 1420, 400, 280), "How late they left", "histogram", "dep_delay", bins=54),
        "who": chart((960, 0, 460, 300), "By airline", "bar", "name", sort="-value", horizontal=True,
                     limit=10),
        "where": chart((960, 340, 460, 300), "To where", "bar", "name_airports", sort="-value", horizontal=True,
                       limit=10),
        "when": chart((960, 680, 460, 300), "Through the day", "bar", "hour", sort="x"),
        "year": chart((960, 1020, 460, 300), "Through the year", "line", "time_hour", time_unit="week"),
        "wind": chart((960, 1360, 460, 340), "The wind they left in", "box", "origin", y="wind_speed"),
    }
    charts = ["who", "where", "when", "year", "wind"]
    links = [Link("flights", "tidy"), Link("tidy", "with_airlines"), Link("airlines", "with_airlines", "other"),
             Link("with_airlines", "with_airports"), Link("airports", "with_airports", "other"),
             Link("with_airports", "with_weather"), Link("weather", "with_weather", "other"),
             Link("with_weather", "brush"), *[Link("with_weather", name) for name in charts],
             *[Link("brush", name, "filters", "selection") for name in charts]]
    return Demo("Flights, airlines, airports and weather", cells, links)

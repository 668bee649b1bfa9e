"""The third demo, "will it be late": a model is found, opened up, put to work on later flights, and asked."""

from __future__ import annotations

from canvas.demos.parts import Demo, Link, cell, chart, cleaning

QUESTION = """\
# Will it be late?

Before a flight leaves New York, can one tell that it will leave **more than 15 minutes late**?

Models learn from flights up to autumn and are put to work on those after. Only what is known before departure is \
used: schedule, airline, route, and the weather of the hour.
"""
READ = """\
### How to read it

- The **leaderboard** ranks pipelines; the dot is the mean of its folds, the line reaches from the worst to the best.
- **Locked rows** were looked at once, at the end. That is the score to believe.
- Weather helps, the hour of the day helps more. What ties them to delays is association, not cause.
"""
TRY = """\
### Try it

- Move a slider of *What if* beyond the data and see it warn.
- Switch off the second step of *Known before departure*, and see **AutoML** warn of what gives the answer away.
- Click a dot in the *Beeswarm* of the explainer: that flight is told row by row.
"""

AFTERWARDS = ["dep_delay", "arr_delay", "dep_time", "arr_time", "air_time"]
"""What is known only once a flight has left: a model that saw it would look brilliant and be of no use."""
BESIDES = ["year", "month", "day", "minute", "sched_dep_time", "sched_arr_time", "tailnum", "flight", "year_weather",
           "month_weather", "day_weather", "hour_weather", "wind_dir", "wind_gust", "dewp"]
"""What says the same twice, names single planes, or is mostly missing."""


def demo() -> Demo:
    """Sources and preparation to the left, the model in the middle, what it is good for to the right."""
    cells = {
        "question": cell("text", (0, 0, 400, 240), "The question", code=QUESTION),
        "flights": cell("dataset", (0, 280, 400, 380), "Flights", "flights", {"source": "sample:flights"}),
        "weather": cell("dataset", (0, 700, 400, 340), "Weather", "weather", {"source": "sample:weather"}),
        "try": cell("text", (0, 1080, 400, 220), "Try it", code=TRY),
        "some": cell("sample", (460, 0, 400, 220), "6,000 flights by chance", "some_flights",
                     {"rows": 6_000, "seed": 13}),
        "joined": cell("join", (460, 260, 400, 220), "With the weather of the hour", "with_weather",
                       {"how": "left", "suffix": "_weather", "keys": [{"left": "origin", "right": "origin"},
                                                                      {"left": "time_hour", "right": "time_hour"}]}),
        "late": cell("derive", (460, 520, 400, 220), "Late or not", "late_or_not",
                     {"name": "late", "expression": 'if(dep_delay > 15, "yes", "no")'}),
        "known": cell("clean", (460, 780, 400, 280), "Known before departure", "known_before", cleaning(
            {"do": "drop_missing", "columns": ["dep_delay"]},
            {"do": "drop", "columns": AFTERWARDS},
            {"do": "drop", "columns": BESIDES})),
        "split": cell("split", (460, 1100, 400, 200), "Learn from the earlier ones", "earlier",
                      {"how": "time", "time": "time_hour", "test": 0.25}),
        "read": cell("text", (940, 0, 640, 180), "How to read it", code=READ),
        "model": cell("automl", (940, 220, 640, 560), "Which pipeline tells late flights best", "late_model",
                      {"target": "late", "split": "time", "split_by": "time_hour", "exclude": ["time_hour"],
                       "budget": "trials", "trials": 24,
                       "seed": 1}),
        "scored": cell("executor", (940, 820, 640, 480), "Later flights, predicted", "predicted"),
        "why": cell("explainer", (1660, 0, 560, 440), "What makes flights late"),
        "ask": cell("whatif", (1660, 480, 560, 460), "What if", params={"along": "hour"}),
        "hours": chart((1660, 980, 560, 320), "The later the hour, the likelier a delay", "bar", "hour", sort="x",
                       y="probability_yes", aggregate="mean"),
    }
    links = [Link("flights", "some"), Link("some", "joined"), Link("weather", "joined", "other"),
             Link("joined", "late"), Link("late", "known"), Link("known", "split"),
             Link("split", "model", port="train"), Link("split", "scored", port="test"),
             Link("model", "scored", "model", "model"), Link("model", "why", "model", "model"),
             Link("model", "ask", "model", "model"), Link("scored", "hours")]
    return Demo("Will it be late?", cells, links)

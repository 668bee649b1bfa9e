"""Generated and bundled tables for the AutoML tests."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd


def shop(rows: int = 300, seed: int = 0) -> Any:
    """Customers of a shop, with every kind of column: `left` (binary), `plan` (three classes), `spent` (a number)."""
    rng = np.random.default_rng(seed)
    age, visits = rng.integers(18, 80, rows), rng.poisson(4, rows)
    city = rng.choice(["Lyon", "Oslo", "Kyiv", "Bonn"], rows)
    since = pd.Timestamp("2021-01-01") + pd.to_timedelta(rng.integers(0, 900, rows), unit="D")
    word = rng.choice(["slow", "fine", "great"], rows)
    spent = np.exp(2 + 0.2 * visits + 0.4 * (city == "Oslo") + rng.normal(0, 0.3, rows))
    push = 1.2 * (word == "slow") - 0.4 * visits + 0.02 * age + rng.normal(0, 0.7, rows)
    return pd.DataFrame({
        "age": age, "visits": visits, "city": city, "since": since.strftime("%Y-%m-%d"),
        "income": np.where(rng.random(rows) < 0.1, np.nan, rng.lognormal(10, 0.4, rows)).round(2),
        "note": [f"the service was {word[i]} on visit {i % 97} to {city[i]}" for i in range(rows)],
        "vip": rng.random(rows) < 0.3, "street": rng.choice([f"street {i}" for i in range(60)], rows),
        "left": np.where(push > np.median(push), "yes", "no"), "spent": spent.round(2),
        "plan": np.where(visits > 5, "gold", np.where(age > 45, "silver", "basic")),
    })

"""95 % intervals for answers from a uniform sample: counts, shares, sums and means, with the finite population."""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist

Z = NormalDist().inv_cdf(0.975)
ENOUGH = 30
"""Sampled rows from which a normal interval of a count, and any interval of a mean, is shown."""

Interval = tuple[float, float]


def correction(n: int, population: int) -> float:
    """Finite-population factor of a variance: 0 when every row was seen."""
    return 0.0 if n >= population or population <= 1 else (population - n) / (population - 1)


@lru_cache(maxsize=10_000)
def count_interval(k: int, n: int, population: int) -> Interval:
    """For a group of which `k` of `n` sampled rows were seen: normal from 30 rows, Wilson's score interval below.

    Wilson (1927), "Probable inference"; the sample is without replacement, so its size is divided by the
    finite-population factor. Never below what was seen.
    """
    if n <= 0:
        return 0.0, float(population)
    factor = correction(n, population)
    if factor == 0.0:
        return float(k), float(k)
    share = k / n
    if k >= ENOUGH and n - k >= ENOUGH:
        half = Z * math.sqrt(share * (1 - share) / n * factor)
        low, high = share - half, share + half
    else:
        size = n / factor
        middle = (share + Z * Z / (2 * size)) / (1 + Z * Z / size)
        half = Z / (1 + Z * Z / size) * math.sqrt(share * (1 - share) / size + Z * Z / (4 * size * size))
        low, high = middle - half, middle + half
    return max(float(k), low * population), min(float(population), high * population)


def sum_interval(total: float, squares: float, n: int, population: int) -> Interval:
    """For a sum over one group: `total` and `squares` are sums of x and x*x over the group's sampled rows.

    A row outside the group counts as zero, so the group's size is uncertain too.
    """
    if n <= 1:
        return -math.inf, math.inf
    mean = total / n
    variance = max(0.0, (squares - n * mean * mean) / (n - 1))
    half = Z * population * math.sqrt(variance / n * correction(n, population))
    return population * mean - half, population * mean + half


def mean_interval(mean: float, deviation: float, k: int, factor: float) -> Interval | None:
    """Student's t interval of a mean of `k` rows; None below 30 rows, where it would promise too much."""
    if k < ENOUGH:
        return None
    half = t_quantile(k - 1) * deviation / math.sqrt(k) * math.sqrt(factor)
    return mean - half, mean + half


def t_quantile(freedom: int) -> float:
    """97.5 % point of Student's t, by the Cornish-Fisher expansion (Abramowitz & Stegun 26.7.5)."""
    z = Z
    g1 = (z**3 + z) / 4
    g2 = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    g3 = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + g1 / freedom + g2 / freedom**2 + g3 / freedom**3

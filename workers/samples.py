"""The tables that come with the program, under the one name the rest of the program knows them by."""

from __future__ import annotations

from workers.engine.samples import Sample, ingest_sample, samples
from workers.engine.samples import find as sample

__all__ = ["Sample", "ingest_sample", "sample", "samples"]

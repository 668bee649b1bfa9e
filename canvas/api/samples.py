"""/api/samples: the tables that come with the program."""

from __future__ import annotations

from typing import Any

from ninja import Router

from canvas.api.entry import Asked
from workers import samples

router = Router()


@router.get("/samples")
def listing(request: Asked) -> list[dict[str, Any]]:
    """Name, title and size of each sample; its source is "sample:<name>"."""
    return samples.samples()

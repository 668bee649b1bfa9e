"""/api/kinds: what cells there are, as the browser draws their forms and ports."""

from __future__ import annotations

from typing import Any

from ninja import Router

from canvas.api.entry import Asked
from canvas.bootstrap import kind_declarations

router = Router()


@router.get("/kinds")
def listing(request: Asked) -> list[dict[str, Any]]:
    """Every kind's declaration."""
    return kind_declarations()

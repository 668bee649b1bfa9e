"""REST under /api/, one file per resource."""

from ninja import NinjaAPI

from canvas.api import (
    canvases,
    cells,
    connections,
    exports,
    kinds,
    me,
    runs,
    samples,
    scripts,
    sharing,
    uploads,
    versions,
)
from canvas.api.entry import enter
from canvas.api.errors import handle_errors

api = NinjaAPI(title="Inkling", version="1", auth=enter, docs_url=None, openapi_url=None, urls_namespace="api")
handle_errors(api)
api.add_router("", me.router)
api.add_router("", kinds.router)
api.add_router("", samples.router)
api.add_router("/canvases", canvases.router)
api.add_router("/canvases", uploads.router)
api.add_router("/canvases", runs.router)
api.add_router("/canvases", cells.router)
api.add_router("/canvases", sharing.router)
api.add_router("/canvases", connections.router)
api.add_router("/canvases", versions.router)
api.add_router("/canvases", exports.router)
api.add_router("/canvases", scripts.router)

__all__ = ["api"]

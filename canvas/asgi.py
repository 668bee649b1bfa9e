"""The ASGI entry: HTTP to Django, declared sockets to their consumers, everything else refused."""

from __future__ import annotations

import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "canvas.settings")

from django.core.asgi import get_asgi_application

# Loads the apps; what follows imports models.
http = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.urls import path, re_path  # noqa: E402

from canvas.realtime.consumer import CanvasConsumer  # noqa: E402
from canvas.realtime.origin import OriginGate, declared, deny  # noqa: E402
from canvas.realtime.switchboard import switchboard  # noqa: E402
from canvas.security.bodies import BodyLimit  # noqa: E402


async def lifespan(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Start listening with the process; flush what was accepted before it ends."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            switchboard()
            await send({"type": "lifespan.startup.complete"})
        else:
            await switchboard().stop()
            await send({"type": "lifespan.shutdown.complete"})
            return


sockets = URLRouter([path("ws/canvases/<uuid:canvas_id>/", declared(CanvasConsumer)), re_path("", deny)])
application = ProtocolTypeRouter(
    {"http": BodyLimit(http), "websocket": OriginGate(sockets), "lifespan": lifespan})

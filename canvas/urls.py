"""HTTP routes: pages here, everything else under /api/ and /accounts/."""

from django.urls import URLPattern, URLResolver, include, path

from canvas import pages
from canvas.api import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("", pages.home, name="home"),
    path("c/<uuid:canvas_id>/", pages.canvas, name="canvas"),
    path("l/<str:token>/", pages.link, name="link"),
    path("signin/<str:token>/", pages.signin, name="signin"),
    path("health/live", pages.live, name="live"),
    path("health/ready", pages.ready, name="ready"),
    path("accounts/", include("canvas.accounts.urls")),
    path("api/", api.urls),
]
handler404 = "canvas.pages.not_found"
handler500 = "canvas.pages.broken"

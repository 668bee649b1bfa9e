"""Response headers that Django 5.2 lacks: the content security policy, isolation, and no index."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin


def policy(directives: dict[str, list[str]]) -> str:
    """The header value of a policy."""
    return "; ".join(" ".join([name, *sources]) for name, sources in directives.items())


class ContentSecurityPolicyMiddleware(MiddlewareMixin):
    """Sends SECURE_CSP. Same name and setting as Django 6, so that it can be deleted then."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Add the header unless the view sent a stricter one itself."""
        response.headers.setdefault("Content-Security-Policy", policy(settings.SECURE_CSP))
        return response


class IsolationMiddleware(MiddlewareMixin):
    """No other site may embed our answers, no device feature is asked for, no page is indexed."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Add the headers."""
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
        response.headers.setdefault("X-Robots-Tag", "noindex")
        return response



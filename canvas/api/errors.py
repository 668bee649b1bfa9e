"""One shape of every error: {"error": {"code", "message"}}; the message names the next step."""

from __future__ import annotations

import logging
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from canvas.access import NoAccess, NotFound

log = logging.getLogger(__name__)


class Problem(Exception):
    """A refusal with a status, a stable code and words for the user."""

    def __init__(self, status: int, code: str, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.more = status, code, message, more


def handle_errors(api: NinjaAPI) -> None:
    """Turn every exception of a route into the one shape."""

    def answer(request: HttpRequest, status: int, code: str, message: str, **more: Any) -> HttpResponse:
        return api.create_response(request, {"error": {"code": code, "message": message, **more}}, status=status)

    @api.exception_handler(Problem)
    def problem(request: HttpRequest, error: Problem) -> HttpResponse:
        return answer(request, error.status, error.code, error.message, **error.more)

    @api.exception_handler(NotFound)
    def not_found(request: HttpRequest, error: NotFound) -> HttpResponse:
        return answer(request, 404, "not_found", str(error))

    @api.exception_handler(Http404)
    def no_route(request: HttpRequest, error: Http404) -> HttpResponse:
        return answer(request, 404, "not_found", "There is nothing here.")

    @api.exception_handler(NoAccess)
    def no_access(request: HttpRequest, error: NoAccess) -> HttpResponse:
        return answer(request, 403, "no_access", str(error))

    @api.exception_handler(ValidationError)
    def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
        first = error.errors[0]
        where = ".".join(str(part) for part in first["loc"] if part not in ("body", "payload", "query", "path"))
        return answer(request, 400, "bad_input", f"{where}: {first['msg']}" if where else first["msg"], field=where)

    @api.exception_handler(RequestDataTooBig)
    def too_big(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
        return answer(request, 413, "too_big", "The request is larger than the server takes.")

    @api.exception_handler(SuspiciousOperation)
    def suspicious(request: HttpRequest, error: SuspiciousOperation) -> HttpResponse:
        return answer(request, 400, "bad_request", "The request could not be read.")

    @api.exception_handler(HttpError)
    def refused(request: HttpRequest, error: HttpError) -> HttpResponse:
        code = {400: "bad_request", 401: "sign_in"}.get(error.status_code, "refused")
        return answer(request, error.status_code, code, str(error))

    @api.exception_handler(Exception)
    def broken(request: HttpRequest, error: Exception) -> HttpResponse:
        log.exception("a route failed: %s", request.path)
        return answer(request, 500, "broken", "This is our fault and was written to the log. Try again.")

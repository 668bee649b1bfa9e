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

    def answered(request: HttpRequest, error: Exception) -> HttpResponse:
        problem = as_problem(error)
        if problem.status >= 500 and not isinstance(error, Problem):
            log.error("a route failed: %s", request.path, exc_info=error)
        told = {"code": problem.code, "message": problem.message, **problem.more}
        return api.create_response(request, {"error": told}, status=problem.status)

    # Each by name: ninja has handlers of its own for some, and the nearest class wins.
    for kind in (Problem, NotFound, NoAccess, Http404, ValidationError, HttpError, RequestDataTooBig,
                 SuspiciousOperation, Exception):
        api.exception_handler(kind)(answered)


def as_problem(error: Exception) -> Problem:
    """What the caller is told of an exception."""
    match error:
        case Problem():
            return error
        case NotFound():
            return Problem(404, "not_found", str(error))
        case Http404():
            return Problem(404, "not_found", "There is nothing here.")
        case NoAccess():
            return Problem(403, "no_access", str(error))
        case ValidationError():
            return _of_validation(error)
        case RequestDataTooBig():
            return Problem(413, "too_big", "The request is larger than the server takes.")
        case SuspiciousOperation():
            return Problem(400, "bad_request", "The request could not be read.")
        case HttpError():
            codes = {400: "bad_request", 401: "sign_in"}
            return Problem(error.status_code, codes.get(error.status_code, "refused"), str(error))
        case _:
            return Problem(500, "broken", "This is our fault and was written to the log. Try again.")


def _of_validation(error: ValidationError) -> Problem:
    """The first thing wrong with a request, by its field."""
    first = error.errors[0]
    where = ".".join(str(part) for part in first["loc"] if part not in ("body", "payload", "query", "path"))
    return Problem(400, "bad_input", f"{where}: {first['msg']}" if where else first["msg"], field=where)

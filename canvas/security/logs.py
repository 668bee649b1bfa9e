"""One JSON object a log line: allow-listed fields, line breaks escaped, never a query string."""

from __future__ import annotations

import json
import logging
import re
import time

# A link's or one-time sign-in's token is in its path until it is exchanged; it stays out of the log.
_SECRET_PATH = re.compile(r"/(l|signin)/[^/\s]+|/accounts/(password/reset/key|confirm-email)/[^/\s]+")


class Line(logging.Formatter):
    """Formats a record as JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """The line; json.dumps escapes CR and LF, so nobody can forge a second one."""
        message = _SECRET_PATH.sub(lambda found: f"/{found.group(1) or found.group(2)}/[hidden]", record.getMessage())
        line: dict[str, object] = {
            "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created)),
            "level": record.levelname.lower(),
            "from": record.name,
            "message": message.split("?")[0] if record.name.startswith("django.request") else message,
        }
        for field in ("canvas_id", "run", "actor"):
            if hasattr(record, field):
                line[field] = str(getattr(record, field))
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)

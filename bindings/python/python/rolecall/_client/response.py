"""Error responses of a server."""

from __future__ import annotations

import json
import urllib.error

from .._errors import ClientError


def error_of(error: urllib.error.HTTPError) -> ClientError:
    """Returns the error in a response, also in the form of OAuth 2.0, or one that names its status."""
    try:
        answer = json.loads(error.read())
        body = answer["error"]
        if isinstance(body, str):
            return ClientError(body, str(answer.get("error_description", body)))
        return ClientError(str(body["code"]), str(body["message"]))
    except (ValueError, KeyError, TypeError, OSError):
        return ClientError(f"http.{error.code}", str(error.reason))


def is_logged_out(error: ClientError) -> bool:
    """Returns whether the subject is no longer logged in."""
    return error.code in ("session.ended", "session.missing")


def needs_other_pass(error: ClientError) -> bool:
    """Returns whether the server rejects the pass itself, so that another one may help."""
    return error.code.startswith(("pass.", "session."))

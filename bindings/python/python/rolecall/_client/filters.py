"""Filters of a server, for services whose database holds rows of many scopes."""

from __future__ import annotations

import json
import urllib.error
from typing import Any

from .._answers import Filter, Numbering
from .._errors import ClientError
from .._inputs import FilterQuestion
from .._timestamps import text_of
from .response import error_of
from .watch import request


def _text(value: object) -> str:
    found = text_of(value)
    if isinstance(found, str):
        return found
    message = f"`{type(value).__name__}` is not a part of a question" if found is None else found[0]
    raise ClientError("client.options", message)


class FilterClient:
    """Gets filters from a server. They are those that the adapters of `rolecall.filters` take. Threads may share it."""

    def __init__(self, url: str, *, token: str) -> None:
        """`token` is one of the configuration that may `evaluate`. Raises `ClientError` if a text is missing."""
        for name, value in (("url", url), ("token", token)):
            if not isinstance(value, str) or not value:
                raise ClientError("client.options", f"`{name}` must be a text")
        self._url = url.rstrip("/")
        self._token = token

    def __repr__(self) -> str:
        return f"<FilterClient at {self._url}>"

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError("`FilterClient` cannot be pickled or copied, because it has a token: make it in each process")

    def filter(self, question: FilterQuestion) -> Filter:
        """Returns the rows that a subject may see, as data for a query of a database.

        The server adds the time. A token that acts for others may state the connection of the subject. Raises
        `ClientError` or `OSError`.
        """
        return Filter._of(self._json("/v1/filters", json.dumps(question, default=_text).encode()))

    def numbering(self) -> Numbering:
        """Returns the numbers of all scopes, for tables with a column of numbers. Raises `ClientError` or `OSError`."""
        return Numbering._of(self._json("/v1/numbering", None))

    def _json(self, path: str, data: bytes | None) -> Any:
        headers = {"authorization": f"Bearer {self._token}"}
        if data is not None:
            headers["content-type"] = "application/json"
        try:
            with request(self._url + path, headers, data) as response:
                return json.loads(response.read())
        except urllib.error.HTTPError as error:
            raise error_of(error) from None
        except ValueError:
            raise ClientError("client.unreachable", f"the response of `{path}` cannot be read") from None

"""Applications for asyncio: OAuth 2.0 clients that get access tokens with a secret."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .._client import Application as ThreadApplication


@dataclass(frozen=True)
class Response:
    """The answer of a server to a request that succeeded."""

    status: int
    headers: Mapping[str, str]
    """The headers, with names in lower case."""
    body: bytes

    def json(self) -> Any:
        """Returns the body as plain data."""
        return json.loads(self.body)


class Application:
    """An application that calls a server as itself, like `rolecall.Application`, without blocking the event loop."""

    def __init__(self, url: str, *, client_id: str, client_secret: str) -> None:
        """Raises `ClientError` if a text is missing or empty."""
        self._application = ThreadApplication(url, client_id=client_id, client_secret=client_secret)

    async def token(self) -> str:
        """Returns an access token that is still valid. Raises `ClientError` or `OSError` if the server issues none."""
        return await asyncio.to_thread(self._application.token)

    async def send(self, path: str, data: bytes | None = None, headers: Mapping[str, str] | None = None) -> Response:
        """Sends a request to the server with an access token: a POST if there is `data`, and otherwise a GET.

        If the token has ended, the request is sent once more with another one. Raises `ClientError` for each status
        other than 2xx, and `OSError`.
        """
        return await asyncio.to_thread(self._send, path, data, headers)

    async def get_pass(self, *, at: str, scopes: Sequence[str] = (), menus: Sequence[str] = ()) -> str:
        """Gets a pass for the application itself, such as for `connect_session`. Raises `ClientError` or `OSError`."""
        return await asyncio.to_thread(self._application.get_pass, at=at, scopes=scopes, menus=menus)

    def _send(self, path: str, data: bytes | None, headers: Mapping[str, str] | None) -> Response:
        with self._application.open(path, data, headers) as response:
            found = {name.lower(): value for name, value in response.headers.items()}
            return Response(response.status, found, response.read())

"""Applications: OAuth 2.0 clients that get access tokens with a secret."""

from __future__ import annotations

import json
import threading
import time
import urllib.error
import urllib.parse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPResponse
from typing import Any

from .._errors import ClientError
from .forks import track
from .response import error_of
from .watch import request

RENEWED_AFTER = 0.8
"""The part of its lifetime after which a token is replaced."""


@dataclass(frozen=True)
class _Token:
    text: str
    renew: float
    """The time from which another token is requested, in seconds of the monotonic clock."""


class Application:
    """An application that calls a server as itself.

    It gets an access token with its secret, and another one before the token expires. Threads may share it.
    """

    def __init__(self, url: str, *, client_id: str, client_secret: str) -> None:
        """Raises `ClientError` if a text is missing or empty."""
        for name, value in (("url", url), ("client_id", client_id), ("client_secret", client_secret)):
            if not isinstance(value, str) or not value:
                raise ClientError("client.options", f"`{name}` must be a text")
        self._url = url.rstrip("/")
        self._client_id = client_id
        self._client_secret = client_secret
        self._token: _Token | None = None
        self._issuing = threading.Lock()
        track(self)

    def __repr__(self) -> str:
        return f"<Application {self._client_id} at {self._url}>"

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError("`Application` cannot be pickled or copied, because it has a secret: make it in each process")

    def _forked(self) -> None:
        # Another thread may have held the lock, and nobody would release it.
        self._issuing = threading.Lock()

    def token(self) -> str:
        """Returns an access token that is still valid. Raises `ClientError` or `OSError` if the server issues none."""
        current = self._token
        if current is not None and time.monotonic() < current.renew:
            return current.text
        return self._issue(current)

    def open(self, path: str, data: bytes | None = None, headers: Mapping[str, str] | None = None) -> HTTPResponse:
        """Sends a request to the server with an access token: a POST if there is `data`, and otherwise a GET.

        If the token has ended, the request is sent once more with another one. Close the response, or use it as a
        context manager. Raises `ClientError` for each status other than 2xx, and `OSError`.
        """
        if not isinstance(path, str) or not path.startswith("/"):
            raise ClientError("client.options", "`path` must be a path of the server, such as `/v1/passes`")
        token = self.token()
        try:
            return self._send(path, data, headers, token)
        except urllib.error.HTTPError as error:
            if error.code != 401:
                raise error_of(error) from None
        # Another thread may have replaced the token already.
        current = self._token
        text = current.text if current is not None and current.text != token else self._issue(current)
        try:
            return self._send(path, data, headers, text)
        except urllib.error.HTTPError as error:
            raise error_of(error) from None

    def get_pass(self, *, at: str, scopes: Sequence[str] = (), menus: Sequence[str] = ()) -> str:
        """Gets a pass for the application itself, such as for `connect_session`. Raises `ClientError` or `OSError`."""
        subject = f"app:{self._client_id.removeprefix('app:')}"
        wanted: dict[str, Any] = {"subject": subject, "at": at}
        if scopes:
            wanted["scopes"] = list(scopes)
        if menus:
            wanted["menus"] = list(menus)
        data = json.dumps(wanted).encode()
        with self.open("/v1/passes", data, {"content-type": "application/json"}) as response:
            return str(json.loads(response.read())["pass"])

    def _send(self, path: str, data: bytes | None, headers: Mapping[str, str] | None, token: str) -> HTTPResponse:
        own = {key: value for key, value in (headers or {}).items() if key.lower() != "authorization"}
        return request(self._url + path, {**own, "authorization": f"Bearer {token}"}, data)

    def _issue(self, before: _Token | None) -> str:
        """Gets a token in place of another one. Threads that wait for it share it."""
        with self._issuing:
            if self._token is None or self._token is before:
                self._token = self._request()
            return self._token.text

    def _request(self) -> _Token:
        asked = time.monotonic()
        form = {
            "grant_type": "client_credentials",
            "client_id": self._client_id,
            "client_secret": self._client_secret,
        }
        headers = {"content-type": "application/x-www-form-urlencoded"}
        try:
            with request(self._url + "/v1/oauth/token", headers, urllib.parse.urlencode(form).encode()) as response:
                answer = json.loads(response.read())
            return _Token(str(answer["access_token"]), asked + float(answer["expires_in"]) * RENEWED_AFTER)
        except urllib.error.HTTPError as error:
            raise error_of(error) from None
        except (ValueError, KeyError, TypeError):
            message = "the response of the token endpoint cannot be read"
            raise ClientError("client.unreachable", message) from None

"""Requests to a server, and the stream of its events."""

from __future__ import annotations

import os
import socket
import urllib.request
from collections.abc import Iterator
from http.client import HTTPResponse
from typing import Any

from .options import SILENCE


class _SameServer(urllib.request.HTTPRedirectHandler):
    """Follows no redirects: only this server may receive the bearer."""

    def redirect_request(self, *_: object) -> None:
        return None


_opener = urllib.request.build_opener(_SameServer)


def request(url: str, headers: dict[str, str] | None = None, data: bytes | None = None) -> HTTPResponse:
    """Sends a request, a POST if there is data. Raises `HTTPError` for each status other than 2xx, and `OSError`."""
    response = _opener.open(urllib.request.Request(url, data=data, headers=headers or {}), timeout=SILENCE)
    assert isinstance(response, HTTPResponse)
    return response


def events(stream: HTTPResponse) -> Iterator[bytes]:
    """Returns the names of a stream's events as they arrive."""
    for line in stream:
        if line.startswith(b"event:"):
            yield line[6:].strip()


def _socket_of(stream: HTTPResponse) -> Any:
    return getattr(getattr(stream.fp, "raw", None), "_sock", None)


def interrupt(stream: HTTPResponse) -> None:
    """Ends a stream that another thread reads, and wakes that thread."""
    if stream.fp is None:
        return
    try:
        sock = _socket_of(stream)
        if sock is not None:
            sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass


def abandon(stream: HTTPResponse) -> None:
    """Closes this process's descriptor of a stream that another process reads: sends nothing, and takes no lock."""
    sock = _socket_of(stream)
    if sock is not None:
        descriptor = sock.detach()
        if descriptor >= 0:
            os.close(descriptor)

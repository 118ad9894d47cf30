"""Clients of a server for asyncio. They never block the event loop, and call listeners in it.

from rolecall import aio

async with aio.connect("https://roles.example.com", token=token) as live:
    live.current.require(request)
    async for _ in live.changes():
        print("the roles have changed")
"""

from ._application import Application, Response
from ._live import AsyncLive, Connecting, connect, connect_session

__all__ = ["Application", "AsyncLive", "Connecting", "Response", "connect", "connect_session"]

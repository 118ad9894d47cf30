"""Follows a server, and tells whenever the answer is another: `python follow.py URL TOKEN`."""

import sys
import time
from datetime import datetime, timezone

import rolecall

url, token = sys.argv[1:]
ask = {"subject": "user:ines", "permission": "segments:edit", "at": "acme"}
last = None


def look(live: "rolecall.Live[rolecall.Engine]") -> None:
    global last
    now = datetime.now(timezone.utc).isoformat()
    may = live.current.can({**ask, "context": {"time": now}})
    if may != last and live.connection.connected:
        last = may
        print("true" if may else "false", time.time() * 1000, flush=True)


live = rolecall.connect(url, token=token)
live.on_change(look)
look(live)
sys.stdin.read()

"""Follows a server and prints each changed answer with its time: `python follow.py URL TOKEN`."""

import sys
import time
from datetime import datetime, timezone

import rolecall

url, token = sys.argv[1:]
request = {"subject": "user:ines", "permission": "segments:edit", "at": "acme"}
last = None


def report(live: "rolecall.Live[rolecall.Engine]") -> None:
    global last
    now = datetime.now(timezone.utc).isoformat()
    may = live.current.can({**request, "context": {"time": now}})
    if may != last and live.connection.connected:
        last = may
        print("true" if may else "false", time.time() * 1000, flush=True)


live = rolecall.connect(url, token=token)
live.on_change(report)
report(live)
sys.stdin.read()

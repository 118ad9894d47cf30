"""An ASGI application that appends each request, as it arrives, to the file `SEEN` as a line of JSON."""

import json
import os

from wsgi import careless_route


async def application(scope, receive, send):
    if scope["type"] != "http":
        return
    headers = {key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]}
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        body += message.get("body", b"")
        more = message.get("more_body", False)
    path = scope["path"].removeprefix(scope.get("root_path", ""))
    record = {
        "method": scope["method"],
        "path": path,
        "query": scope["query_string"].decode("latin-1"),
        "host": headers.get("host", ""),
        # uvicorn reads both from the headers of a local proxy.
        "scheme": scope["scheme"],
        "client": scope["client"][0],
        "user": headers.get("x-user", ""),
        "route": careless_route(path),
        "headers": headers,
        "body": body.decode("latin-1"),
    }
    with open(os.environ["SEEN"], "a") as log:
        log.write(json.dumps(record) + "\n")
    head = [(b"content-type", b"text/plain"), (b"content-length", b"5")]
    await send({"type": "http.response.start", "status": 200, "headers": head})
    await send({"type": "http.response.body", "body": b"seen\n"})

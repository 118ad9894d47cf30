"""A WSGI application that appends each request, as it arrives, to the file `SEEN` as a line of JSON."""

import json
import os
import re
from urllib.parse import unquote


def careless_route(path: str) -> str:
    """Matches a route as the most lenient frameworks do: without encoding, case, endings, parameters or empty parts."""
    path = re.sub(r"[;].*", "", unquote(path).replace("\\", "/").lower())
    path = re.sub(r"/+", "/", path).rstrip("/. ")
    path = re.sub(r"\.[^/]*$", "", path)
    path = re.sub(r"/index$", "", path)
    if path == "/segments":
        return "segments"
    return "users" if re.fullmatch(r"/users/[^/]+", path) else "open"


def application(environ, start_response):
    headers = {key[5:].lower().replace("_", "-"): value for key, value in environ.items() if key.startswith("HTTP_")}
    body = environ["wsgi.input"].read()
    record = {
        "method": environ["REQUEST_METHOD"],
        "path": environ["PATH_INFO"],
        "query": environ["QUERY_STRING"],
        "host": environ.get("HTTP_HOST", ""),
        # Read as by the usual middleware for one proxy in front.
        "scheme": environ.get("HTTP_X_FORWARDED_PROTO", environ["wsgi.url_scheme"]),
        "client": environ.get("HTTP_X_FORWARDED_FOR", environ["REMOTE_ADDR"]).split(",")[-1].strip(),
        "user": environ.get("HTTP_X_USER", ""),
        "route": careless_route(environ["PATH_INFO"]),
        "headers": headers,
        "body": body.decode("latin-1"),
    }
    with open(os.environ["SEEN"], "a") as log:
        log.write(json.dumps(record) + "\n")
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "5")])
    return [b"seen\n"]

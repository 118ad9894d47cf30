"""Clients of a server. `ROLECALL_BIN` is the path of the command that serves."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import os
import pickle
import signal
import socket
import subprocess
import threading
import time
import types
import urllib.request
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jwt
import pytest

import rolecall
from rolecall import LiveSession, filters

BIN = os.environ["ROLECALL_BIN"]
TOKEN = "a token of this test"
POLICY = {
    "rolecall": 1,
    "scopes": ["account"],
    "resources": {"segments": {"actions": ["view", "edit"]}, "users": {"actions": ["edit"]}},
    "roles": {
        "viewer": {"grants": ["segments:view"]},
        "editor": {"inherits": ["viewer"], "grants": ["segments:edit"]},
        "owner": {"inherits": ["editor"], "grants": ["users:edit"]},
    },
    "administration": {
        "assign": "users:edit",
        "withdraw": "users:edit",
        "add-app": "users:edit",
        "add-secret": "users:edit",
        "remove-secret": "users:edit",
    },
}
DIRECTORY = {
    "rolecall": 1,
    "scopes": ["acme"],
    "subjects": {"user:olga": {}, "user:ada": {}},
    "assignments": [
        {"subject": "user:olga", "role": "owner", "at": "acme"},
        {"subject": "user:ada", "role": "viewer", "at": "acme"},
    ],
}


class Server:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            listen = f"127.0.0.1:{probe.getsockname()[1]}"
        self.url = f"http://{listen}"
        (folder / "policy.json").write_text(json.dumps(POLICY))
        (folder / "directory.json").write_text(json.dumps(DIRECTORY))
        documents = ["--policy", "policy.json", "--directory", "directory.json"]
        self.run("admin", "init", "--store", "acme.rolecall", *documents)
        self.run("keys", "rotate", "keys.json")
        token = {
            "subject": "app:backend",
            "sha256": hashlib.sha256(TOKEN.encode()).hexdigest(),
            "may": ["evaluate", "pass", "snapshot", "administer"],
            "acts_for_others": True,
        }
        config = {
            "rolecall": 1,
            "listen": listen,
            "store": "acme.rolecall",
            "passes": {"keys": "keys.json"},
            "tokens": [token],
        }
        (folder / "server.json").write_text(json.dumps(config))
        self.start()

    def run(self, *args: str) -> None:
        subprocess.run([BIN, *args], cwd=self.folder, check=True, capture_output=True)

    def start(self) -> None:
        command = [BIN, "serve", "--config", "server.json"]
        self.process = subprocess.Popen(command, cwd=self.folder, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        assert self.process.stdout.readline().startswith("listening")

    def stop(self, how: int = signal.SIGTERM) -> None:
        self.process.send_signal(how)
        self.process.communicate()

    def post(self, path: str, body: Any, **headers: str) -> Any:
        headers = {"authorization": f"Bearer {TOKEN}", "content-type": "application/json", **headers}
        request = urllib.request.Request(self.url + path, json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request) as response:
            return json.load(response)

    def get_pass(self, subject: str = "user:ada") -> str:
        return str(self.post("/v1/passes", {"subject": subject, "at": "acme"})["pass"])

    def give(self, verb: str) -> None:
        command = {verb: {"subject": "user:ada", "role": "editor", "at": "acme"}}
        self.post("/v1/administration/commands", {"command": command}, **{"rolecall-actor": "user:olga"})

    def keys(self) -> str:
        with urllib.request.urlopen(self.url + "/.well-known/jwks.json") as response:
            return str(response.read().decode())


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    served = Server(tmp_path_factory.mktemp("served"))
    yield served
    served.stop()


def until(is_met: Callable[[], bool], failure: str) -> None:
    end = time.monotonic() + 10
    while not is_met():
        assert time.monotonic() < end, failure
        time.sleep(0.01)


def may_edit(engine: rolecall.Engine) -> bool:
    time_ = datetime.now(timezone.utc).isoformat()
    return engine.can({"subject": "user:ada", "permission": "segments:edit", "at": "acme", "context": {"time": time_}})


def test_a_server_follows_every_change(server: Server) -> None:
    reports: list[bool] = []
    with rolecall.connect(server.url, token=TOKEN) as live:
        live.on_change(lambda live: reports.append(live.connection.connected))
        until(lambda: live.connection.connected, "it does not connect")
        assert not may_edit(live.current)
        server.give("assign")
        until(lambda: may_edit(live.current), "the role does not arrive")
        server.give("withdraw")
        until(lambda: not may_edit(live.current), "the role stays")
    assert len(reports) >= 2


class Elsewhere(BaseHTTPRequestHandler):
    """A server that redirects to another one."""

    to = ""

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self.send_response(307)
        self.send_header("location", Elsewhere.to + self.path)
        self.send_header("content-length", "0")
        self.end_headers()


def test_redirects_are_not_followed(server: Server) -> None:
    Elsewhere.to = server.url
    fake = ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
    threading.Thread(target=fake.serve_forever, daemon=True).start()
    with pytest.raises(rolecall.ClientError, match=r"http\.307"):
        rolecall.connect(f"http://127.0.0.1:{fake.server_address[1]}", token=TOKEN)
    fake.shutdown()


def test_an_application_gets_a_token_with_its_secret_uses_it_and_gets_another_one(server: Server) -> None:
    def admin(command: dict[str, Any]) -> Any:
        return server.post("/v1/administration/commands", {"command": command}, **{"rolecall-actor": "user:olga"})

    def secret() -> tuple[str, str]:
        answer = admin({"add-secret": {"subject": "app:crm"}})
        change = answer["event"]["changes"][0]
        (number,) = set(change["after"]["secrets"]) - set((change.get("before") or {}).get("secrets") or {})
        return number, str(answer["client"]["client_secret"])

    admin({"add-app": {"subject": "app:crm", "roles": [{"role": "owner", "at": "acme"}]}})
    first, first_secret = secret()
    application = rolecall.Application(server.url, client_id="crm", client_secret=first_secret)
    # Requests at the same time share a token, and later ones use it too.
    tokens: list[str] = []
    threads = [threading.Thread(target=lambda: tokens.append(application.token())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(tokens) == 8 and len({*tokens, application.token()}) == 1

    # The application acts as itself.
    command = {"command": {"assign": {"subject": "user:ada", "role": "editor", "at": "acme"}}}
    with application.open(
        "/v1/administration/commands", json.dumps(command).encode(), {"Content-Type": "application/json"}
    ) as response:
        assert json.load(response)["event"]["actor"] == "app:crm"
    server.give("withdraw")
    with rolecall.connect_session(server.url, lambda: application.get_pass(at="acme")) as live:
        assert live.current.can("users:edit") and live.current.coverage.subject == "app:crm"

    # A token that the server does not accept is replaced once.
    second, second_secret = secret()
    rotated = rolecall.Application(server.url, client_id="app:crm", client_secret=second_secret)
    rotated._token = dataclasses.replace(_token_of(rotated), text=rotated.token() + "x")
    with pytest.raises(rolecall.ClientError) as refused:
        rotated.open("/v1/snapshot")
    assert refused.value.code == "forbidden"
    assert rotated.get_pass(at="acme").count(".") == 2
    # A token is replaced before it expires.
    early = rotated.token()
    rotated._token = dataclasses.replace(_token_of(rotated), renew=time.monotonic() - 1)
    assert rotated.token() != early

    admin({"remove-secret": {"subject": "app:crm", "secret": first}})
    with pytest.raises(rolecall.ClientError) as ended:
        application.get_pass(at="acme")
    assert ended.value.code == "invalid_client"
    assert first != second and rotated.get_pass(at="acme")

    # What would send a secret to the wrong place, or show it, is rejected.
    for wrong in ("https://elsewhere.example/", "v1/passes"):
        with pytest.raises(rolecall.ClientError, match="path"):
            rotated.open(wrong)
    with pytest.raises(rolecall.ClientError, match="client_secret"):
        rolecall.Application(server.url, client_id="crm", client_secret="")
    assert second_secret not in repr(rotated)
    with pytest.raises(TypeError, match="secret"):
        pickle.dumps(rotated)
    Elsewhere.to = server.url
    fake = ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
    threading.Thread(target=fake.serve_forever, daemon=True).start()
    moved = rolecall.Application(f"http://127.0.0.1:{fake.server_address[1]}", client_id="crm", client_secret="s")
    with pytest.raises(rolecall.ClientError, match=r"http\.\d+"):
        moved.token()
    fake.shutdown()


def test_a_filter_of_the_server_is_that_of_an_engine(server: Server) -> None:
    client = rolecall.FilterClient(server.url + "/", token=TOKEN)
    with rolecall.connect(server.url, token=TOKEN) as live:
        engine = live.current
        assert client.numbering() == engine.numbering() and isinstance(client.numbering(), rolecall.Numbering)
        question: rolecall.FilterQuestion = {"subject": "user:ada", "permission": "segments:view", "list_scopes": True}
        found = client.filter(question)
        context: rolecall.Context = {"time": datetime.now(timezone.utc)}
        expected: rolecall.FilterRequest = {
            "subject": "user:ada",
            "permission": "segments:view",
            "list_scopes": True,
            "context": context,
        }
        assert found == engine.filter(expected) and found.branches[0].scopes == ("acme",)
        # The adapters take it.
        columns = filters.Columns(scope="scope", labels=None)
        assert filters.sqlite(found, columns) == filters.sqlite(engine.filter(expected), columns)
    active = datetime.now(timezone.utc)
    assert client.filter({**question, "context": {"ip": "192.0.2.1", "last_activity": active}}) == found

    with pytest.raises(rolecall.ClientError) as refused:
        client.filter({"subject": "user:ada", "permission": "segments:veiw"})
    assert refused.value.code == "permission.unknown"
    for context in ({"time": active}, {"ip": object()}, {"last_activity": active.replace(tzinfo=None)}):
        with pytest.raises(rolecall.ClientError):
            client.filter({**question, "context": context})  # type: ignore[typeddict-item]
    with pytest.raises(rolecall.ClientError) as refused:
        rolecall.FilterClient(server.url, token="another").numbering()
    assert refused.value.code == "unauthenticated"
    with pytest.raises(rolecall.ClientError, match="token"):
        rolecall.FilterClient(server.url, token="")
    assert TOKEN not in repr(client)
    with pytest.raises(TypeError, match="token"):
        pickle.dumps(client)


def _token_of(application: rolecall.Application) -> Any:
    application.token()
    return application._token


def test_a_session_client_reports_when_a_role_ends(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    moved = [0.0]
    clock = types.SimpleNamespace(time=lambda: time.time() + moved[0])
    monkeypatch.setattr("rolecall._client.session.time", clock)
    end = datetime.now(timezone.utc) + timedelta(seconds=50)
    role = {"subject": "user:ada", "role": "editor", "at": "acme", "until": end.isoformat(timespec="milliseconds")}
    server.post("/v1/administration/commands", {"command": {"assign": role}}, **{"rolecall-actor": "user:olga"})
    reports: list[bool] = []
    with rolecall.connect_session(server.url, server.get_pass) as live:
        until(lambda: live.connection.connected, "it does not connect")
        first = live.current
        assert first.can("segments:edit") and live.current is first, "the answers are one object until they differ"
        live.on_change(lambda one: reports.append(one.current.can("segments:edit")))
        moved[0] = 49.0
        live._rearmed.set()
        time.sleep(0.2)
        assert reports == [] and live.current is first
        # As after a minute, at the latest.
        moved[0] = 51.0
        live._rearmed.set()
        until(lambda: reports == [False], f"the end is not reported: {reports}")
        assert live.current is not first and live.current is live.current
        # The clock is set back.
        moved[0] = 0.0
        assert live.current.can("segments:edit")
    server.post("/v1/administration/commands", {"command": {"withdraw": role}}, **{"rolecall-actor": "user:olga"})


def test_a_session_client_follows_changes_of_its_subject(server: Server) -> None:
    with rolecall.connect_session(server.url, server.get_pass) as live:
        until(lambda: live.connection.connected, "it does not connect")
        assert live.current.can("segments:view") and not live.current.can("segments:edit")
        server.give("assign")
        until(lambda: live.current.can("segments:edit"), "the role does not arrive")
        server.give("withdraw")
        until(lambda: not live.current.can("segments:edit"), "the role stays")


def test_clients_answer_and_report_while_the_server_is_unreachable(server: Server) -> None:
    everything = rolecall.connect(server.url, token=TOKEN)
    brief = rolecall.connect(server.url, token=TOKEN, max_age=0.05)
    one = rolecall.connect_session(server.url, server.get_pass)
    connected = lambda: [live.connection.connected for live in (everything, brief, one)]  # noqa: E731
    until(lambda: all(connected()), "they do not connect")
    server.stop(signal.SIGKILL)
    until(lambda: not any(connected()), "no client reports that the server is unreachable")
    assert not may_edit(everything.current) and one.current.can("segments:view")
    time.sleep(0.1)
    with pytest.raises(rolecall.ClientError, match=r"client\.stale"):
        brief.current  # noqa: B018
    server.start()
    server.give("assign")
    until(lambda: all(connected()), "they do not reconnect")
    until(
        lambda: may_edit(everything.current) and may_edit(brief.current) and one.current.can("segments:edit"),
        "changes that were missed do not arrive",
    )
    server.give("withdraw")
    for live in (everything, brief, one):
        live.close()


def test_answers_of_a_closed_client_become_too_old(server: Server) -> None:
    def is_stale(live: rolecall.LiveEngine) -> bool:
        try:
            live.current  # noqa: B018
        except rolecall.ClientError as error:
            return str(error).startswith("client.stale")
        return False

    closed = rolecall.connect(server.url, token=TOKEN, max_age=0.05)
    until(lambda: closed.connection.connected, "it does not connect")
    assert not may_edit(closed.current)
    closed.close()
    assert not closed.connection.connected
    until(lambda: is_stale(closed), "it answers for ever")


@pytest.mark.parametrize("max_age", [float("nan"), float("inf"), -1, True, "60", None, 15 * 60 * 1000])
def test_a_max_age_without_effect_is_rejected(server: Server, max_age: Any) -> None:
    with pytest.raises(rolecall.ClientError, match="at most 86400") as raised:
        rolecall.connect(server.url, token=TOKEN, max_age=max_age)
    assert raised.value.code == "client.options"


class Ending(BaseHTTPRequestHandler):
    """A server on whose second stream the subject is no longer logged in."""

    stream = b""
    renewed = "session.ended"
    keys = ""
    streams = 0
    is_back = False
    good = "nothing"
    """The end of the pass whose stream is opened."""

    def log_message(self, *_: object) -> None:
        pass

    def answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        if self.path == "/.well-known/jwks.json":
            self.answer(200, Ending.keys.encode())
        elif Ending.is_back or self.headers["authorization"].endswith(Ending.good):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"event: ready\ndata: {}\n\n")
            # Stays open until the client closes it.
            self.rfile.read(1)
        elif Ending.streams == 0:
            Ending.streams = 1
            self.answer(200, Ending.stream)
        else:
            self.do_POST()

    def do_POST(self) -> None:
        self.answer(401, json.dumps({"error": {"code": Ending.renewed, "message": "log in again"}}).encode())


@pytest.mark.parametrize(
    ("stream", "renewed"),
    [
        (b"event: changed\ndata: {}\n\n", "session.ended"),
        (b"event: changed\ndata: {}\n\n", "session.pass"),
        (b"event: ended\ndata: {}\n\n", "session.ended"),
        (b"", "session.ended"),
        (b"", "pass.key"),
    ],
)
def test_a_client_stops_answering_when_the_subject_is_logged_out(server: Server, stream: bytes, renewed: str) -> None:
    Ending.stream, Ending.renewed, Ending.keys = stream, renewed, server.keys()
    Ending.streams, Ending.is_back = 0, False
    passes = [server.get_pass()]

    def get_pass() -> str:
        if passes:
            return passes.pop()
        raise rolecall.ClientError("session.missing", "nobody is logged in")

    def is_over() -> bool:
        try:
            live.current  # noqa: B018
        except rolecall.ClientError as error:
            return error.code == "client.ended"
        return False

    fake = ThreadingHTTPServer(("127.0.0.1", 0), Ending)
    threading.Thread(target=fake.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{fake.server_address[1]}"
    with rolecall.connect_session(url, get_pass, issuer=server.url) as live:
        until(is_over, "it goes on to answer")
        # After another login the client answers again.
        Ending.is_back = True
        passes.append(server.get_pass())
        until(lambda: not is_over(), "another login has no effect")
        assert live.current.can("segments:view")
    fake.shutdown()


@pytest.mark.parametrize("code", ["pass.key", "session.ended"])
def test_another_pass_is_requested_once_if_the_first_is_rejected(server: Server, code: str) -> None:
    Ending.stream, Ending.renewed, Ending.keys = b"", code, server.keys()
    Ending.streams, Ending.is_back = 1, False
    passes = [server.get_pass(), server.get_pass()]
    Ending.good = passes[1].rpartition(".")[2]
    requested: list[str] = []

    def get_pass() -> str:
        requested.append(passes[len(requested)])
        return requested[-1]

    fake = ThreadingHTTPServer(("127.0.0.1", 0), Ending)
    threading.Thread(target=fake.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{fake.server_address[1]}"
    with rolecall.connect_session(url, get_pass, issuer=server.url) as live:
        until(lambda: live.connection.connected, "it does not connect")
        assert live.current.can("segments:view")
    fake.shutdown()
    Ending.good = "nothing"
    assert requested == passes


@pytest.mark.parametrize("meanwhile", ["changed", "ended"])
def test_a_pass_that_arrives_late_is_ignored(server: Server, meanwhile: str) -> None:
    server.give("assign")
    came, may_go_on = threading.Event(), threading.Event()

    class Late(LiveSession):
        def _take(self, number: int, text: str) -> None:
            if threading.current_thread() is late:
                came.set()
                may_go_on.wait(10)
            super()._take(number, text)

    late = threading.Thread()
    live = Late(server.url, server.get_pass, None, None, None)
    try:
        until(lambda: live.connection.connected, "it does not connect")
        assert live.current.can("segments:edit")
        late = threading.Thread(target=live._refresh)
        late.start()
        assert came.wait(10)
        if meanwhile == "changed":
            server.give("withdraw")
            until(lambda: not live.current.can("segments:edit"), "the role stays")
        else:
            live._end()
        may_go_on.set()
        late.join()
        if meanwhile == "changed":
            assert not live.current.can("segments:edit")
        else:
            with pytest.raises(rolecall.ClientError, match=r"client\.ended"):
                live.current  # noqa: B018
            server.give("withdraw")
    finally:
        live.close()


def test_a_client_survives_exceptions_of_the_application(server: Server) -> None:
    requested: list[int] = []

    def get_pass() -> str:
        requested.append(1)
        if len(requested) == 2:
            raise LookupError("the backend is confused")
        return server.get_pass()

    with rolecall.connect_session(server.url, get_pass) as live:
        until(lambda: live.connection.connected, "it does not connect")
        live._end()
        server.stop(signal.SIGKILL)
        until(lambda: not live.connection.connected, "no client reports that the server is unreachable")
        server.start()
        until(lambda: live.connection.connected, "it does not reconnect")
    assert len(requested) == 3


def test_a_listener_that_raises_does_not_stop_the_others(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    raised: list[type[BaseException]] = []
    monkeypatch.setattr(threading, "excepthook", lambda args: raised.append(args.exc_type))
    reports: list[bool] = []

    def broken(_: object) -> None:
        raise LookupError("a defect of the application")

    with rolecall.connect_session(server.url, server.get_pass) as live:
        until(lambda: live.connection.connected, "it does not connect")
        live.on_change(broken)
        live.on_change(lambda live: reports.append(live.connection.connected))
        server.stop(signal.SIGKILL)
        until(lambda: not live.connection.connected, "no client reports that the server is unreachable")
        server.start()
        until(lambda: live.connection.connected, "it does not reconnect")
    assert reports == [False, True] and raised == [LookupError, LookupError]


def test_connecting_raises_if_the_first_answers_cannot_be_fetched(server: Server) -> None:
    with pytest.raises(rolecall.ClientError, match="unauthenticated"):
        rolecall.connect(server.url, token="another")
    with pytest.raises(rolecall.ClientError, match=r"pass\.malformed"):
        rolecall.connect_session(server.url, lambda: "a.b.c")


def test_a_pass_opens_only_for_its_issuer_audience_and_time(server: Server) -> None:
    good, keys, now = server.get_pass(), server.keys(), datetime.now(timezone.utc)

    def opened(text: str, **options: Any) -> rolecall.PortableSession:
        return rolecall.PortableSession.from_pass(text, **{"keys": keys, "issuer": server.url, "time": now, **options})

    assert opened(good).can("segments:view")
    header, claims, signature = good.split(".")

    def changed(part: str, **values: Any) -> str:
        read = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        return base64.urlsafe_b64encode(json.dumps({**read, **values}).encode()).decode().rstrip("=")

    cases: list[tuple[str, str, dict[str, Any]]] = [
        ("pass.malformed", "", {}),
        ("pass.malformed", f"{header}.{claims}", {}),
        ("pass.malformed", f"{good}=", {}),
        ("pass.algorithm", f"{changed(header, alg='none')}.{claims}.", {}),
        ("pass.algorithm", f"{changed(header, alg='HS256')}.{claims}.{signature}", {}),
        ("pass.algorithm", f"{changed(header, typ='JWT')}.{claims}.{signature}", {}),
        ("pass.key", f"{changed(header, kid='other')}.{claims}.{signature}", {}),
        ("pass.signature", f"{header}.{changed(claims, sub='user:olga')}.{signature}", {}),
        ("pass.keys", good, {"keys": "{}"}),
        ("pass.issuer", good, {"issuer": "https://elsewhere"}),
        ("pass.audience", good, {"audience": "shop"}),
        ("pass.expired", good, {"time": now + timedelta(minutes=16)}),
        ("pass.early", good, {"time": now - timedelta(minutes=1)}),
    ]
    for code, text, options in cases:
        with pytest.raises(rolecall.ClientError) as raised:
            opened(text, **options)
        assert raised.value.code == code
    # A clock may be some seconds behind; one that is further behind gets an error.
    for seconds in (0.3, 0.9, 5, 20):
        late = opened(good, time=now - timedelta(seconds=seconds))
        assert late.can("segments:view"), seconds
    with pytest.raises(rolecall.ClientError, match=r"begins in \d+ seconds by the clock of this machine"):
        opened(good, time=now - timedelta(minutes=1))


def test_a_library_for_tokens_verifies_a_pass(server: Server) -> None:
    text = server.get_pass()
    key = jwt.PyJWKSet.from_json(server.keys())[jwt.get_unverified_header(text)["kid"]]
    claims = jwt.decode(text, key.key, algorithms=["EdDSA"], issuer=server.url)
    session = rolecall.PortableSession.from_bytes(
        base64.urlsafe_b64decode(claims["rolecall"] + "=" * (-len(claims["rolecall"]) % 4)),
        time=datetime.now(timezone.utc),
    )
    assert claims["sub"] == "user:ada" and session.can("segments:view")
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(text[:-6] + "AAAAAA", key.key, algorithms=["EdDSA"], issuer=server.url)

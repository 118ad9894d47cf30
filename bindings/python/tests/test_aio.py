"""Clients for asyncio. `ROLECALL_BIN` is the path of the command that serves."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest

import rolecall
from rolecall import ClientError, aio
from test_client import TOKEN, Server, may_edit


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    served = Server(tmp_path_factory.mktemp("asyncio"))
    yield served
    served.stop()


async def until(event: asyncio.Event) -> None:
    await asyncio.wait_for(event.wait(), 10)


def test_an_engine_follows_every_change_in_the_event_loop(server: Server) -> None:
    async def follow() -> list[bool]:
        answers: list[bool] = []
        async with aio.connect(server.url, token=TOKEN) as live:
            answers.append(may_edit(live.current))
            changed = asyncio.Event()

            async def listen(one: aio.AsyncLive[rolecall.Engine]) -> None:
                assert threading.current_thread() is threading.main_thread()
                if may_edit(one.current) != answers[-1]:
                    answers.append(may_edit(one.current))
                    changed.set()

            end = live.on_change(listen)
            for verb in ("assign", "withdraw"):
                changed.clear()
                await asyncio.to_thread(server.give, verb)
                await until(changed)
            end()
        assert live.connection.connected is False
        return answers

    assert asyncio.run(follow()) == [False, True, False]


def test_changes_are_an_iterator_that_ends_with_the_connection(server: Server) -> None:
    async def follow() -> int:
        live = await aio.connect(server.url, token=TOKEN)
        seen = 0

        async def count() -> None:
            nonlocal seen
            async for one in live.changes():
                assert one is live
                seen += may_edit(one.current)

        counting = asyncio.create_task(count())
        await asyncio.sleep(0)
        await asyncio.to_thread(server.give, "assign")
        for _ in range(200):
            if seen:
                break
            await asyncio.sleep(0.05)
        await live.aclose()
        await asyncio.wait_for(counting, 10)
        await live.aclose()
        await asyncio.to_thread(server.give, "withdraw")
        return seen

    assert asyncio.run(follow()) >= 1


def test_a_session_gets_its_passes_in_the_event_loop(server: Server) -> None:
    threads: list[bool] = []

    async def get_pass() -> str:
        threads.append(threading.current_thread() is threading.main_thread())
        return await asyncio.to_thread(server.get_pass)

    async def ask() -> bool:
        async with aio.connect_session(server.url, get_pass) as live:
            return live.current.can("segments:view")

    assert asyncio.run(ask())
    assert threads == [True]

    async def ask_at_once() -> bool:
        live = await aio.connect_session(server.url, server.get_pass)
        try:
            return live.current.can("segments:edit")
        finally:
            await live.aclose()

    assert asyncio.run(ask_at_once()) is False


def test_the_event_loop_is_free_while_a_connection_is_made(server: Server) -> None:
    async def ask() -> int:
        ticks = 0

        async def tick() -> None:
            nonlocal ticks
            while True:
                ticks += 1
                await asyncio.sleep(0)

        ticking = asyncio.create_task(tick())
        async with aio.connect(server.url, token=TOKEN):
            ticking.cancel()
        return ticks

    assert asyncio.run(ask()) > 2


def test_errors_reach_who_connects(server: Server) -> None:
    async def ask(connecting: Any) -> None:
        await connecting

    def refused() -> str:
        raise ClientError("session.missing", "nobody is logged in")

    for connecting, code in (
        (aio.connect(server.url, token="wrong"), "unauthenticated"),
        (aio.connect(server.url, token=TOKEN, max_age=-1), "client.options"),
        (aio.connect_session(server.url, refused), "session.missing"),
    ):
        with pytest.raises(ClientError) as error:
            asyncio.run(ask(connecting))
        assert error.value.code == code


def test_a_failing_listener_is_reported_and_stops_no_other(server: Server) -> None:
    async def follow() -> list[str]:
        reported: list[str] = []
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: reported.append(str(context["exception"])))
        async with aio.connect(server.url, token=TOKEN) as live:
            heard = asyncio.Event()

            def fail(_: object) -> None:
                raise ValueError("this listener fails")

            live.on_change(fail)
            live.on_change(lambda _: heard.set())
            await asyncio.to_thread(server.give, "assign")
            await until(heard)
            await asyncio.to_thread(server.give, "withdraw")
        return reported

    assert "this listener fails" in asyncio.run(follow())


def test_an_application_calls_the_server(server: Server) -> None:
    def admin(command: dict[str, Any]) -> Any:
        return server.post("/v1/administration/commands", {"command": command}, **{"rolecall-actor": "user:olga"})

    admin({"add-app": {"subject": "app:aio", "roles": [{"role": "owner", "at": "acme"}]}})
    secret = str(admin({"add-secret": {"subject": "app:aio"}})["client"]["client_secret"])

    async def call() -> None:
        application = aio.Application(server.url, client_id="aio", client_secret=secret)
        assert (await application.token()) == (await application.token())
        assert (await application.get_pass(at="acme", scopes=["acme"])).count(".") == 2
        command = {"command": {"assign": {"subject": "user:ada", "role": "editor", "at": "acme"}}}
        body, headers = json.dumps(command).encode(), {"Content-Type": "application/json"}
        answer = await application.send("/v1/administration/commands", body, headers)
        assert answer.status == 200 and answer.headers["content-type"].startswith("application/json")
        assert answer.json()["event"]["actor"] == "app:aio"
        await asyncio.to_thread(server.give, "withdraw")
        with pytest.raises(ClientError) as refused:
            await application.send("/v1/snapshot")
        assert refused.value.code == "forbidden"
        async with aio.connect_session(server.url, lambda: application.get_pass(at="acme")) as live:
            assert live.current.coverage.subject == "app:aio"

    asyncio.run(call())
    with pytest.raises(ClientError, match="client_secret"):
        aio.Application(server.url, client_id="aio", client_secret="")

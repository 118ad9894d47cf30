"""Clients in forked and spawned processes. `ROLECALL_BIN` is the path of the command that serves."""

from __future__ import annotations

import copy
import multiprocessing
import os
import pickle
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator

import pytest

import rolecall
from test_client import TOKEN, Server, may_edit, until

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    served = Server(tmp_path_factory.mktemp("forked"))
    yield served
    served.stop()


def in_child(work: Callable[[], None], meanwhile: Callable[[], None] = lambda: None) -> None:
    """Runs `work` in a forked process, and waits for it, at most a minute."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    meanwhile()
    end = time.monotonic() + 60
    while (done := os.waitpid(child, os.WNOHANG)) == (0, 0):
        if time.monotonic() > end:
            os.kill(child, 9)
            os.waitpid(child, 0)
            pytest.fail("the child never ends")
        time.sleep(0.01)
    assert os.waitstatus_to_exitcode(done[1]) == 0


def test_a_child_connects_and_follows_by_itself(server: Server) -> None:
    with (
        rolecall.connect(server.url, token=TOKEN) as everything,
        rolecall.connect_session(server.url, server.get_pass) as one,
    ):
        until(lambda: everything.connection.connected and one.connection.connected, "they do not connect")
        read, write = os.pipe()

        def work() -> None:
            assert not everything._connection.connected and not one._connection.connected
            assert not everything.connection.connected or everything._is_started
            until(lambda: everything.connection.connected and one.connection.connected, "the child does not connect")
            os.write(write, b".")
            until(lambda: may_edit(everything.current) and one.current.can("segments:edit"), "the role does not arrive")
            os.write(write, b".")
            until(lambda: not may_edit(everything.current) and not one.current.can("segments:edit"), "the role stays")

        def meanwhile() -> None:
            os.read(read, 1)
            server.give("assign")
            until(lambda: may_edit(everything.current), "the parent no longer follows")
            os.read(read, 1)
            server.give("withdraw")

        in_child(work, meanwhile)
        # The connection of the parent is not affected by the end of the child.
        assert everything.connection.connected and one.connection.connected
        server.give("assign")
        until(lambda: may_edit(everything.current) and one.current.can("segments:edit"), "the parent no longer follows")
        server.give("withdraw")
        until(lambda: not may_edit(everything.current), "the parent no longer follows")


def test_answers_in_a_child_become_too_old(server: Server) -> None:
    with rolecall.connect(server.url, token=TOKEN, max_age=0.2) as live:
        until(lambda: live.connection.connected, "it does not connect")

        def work() -> None:
            live._url = "http://127.0.0.1:9"
            until(lambda: is_stale(live), "answers from before the fork never become too old")
            assert not live.connection.connected

        in_child(work)


def is_stale(live: rolecall.LiveEngine) -> bool:
    try:
        live.current  # noqa: B018
    except rolecall.ClientError as error:
        return error.code == "client.stale"
    return False


def test_locks_that_other_threads_hold_at_the_fork_do_not_block(server: Server) -> None:
    with (
        rolecall.connect(server.url, token=TOKEN) as everything,
        rolecall.connect_session(server.url, server.get_pass) as one,
    ):
        until(lambda: everything.connection.connected and one.connection.connected, "they do not connect")
        held, done = threading.Event(), threading.Event()

        def hold() -> None:
            with everything._setting, everything._starting, one._setting, one._state, one._starting:
                held.set()
                done.wait(60)

        holder = threading.Thread(target=hold)
        holder.start()
        held.wait(10)

        def work() -> None:
            until(lambda: everything.connection.connected and one.connection.connected, "the child does not connect")
            everything.close()
            one.close()

        try:
            in_child(work)
        finally:
            done.set()
            holder.join()


def test_listeners_are_called_in_a_child(server: Server) -> None:
    reports: list[bool] = []
    with rolecall.connect(server.url, token=TOKEN) as live:
        until(lambda: live.connection.connected, "it does not connect")
        live.on_change(lambda live: reports.append(live.connection.connected))
        in_child(lambda: until(lambda: reports[-1:] == [True], "no listener is called in the child"))


def test_a_child_of_a_child_connects_as_well(server: Server) -> None:
    with rolecall.connect(server.url, token=TOKEN) as live:
        until(lambda: live.connection.connected, "it does not connect")
        follows = lambda: until(lambda: live.connection.connected, "it does not connect")  # noqa: E731
        in_child(lambda: in_child(follows))

        def both() -> None:
            follows()
            in_child(follows)

        in_child(both)


def test_a_closed_connection_stays_closed_in_a_child(server: Server) -> None:
    live = rolecall.connect(server.url, token=TOKEN, max_age=0.1)
    live.close()

    def work() -> None:
        until(lambda: is_stale(live), "it answers for ever")
        time.sleep(0.3)
        assert not live.connection.connected and threading.active_count() == 1

    in_child(work)


def test_a_child_that_runs_another_program_does_not_affect_the_parent(server: Server) -> None:
    with rolecall.connect(server.url, token=TOKEN) as live:
        until(lambda: live.connection.connected, "it does not connect")
        command = [sys.executable, "-c", "print('ran')"]
        for more in ({}, {"preexec_fn": lambda: None}):
            assert subprocess.run(command, capture_output=True, text=True, timeout=60, **more).stdout == "ran\n"  # type: ignore[call-overload]
        assert live.connection.connected


_live: rolecall.LiveEngine | None = None


def _asked(_: int) -> bool:
    assert _live is not None
    until(lambda: _live.connection.connected, "a worker does not connect")
    return may_edit(_live.current)


def test_workers_of_a_pool_connect_by_themselves(server: Server) -> None:
    global _live
    with rolecall.connect(server.url, token=TOKEN) as _live:
        until(lambda: _live.connection.connected, "it does not connect")
        with multiprocessing.get_context("fork").Pool(2) as pool:
            assert pool.map_async(_asked, range(4)).get(60) == [False] * 4


def test_a_client_cannot_be_passed_to_another_process(server: Server) -> None:
    for live in (rolecall.connect(server.url, token=TOKEN), rolecall.connect_session(server.url, server.get_pass)):
        for work in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(TypeError, match="connect in each process"):
                work(live)
        with pytest.raises(TypeError, match="connect in each process"):
            multiprocessing.get_context("spawn").Process(target=print, args=(live,)).start()
        live.close()


def test_a_client_answers_while_the_interpreter_exits(server: Server) -> None:
    code = (
        "import atexit, rolecall, sys\n"
        "live = rolecall.connect(sys.argv[1], token=sys.argv[2])\n"
        "atexit.register(lambda: print(live.current.policy.roles, live.connection is not None))\n"
    )
    done = subprocess.run([sys.executable, "-c", code, server.url, TOKEN], capture_output=True, text=True, timeout=60)
    assert done.stdout == "['editor', 'owner', 'viewer'] True\n" and done.stderr == ""

"""Tries the wheel in ways that differ between versions of Python. Prints a name and yes, or why not, for each."""

import asyncio
import multiprocessing
import pickle
import sys
import threading
from collections.abc import Callable

import rolecall

POLICY = {
    "rolecall": 1,
    "scopes": ["account"],
    "resources": {"segments": {"actions": ["view", "edit"]}},
    "roles": {"viewer": {"grants": ["segments:view"]}},
}
DIRECTORY = {
    "rolecall": 1,
    "scopes": ["acme"],
    "subjects": {"user:ada": {}},
    "assignments": [{"subject": "user:ada", "role": "viewer", "at": "acme"}],
}
CONTEXT = {"at": "acme", "time": "2026-11-21T10:00:00Z"}
ENGINE = rolecall.Engine.from_dict(POLICY, DIRECTORY)


def answers(engine: rolecall.Engine = ENGINE) -> bool:
    session = engine.session("user:ada", **CONTEXT)
    return session.can("segments:view") and not session.can("segments:edit")


def child(method: str) -> bool:
    context = multiprocessing.get_context(method)
    with context.Pool(2) as pool:
        return pool.apply(answers) and pool.apply(answers, (ENGINE,))


def in_thread() -> bool:
    found: list[bool] = []
    thread = threading.Thread(target=lambda: found.append(answers()))
    thread.start()
    thread.join()
    return found == [True]


async def concurrently() -> bool:
    return all(await asyncio.gather(*(asyncio.to_thread(answers) for _ in range(8))))


def subinterpreter_is_refused() -> bool:
    code = "import rolecall"
    if sys.version_info >= (3, 14):
        from concurrent import interpreters

        try:
            interpreters.create().exec(code)
        except interpreters.ExecutionFailed as error:
            return "subinterpreters" in str(error)
    elif sys.version_info >= (3, 13):
        import _interpreters

        failure = _interpreters.exec(_interpreters.create(), code)
        return failure is not None and "subinterpreters" in failure.msg
    else:
        import _xxsubinterpreters

        try:
            _xxsubinterpreters.run_string(_xxsubinterpreters.create(), code)
        except _xxsubinterpreters.RunFailedError as error:
            return "subinterpreters" in str(error)
    return False


def attempt(name: str, work: Callable[[], bool]) -> None:
    try:
        answer = "yes" if work() else "a wrong answer"
    except BaseException as error:
        answer = f"{type(error).__name__}: {error}".replace("\n", " ")
    print(f"{name}: {answer}", flush=True)


if __name__ == "__main__":
    attempt("import", answers)
    attempt("threads", in_thread)
    attempt("fork", lambda: child("fork"))
    attempt("spawn", lambda: child("spawn"))
    attempt("pickle", lambda: answers(pickle.loads(pickle.dumps(ENGINE))))
    attempt("asyncio", lambda: asyncio.run(concurrently()))
    attempt("no subinterpreter", subinterpreter_is_refused)

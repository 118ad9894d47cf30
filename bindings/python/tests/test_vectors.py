"""The shared vectors, as `cargo xtask test` generates them."""

import json
import pickle

import pytest

from conftest import vectors
from questions import answer as answer_to
from rolecall import CompileError, Engine

GOOD = [vector for vector in vectors() if vector["issues"] is None]
BAD = [vector for vector in vectors() if vector["issues"] is not None]
ENGINES = {}
CASES = [(vector, case) for vector in GOOD for case in vector["cases"]]


def engine_of(vector):
    if vector["name"] not in ENGINES:
        ENGINES[vector["name"]] = Engine.from_json(vector["policy"], vector["directory"])
    return ENGINES[vector["name"]]


def object_of(engine, call, *args):
    who = json.loads(args[-1].removeprefix("\ufeff"))
    if call in ("check", "explain"):
        return getattr(engine, call)(who)
    return getattr(engine.session(who["subject"], at=who["at"], **who["context"]), call)(*args[:-1])


@pytest.mark.parametrize("vector,case", CASES, ids=[f"{vector['name']}, {case['name']}" for vector, case in CASES])
def test_case(vector, case):
    engine = engine_of(vector)
    question = case["question"]
    answer = answer_to(engine, question)
    if question.get("text") and "error" not in json.loads(answer):
        assert object_of(engine, question["call"], *question["args"]).to_json() == answer
    if case["answer"] is not None:
        assert answer == case["answer"]
        return
    data = json.loads(answer)
    expected, actual = (case["expect"], data) if case["error"] is None else (case["error"], data["error"])
    assert {key: actual.get(key) for key in expected} == expected


@pytest.mark.parametrize("vector", GOOD, ids=[vector["name"] for vector in GOOD])
def test_policies_and_engines_are_pickled(vector):
    engine = engine_of(vector)
    policy = pickle.loads(pickle.dumps(engine.policy))
    assert (policy.permissions, policy.roles, policy.menus) == (
        engine.policy.permissions,
        engine.policy.roles,
        engine.policy.menus,
    )
    assert pickle.loads(pickle.dumps(engine)).to_snapshot() == engine.to_snapshot()


@pytest.mark.parametrize("vector", BAD, ids=[vector["name"] for vector in BAD])
def test_issues(vector):
    with pytest.raises(CompileError) as raised:
        Engine.from_json(vector["policy"], vector["directory"] or '{"rolecall":1,"scopes":[]}')
    left = [issue.to_dict() for issue in raised.value.issues]
    for wanted in vector["issues"]:
        found = next(one for one in left if all(one.get(key) == value for key, value in wanted.items()))
        left.remove(found)
    assert left == []

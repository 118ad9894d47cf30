"""The shared vectors."""

import json
import pickle

import pytest

from asks import applied, portable, roles_of, snapshot, text_of
from conftest import vectors
from rolecall import CompileError, Engine, RequestError

GOOD = [vector for vector in vectors() if vector["issues"] is None]
BAD = [vector for vector in vectors() if vector["issues"] is not None]
ENGINES = {}
CASES = [(vector, case) for vector in GOOD for case in vector["cases"]]


def engine_of(vector):
    if vector["name"] not in ENGINES:
        ENGINES[vector["name"]] = Engine.from_json(vector["policy"], vector["directory"])
    return ENGINES[vector["name"]]


def object_of(engine, kind, *words):
    who = json.loads(words[-1].removeprefix("\ufeff"))
    if kind in ("check", "explain"):
        return getattr(engine, kind)(who)
    return getattr(engine.session(who["subject"], at=who["at"], **who["context"]), kind)(*words[:-1])


def answer_of(engine, kind, *words):
    if kind in ("check", "explain", "menu", "permissions"):
        answer = getattr(engine, f"{kind}_json")(*words)
        if "error" not in json.loads(answer):
            assert object_of(engine, kind, *words).to_json() == answer
        return answer
    try:
        if kind == "who-can":
            told = engine.who_can(words[0], at=words[1], time=words[2])
        elif kind == "where-can":
            told = engine.where_can(words[0], words[1], time=words[2])
        elif kind == "explain-redacted":
            told = engine.explain_redacted(json.loads(words[0]))
        elif kind == "violations":
            told = engine.violations(time=words[0])
        elif kind == "diff":
            told = engine.diff(Engine.from_json(words[0], words[1]), time=words[2])
        elif kind == "redact":
            who, record, labels = map(json.loads, words[:3])
            session = engine.session(who["subject"], at=who["at"], **who["context"])
            told = session.redact(record, labels, mask=words[3])
        elif kind == "can-by-names":
            told = engine.can_by_names(*words[:3], int(words[3]))
        elif kind == "apply":
            told = applied(Engine.from_json(words[0], words[1]), json.loads(words[2]), words[3])
        elif kind == "snapshot":
            told = snapshot(engine, *words)
        elif kind == "portable":
            who, coverage, question = map(json.loads, words)
            session = engine.session(who["subject"], at=who["at"], **who["context"])
            told = portable(bytearray(session.to_bytes(**coverage)), question)
        elif kind == "granting-roles":
            told = roles_of(engine, *words)
        else:
            who = json.loads(words[0])
            told = engine.session(who["subject"], at=who["at"], **who["context"]).effective()
    except RequestError as error:
        told = {"error": error.to_dict()}
    return text_of(told)


@pytest.mark.parametrize("vector,case", CASES, ids=[f"{vector['name']}, {case['name']}" for vector, case in CASES])
def test_case(vector, case):
    engine = engine_of(vector)
    answer = answer_of(engine, *case["ask"])
    if case["answer"] is not None:
        assert answer == case["answer"]
        return
    told = json.loads(answer)
    expected, told = (case["expect"], told) if case["error"] is None else (case["error"], told["error"])
    assert {key: told.get(key) for key in expected} == expected


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

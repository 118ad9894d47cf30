"""Answers a file of worlds with the Python package: answer.py WORLDS OUT"""

import json
import sys
from pathlib import Path

from rolecall import CompileError, Engine, RequestError

sys.path.insert(0, str(Path(__file__).parents[2] / "bindings/python/tests"))

from asks import applied, portable, snapshot  # noqa: E402


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def session_of(engine, text):
    who = json.loads(text)
    return engine.session(who["subject"], at=who["at"], **who["context"])


def answer(engine, kind, *words):
    if kind == "check":
        return engine.check_json(*words)
    if kind == "explain":
        return engine.explain_json(*words)
    if kind == "menu":
        return engine.menu_json(*words)
    if kind == "permissions":
        return engine.permissions_json(*words)
    if kind == "who-can":
        permission, at, time = words
        return compact(engine.who_can(permission, at=at, time=time))
    if kind == "where-can":
        subject, permission, time = words
        return compact(engine.where_can(subject, permission, time=time))
    if kind == "granting-roles":
        return compact({"roles": engine.granting_roles(*words)})
    if kind == "explain-redacted":
        return compact(engine.explain_redacted(json.loads(words[0])))
    if kind == "violations":
        return compact(engine.violations(time=words[0]))
    if kind == "diff":
        return compact(engine.diff(Engine.from_json(words[0], words[1]), time=words[2]))
    if kind == "can-by-names":
        return compact(engine.can_by_names(*words[:3], int(words[3])))
    if kind == "apply":
        return compact(applied(Engine.from_json(words[0], words[1]), json.loads(words[2]), words[3]))
    if kind == "snapshot":
        return compact(snapshot(engine, *words))
    session = session_of(engine, words[0])
    if kind == "redact":
        _, record, labels, mask = words
        return compact(session.redact(json.loads(record), json.loads(labels), mask=mask))
    if kind == "portable":
        made = bytearray(session.to_bytes(**json.loads(words[1])))
        return compact(portable(made, json.loads(words[2])))
    if kind == "effective":
        return compact(session.effective())
    if kind == "bits":
        bits = session.permission_bits()
        for number, name in enumerate(engine.policy.permissions):
            expected = bits[number >> 3] >> (number & 7) & 1 == 1
            assert session.can(name) is expected and session.can(number) is expected, name
        return compact(bits.hex())
    assert kind == "session"
    _, permission, item = words
    return session.check(permission, None if item is None else json.loads(item)).to_json()


def main(worlds, out):
    with open(worlds, encoding="utf-8") as lines, open(out, "w", encoding="utf-8", newline="\n") as answers:
        for line in lines:
            world = json.loads(line)
            try:
                engine = Engine.from_json(world["policy"], world["directory"])
            except CompileError as error:
                answers.write(compact({"issues": [issue.to_dict() for issue in error.issues]}) + "\n")
                continue
            answers.write('{"issues":[]}\n')
            for ask in world["asks"]:
                try:
                    answers.write(answer(engine, *ask) + "\n")
                except RequestError as error:
                    answers.write(compact({"error": error.to_dict()}) + "\n")


main(*sys.argv[1:])

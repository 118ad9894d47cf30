"""Answers a file of worlds with the Python package: answer.py WORLDS OUT"""

import json
import sys
from pathlib import Path

from rolecall import CompileError, Engine, RequestError

sys.path.insert(0, str(Path(__file__).parents[2] / "bindings/python/tests"))

from asks import applied, portable, roles_of, snapshot, text_of


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
        return text_of(engine.who_can(permission, at=at, time=time))
    if kind == "where-can":
        subject, permission, time = words
        return text_of(engine.where_can(subject, permission, time=time))
    if kind == "granting-roles":
        return text_of(roles_of(engine, *words))
    if kind == "explain-redacted":
        return text_of(engine.explain_redacted(json.loads(words[0])))
    if kind == "violations":
        return text_of(engine.violations(time=words[0]))
    if kind == "diff":
        return text_of(engine.diff(Engine.from_json(words[0], words[1]), time=words[2]))
    if kind == "can-by-names":
        return text_of(engine.can_by_names(*words[:3], int(words[3])))
    if kind == "apply":
        return text_of(applied(Engine.from_json(words[0], words[1]), json.loads(words[2]), words[3]))
    if kind == "snapshot":
        return text_of(snapshot(engine, *words))
    session = session_of(engine, words[0])
    if kind == "redact":
        _, record, labels, mask = words
        return text_of(session.redact(json.loads(record), json.loads(labels), mask=mask))
    if kind == "portable":
        made = bytearray(session.to_bytes(**json.loads(words[1])))
        return text_of(portable(made, json.loads(words[2])))
    if kind == "effective":
        return text_of(session.effective())
    if kind == "bits":
        bits = session.permission_bits()
        for number, name in enumerate(engine.policy.permissions):
            expected = bits[number >> 3] >> (number & 7) & 1 == 1
            assert session.can(name) is expected and session.can(number) is expected, name
        return text_of(bits.hex())
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
                answers.write(text_of({"issues": [issue.to_dict() for issue in error.issues]}) + "\n")
                continue
            answers.write('{"issues":[]}\n')
            for ask in world["asks"]:
                try:
                    answers.write(answer(engine, *ask) + "\n")
                except RequestError as error:
                    answers.write(text_of({"error": error.to_dict()}) + "\n")


main(*sys.argv[1:])

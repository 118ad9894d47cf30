"""Answers the questions of vectors and random worlds with the package.

A question names the method and its arguments. Only kinds of questions that take several steps have a function here.
"""

import json

from rolecall import CompileError, Engine, PortableSession, RequestError


def text_of(answer):
    """Returns the canonical form of an answer or of plain data."""
    if hasattr(answer, "to_json"):
        return answer.to_json()
    if isinstance(answer, bytes):
        answer = answer.hex()
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":"))


def diff(engine, policy, directory, time):
    return engine.diff(Engine.from_json(policy, directory), time=time)


def apply(_, policy, directory, changes, who):
    engine = Engine.from_json(policy, directory)
    try:
        changed = [engine.apply(change) for change in changes]
    except CompileError as error:
        return {"issues": [issue.to_dict() for issue in error.issues]}
    return {"changed": changed, "answer": json.loads(engine.permissions_json(who))}


def snapshot(engine, who, damage=None):
    made = bytearray(engine.to_snapshot())
    if damage is not None:
        made[damage % len(made)] ^= 1
    opened = Engine.from_snapshot(bytes(made))
    head = 24 + 16 * made[12]
    answer = json.loads(opened.permissions_json(who))
    return {"length": len(made), "sum": made[head : head + 8].hex(), "answer": answer}


OWN = {"diff": diff, "apply": apply, "snapshot": snapshot}


def receiver(engine, question):
    """Returns the object that answers: the engine, a session of it, or a portable session."""
    if "who" not in question:
        return engine
    who = question["who"]
    session = engine.session(who["subject"], at=who["at"], **who["context"])
    if "coverage" not in question:
        return session
    made = bytearray(session.to_bytes(**question["coverage"]))
    if "damage" in question:
        made[question["damage"] % len(made)] ^= 1
    return PortableSession.from_bytes(bytes(made), at=question.get("at"), time=question["time"])


def method(target, call):
    name = call.rpartition(".")[2]
    if not hasattr(target, name):
        raise NotImplementedError(f"{type(target).__name__} has no `{name}`, which the question `{call}` calls")
    return getattr(target, name)


def check_bits(session, names):
    bits = session.permission_bits()
    for number, name in enumerate(names):
        expected = bits[number >> 3] >> (number & 7) & 1 == 1
        assert session.can(name) is expected and session.can(number) is expected, name


def answer_of(engine, question):
    call, args, options = question["call"], question["args"], question.get("options", {})
    if question.get("text"):
        return method(engine, f"{call}_json")(*args)
    if question.get("own"):
        if call not in OWN:
            raise NotImplementedError(f"bindings/python/tests/questions.py has no function for the question `{call}`")
        return text_of(OWN[call](engine, *args))
    target = receiver(engine, question)
    found = method(target, call)
    result = found(*args, **options) if callable(found) else found
    if call == "session.permission_bits":
        check_bits(target, engine.policy.permissions)
    if "within" in question:
        result = {question["within"]: [one.to_dict() for one in result]}
    return text_of(result)


def answer(engine, question):
    """Returns the text of the answer or of the error."""
    try:
        return answer_of(engine, question)
    except RequestError as error:
        return text_of({"error": error.to_dict()})

"""Questions of several steps, for the vectors and for the random worlds."""

import json

from rolecall import CompileError, Engine, PortableSession


def text_of(answer):
    """The canonical form of an answer, or of plain data."""
    if hasattr(answer, "to_json"):
        return answer.to_json()
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":"))


def roles_of(engine, permission):
    return {"roles": [role.to_dict() for role in engine.granting_roles(permission)]}


def applied(engine, changes, who):
    try:
        changed = [engine.apply(change) for change in changes]
    except CompileError as error:
        return {"issues": [issue.to_dict() for issue in error.issues]}
    return {"changed": changed, "told": json.loads(engine.permissions_json(who))}


def snapshot(engine, who, damage):
    made = bytearray(engine.to_snapshot())
    if damage is not None:
        made[int(damage) % len(made)] ^= 1
    opened = Engine.from_snapshot(bytes(made))
    head = 24 + 16 * made[12]
    told = json.loads(opened.permissions_json(who))
    return {"length": len(made), "sum": made[head : head + 8].hex(), "told": told}


def portable(made, question):
    if question["ask"] == "bytes":
        return made.hex()
    if "damage" in question:
        made[question["damage"] % len(made)] ^= 1
    session = PortableSession.from_bytes(bytes(made), at=question.get("at"), time=question["time"])
    if question["ask"] == "coverage":
        return session.coverage
    if question["ask"] == "can":
        return session.can(question["permission"], question.get("item"))
    if question["ask"] == "permissions":
        return session.permissions()
    if question["ask"] == "menu":
        return session.menu(question["menu"])
    return session.redact(question["record"], question["labels"], mask=question.get("mask"))

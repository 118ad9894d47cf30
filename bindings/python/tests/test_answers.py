"""Answers: frozen classes that compare by value."""

import copy
import dataclasses
import json
import pickle

import pytest

import rolecall
from rolecall import Decision, Grant, _answers

AT, TIME, EDIT = "main/acme/shop", "2026-11-21T10:00:00Z", "segments:edit"
GRANT = Grant("editor", ["lead", "editor"], 'group:it\'s "é"', "main")
DECISION = Decision(False, ["label:pii"], [GRANT], ["pii"], {"domain": ["shop.example"]}, TIME)
CLASSES = [one for one in vars(_answers).values() if dataclasses.is_dataclass(one)]
VALUES = {
    "str": "a",
    "Any": {"name": "Ada"},
    "bool": True,
    "int": 1,
    "Decision": DECISION,
    "tuple[str, ...]": ("a", "b"),
    "tuple[Grant, ...]": (GRANT,),
    "tuple[tuple[str, ...], ...]": (("a",), ("b", "c")),
    "tuple[tuple[int, int], ...]": ((1, 2), (4, 4)),
    "Mapping[str, list[str]]": {"domain": ["a"]},
    "Mapping[str, BoundaryFilter]": {"domain": _answers.BoundaryFilter("any", ("a",))},
}


def value_of(annotation):
    """Returns a value other than the default."""
    text = annotation.removesuffix(" | None")
    if text.startswith("Literal"):
        return text.split("'")[1]
    if text in VALUES:
        return VALUES[text]
    for depth in (2, 1):
        if text.startswith("tuple[" * depth):
            value = example(getattr(_answers, text.removeprefix("tuple[" * depth).split(",")[0]), deep=False)
            return ((value,),) if depth == 2 else (value,)
    raise AssertionError(text)


def example(kind, deep=True):
    fields = dataclasses.fields(kind)
    # A menu item contains others of its kind.
    included = [field for field in fields if deep or field.type != f"tuple[{kind.__name__}, ...]"]
    return kind(**{field.name: value_of(field.type) for field in included})


EXAMPLES = [GRANT, DECISION, *map(example, CLASSES)]


@pytest.mark.parametrize("answer", EXAMPLES, ids=lambda answer: type(answer).__name__)
def test_an_answer_is_a_frozen_value(answer):
    assert getattr(rolecall, type(answer).__name__) is type(answer)
    for name in dir(answer):
        if not name.startswith("_") and not callable(getattr(answer, name)):
            with pytest.raises(AttributeError):
                setattr(answer, name, None)
    with pytest.raises((AttributeError, TypeError)):
        answer.other = 1
    copies = [eval(repr(answer), vars(rolecall)), copy.copy(answer), copy.deepcopy(answer)]
    copies += [pickle.loads(pickle.dumps(answer, protocol)) for protocol in range(pickle.HIGHEST_PROTOCOL + 1)]
    for one in copies:
        assert type(one) is type(answer) and one == answer and repr(one) == repr(answer)
    if isinstance(answer, rolecall.Redacted):
        return
    assert {hash(one) for one in copies} == {hash(answer)}


@pytest.mark.parametrize("answer", EXAMPLES, ids=lambda answer: type(answer).__name__)
def test_an_answer_converts_to_plain_data(answer):
    plain = answer.to_dict()
    assert json.loads(answer.to_json()) == plain
    assert answer.to_json() == json.dumps(plain, ensure_ascii=False, separators=(",", ":"))
    if not dataclasses.is_dataclass(answer):
        return
    assert type(answer)._of(plain) == answer
    for key, value in plain.items():
        other = {str: "other", bool: False, int: 7, list: []}.get(type(value))
        assert other is None or type(answer)._of({**plain, key: other}) != answer, key


def test_decisions_differ_where_any_part_does():
    parts = {
        "allow": True,
        "reasons": ["expired"],
        "granted_by": [],
        "withheld": [],
        "narrowed": {},
        "valid_until": None,
    }
    original = {name: getattr(DECISION, name) for name in parts}
    assert Decision(**original) == DECISION and hash(Decision(**original)) == hash(DECISION)
    for name, value in parts.items():
        assert Decision(**{**original, name: value}) != DECISION, name
    assert DECISION != 1 and GRANT != DECISION
    DECISION.narrowed["domain"] = ()
    assert DECISION.narrowed == {"domain": ("shop.example",)}
    with pytest.raises(ValueError, match="`soon` is not a timestamp"):
        Decision(True, [], valid_until="soon")


def test_an_engine_returns_these_classes(engine):
    session = engine.session("user:ada", at=AT, time=TIME, ip="203.0.113.9")
    portable = rolecall.PortableSession.from_bytes(session.to_bytes(menus=["main"]), time=TIME)
    answers = [
        session.check(EDIT),
        session.explain(EDIT),
        session.explain_redacted(EDIT),
        session.effective(),
        session.redact({}, {}),
        portable.redact({}, {}),
        session.menu("main"),
        portable.menu("main"),
        session.permissions(),
        portable.permissions(),
        portable.coverage,
        *engine.granting_roles(EDIT),
        engine.who_holds("viewer", time=TIME, limit=2),
        engine.which_groups_can(EDIT, at=AT, time=TIME),
        engine.assignments_of("user:ada", time=TIME),
        engine.who_can(EDIT, at=AT, time=TIME),
        engine.where_can("user:ada", EDIT, time=TIME),
        engine.filter({"subject": "user:ada", "permission": EDIT, "context": {"time": TIME}}),
        engine.numbering(),
        engine.diff(engine, time=TIME),
        engine.violations(time=TIME),
    ]
    assert {type(one) for one in answers} <= {Decision, *CLASSES}
    for one in answers:
        assert pickle.loads(pickle.dumps(one)) == one
    assert portable.coverage.from_ < portable.coverage.time
    assert "from" in portable.coverage.to_dict() and "from_" not in portable.coverage.to_dict()

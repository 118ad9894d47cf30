"""Arguments: every part of a question counts or is rejected."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from collections import OrderedDict, UserDict, UserList, defaultdict, deque, namedtuple
from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum
from fractions import Fraction
from types import MappingProxyType
from uuid import UUID

import pytest

from rolecall import CompileError, ForbiddenError, PortableSession, RequestError

AT, TIME, EDIT = "main/acme/shop", "2026-11-21T10:00:00Z", "segments:edit"
CONTEXT = {"time": TIME, "ip": "203.0.113.9"}


@pytest.fixture
def session(engine):
    return engine.session("user:ada", at=AT, **CONTEXT)


@pytest.fixture
def portable(session):
    return PortableSession.from_bytes(session.to_bytes(), time=TIME)


def request(**more):
    return {"subject": "user:ada", "permission": EDIT, "at": AT, "context": CONTEXT, **more}


def questions(engine, session, portable, item):
    return [
        lambda: session.can(EDIT, item),
        lambda: session.can(engine.policy.permission(EDIT), item),
        lambda: portable.can(EDIT, item),
        lambda: bool(session.check(EDIT, item)),
        lambda: bool(session.require(EDIT, item)),
        lambda: session.explain(EDIT, item).decision.allow,
        lambda: session.explain_redacted(EDIT, item).allow,
        lambda: engine.can(request(resource=item)),
        lambda: bool(engine.check(request(resource=item))),
        lambda: engine.explain(request(resource=item)).decision.allow,
    ]


def test_an_item_has_the_same_effect_in_can_and_check(engine, session, portable):
    items = [
        {},
        {"labels": []},
        {"labels": ["pii"]},
        {"labels": ("pii",)},
        {"boundaries": {"domain": ["other.example"]}},
    ]
    for item in [*items, OrderedDict(labels=["pii"]), defaultdict(list, labels=["pii"])]:
        expected = bool(session.check(EDIT, item))
        assert session.can(EDIT, item) is portable.can(EDIT, item) is engine.can(request(resource=item)) is expected
    assert session.can(EDIT) and session.can(EDIT, None) and not session.can(EDIT, {"labels": ["pii"]})


class Hiding(dict):
    """Returns a label that it does not store."""

    def __getitem__(self, key):
        return ["pii"] if key == "labels" else super().__getitem__(key)

    def items(self):
        return [("labels", ["pii"])]

    def keys(self):
        return ["labels"]


class Turning(dict):
    turns = 0

    def items(self):
        self.turns += 1
        return [("labels", ["pii"] if self.turns == 1 else [])]


class Empty(list):
    def __iter__(self):
        return iter([])


class Shy(str):
    def __str__(self):
        return "other"

    def __eq__(self, other):
        return False

    __hash__ = str.__hash__


class Own(Mapping):
    def __getitem__(self, key):
        return ["pii"]

    def __iter__(self):
        return iter(["labels"])

    def __len__(self):
        return 1


class Json:
    def __init__(self):
        self.labels = ["pii"]

    def __json__(self):
        return {}


def test_an_item_that_overrides_its_entries_is_denied_or_rejected(engine, session, portable):
    items = [
        Hiding(),
        Turning(labels=[]),
        {"labels": Empty(["pii"])},
        {"labels": [Shy("pii")]},
        {Shy("labels"): ["pii"]},
        Own(),
        Json(),
        MappingProxyType({"labels": ["pii"]}),
        {"labels": deque(["pii"])},
        {"labels": {"pii": 1}.keys()},
        {"labels": (label for label in ["pii"])},
        {b"labels": ["pii"]},
        {"labels": [b"pii"]},
        {1: ["pii"]},
        {None: ["pii"]},
        {"boundaries": Hiding()},
        {"boundaries": {"domain": Empty(["other.example"])}},
        namedtuple("Item", ["labels"])(["pii"]),
    ]
    for item in items:
        for question in questions(engine, session, portable, item):
            with contextlib.suppress(RequestError, ForbiddenError):
                assert question() is False, item


def test_unknown_arguments_are_rejected(engine, session, portable):
    for invalid in (
        lambda: session.can(EDIT, {}, {}),
        lambda: session.can(EDIT, item={}),
        lambda: session.check(EDIT, items={}),
        lambda: session.require(EDIT, {}, {}),
        lambda: session.redact({}, {}, maks="x"),
        lambda: session.menu("main", {}),
        lambda: session.to_bytes(untl=TIME),
        lambda: session.permissions(at=AT),
        lambda: portable.can(EDIT, {}, {}),
        lambda: portable.redact({}, {}, "x"),
        lambda: engine.session("user:ada", at=AT, time=TIME, lastActivity=TIME),
        lambda: engine.can(request(), {}),
        lambda: engine.who_can(EDIT, at=AT, time=TIME, subject="user:ada"),
        lambda: engine.can_by_names("user:ada", EDIT, AT, TIME, {"labels": ["pii"]}),
        lambda: engine.apply({"add_scope": "main/x"}, {}),
    ):
        with pytest.raises(TypeError):
            invalid()
    for invalid in (request(item={}), request(context={**CONTEXT, "now": TIME}), request(resource={"label": ["pii"]})):
        with pytest.raises(RequestError) as raised:
            engine.check(invalid)
        assert raised.value.code == "request.shape" and raised.value.hint.startswith("known here: ")


def test_a_permission_of_another_type_is_rejected_with_a_hint(session, portable):
    for either in (session, portable):
        for invalid in (None, True, 1.5, b"segments:edit", ["segments:edit"]):
            with pytest.raises(TypeError, match="a permission must be a name such as `segments:edit`, or a number"):
                either.can(invalid)
        for unknown in (-1, 2**40):
            with pytest.raises(RequestError) as raised:
                either.can(unknown)
            assert raised.value.code == "permission.unknown"


def test_seconds_are_rejected_with_a_hint(engine, session, portable):
    now = datetime(2026, 11, 21, 10, tzinfo=timezone.utc)
    for seconds in (int(now.timestamp()), 0, -1, 631_151_999_999, int(now.timestamp() * 1_000_000)):
        with pytest.raises(RequestError, match="seconds") as raised:
            engine.can_by_names("user:ada", EDIT, AT, seconds)
        assert raised.value.code == "time.malformed" and raised.value.hint
    early = datetime.fromtimestamp(now.timestamp() / 1000, timezone.utc)
    naive = datetime(2026, 11, 21, 10)
    for invalid, match in ((early, "before 1990"), (naive, "no time zone")):
        for work in (
            lambda: engine.session("user:ada", at=AT, time=invalid),
            lambda: engine.session("user:ada", at=AT, time=TIME, last_activity=invalid),
            lambda: engine.can_by_names("user:ada", EDIT, AT, invalid),
            lambda: engine.who_can(EDIT, at=AT, time=invalid),
            lambda: engine.check(request(context={"time": invalid})),
            lambda: portable.at(AT, invalid),
            lambda: session.to_bytes(until=invalid),
        ):
            with pytest.raises(RequestError, match=match) as raised:
                work()
            assert raised.value.code == "time.malformed" and raised.value.hint
        with pytest.raises(CompileError, match=match) as compiled:
            engine.apply({"assign": {"subject": "user:ada", "role": "editor", "at": "main/acme", "until": invalid}})
        assert [(issue.code, issue.path) for issue in compiled.value.issues] == [("instant.malformed", "assign.until")]
    for invalid in (1795255200, 1795255200.5, float("nan"), date(2026, 11, 21), None):
        with pytest.raises(TypeError, match=r"datetime.fromtimestamp\(seconds, timezone.utc\)"):
            engine.session("user:ada", at=AT, time=invalid)
    with pytest.raises(RequestError) as raised:
        engine.check(request(context={"time": 1795255200}))
    assert raised.value.hint == "write it as RFC 3339, such as `2026-11-21T10:00:00Z`"
    with pytest.raises(RequestError, match="NaN"):
        engine.check(request(context={"time": float("nan")}))


def test_records_and_requests_that_are_too_large_are_rejected(engine, session, portable):
    large = "x" * (64 << 20)
    for either in (session, portable):
        with pytest.raises(RequestError, match="the record has more than 67108864 bytes") as raised:
            either.redact({"large": large, "more": 1, "email": "e"}, {"email": "pii"})
        assert (raised.value.code, raised.value.path) == ("request.too-large", "record")
        with pytest.raises(RequestError) as raised:
            either.can(EDIT, {"boundaries": {"domain": [large]}})
        assert raised.value.code == "request.too-large"
    assert json.loads(engine.check_json(large))["error"]["code"] == "request.too-large"


class Colour(Enum):
    RED = 1


class Scalar:
    """A number like those of numerical libraries."""

    dtype, shape = "int64", ()


class Array:
    dtype, shape = "int64", (2,)

    def __iter__(self):
        return iter([1, 2])


@dataclasses.dataclass
class Person:
    email: str


class Row:
    """A row with named columns, like those of database drivers."""

    def keys(self):
        return ["id", "email"]

    def __getitem__(self, key):
        return {"id": 1, "email": "a@b.c"}[key]


def test_values_of_rows_come_back_as_the_same_objects(session, portable):
    row = {
        "id": Decimal("1.10"),
        "key": UUID(int=1),
        "day": date(2026, 11, 21),
        "at": datetime(2026, 11, 21),
        "bytes": b"\x00",
        "nan": float("nan"),
        "delta": timedelta(1),
        "part": Fraction(1, 3),
        "colour": Colour.RED,
        "none": None,
        "scalar": Scalar(),
        "view": memoryview(b"a"),
        "big": 10**30,
        "email": "a@b.c",
    }
    labels = {"email": "pii", "**.phone": "pii"}
    for either in (session, portable):
        answer = either.redact(
            {**row, "pair": (1, {"phone": 2, "id": row["id"]}), "set": {1, 2}, 7: [{"phone": 1}]}, labels
        )
        record = answer.record
        assert answer.withheld == ("pii",) and "email" not in record
        assert all(record[key] is value for key, value in row.items() if key != "email")
        assert record["pair"] == (1, {"id": row["id"]}) and record["set"] == {1, 2} and record[7] == [{}]
        masked = either.redact([row], labels, mask="•").record
        assert masked[0]["email"] == "•" and masked[0]["id"] is row["id"]
        # Values that no path leads to are not read.
        array = Array()
        assert either.redact({"array": array, "email": "e"}, {"email": "pii"}).record["array"] is array


def test_maps_of_any_kind_are_redacted_and_read_once(session, portable):
    class Turning(dict):
        def __init__(self):
            super().__init__(name="Ada", phone=1)
            self.turns = 0

        def __getitem__(self, key):
            self.turns += 1
            return {"name": "Ada"} if self.turns <= 2 else {"phone": 1}

    pair = namedtuple("pair", ["phone", "id"])
    for either in (session, portable):
        for found in (MappingProxyType({"phone": 1, "id": 2}), OrderedDict(phone=1, id=2), pair(1, 2)):
            assert either.redact({"it": found, "all": [found]}, {"**.phone": "pii"}).record == {
                "it": {"id": 2},
                "all": [{"id": 2}],
            }
        for path in ("it[0]", "it.phone", "it[*]", "it.*", "**[0]"):
            assert "phone" not in either.redact({"it": pair(1, 2)}, {path: "pii"}).record.get("it", {})
        assert either.redact({"it": pair({"a": 1, "b": 2}, 3)}, {"it[0].a": "pii", "it.phone.b": "pii"}).record == {
            "it": {"phone": {}, "id": 3}
        }
        assert either.redact(Row(), {"email": "pii"}).record == {"id": 1}
        assert either.redact({"it": Turning()}, {"it.phone": "pii", "it.*.phone": "pii"}).record == {
            "it": {"name": {"name": "Ada"}}
        }


def test_objects_whose_fields_no_path_can_name_are_rejected(session, portable):
    for either in (session, portable):
        for invalid in (Person("a@b.c"), Json(), Array(), iter([1]), object()):
            with pytest.raises(RequestError, match="its fields cannot be withheld") as raised:
                either.redact({"it": invalid}, {"it.email": "pii"})
            assert (raised.value.code, raised.value.path) == ("request.shape", "record") and raised.value.hint
        for invalid in (5, "text", None, b"bytes", Decimal(1)):
            with pytest.raises(RequestError, match="a record is a map, or a list of maps"):
                either.redact(invalid, {"email": "pii"})
        with pytest.raises(RequestError):
            either.redact({b"email": 1}, {"email": "pii"})
        with pytest.raises(RequestError):
            either.redact({"a": "\ud800"}, {"email": "pii"})


class Field(int, Enum):
    SALARY = 1


class Grade(IntEnum):
    SALARY = 1


class Share(float):
    def __repr__(self):
        return "other"

    __str__ = __repr__


def test_keys_are_named_as_in_json(session, portable):
    big = 10**20
    for key in (
        1,
        Field.SALARY,
        Grade.SALARY,
        Share(1.5),
        1e300,
        True,
        False,
        None,
        -big,
        *map(float, ("nan", "inf", "-inf")),
    ):
        named = next(iter(json.loads(json.dumps({key: 5}))))
        for either in (session, portable):
            assert either.redact({"m": {key: 5}}, {f'm["{named}"]': ["pii"]}).record == {"m": {}}, named


class Sub(dict):
    pass


class Shared:
    """Not a `Mapping`, but with `keys` and items."""

    def __init__(self, fields):
        self.fields = fields

    def keys(self):
        return self.fields.keys()

    def __getitem__(self, key):
        return self.fields[key]


Both = namedtuple("Both", ["a", "b"])
KINDS = [
    lambda inner: OrderedDict(a=inner, b=inner),
    lambda inner: MappingProxyType({"a": inner, "b": inner}),
    lambda inner: UserDict(a=inner, b=inner),
    lambda inner: deque([inner, inner]),
    lambda inner: UserList([inner, inner]),
    lambda inner: Both(inner, inner),
    lambda inner: Sub(a=inner, b=inner),
    lambda inner: Shared({"a": inner, "b": inner}),
    lambda inner: OrderedDict(a={"a": inner}, b=[inner, inner]),
]


@pytest.mark.parametrize("make", KINDS)
def test_maps_and_lists_of_any_kind_are_bounded(session, portable, make):
    labels = {"**.phone": "pii"}
    nested, deep = 1, 1
    for _ in range(60):
        nested = make(nested)
    for _ in range(128):
        deep = UserList([deep])
    for either in (session, portable):
        for invalid in (
            nested,
            [nested],
            {"a": {"b": nested}},
            make("x" * (32 << 20) + "x"),
            make(range(10**8)),
            make(range(10**20)),
        ):
            with pytest.raises(RequestError, match="the record has more than 67108864 bytes") as raised:
                either.redact(invalid, labels)
            assert (raised.value.code, raised.value.path) == ("request.too-large", "record")
        with pytest.raises(RequestError, match="unpaired surrogate") as raised:
            either.redact(make("\ud800"), labels)
        assert raised.value.code == "request.json"
        shared = deep[0]
        with pytest.raises(RequestError, match="nested deeper than 127 levels"):
            either.redact([shared[0], make(shared)], labels)
        redacted = either.redact([make({"phone": 1, "id": 2})], labels).record
        assert "phone" not in str(redacted) and "id" in str(redacted)


def test_a_record_is_bounded_in_depth(session, portable):
    circle: dict = {}
    circle["circle"] = circle

    def deep(levels):
        inner = 1
        for _ in range(levels):
            inner = [inner]
        return inner

    for either in (session, portable):
        for invalid in (circle, deep(128)):
            with pytest.raises(RequestError, match="nested deeper than 127 levels"):
                either.redact(invalid, {"**.phone": "pii"})
        assert either.redact(deep(127), {"**.phone": "pii"}).record == deep(127)


def test_a_redacted_record_is_a_new_map(session):
    record = {"id": 1}
    redacted = session.redact(record, {"email": "pii"}).record
    redacted["id"] = 2
    assert record == {"id": 1}

"""The API of the package."""

import builtins
import inspect
import json
import threading
import time
from datetime import datetime, timedelta, timezone

import pytest

import rolecall
from rolecall import (
    ClientError,
    CompileError,
    Engine,
    ForbiddenError,
    InternalError,
    Issue,
    Policy,
    RequestError,
    RolecallError,
    _errors,
)

AT = "main/acme/shop"
TIME = "2026-11-21T10:00:00Z"


@pytest.fixture
def session(engine):
    return engine.session("user:ada", at=AT, time=TIME, ip="203.0.113.9")


def request(permission, **more):
    return {
        "subject": "user:ada",
        "permission": permission,
        "at": AT,
        "context": {"time": TIME, "ip": "203.0.113.9"},
        **more,
    }


def test_compiling_takes_texts_a_policy_and_plain_data(example, engine):
    policy = Policy.from_json(example["policy"])
    plain = json.loads(example["policy"]), json.loads(example["directory"])
    for other in (
        Engine.from_json(policy, example["directory"]),
        Engine.from_dict(*plain),
        Engine.from_dict(policy, plain[1]),
        Engine.from_dict(Policy.from_dict(plain[0]), plain[1]),
    ):
        assert other.check(request("segments:edit")) == engine.check(request("segments:edit"))


def test_all_issues_are_reported_at_once():
    text = '{\n "rolecall": 1, "scopes": ["t"], "resources": {}, "roles": {}, "rolls": 1, "labels": ["A"]\n}'
    with pytest.raises(CompileError) as raised:
        Policy.from_json(text)
    assert [(issue.code, issue.line) for issue in raised.value.issues] == [("key.unknown", 2), ("name.malformed", 2)]
    assert "policy:2:" in str(raised.value)
    with pytest.raises(CompileError) as raised:
        Policy.from_dict({"rolecall": 1, "scopes": ["t"], "resources": {}, "roles": {"x": {"title": None}}})
    assert [(issue.code, issue.line) for issue in raised.value.issues] == [("value.type", None)]


def test_a_policy_lists_its_names(engine):
    assert engine.policy.roles == ["admin", "editor", "pii", "support", "viewer"]
    assert engine.policy.menus == ["main"]
    assert engine.policy.permissions[engine.policy.permission("segments:edit")] == "segments:edit"
    with pytest.raises(RequestError) as raised:
        engine.policy.permission("segmets:edit")
    assert (raised.value.code, raised.value.hint) == ("permission.unknown", "did you mean `segments:edit`?")


def test_a_decision_is_true_exactly_when_it_allows(engine):
    allowed = engine.check(request("segments:edit"))
    denied = engine.check(request("segments:edit", resource={"labels": ["pii"]}))
    assert allowed and allowed.allow and engine.can(request("segments:edit"))
    assert not denied and not denied.allow
    assert denied.reasons == ("label:pii",) and denied.withheld == ("pii",)
    assert allowed.valid_until == "2026-12-01T00:00:00Z"
    assert [(grant.role, grant.via, grant.at) for grant in allowed.granted_by] == [
        ("admin", ("admin",), "main/acme"),
        ("editor", ("editor",), "main/acme"),
    ]
    assert allowed.narrowed == {"access-group": ("group:marketing",), "domain": ("shop.example",)}
    assert json.loads(allowed.to_json()) == allowed.to_dict()
    assert allowed != denied


def test_require_raises_with_the_decision(engine, session):
    item = {"labels": ["pii"]}
    assert engine.require(request("segments:edit")) and session.require("segments:edit")
    for refused in (
        lambda: engine.require(request("segments:edit", resource=item)),
        lambda: session.require("segments:edit", item),
    ):
        with pytest.raises(ForbiddenError) as raised:
            refused()
        assert raised.value.decision == engine.check(request("segments:edit", resource=item))
        assert (raised.value.subject, raised.value.permission, raised.value.at) == ("user:ada", "segments:edit", AT)
        assert str(raised.value) == f"forbidden: `user:ada` may not `segments:edit` at `{AT}`: label:pii"


def test_many_decisions_come_in_the_order_of_the_requests(engine, session):
    answers = engine.check_many([request("segments:edit"), request("nothing:here"), request("segments:view")])
    assert answers[0] and answers[2] and isinstance(answers[1], RequestError)
    assert engine.check_many([]) == []
    assert [bool(one) for one in session.check_many(["segments:edit", "settings/access-management:view"])] == [
        True,
        False,
    ]


def test_timestamps_may_be_datetimes(engine, session):
    zone = timezone(timedelta(hours=2))
    for then in (datetime(2026, 11, 21, 10, tzinfo=timezone.utc), datetime(2026, 11, 21, 12, tzinfo=zone)):
        other = engine.session("user:ada", at=AT, time=then, ip="203.0.113.9")
        assert other.check("segments:edit") == session.check("segments:edit")
        assert engine.check({**request("segments:edit"), "context": {"time": then, "ip": "203.0.113.9"}})
    with pytest.raises(RequestError) as raised:
        engine.session("user:ada", at=AT, time=datetime(2026, 11, 21, 10))
    assert raised.value.code == "time.malformed"


def test_a_quick_question_takes_milliseconds_that_cannot_be_seconds(engine):
    names = ("user:ada", "segments:edit", AT)
    then = datetime(2026, 11, 21, 10, tzinfo=timezone.utc)
    answers = {engine.can_by_names(*names, one) for one in (then, TIME, int(then.timestamp() * 1000))}
    assert len(answers) == 1
    for invalid in (
        time.time(),
        then.timestamp() * 1000,
        float("nan"),
        True,
        10**400,
        -(10**18),
        datetime(2026, 11, 21, 10),
    ):
        with pytest.raises(RequestError) as raised:
            engine.can_by_names(*names, invalid)
        assert (raised.value.code, raised.value.path) == ("time.malformed", "time")
    for other in (None, [1]):
        with pytest.raises(TypeError):
            engine.can_by_names(*names, other)


def test_a_view_is_plain_data_with_the_answers_of_its_session(engine, session):
    view = session.to_view(menus=["main"], until=datetime(2027, 1, 1, tzinfo=timezone.utc))
    assert json.loads(json.dumps(view)) == view
    assert (view["rolecall_view"], view["subject"], view["at"]) == (1, "user:ada", AT)
    assert view["covers"] == sorted(engine.policy.permissions)
    for part in view["parts"]:
        then = engine.session("user:ada", at=AT, time=part["from"], ip="203.0.113.9")
        assert part["permissions"] == list(then.permissions().permissions)
    assert [part["from"] for part in view["parts"][1:]] == [part["valid_until"] for part in view["parts"][:-1]]
    assert view["parts"][-1]["valid_until"] == "2027-01-01T00:00:00Z"
    assert len(view["parts"]) > 1
    own = session.to_view(permissions=["segments:edit"])
    assert (own["covers"], len(own["parts"]), own["parts"][0]["menus"]) == (["segments:edit"], 1, {})


@pytest.mark.parametrize(
    ("coverage", "code", "path"),
    [
        ({"menus": ["mian"]}, "menu.unknown", "menus"),
        ({"permissions": ["segments:edit", "segments:fly"]}, "permission.unknown", "permissions[1]"),
        ({"until": TIME}, "time.malformed", "until"),
    ],
)
def test_an_invalid_coverage_of_a_view_is_rejected(session, coverage, code, path):
    with pytest.raises(RequestError) as raised:
        session.to_view(**coverage)
    assert (raised.value.code, raised.value.path) == (code, path)


def test_an_item_that_is_not_plain_data_is_rejected(engine, session):
    portable = rolecall.PortableSession.from_bytes(session.to_bytes(), time=TIME)
    for item in (
        {"labels": None},
        {"labels": [None]},
        {"labels": {"pii"}},
        {"labels": "pii"},
        {"labels": [5]},
        {"label": ["pii"]},
        {"boundaries": None},
        {"boundaries": {"domain": None}},
        {"boundaries": {"domain": {"other.example"}}},
        {"boundaries": {"domain": [5]}},
        {"boundaries": [["domain", ["other.example"]]]},
        [],
        5,
        "pii",
    ):
        for question in (
            lambda: session.check("segments:edit", item),
            lambda: session.explain("segments:edit", item),
            lambda: engine.check(request("segments:edit", resource=item)),
            lambda: portable.can("segments:edit", item),
        ):
            with pytest.raises(RequestError) as raised:
                question()
            assert raised.value.code in ("request.shape", "request.json")
    for labels in (None, "pii", ["pii"], {"email": None}, {"email": [None]}, {"email": {"pii"}}):
        for one in (session, portable):
            with pytest.raises(RequestError):
                one.redact({"email": "a@b.c"}, labels)


def test_an_unpaired_surrogate_is_rejected(engine):
    with pytest.raises((RequestError, UnicodeEncodeError)):
        engine.session("user:\ud800", at=AT, time=TIME)
    with pytest.raises(RequestError) as raised:
        engine.check({**request("segments:edit"), "subject": "user:\ud800"})
    assert raised.value.code == "request.json"


def test_a_request_that_is_not_plain_data_is_rejected(engine):
    for invalid in ({1}, float("nan"), object()):
        with pytest.raises(RequestError) as raised:
            engine.check({**request("segments:edit"), "subject": invalid})
        assert raised.value.code == "request.json"
    with pytest.raises(CompileError) as compiled:
        Policy.from_dict({"rolecall": {1}})
    assert [issue.code for issue in compiled.value.issues] == ["document.json"]
    with pytest.raises(TypeError):
        engine.session("user:ada", at=AT, time=7)


def test_names_and_numbers_agree_with_the_list_of_permissions(engine, session):
    allowed = set(session.permissions().permissions)
    bits = session.permission_bits()
    for number, name in enumerate(engine.policy.permissions):
        assert session.can(name) is session.can(number) is (name in allowed)
        assert (bits[number >> 3] >> (number & 7) & 1 == 1) is (name in allowed)
        assert bool(session.check(number)) is (name in allowed)
    assert session.valid_until == "2026-12-01T00:00:00Z"
    assert session.subject == "user:ada"


@pytest.mark.parametrize("invalid", ["segments:fly", "segments", "", 10_000])
def test_an_unknown_permission_is_rejected(session, invalid):
    with pytest.raises(RequestError):
        session.can(invalid)
    with pytest.raises(RequestError):
        session.check(invalid)


def test_menus_and_explanations(engine, session):
    assert [item.id for item in session.menu("main").items] == ["home", "profiles"]
    with pytest.raises(RequestError) as raised:
        session.menu("mian")
    assert raised.value.code == "menu.unknown"
    item = {"labels": ["pii"]}
    explained = session.explain("segments:edit", item)
    assert explained.decision == session.check("segments:edit", item)
    assert len(explained.guards) == 13
    assert engine.explain(request("segments:edit", resource=item)) == explained


def test_questions_about_all_subjects_and_scopes(engine, session):
    assert engine.who_can("segments:edit", at=AT, time=TIME).subjects == ("user:ada",)
    assert engine.where_can("user:bo", "segments:view", time=TIME) == rolecall.WhereCan(("main/acme/shop",))
    assert [one.role for one in engine.granting_roles("segments:edit")] == ["admin", "campaign-lead", "editor"]
    everyone = engine.who_holds("viewer", at=AT, time=TIME)
    first = engine.who_holds("viewer", at=AT, time=TIME, limit=1)
    rest = engine.who_holds("viewer", at=AT, time=TIME, after=first.next)
    assert first.holders + rest.holders == everyone.holders and len(everyone.holders) > 1 and everyone.next is None
    own = next(one.roles for one in everyone.holders if one.subject == "user:ada")
    assignments = engine.assignments_of("user:ada", at=AT, time=TIME).assignments
    assert tuple(one for one in assignments if one.role != "admin") == own
    assert engine.which_groups_can("segments:edit", at=AT, time=TIME, limit=5).next is None
    for limit in (0, 1.5, -1, "5", True):
        with pytest.raises(RequestError) as raised:
            engine.who_holds("viewer", time=TIME, limit=limit)
        assert (raised.value.code, raised.value.path) == ("request.shape", "limit")
    granted = {one.permission: one.granted_by for one in session.effective().permissions}
    assert granted["segments:view"][0].via == ("admin",)
    with pytest.raises(RequestError) as raised:
        engine.who_can("segments:fly", at=AT, time=TIME)
    assert raised.value.code == "permission.unknown"


def test_snapshots_in_files(engine, tmp_path):
    path = tmp_path / "roles.snapshot"
    engine.write_snapshot(path)
    assert path.read_bytes() == engine.to_snapshot()
    for opened in (
        Engine.open_snapshot(path),
        Engine.open_snapshot(str(path), verify=False),
        Engine.from_snapshot(path.read_bytes()),
    ):
        assert opened.check(request("segments:edit")) == engine.check(request("segments:edit"))
        assert opened.policy.permissions == engine.policy.permissions
        assert opened.to_snapshot() == engine.to_snapshot()
    (tmp_path / "other").write_bytes(b"{}")
    with pytest.raises(RequestError) as raised:
        Engine.open_snapshot(tmp_path / "other", verify=False)
    assert raised.value.code == "snapshot.malformed"
    with pytest.raises(FileNotFoundError) as missing:
        Engine.open_snapshot(tmp_path / "missing")
    assert missing.value.filename == str(tmp_path / "missing")
    assert missing.value.strerror == "No such file or directory"
    with pytest.raises(OSError):
        engine.write_snapshot(tmp_path / "missing" / "file")


def test_other_threads_run_while_an_engine_opens(example):
    directory = {"rolecall": 1, "scopes": ["main"], "subjects": {f"user:{number}": {} for number in range(500_000)}}
    text = json.dumps(directory)
    snapshot = Engine.from_json(example["policy"], text).to_snapshot()

    def goes_on(work):
        took = []

        def timed():
            took.append(time.perf_counter())
            work()
            took.append(time.perf_counter())

        thread = threading.Thread(target=timed)
        thread.start()
        here = []
        while thread.is_alive():
            here.append(time.perf_counter())
        # Counted strictly between start and end, so that work outside them does not count.
        start, end = took
        return any(start + (end - start) / 4 < at < end - (end - start) / 4 for at in here)

    for work in (lambda: Engine.from_json(example["policy"], text), lambda: Engine.from_snapshot(snapshot)):
        # Several attempts, because a busy machine may delay this thread. A thread without the lock never runs.
        assert any(goes_on(work) for _ in range(5))


ERRORS = [CompileError, RequestError, ForbiddenError, ClientError, InternalError]


@pytest.mark.parametrize("error", ERRORS)
def test_errors_are_siblings_under_one_root(error):
    assert issubclass(error, RolecallError)
    assert [other for other in ERRORS if issubclass(error, other)] == [error]


def test_a_defect_of_the_engine_is_not_a_request_error():
    error = {"code": "internal.panic", "message": "a defect"}
    assert type(_errors._of_error(error)) is InternalError
    assert type(_errors._of_error({**error, "code": "permission.unknown"})) is RequestError


def test_errors_convert_to_plain_data(engine):
    with pytest.raises(RequestError) as raised:
        engine.policy.permission("segmets:edit")
    assert raised.value.to_dict() == {
        "code": "permission.unknown",
        "message": raised.value.message,
        "path": "permission",
        "help": "did you mean `segments:edit`?",
    }
    with pytest.raises(CompileError) as compiled:
        Policy.from_json('{"rolecall": 1, "rolls": 1}')
    assert compiled.value.issues[0].to_dict()["code"] == compiled.value.issues[0].code


def test_nothing_shadows_a_builtin():
    names = set(dir(builtins))
    for function in (Engine.from_snapshot, rolecall.PortableSession.from_bytes, RequestError, Issue, rolecall.connect):
        assert not names & set(inspect.signature(function).parameters)


def test_the_version_is_known():
    assert rolecall.__version__

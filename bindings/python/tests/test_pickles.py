"""Pickles and copies. An object that cannot be pickled raises an error with an alternative."""

import copy
import multiprocessing
import pickle
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
    PortableSession,
    RequestError,
    RolecallError,
)

AT, TIME, EDIT = "main/acme/shop", "2026-11-21T10:00:00Z", "segments:edit"
CONTEXT = {"time": TIME, "ip": "203.0.113.9"}
PII = {"labels": ["pii"]}
PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)


def request(**more):
    return {"subject": "user:ada", "permission": EDIT, "at": AT, "context": CONTEXT, **more}


@pytest.fixture
def session(engine):
    return engine.session("user:ada", at=AT, **CONTEXT)


@pytest.fixture
def portable(session):
    return PortableSession.from_bytes(session.to_bytes(menus=["main"]), time=TIME)


def copies(one):
    """Returns pickled and copied objects equal to this one."""
    return [pickle.loads(pickle.dumps(one, protocol)) for protocol in PROTOCOLS] + [copy.copy(one), copy.deepcopy(one)]


def values(engine):
    decision = engine.check(request(resource=PII))
    issue = Issue("a.b", "policy", "x", "m", 1, 2, "h")
    now = datetime.now(timezone.utc)
    return [
        decision,
        engine.check(request()),
        engine.check(request()).granted_by[0],
        issue,
        rolecall.Connection(False, now),
        rolecall.Connection(False, now, ClientError("a.b", "m")),
        RolecallError("m"),
        RequestError("a.b", "m", "p", "h"),
        RequestError("a.b", "m"),
        InternalError("a.b", "m"),
        ForbiddenError(decision, "user:ada", EDIT, AT),
        ClientError("a.b", "m"),
        CompileError([issue]),
    ]


def test_values_and_errors_arrive_equal(engine):
    for one in values(engine):
        for other in copies(one):
            same(one, other)


def same(one, other):
    assert type(one) is type(other) and str(one) == str(other)
    if isinstance(one, (BaseException, rolecall.Connection)):
        parts, others = vars(one), vars(other)
        assert parts.keys() == others.keys() and [*map(str, parts.values())] == [*map(str, others.values())]
    else:
        assert one == other


def test_an_engine_arrives_with_its_changes(engine):
    engine = copy.copy(engine)
    engine.apply({"set_subject": {"subject": "user:new", "status": "active"}})
    engine.apply({"assign": {"subject": "user:new", "role": "editor", "at": "main/acme"}})
    number = engine.policy.permission(EDIT)

    def may(engine):
        return "user:new" in engine.who_can(EDIT, at=AT, time=TIME).subjects

    for other in copies(engine):
        assert other.to_snapshot() == engine.to_snapshot()
        assert may(other) and other.policy.permission(EDIT) == number
        # Neither follows changes to the other.
        assert other.apply({"withdraw": {"subject": "user:new", "role": "editor", "at": "main/acme"}})
        assert not may(other) and may(engine)


def test_a_policy_arrives_whole(engine, example):
    for policy in copies(engine.policy):
        for name in ("permissions", "roles", "menus"):
            assert getattr(policy, name) == getattr(engine.policy, name)
        assert Engine.from_json(policy, example["directory"]).check(request()) == engine.check(request())


def test_a_portable_session_arrives_at_its_scope_and_time(portable):
    elsewhere = portable.at("main/other", "2026-11-21T10:00:00.123Z")
    early = portable.at(AT, "2020-01-01T00:00:00Z")
    for one in (portable, elsewhere, early):
        for other in copies(one):
            assert other.coverage == one.coverage and other.permissions() == one.permissions()
            assert other.permission_bits() == one.permission_bits() and other.valid_until == one.valid_until
            assert other.menu("main") == one.menu("main") and other.can(EDIT, PII) is one.can(EDIT, PII)
    assert portable.coverage.is_covered and not elsewhere.coverage.is_covered and not early.coverage.is_covered


def test_a_session_is_copied_but_not_pickled(session):
    for other in (copy.copy(session), copy.deepcopy({"session": session})["session"]):
        assert other is session
    for protocol in PROTOCOLS:
        with pytest.raises(TypeError, match=r"pickle `PortableSession\.from_bytes"):
            pickle.dumps(session, protocol)


def test_every_public_name_is_pickled_by_its_name(engine, session, portable):
    # `test_fork` covers connections, `test_answers` covers answers, and `test_client` covers applications and filters.
    covered = {rolecall.Application, rolecall.FilterClient, rolecall.Live, rolecall.LiveEngine, rolecall.LiveSession}
    covered |= {type(one) for one in [*values(engine), engine, engine.policy, session, portable]}
    for name in rolecall.__all__:
        one = getattr(rolecall, name)
        is_shape = hasattr(one, "__total__") or getattr(one, "__module__", None) == "rolecall._answers"
        assert not isinstance(one, type) or is_shape or one in covered, name
        if isinstance(one, type) or callable(one):
            assert pickle.loads(pickle.dumps(one)) is one


class Other(RequestError):
    """An application's error with a constructor of its own."""

    def __init__(self, user):
        self.user = user
        super().__init__("user.other", f"{user} is another", "user")


def test_errors_of_applications_arrive_whole():
    error = Other("ada")
    if hasattr(error, "add_note"):
        error.add_note("a note")
    for other in copies(error):
        assert (type(other), str(other), other.user, other.code) == (Other, str(error), "ada", "user.other")
        assert getattr(other, "__notes__", None) == getattr(error, "__notes__", None)


def _work(kind, engine, portable):
    """Uses pickled objects in another process."""
    item = PII if kind == "forbidden" else None
    if kind == "answers":
        session = engine.session("user:ada", at=AT, **CONTEXT)
        return session.check(EDIT), session.explain(EDIT), session.menu("main"), portable.permissions()
    if kind == "objects":
        return engine, engine.policy, portable
    if kind == "forbidden":
        engine.require(request(resource=item))
    if kind == "request":
        engine.check(request(permission="segments:fly"))
    if kind == "compile":
        Engine.from_json("{}", "{}")
    raise ClientError("client.stale", "m")


@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_workers_of_a_pool_take_and_return_objects(engine, session, portable, method):
    with multiprocessing.get_context(method).Pool(1) as pool:

        def worked(kind):
            return pool.apply_async(_work, (kind, engine, portable)).get(60)

        assert worked("answers") == (
            session.check(EDIT),
            session.explain(EDIT),
            session.menu("main"),
            portable.permissions(),
        )
        other, policy, again = worked("objects")
        assert other.to_snapshot() == engine.to_snapshot() and policy.roles == engine.policy.roles
        assert again.coverage == portable.coverage
        for kind, error in {
            "request": RequestError,
            "forbidden": ForbiddenError,
            "compile": CompileError,
            "client": ClientError,
        }.items():
            with pytest.raises(error):
                worked(kind)


def test_a_worker_makes_a_session_from_a_pickled_engine(engine):
    later = datetime(2026, 11, 21, 10, tzinfo=timezone.utc) + timedelta(seconds=1)
    session = pickle.loads(pickle.dumps(engine)).session("user:ada", at=AT, time=later, ip=CONTEXT["ip"])
    assert session.permissions() == engine.session("user:ada", at=AT, time=later, ip=CONTEXT["ip"]).permissions()

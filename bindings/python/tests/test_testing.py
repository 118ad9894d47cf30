"""Helpers for tests of applications."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone

import pytest

import rolecall
from rolecall import ForbiddenError, Menu, MenuItem, RequestError
from rolecall.testing import Clock, FakeSession, as_user, assert_allows, assert_denies, fake, fake_engine

pytest_plugins = ["rolecall.testing.plugin"]

POLICY = rolecall.Policy.from_dict(
    {
        "rolecall": 1,
        "scopes": ["account"],
        "resources": {"segments": {"actions": ["view", "edit"]}},
        "roles": {"viewer": {"grants": ["segments:view"]}},
        "menus": {"main": [{"id": "segments", "title": "Segments", "needs": "segments:view"}]},
    }
)
ENGINE = rolecall.Engine.from_dict(
    POLICY,
    {
        "rolecall": 1,
        "scopes": ["acme"],
        "subjects": {"user:ada": {}},
        "assignments": [{"subject": "user:ada", "role": "viewer", "at": "acme", "until": "2026-02-03T00:00:00Z"}],
    },
)


@pytest.fixture
def rolecall_policy() -> rolecall.Policy:
    return POLICY


def test_a_fake_may_do_what_the_test_lists() -> None:
    session = fake(POLICY, can=["segments:view"], subject="user:ada", at="acme")
    assert session.can("segments:view") and session.can(POLICY.permission("segments:view"))
    assert not session.can("segments:edit")
    assert [one.allow for one in session.check_many(["segments:view", "segments:edit"])] == [True, False]
    assert session.permissions().permissions == ("segments:view",)
    assert session.require("segments:view").reasons == ("granted",)
    with pytest.raises(ForbiddenError) as denied:
        session.require("segments:edit")
    assert (denied.value.subject, denied.value.permission, denied.value.at) == ("user:ada", "segments:edit", "acme")
    assert denied.value.decision.reasons == ("no-grant",)


@pytest.mark.parametrize("misspelt", ["segments:veiw", "segment:view", "segments"])
def test_misspelt_names_are_errors(misspelt: str) -> None:
    with pytest.raises(RequestError):
        fake(POLICY, can=[misspelt])
    with pytest.raises(RequestError):
        fake(POLICY).can(misspelt)
    with pytest.raises(RequestError):
        fake(POLICY).can(99)
    with pytest.raises(RequestError):
        fake_engine(POLICY, {"user:ada": [misspelt]})


def test_a_fake_has_the_menus_that_the_test_gives() -> None:
    menu = Menu(items=(MenuItem("segments", "Segments"),))
    assert fake(POLICY, menus={"main": menu}).menu("main") is menu
    with pytest.raises(RequestError, match="no menu"):
        fake(POLICY).menu("main")
    with pytest.raises(RequestError, match="the menus are `main`"):
        fake(POLICY, menus={"mian": menu})


def test_a_fake_engine_denies_whom_the_test_does_not_name() -> None:
    engine = fake_engine(POLICY, {"user:ada": ["segments:edit"]})
    now = datetime.now(timezone.utc)
    assert engine.session("user:ada", at="acme", time=now).can("segments:edit")
    assert not engine.session("user:eva", at="acme", time=now).can("segments:edit")
    assert engine.policy is POLICY


def test_a_clock_walks_through_an_end() -> None:
    clock = Clock("2026-01-01T00:00:00Z")
    session = as_user(ENGINE, "user:ada", at="acme", time=clock())
    assert_allows(session, "segments:view")
    assert clock.advance_to_end_of(session)
    assert clock() == datetime(2026, 2, 3, tzinfo=timezone.utc)
    assert_denies(as_user(ENGINE, "user:ada", at="acme", time=clock()), "segments:view", because="no-grant")
    clock.advance(milliseconds=-1)
    assert_allows(as_user(ENGINE, "user:ada", at="acme", time=clock()), "segments:view")
    assert not clock.advance_to_end_of(fake(POLICY))
    clock.set(datetime(2026, 5, 1, tzinfo=timezone(timedelta(hours=2))))
    assert clock() == datetime(2026, 4, 30, 22, tzinfo=timezone.utc)


@pytest.mark.parametrize("time", ["yesterday", "2026-01-01", datetime(2026, 1, 1)])
def test_a_clock_refuses_what_is_not_an_instant(time: str | datetime) -> None:
    with pytest.raises(RequestError):
        Clock(time)


def test_a_user_that_is_not_listed_is_an_error() -> None:
    with pytest.raises(RequestError, match="`user:eve`"):
        as_user(ENGINE, "user:eve", at="acme", time="2026-01-01T00:00:00Z")


def test_assertions_say_why() -> None:
    session = fake(POLICY, can=["segments:view"])
    with pytest.raises(AssertionError, match="`segments:edit`: no-grant"):
        assert_allows(session, "segments:view", "segments:edit")
    with pytest.raises(AssertionError, match="is allowed `segments:view`"):
        assert_denies(session, "segments:edit", "segments:view")
    with pytest.raises(AssertionError, match="because of no-grant, not of network"):
        assert_denies(session, "segments:edit", because="network")


def test_fixtures(rolecall_clock: Clock, rolecall_fake: Callable[..., FakeSession]) -> None:
    assert rolecall_fake("segments:view").can("segments:view")
    rolecall_clock.advance(days=1, hours=1, minutes=1, seconds=1)
    assert rolecall_clock() == datetime(2026, 1, 2, 1, 1, 1, tzinfo=timezone.utc)

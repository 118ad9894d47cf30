"""Helpers for tests of applications that use Rolecall.

from rolecall.testing import Clock, assert_allows, assert_denies, fake

session = fake(policy, can=["segments:view"])
assert_allows(session, "segments:view")
assert_denies(session, "segments:edit")
"""

from ._assertions import assert_allows, assert_denies
from ._clock import Clock
from ._fakes import FakeEngine, FakeSession, as_user, fake, fake_engine

__all__ = [
    "Clock",
    "FakeEngine",
    "FakeSession",
    "as_user",
    "assert_allows",
    "assert_denies",
    "fake",
    "fake_engine",
]

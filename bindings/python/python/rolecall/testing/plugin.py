"""Fixtures for pytest. Write `pytest_plugins = ["rolecall.testing.plugin"]` in `conftest.py`.

Define a fixture `rolecall_policy`, which returns the policy of the application.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from .._core import Engine, Policy
from ._clock import Clock
from ._fakes import FakeSession, fake


@pytest.fixture
def rolecall_clock() -> Clock:
    """A clock that the test sets."""
    return Clock()


@pytest.fixture
def rolecall_policy() -> Policy | Engine:
    """The policy of the application, which the tests define."""
    raise NotImplementedError("define a fixture `rolecall_policy` that returns the policy of the application")


@pytest.fixture
def rolecall_fake(rolecall_policy: Policy | Engine) -> Callable[..., FakeSession]:
    """Makes sessions for tests: `rolecall_fake(can=["segments:view"])`."""

    def make(*can: str) -> FakeSession:
        return fake(rolecall_policy, can=can)

    return make

"""Functions that rebuild pickled objects. Pickles name them, so their names and arguments must not change."""

from ._core import Engine, Policy, PortableSession


def engine(snapshot: bytes) -> Engine:
    """Opens an engine."""
    return Engine.from_snapshot(snapshot)


def policy(snapshot: bytes) -> Policy:
    """Opens the policy of an engine with an empty directory."""
    return Engine.from_snapshot(snapshot).policy


def portable_session(data: bytes, time: str, at: str) -> PortableSession:
    """Opens a portable session. Its signature was verified before it was pickled."""
    return PortableSession.from_bytes(data, time=time, at=at)

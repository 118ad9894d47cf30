"""Refuses to be imported in a subinterpreter.

The native core refuses by itself where CPython asks it. Before 3.12, CPython copies an extension module into the next
interpreter without asking.
"""

import sys

if sys.version_info < (3, 12):
    try:
        import _xxsubinterpreters as _interpreters  # type: ignore[import-not-found, unused-ignore]
    except ImportError:  # Some distributions leave it out, and then nothing makes a subinterpreter.
        pass
    else:
        if _interpreters.get_current() != _interpreters.get_main():
            raise ImportError("rolecall does not support subinterpreters: import it in the main interpreter")

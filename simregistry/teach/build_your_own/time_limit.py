"""Running what a learner wrote: an error is reported with its line, and what does not end is stopped.

A scenario runs in a thread of its own and is waited for. Signals would do it on some systems and never in a notebook's
other threads, and counting each line slows all of it down a hundredfold. A thread that is late gets an exception thrown
into it. Inside one long operation Python cannot throw it: then the thread is left behind, and the process can end.
"""

from __future__ import annotations

import ctypes
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from simregistry.errors import PACKAGE
from simregistry.teach.build_your_own.scenario import readable

# Each scenario is a matter of milliseconds.
SECONDS = 5.0


class Stopped(BaseException):
    """Thrown into a thread that is late; no ``except Exception`` of a learner holds it up."""


@dataclass(frozen=True, slots=True)
class Ran:
    """The outcome of a call: a value, or the error that it raised; ``ended`` is False where it had to be stopped."""

    value: object = None
    error: BaseException | None = None
    ended: bool = True


def run_with_limit(act: Callable[[], object], seconds: float = SECONDS) -> Ran:
    """Run something for so many seconds at most.

    >>> run_with_limit(lambda: 1 + 1).value
    2
    """
    outcome: list[Ran] = []

    def work() -> None:
        try:
            outcome.append(Ran(act()))
        except BaseException as error:
            outcome.append(Ran(error=error))

    thread = threading.Thread(target=work, daemon=True)
    try:
        thread.start()
    except RuntimeError:
        # A Python in a browser has no threads: there nothing is watched.
        work()
        return outcome[0]
    thread.join(seconds)
    if thread.is_alive():
        _stop(thread)
        return Ran(ended=False)
    return outcome[0]


def _stop(thread: threading.Thread) -> None:
    for _ in range(20):
        if thread.ident is not None:
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(Stopped))
        thread.join(0.05)
        if not thread.is_alive():
            return


def error_sentence(error: BaseException) -> str:
    """Write an error as a sentence, with the learner's own line that raised it.

    >>> error_sentence(KeyError("config"))
    "KeyError: 'config'"
    """
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if PACKAGE not in Path(frame.filename).parents]
    sentence = f"{type(error).__name__}: {readable(str(error))}" if str(error) else type(error).__name__
    if not own:
        return sentence
    line = f": `{own[-1].line}`" if own[-1].line else ""
    return f"{sentence}, in line {own[-1].lineno}{line}"

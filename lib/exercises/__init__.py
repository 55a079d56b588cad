"""Exercises that check themselves: a hint for the reader who is close, silence about the answer."""

import contextlib
import dis
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

LONGEST = 60.0  # seconds: the slowest check of the book takes a few


class _TooLong(BaseException):
    """Not an Exception, so that an answer with a broad `except` in its loop ends too."""


@dataclass(frozen=True)
class Exercise:
    """An exercise and the check that an answer has to pass.

    `check(answer)` asserts what is true of a right answer, with a hint as the message of each assertion.
    `refuses` are tempting wrong answers: `solution` makes sure that the check turns every one of them down.
    """

    identifier: str
    check: Callable[[Any], object]
    refuses: tuple[Any, ...] = ()

    def attempt(self, answer: Any) -> None:
        """Print whether the answer is right, or a hint; never raises, whatever the answer does.

        An answer that has not ended after a minute is stopped (on Windows it is not: interrupt the kernel).
        """
        if _unanswered(answer):
            print(f"Exercise {self.identifier}: not answered yet.")
            return
        try:
            with _at_most(LONGEST):
                self._judge(answer)
        except AssertionError as hint:
            print(f"Exercise {self.identifier}: not yet. {hint}")
        except _TooLong:
            print(f"Exercise {self.identifier}: not yet. The answer has not ended after {LONGEST:g} seconds.")
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
            print(f"Exercise {self.identifier}: the answer could not be checked. {reason}")
        else:
            print(f"Exercise {self.identifier}: correct.")

    def solution(self, answer: Any) -> None:
        """Print that the book's own answer passes; raises where it does not, or where a wrong one would."""
        if _unanswered(answer):
            raise AssertionError(f"Exercise {self.identifier}: the solution is missing.")
        self._judge(answer)
        for wrong in self.refuses:
            try:
                self._judge(wrong)
            except Exception:  # whatever stops a wrong answer, it is turned down
                continue
            raise AssertionError(
                f"Exercise {self.identifier}: the check lets the wrong answer {wrong!r} pass."
            )
        print("The solution passes the same check.")

    def _judge(self, answer: Any) -> None:
        result = self.check(answer)
        # a check may also return its verdict; anything but None has to be true then
        if result is not None and not result:
            raise AssertionError("The answer does not pass the check.")


@contextlib.contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """Raise _TooLong in the block when it lasts longer; without a timer of the system, let it run."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_: Any) -> None:
        raise _TooLong

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)  # again each second, should the first one be swallowed
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _unanswered(answer: Any) -> bool:
    """Whether this is the blank the chapter left: `...`, None, a tuple with one in it, an empty function."""
    if answer is None or answer is Ellipsis:
        return True
    if isinstance(answer, tuple | list):
        return any(part is Ellipsis for part in answer)
    if isinstance(answer, dict):
        return any(part is Ellipsis for part in answer.values())
    code = getattr(answer, "__code__", None)
    return code is not None and _does_nothing(code)


def _does_nothing(code: Any) -> bool:
    """Whether a function holds only `...`, `pass` or a docstring: then it just loads and returns None."""
    steps = [step for step in dis.get_instructions(code) if step.opname not in ("RESUME", "NOP", "CACHE")]
    only_returns = {step.opname for step in steps} <= {"LOAD_CONST", "RETURN_VALUE", "RETURN_CONST"}
    constants = [step.argval for step in steps if step.opname in ("LOAD_CONST", "RETURN_CONST")]
    return only_returns and all(constant is None or constant is Ellipsis for constant in constants)

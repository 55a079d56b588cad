"""Exercises that check themselves: a hint for the reader who is close, silence about the answer."""

import dis
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


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
        """Print whether the answer is right, or a hint; never raises, whatever the answer does."""
        if _unanswered(answer):
            print(f"Exercise {self.identifier}: not answered yet.")
            return
        try:
            self._judge(answer)
        except AssertionError as hint:
            print(f"Exercise {self.identifier}: not yet. {hint}")
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

"""The exercises of chapter 16: what a right answer must satisfy, and hints for one that is not there yet."""

from lib.exercises import Exercise


def _check_first(answer) -> None:
    assert abs(answer - sum(range(1, 6, 2))) < 1e-9, "A hint for somebody who is close."


first = Exercise("16.1", _check_first, refuses=(6, 8, 27))

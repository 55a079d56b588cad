"""An exercise says what it should in each of its three states, and its own solution can fail."""

import signal
import threading

import numpy as np
import pytest

from lib import exercises
from lib.exercises import Exercise


def near_half(answer):
    # raised by hand: pytest rewrites the messages of assert statements in this file
    if not abs(answer - 0.5) < 1e-9:
        raise AssertionError("Compare with the value for two equal laws.")


def blank(x):
    """Say what goes here."""
    ...


def passing(x):
    pass


@pytest.mark.parametrize("answer", [..., None, (1.0, ...), [...], {"a": ...}, blank, passing])
def test_a_blank_is_told_apart_from_a_wrong_answer(answer, capsys):
    Exercise("8.1", near_half).attempt(answer)
    assert capsys.readouterr().out == "Exercise 8.1: not answered yet.\n"


def test_a_right_answer(capsys):
    Exercise("8.1", near_half).attempt(0.5)
    assert capsys.readouterr().out == "Exercise 8.1: correct.\n"


@pytest.mark.parametrize("answer", [0, 0.0, 0.4, -0.5])
def test_a_wrong_answer_gets_the_hint_and_no_traceback(answer, capsys):
    Exercise("8.1", near_half).attempt(answer)
    assert capsys.readouterr().out == "Exercise 8.1: not yet. Compare with the value for two equal laws.\n"


def test_an_answer_of_the_wrong_kind_is_explained(capsys):
    Exercise("8.1", near_half).attempt("a half")
    printed = capsys.readouterr().out
    assert printed.startswith("Exercise 8.1: the answer could not be checked. TypeError:")


def test_arrays_and_functions_that_do_something_are_answers(capsys):
    Exercise("8.2", lambda answer: np.testing.assert_allclose(answer, [1.0, 2.0])).attempt(
        np.array([1.0, 2.0])
    )

    def square(value):
        return value**2

    def check(answer):
        assert answer(3) == 9

    Exercise("8.3", check).attempt(square)
    Exercise("8.3", check).attempt(lambda value: value + 6)
    assert capsys.readouterr().out.count("correct.") == 3


def test_a_check_that_returns_false_fails(capsys):
    exercise = Exercise("8.4", lambda answer: np.isclose(answer, 1.0))
    exercise.attempt(2.0)
    exercise.attempt(1.0)
    assert capsys.readouterr().out == (
        "Exercise 8.4: not yet. The answer does not pass the check.\nExercise 8.4: correct.\n"
    )
    with pytest.raises(AssertionError):
        exercise.solution(2.0)


def test_the_solution_passes_the_same_check(capsys):
    Exercise("8.1", near_half, refuses=(0.4, "a half")).solution(0.5)
    assert capsys.readouterr().out == "The solution passes the same check.\n"


@pytest.mark.parametrize("answer", [0.4, ..., None, blank])
def test_a_solution_that_fails_raises(answer):
    with pytest.raises(AssertionError):
        Exercise("8.1", near_half).solution(answer)


def test_a_check_that_lets_a_refused_answer_pass_raises():
    with pytest.raises(AssertionError, match=r"wrong answer 0\.4"):
        Exercise("8.1", lambda answer: None, refuses=(0.4,)).solution(0.5)


def endless(answer):
    while True:
        try:
            answer(0)
        except Exception:  # an answer that swallows everything must end too
            pass


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="Windows has no timer that stops a cell")
def test_an_endless_answer_is_stopped(capsys, monkeypatch):
    monkeypatch.setattr(exercises, "LONGEST", 0.2)
    before = signal.getsignal(signal.SIGALRM)
    Exercise("8.1", endless).attempt(lambda x: 1 / x)
    assert capsys.readouterr().out == "Exercise 8.1: not yet. The answer has not ended after 0.2 seconds.\n"
    assert signal.getsignal(signal.SIGALRM) is before and signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def test_elsewhere_than_in_the_main_thread_an_answer_is_checked_without_a_limit(capsys):
    thread = threading.Thread(target=Exercise("8.1", near_half).attempt, args=(0.5,))
    thread.start()
    thread.join()
    assert capsys.readouterr().out == "Exercise 8.1: correct.\n"

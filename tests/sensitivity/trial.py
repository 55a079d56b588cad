"""One changed cell, run in a forked child: it has its parent's names, and gives back a verdict only."""

import contextlib
import os
import signal
from collections.abc import Callable, Iterable
from types import CodeType

VERDICTS = {0: "survived", 10: "red", 11: "crash", -signal.SIGALRM: "undecided"}


class Trials:
    """Up to `jobs` children side by side, each with `budget` seconds; `ended` hears of each."""

    def __init__(self, jobs: int, budget: int, ended: Callable[[object, str], None]):
        self.jobs, self.budget, self.ended, self.running = jobs, budget, ended, {}

    def start(self, what: object, codes: Iterable[CodeType], namespace: dict) -> None:
        """Run the codes one after the other in a child, as soon as there is room for one."""
        self.wait(self.jobs - 1)
        child = os.fork()
        if child == 0:
            _run(codes, namespace, self.budget)
        self.running[child] = what

    def wait(self, left: int = 0) -> None:
        """Wait until at most `left` children run."""
        while len(self.running) > left:
            child, status = os.wait()
            ended = VERDICTS.get(os.waitstatus_to_exitcode(status), "crash")
            self.ended(self.running.pop(child), ended)


def _run(codes: Iterable[CodeType], namespace: dict, budget: int) -> None:
    """Leave with 10 for a failed check, with 11 for another exception; the alarm ends what takes too long."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)  # a handler of our own would wait for the solver's return
    signal.alarm(budget)
    with open(os.devnull, "w") as nothing:
        with contextlib.redirect_stdout(nothing), contextlib.redirect_stderr(nothing):
            try:
                for code in codes:
                    exec(code, namespace)
            except AssertionError:
                os._exit(10)
            except BaseException:
                os._exit(11)
    os._exit(0)

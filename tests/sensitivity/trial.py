"""One changed cell, run in a forked child: it has its parent's names, and gives back a verdict only."""

import contextlib
import os
import signal
from collections.abc import Callable, Iterable
from types import CodeType

LATE = (signal.SIGPROF, signal.SIGALRM)
VERDICTS = {0: "survived", 10: "red", 11: "crash", **{-each: "undecided" for each in LATE}}
PATIENCE = 6  # how many times its seconds a child may be there, where it waits or shares the processor


class Trials:
    """Up to `jobs` children side by side, each with `budget` seconds of its own; `ended` hears of each.

    The seconds are those in which a child computes: a busy machine gives the same verdicts as an idle one.
    """

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
            if child not in self.running:  # a process that a cell has started
                continue
            ended = VERDICTS.get(os.waitstatus_to_exitcode(status), "crash")
            self.ended(self.running.pop(child), ended)


def _run(codes: Iterable[CodeType], namespace: dict, budget: int) -> None:
    """Leave with 10 for a failed check, with 11 for another exception; the alarms end what takes too long."""
    for each in LATE:
        signal.signal(each, signal.SIG_DFL)  # a handler of our own would wait for the solver's return
    signal.setitimer(signal.ITIMER_PROF, budget)
    signal.alarm(PATIENCE * budget)  # what waits for a lock that no thread will open computes nothing
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

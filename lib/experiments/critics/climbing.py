"""A critic that is seen on its way up: looks that cost nothing of its budget, and steps that count a tick."""

import time
from collections.abc import Iterator, Sequence
from copy import deepcopy
from typing import NamedTuple

import torch
from torch import nn

from lib.experiments.critics.entrants import Entrant
from lib.experiments.critics.problems import Problem
from lib.experiments.critics.training import SETTLING, untrained


class Look(NamedTuple):
    """A copy of a critic after so many CPU seconds and so many steps, in evaluation mode."""

    seconds: float
    steps: int
    critic: nn.Module


def climb(
    entrant: Entrant, own: Problem, seed: int, looks: Sequence[float], tick: float | None = None
) -> Iterator[Look]:
    """The entrant's critic at each of the looks, in rising CPU seconds of this process; 0 is before a step.

    The last look is the budget: the rate falls over it. What happens between a look and the next step is not
    counted. With `tick` each step counts that many seconds instead of its own, so that the climb is the same
    on every machine. Weights, fines and points depend on the seed alone, PyTorch's global generator is left
    as it was.
    """
    contestant, kind = entrant.contestant, entrant.contestant.kind
    critic = untrained(contestant, own, seed).train()
    penalty = kind.penalty and kind.penalty(torch.Generator(device=own.real.device).manual_seed(seed))
    optimizer = kind.optimizer(critic.parameters(), maximize=True)
    full_rate = [group["lr"] for group in optimizer.param_groups]
    points, spent, steps, budget = entrant.points(own, seed), 0.0, 0, looks[-1]
    for look in looks:
        resumed, before = time.process_time(), spent
        while spent < look - 1e-9:
            for group, rate in zip(optimizer.param_groups, full_rate, strict=True):
                group["lr"] = rate * contestant.rate(spent / budget)
            clouds = next(points)
            gain = contestant.payoff(critic, clouds)
            if penalty is not None:
                gain = gain - penalty(critic, clouds.real, clouds.generated)
            optimizer.zero_grad()
            gain.backward()
            optimizer.step()
            if kind.constrain is not None:
                kind.constrain(critic)
            steps += 1
            spent = before + time.process_time() - resumed if tick is None else steps * tick
        yield Look(spent, steps, _settled(critic, own))


@torch.no_grad()
def _settled(critic: nn.Module, own: Problem) -> nn.Module:
    copy = deepcopy(critic)
    for _ in range(SETTLING):
        copy(own.real)
    return copy.eval()

"""A training seen at some of its moments: the critic before, in between, and at the end."""

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import replace

import torch
from torch import nn

from lib.experiments.critics.problems import Problem
from lib.experiments.critics.training import SETTLING, Contestant, train, untrained


def on_the_way(
    contestant: Contestant, own: Problem, seed: int, steps: int, moments: Iterable[float]
) -> list[nn.Module]:
    """One training, seen at shares of its steps, in order from 0 to 1; at 1 it is what `train` returns.

    `train` asks for the rate before each step, and here the critic is copied then. Evaluation mode.
    """
    due, held, found = [round(moment * steps) for moment in moments], [], {}

    def network(clouds: Problem) -> nn.Module:
        held.append(contestant.network(clouds))
        return held[-1]

    def rate(spent: float) -> float:
        step = round(spent * steps)
        if 0 < step and step in due and step not in found:
            found[step] = _settled(deepcopy(held[-1]), own)
        return contestant.rate(spent)

    found[steps] = train(replace(contestant, network=network, rate=rate), own, seed, steps=steps)
    found[0] = untrained(contestant, own, seed)
    return [found[step] for step in due]


@torch.no_grad()
def _settled(critic: nn.Module, own: Problem) -> nn.Module:
    for _ in range(SETTLING):
        critic(own.real)
    return critic.eval()

"""A critic on its own, climbing on two fixed clouds: what it is, what it climbs, and within which budget."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from lib.arguments import number, refusal, whole_number
from lib.experiments.critics.problems import Problem, difference
from lib.experiments.game import Kind

SETTLING = 30  # readings of the weights, by which the power method catches up with the last step


def falling(spent: float) -> float:
    """A rate that falls to 0 in a straight line."""
    return 1 - spent


def steady(spent: float) -> float:
    """The rate of a published setting, which does not fall."""
    return 1.0


@dataclass(frozen=True)
class Contestant:
    """A critic on its own: the network that it is, and the kind of training that it gets.

    `network(problem)` builds the critic, (b, 2) → (b,). The kind's optimiser ascends
    `payoff(critic, problem)` minus the kind's penalty, at its rate times `rate(share of the budget that is
    spent)`; the kind's constraint is applied after each step.
    """

    network: Callable[[Problem], nn.Module]
    kind: Kind
    payoff: Callable[[nn.Module, Problem], Tensor] = difference
    rate: Callable[[float], float] = falling


def untrained(contestant: Contestant, problem: Problem, seed: int) -> nn.Module:
    """The contestant's critic before its first step, in the box where it has one, in evaluation mode.

    The weights depend on the seed alone; PyTorch's global generator is left as it was.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        critic = contestant.network(problem).to(problem.real.device)
    if contestant.kind.constrain is not None:
        contestant.kind.constrain(critic)
    return critic.eval()


def train(contestant: Contestant, problem: Problem, seed: int, *, steps=None, seconds=None) -> nn.Module:
    """The contestant's critic after so many steps, or after so many CPU seconds of this process.

    Returns it in evaluation mode, where the problem's clouds lie. Weights and penalty depend on the seed
    alone, PyTorch's global generator is left as it was. Raises ValueError unless exactly one budget is given,
    and for one that is not positive; TypeError for what is no number.
    """
    budget, kind = _budget(steps, seconds), contestant.kind
    critic = untrained(contestant, problem, seed).train()
    penalty = kind.penalty and kind.penalty(torch.Generator(device=problem.real.device).manual_seed(seed))
    optimizer = kind.optimizer(critic.parameters(), maximize=True)
    full_rate = [group["lr"] for group in optimizer.param_groups]
    for spent in budget:
        for group, rate in zip(optimizer.param_groups, full_rate, strict=True):
            group["lr"] = rate * contestant.rate(spent)
        gain = contestant.payoff(critic, problem)
        if penalty is not None:
            gain = gain - penalty(critic, problem.real, problem.generated)
        optimizer.zero_grad()
        gain.backward()
        optimizer.step()
        if kind.constrain is not None:
            kind.constrain(critic)
    with torch.no_grad():
        for _ in range(SETTLING):
            critic(problem.real)
    return critic.eval()


def _budget(steps, seconds) -> Iterator[float]:
    """The share of the budget that is spent, before each step."""
    if (steps is None) == (seconds is None):
        remedy = "train(…, steps=1000), or train(…, seconds=5)"
        raise ValueError(
            refusal("steps, seconds", f"{steps!r} and {seconds!r}", "exactly one budget", remedy)
        )
    if steps is not None:
        steps = whole_number("steps", steps, at_least=1)
        return (step / steps for step in range(steps))
    return _cpu_time(number("seconds", seconds, "CPU seconds of this process"))


def _cpu_time(seconds) -> Iterator[float]:
    started = time.process_time()
    while (spent := (time.process_time() - started) / seconds) < 1:
        yield spent

"""The game itself: two players who move in turn. It knows neither networks nor losses."""

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from lib.arguments import refusal, whole_number
from lib.objectives import Objective

Step = Callable[..., Tensor]
Penalty = Callable[[nn.Module, Tensor, Tensor], Tensor]
Constraint = Callable[[nn.Module], None]
Endless = Any  # an iterator of batches; anything else is answered by `alternate`


def alternate(
    critic_step: Step, generator_step: Step, batches: Endless, critic_steps=1
) -> Iterator[tuple[Tensor, Tensor]]:
    """Play for ever: `critic_steps` critic moves on fresh batches, then one generator move; yield both.

    Each step receives a batch `(real, *label)`, makes one move and returns its scalar objective. The values
    come back detached and stay on their device, so that looking at them costs nothing until somebody prints
    one. Say when to stop from outside: `itertools.islice(alternate(...), 1000)`.

    Raises TypeError when `critic_steps` is not a whole number, `batches` is no iterator or a batch no tuple;
    ValueError when `critic_steps` is not positive or the batches come to an end.
    Source: Goodfellow et al. 2014, Algorithm 1.
    """
    critic_steps = whole_number("critic_steps", critic_steps, at_least=1)
    if not isinstance(batches, Iterator):
        raise TypeError(refusal("batches", f"a {type(batches).__name__}", _ENDLESS, _BATCHES))
    return _alternate(critic_step, generator_step, batches, critic_steps)


_ENDLESS = "an iterator of batches (real, *label) that never ends"
_BATCHES = "data.batches(x, *label, size=…, generator=…), or law.batches(size, generator)"


def _alternate(critic_step, generator_step, batches, critic_steps):
    while True:
        for _ in range(critic_steps):
            batch = next(batches, None)
            if not isinstance(batch, tuple | list):
                raise _no_batch(batch)
            critic_value = critic_step(*batch)
        generator_loss = generator_step(*batch)
        yield critic_value.detach(), generator_loss.detach()


def _no_batch(came) -> Exception:
    if came is None:
        return ValueError(refusal("batches", "an iterator that came to its end", _ENDLESS, _BATCHES))
    remedy = "yield (real,), with a comma, where there are no labels"
    return TypeError(refusal("batches", f"a {type(came).__name__} as a batch", _ENDLESS, remedy))


def steps(
    generator: nn.Module,
    critic: nn.Module,
    objective: Objective,
    generator_optimizer: torch.optim.Optimizer,
    critic_optimizer: torch.optim.Optimizer,
    latent: Callable[[int], Tensor],
    *,
    penalty: Penalty | None = None,
    constrain: Constraint | None = None,
) -> tuple[Step, Step]:
    """The two moves of the game, as the chapters show them, for runs outside a notebook.

    `latent(n)` draws n latent vectors, shape (n, k). With labels, both networks are called with them behind
    the samples: `critic(real, *label)`, `generator(z, *label)`. What keeps the critic's slope down is given
    from outside: `penalty(critic, real, fake)` is a scalar >= 0, its weight λ already inside, by which the
    critic climbs less (its critic has the labels filled in); `constrain(critic)` changes the weights in place
    after each critic move. Within a move, parametrised weights are computed once, so that real samples, fake
    ones and the penalty meet one and the same critic. The value that a critic move returns is the objective's
    own, without the penalty and before the move.

    Raises ValueError unless the critic's optimiser ascends (`maximize=True`) and the generator's descends,
    and unless each of them moves the weights of its own network.
    Source: Goodfellow et al. 2014, Arjovsky et al. 2017, Gulrajani et al. 2017, Algorithm 1 of each.
    """
    _check_optimizer("critic", critic, critic_optimizer, ascends=True)
    _check_optimizer("generator", generator, generator_optimizer, ascends=False)
    moved = [w for group in generator_optimizer.param_groups for w in group["params"] if w.requires_grad]

    def critic_step(real: Tensor, *label: Tensor) -> Tensor:
        fake = generator(latent(len(real)), *label).detach()
        with parametrize.cached():
            value = objective.critic(critic(real, *label), critic(fake, *label))
            alone = _Labelled(critic, label) if label else critic
            climbed = value if penalty is None else value - penalty(alone, real, fake)
        critic_optimizer.zero_grad()
        climbed.backward()
        critic_optimizer.step()
        if constrain is not None:
            constrain(critic)
        return value

    def generator_step(real: Tensor, *label: Tensor) -> Tensor:
        loss = objective.generator(critic(generator(latent(len(real)), *label), *label))
        generator_optimizer.zero_grad()
        loss.backward(inputs=moved)  # the critic's weights stand still, so nobody needs their slopes
        generator_optimizer.step()
        return loss

    return critic_step, generator_step


class _Labelled(nn.Module):
    """A conditional critic as a function of the samples alone: x ↦ critic(x, *label)."""

    def __init__(self, critic: nn.Module, label: tuple[Tensor, ...]):
        super().__init__()
        self.critic, self.label = critic, label

    def forward(self, samples: Tensor) -> Tensor:
        return self.critic(samples, *self.label)


def _check_optimizer(
    player: str, network: nn.Module, optimizer: torch.optim.Optimizer, ascends: bool
) -> None:
    name, groups = f"{player}_optimizer", optimizer.param_groups
    if any(bool(group.get("maximize", False)) != ascends for group in groups):
        expected = (
            f"maximize={ascends}, since the critic climbs its objective and the generator descends its own"
        )
        raise ValueError(
            refusal(name, f"maximize={not ascends}", expected, f"torch.optim.Adam(…, maximize={ascends})")
        )
    own = {id(weight) for weight in network.parameters()}
    foreign = sum(id(weight) not in own for group in groups for weight in group["params"])
    if foreign:
        remedy = f"torch.optim.Adam({player}.parameters(), …), made after the last change of its layers"
        raise ValueError(
            refusal(
                name, f"{foreign} weights that are not the {player}'s", f"weights of the {player}", remedy
            )
        )


def guard(network: nn.Module, optimizer: torch.optim.Optimizer) -> None:
    """Refuse every optimiser step whose gradient is not finite, and name the layer, before a weight changes.

    Raises FloatingPointError from `optimizer.step()`. Costs one reduction over the gradients per step.
    """

    def check(optimizer, args, kwargs):
        gradients = {n: p.grad for n, p in network.named_parameters() if p.grad is not None}
        # the largest entry, and not the root of the sum of squares, which overflows for finite gradients
        largest = torch._foreach_norm(list(gradients.values()), float("inf")) if gradients else []
        if not gradients or torch.isfinite(torch.stack(largest)).all():
            return
        bad = [n for n, size in zip(gradients, largest, strict=True) if not torch.isfinite(size)]
        layers = f"{', '.join(bad[:3])}{' …' if len(bad) > 3 else ''}"
        expected = "finite numbers; no weight was changed"
        remedy = (
            "lower the learning rate, or look for a logarithm, a division or a square root at 0 in the loss"
        )
        raise FloatingPointError(
            refusal(f"gradient of {layers}", "a value that is not finite", expected, remedy)
        )

    optimizer.register_step_pre_hook(check)

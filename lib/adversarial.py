"""The game itself: two players who move in turn. It knows neither networks nor losses."""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn

from lib.objectives import Objective
from lib.runtime import whole_number

Step = Callable[..., Tensor]
Penalty = Callable[[nn.Module, Tensor, Tensor], Tensor]
Constraint = Callable[[nn.Module], None]


def alternate(
    critic_step: Step, generator_step: Step, batches: Iterator[tuple], critic_steps=1
) -> Iterator[tuple[Tensor, Tensor]]:
    """Play for ever: `critic_steps` critic moves on fresh batches, then one generator move; yield both.

    Each step receives a batch, makes one move and returns its scalar objective. The values come back
    detached and stay on their device, so that looking at them costs nothing until somebody prints one.
    Say when to stop from outside: `itertools.islice(alternate(...), 1000)`.

    Raises TypeError when `critic_steps` is not a whole number, ValueError when it is not positive.
    Source: Goodfellow et al. 2014, Algorithm 1.
    """
    critic_steps = whole_number("critic_steps", critic_steps, at_least=1)
    return _alternate(critic_step, generator_step, batches, critic_steps)


def _alternate(critic_step, generator_step, batches, critic_steps):
    while True:
        for _ in range(critic_steps):
            batch = next(batches)
            critic_value = critic_step(*batch)
        generator_loss = generator_step(*batch)
        yield critic_value.detach(), generator_loss.detach()


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
    """The two moves of the unconditional game, as the chapters show them, for runs outside a notebook.

    `latent(n)` draws n latent vectors, shape (n, k). What keeps the critic's slope down is given from
    outside: `penalty(critic, real, fake)` is a scalar >= 0, its weight λ already inside, by which the critic
    climbs less; `constrain(critic)` changes the weights in place after each critic move. The value that a
    critic move returns is the objective's own, without the penalty and before the move.
    Raises ValueError unless the critic's optimiser ascends (`maximize=True`) and the generator's descends.
    Source: Goodfellow et al. 2014, Arjovsky et al. 2017, Gulrajani et al. 2017, Algorithm 1 of each.
    """
    for name, optimizer, ascends in (
        ("critic_optimizer", critic_optimizer, True),
        ("generator_optimizer", generator_optimizer, False),
    ):
        if any(bool(group.get("maximize", False)) != ascends for group in optimizer.param_groups):
            raise ValueError(
                f"{name}: got maximize={not ascends}, expected maximize={ascends}, since the critic climbs"
                f" its objective and the generator descends its own."
                f" Remedy: torch.optim.Adam(..., maximize={ascends})."
            )

    def critic_step(real: Tensor) -> Tensor:
        fake = generator(latent(len(real))).detach()
        value = objective.critic(critic(real), critic(fake))
        climbed = value if penalty is None else value - penalty(critic, real, fake)
        critic_optimizer.zero_grad()
        climbed.backward()
        critic_optimizer.step()
        if constrain is not None:
            constrain(critic)
        return value

    def generator_step(real: Tensor) -> Tensor:
        loss = objective.generator(critic(generator(latent(len(real)))))
        generator_optimizer.zero_grad()
        loss.backward()
        generator_optimizer.step()
        return loss

    return critic_step, generator_step


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
        raise FloatingPointError(
            f"gradient of {', '.join(bad[:3])}{' …' if len(bad) > 3 else ''}: got a value that is not finite,"
            f" expected finite numbers; no weight was changed. Remedy: lower the learning rate, or look for a"
            f" logarithm, a division or a square root at 0 in the loss."
        )

    optimizer.register_step_pre_hook(check)

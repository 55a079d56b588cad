"""Critics that see their samples otherwise than they are: blurred by noise, or several at a time."""

from typing import Any

import torch
from torch import Tensor, nn

from lib.arguments import number, refusal, torch_generator, whole_number


class Blurred(nn.Module):
    """A critic before which every sample gets fresh normal noise: x ↦ T(x + s ξ), ξ ~ N(0, I).

    samples: (b, …); returns what the critic returns. Both kinds of sample pass through it, so that both are
    blurred alike; without the wrapper, `.critic` scores a sample as it is. Raises TypeError or ValueError for
    a `scale` that is no positive number, TypeError without a Generator.
    Source: Arjovsky and Bottou 2017, section 3.
    """

    def __init__(self, critic: nn.Module, scale: Any, generator: torch.Generator):
        super().__init__()
        self.critic = critic
        self.scale = number("scale", scale, "the standard deviation of the noise")
        self.generator = torch_generator("generator", generator)

    def forward(self, samples: Tensor) -> Tensor:
        noise = torch.randn(samples.shape, generator=self.generator, device=self.generator.device)
        return self.critic(samples + self.scale * noise.to(samples))


class Packed(nn.Module):
    """A critic that sees `many` samples of one kind at a time, side by side: one score for each group.

    samples: (b, d) with b divisible by `many`; the critic takes (b / many, many · d) and the result is its
    (b / many,) scores. Raises ValueError for another number of samples, TypeError or ValueError for a `many`
    that is no whole number of at least 2.
    Source: Lin et al. 2018 (PacGAN), section 2.
    """

    def __init__(self, critic: nn.Module, many: Any):
        super().__init__()
        self.critic = critic
        self.many = whole_number("many", many, at_least=2)

    def forward(self, samples: Tensor) -> Tensor:
        if len(samples) % self.many:
            expected = f"a number divisible by {self.many}, since the critic sees so many at a time"
            remedy = f"the first {len(samples) // self.many * self.many} of them"
            raise ValueError(refusal("samples", f"{len(samples)} of them", expected, remedy))
        return self.critic(samples.reshape(len(samples) // self.many, -1))

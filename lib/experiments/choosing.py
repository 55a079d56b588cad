"""How the settings of chapter 4 were chosen: on a quarter of the training half, by seeds that are not stored.

`python -m lib.experiments.choosing` prints what each choice was made by; the held-out half is not read.
"""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn

from lib.experiments import layerwise
from lib.experiments.coders import RATE, bumps, digits_halves, lost, noisy, noisy_bits, random_bumps, trained
from lib.experiments.planes import nearest

SEEDS, FITTED = (101, 102), 674


def quarter() -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Three quarters of the training half to fit, the last one to choose by, and the labels of both."""
    images, _, labels, _ = digits_halves()
    return images[:FITTED], images[FITTED:], labels[:FITTED], labels[FITTED:]


def lost_with(code: int, **terms) -> float:
    """The share lost on the last quarter, mean over the seeds; `terms` as in `coders.start`."""
    fit, judged, _, _ = quarter()
    pairs = (trained(seed, fit, code, **terms) for seed in SEEDS)
    return sum(lost(*pair, judged, fit.mean(dim=0)) for pair in pairs) / len(SEEDS)


def descent() -> Iterator[tuple[str, float]]:
    """Activation, rate and number of steps: the smallest share lost with ten numbers, at most 1 500 steps."""
    for activation in (nn.ReLU, nn.Tanh, nn.Softplus):
        for rate in (RATE, 1e-2):
            for steps in (750, 1500):
                found = lost_with(10, activation=activation(), rate=rate, steps=steps)
                yield f"{activation.__name__}, rate {rate:g}, {steps} steps", found


def prices() -> Iterator[tuple[str, float]]:
    """The strongest of three that raises the share lost by less than 0.1 over that without a price."""
    yield "two numbers, no price", lost_with(2)
    for size in (0.01, 0.1, 1.0):
        yield f"{size:g} × squared code", lost_with(2, penalty=size)
    for size in (0.001, 0.01, 0.1):
        yield f"squared code + {size:g} × squared weights", lost_with(2, penalty=1.0, decay=size)
    for size in (0.01, 0.1, 1.0):
        yield f"squared code, noise of {size:g}", lost_with(2, penalty=1.0, channel=noisy(size))


@torch.no_grad()
def _decided(encoder: nn.Module, images: Tensor) -> float:
    return (torch.sigmoid(encoder(images)) - 0.5).abs().gt(0.4).double().mean().item()


def bits() -> Iterator[tuple[str, float]]:
    """The least noise with which 95 % of the units end below 0.1 or above 0.9."""
    fit, judged, _, _ = quarter()
    for size in (1.0, 2.0, 4.0, 8.0):
        pairs = [trained(seed, fit, 32, channel=noisy_bits(size)) for seed in SEEDS]
        yield f"32 bits, noise of {size:g}", sum(_decided(pair[0], judged) for pair in pairs) / len(SEEDS)


@torch.no_grad()
def _worst_bump(encoder: nn.Module, decoder: nn.Module) -> float:
    rebuilt = decoder(encoder(bumps(torch.linspace(10, 54, 89))))
    return nearest(rebuilt, bumps(torch.linspace(5, 59, 5401))).max().item()


def bump_descent() -> Iterator[tuple[str, float]]:
    """Rate and steps for bumps: the nearest worst reconstruction; no midpoint is looked at."""
    for rate in (RATE, 1e-2):
        for steps in (1500, 4000):
            pairs = [trained(seed, random_bumps(seed), 1, rate=rate, steps=steps) for seed in SEEDS]
            yield (
                f"bumps, rate {rate:g}, {steps} steps",
                sum(_worst_bump(*pair) for pair in pairs) / len(SEEDS),
            )


def layers() -> Iterator[tuple[str, float]]:
    """Rates of fine-tuning: the largest accuracy, mean over 20 and 100 labels, each arm for itself."""
    fit, judged, labels, answers = quarter()
    for units in layerwise.ACTIVATIONS:
        for rate in (1e-3, 3e-3, 1e-2, 3e-2):
            runs = [
                layerwise.compare(seed, units, fit, labels, judged, answers, (rate, rate), (20, 100))
                for seed in SEEDS
            ]
            for arm in ("plain", "pretrained"):
                found = [run[f"{arm}_{count}"] for run in runs for count in (20, 100)]
                yield f"{units}, {arm}, rate {rate:g}", sum(found) / len(found)


CHOICES: tuple[Callable[[], Iterator[tuple[str, float]]], ...] = (
    descent,
    prices,
    bits,
    bump_descent,
    layers,
)

if __name__ == "__main__":
    for choice in CHOICES:
        print(choice.__doc__)
        for setting, found in choice():
            print(f"  {setting:48} {found:.3f}", flush=True)

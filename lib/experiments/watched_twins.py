"""A training of the twins, looked at eight times on its way."""

from collections.abc import Iterator
from itertools import islice

from lib.experiments.attentive import gate
from lib.experiments.teaching_twins import judged_twins
from lib.experiments.twins import Scene, TwinsGenerator

LOOKS = 8


def watched(scene: Scene, generator: TwinsGenerator, steps: Iterator, moves: int) -> dict[str, float]:
    """Train for `moves` steps and judge the generator `LOOKS` times, evenly; judging disturbs nothing.

    The last judgement, the `untrained` one, γ, and the covariance and the energy distance at each look:
    `covariance_1` … `covariance_8`; `largest` is the largest |covariance| among them.
    """
    before, seen = judged_twins(scene, generator), []
    for _ in range(LOOKS):
        next(islice(steps, moves // LOOKS - 1, None))
        seen.append(judged_twins(scene, generator))
    looks = {
        f"{name}_{k}": each[name]
        for k, each in enumerate(seen, start=1)
        for name in ("covariance", "energy", "plus")
    }
    return (
        seen[-1]
        | {f"untrained_{name}": value for name, value in before.items()}
        | looks
        | {"largest": max(abs(each["covariance"]) for each in seen), "gamma": gate(generator)}
    )

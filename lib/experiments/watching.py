"""Generators at a few moments of their training, small enough for a page: what chapter 16's explorer shows.

Every array becomes whole numbers of eight bits and one scale, w = scale · q with q = −127 … 127, in Base64.
What the explorer computes it computes from these, and so do the tests.
"""

import base64
import json
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from lib.experiments import twins
from lib.experiments.provenance import provenance
from lib.experiments.teaching_twins import judged_twins
from lib.experiments.twins import LINE, RATE, TwinsGenerator

MOMENTS = (0, 100, 200, 300, 400)
RUNS = tuple([("convolutions", 1), ("wide convolutions", 1), *(("attention", seed) for seed in (1, 2, 3))])
PROTOCOL = (
    f"twins on a line of {LINE.shape[0]} places; energy distance, Adam {RATE}, batch"
    f" {twins.BATCHES[1]}; steps {', '.join(map(str, MOMENTS))}; seeds 1, with attention 1, 2 and 3;"
    " weights as eight bits and one scale for each array"
)
STORED = Path(__file__).parents[1] / "explorers" / "attention_map" / "trained.json"
_LEVELS = 127


def packed(generator: TwinsGenerator) -> dict[str, dict]:
    """Each array of weights as a scale and whole numbers in Base64; a number alone stays as it is."""
    found: dict[str, dict] = {}
    for name, weight in generator.named_parameters():
        values = weight.detach().double().numpy()
        scale = float(f"{np.abs(values).max() / _LEVELS:.5e}") or 1.0
        levels = np.rint(values / scale).clip(-_LEVELS, _LEVELS).astype(np.int8)
        found[name] = {"scale": scale, "levels": base64.b64encode(levels.tobytes()).decode()}
    return found


def unpacked(arm: str, stored: dict[str, dict]) -> TwinsGenerator:
    """The generator of an arm with these weights, in float64, as the page has them."""
    generator = TwinsGenerator(LINE.shape, **twins.ARMS[arm]).double()
    with torch.no_grad():
        for name, weight in generator.named_parameters():
            weight.copy_(_read(stored[name]).reshape(weight.shape))
    return generator


def _read(stored: dict) -> Tensor:
    levels = np.frombuffer(base64.b64decode(stored["levels"]), dtype=np.int8)
    return torch.from_numpy(stored["scale"] * levels.astype(float))


def watch_twins(arm: str, seed: int, moments: tuple[int, ...] = MOMENTS) -> list[dict[str, dict]]:
    """The weights of one training, at numbers of steps that increase."""
    generator, _, steps = twins.steps(seed, LINE, arm)
    found, done = [], 0
    for moment in moments:
        next(islice(steps, moment - done - 1, None), None) if moment > done else None
        done = moment
        found.append(packed(generator))
    return found


def main() -> None:
    """Train all runs, and store them for the explorer."""
    runs = []
    for arm, seed in RUNS:
        weights = watch_twins(arm, seed)
        last = judged_twins(LINE, unpacked(arm, weights[-1]).float())
        print(f"{arm}, {seed}: {last}")
        runs.append({"arm": arm, "seed": seed, "steps": list(MOMENTS), "weights": weights})
    made = {"protocol": PROTOCOL, "provenance": provenance("lib.experiments.watching"), "runs": runs}
    STORED.write_text(json.dumps(made) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

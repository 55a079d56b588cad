"""Where a small SAGAN looks while it learns digits, for longer than chapter 16 trains it: numbers, and maps.

The numbers are means over as many images as are held out. For the explorer four digits are kept at each
moment: the image in sixteen greys, and the queries and keys of its 64 places in eight bits, from which the
table of weights follows. A run takes minutes; those that are done are kept when the command is interrupted.
"""

import base64
import json
import math
import sys
from functools import cache
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from lib import data
from lib.attention import SelfAttention
from lib.experiments.attentive import ATTENTION, SIZE, SPEED, drawn, gate, kind, start_digits
from lib.experiments.game import Game, at_rest
from lib.experiments.judging import halves, judge_digits
from lib.experiments.provenance import provenance
from lib.features import feature_network

SEEDS, MOMENTS, SHOWN = (1, 2, 3), (0, 100, 300, 700, 1500), (0, 1, 3, 7)
STORED = Path(__file__).parents[1] / "explorers" / "attention_map" / "digits.json"
PROTOCOL = (
    f"small SAGAN on half of the digits at {SIZE}×{SIZE}, attention at {ATTENTION}×{ATTENTION} in both;"
    f" {kind(SPEED).protocol}; moves {', '.join(map(str, MOMENTS))}; seeds {', '.join(map(str, SEEDS))};"
    " numbers over 898 images to the labels of the held-out half, in evaluation mode"
)
_PARTIAL = STORED.with_suffix(".partial")
_LEVELS, _GREYS = 127, 15


@torch.no_grad()
def attending(played: Game, labels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Images (n, 1, 32, 32), what enters their attention (n, C, 64), and what it adds, γ o, (n, C, 64)."""
    block = next(part for part in played.generator.modules() if isinstance(part, SelfAttention))
    entered, added = [], []

    def note(_, given, made):
        entered.append(given[0].flatten(2).cpu())
        added.append((made - given[0]).flatten(2).cpu())

    hook = block.register_forward_hook(note)
    images = drawn(played, labels)
    hook.remove()
    return images, torch.cat(entered), torch.cat(added)


@torch.no_grad()
def queries_and_keys(played: Game, entered: Tensor) -> tuple[Tensor, Tensor]:
    """Those of all places, (n, C/8, 64) each; of the keys their mean over the places is taken off.

    No weight notices: softmax does not see what all scores of one place that asks have in common.
    """
    block = next(part for part in played.generator.modules() if isinstance(part, SelfAttention))
    with at_rest(played.generator):
        queries, keys = block.query(entered), block.key(entered)
    return queries, keys - keys.mean(dim=2, keepdim=True)


def table_of(queries: Tensor, keys: Tensor) -> Tensor:
    """β (n, 64, 64): row j holds what place j takes from each place."""
    return torch.einsum("ncj,nci->nji", queries, keys).softmax(dim=2)


def places_that_count(table: Tensor) -> Tensor:
    """e to the entropy of each row, (n, 64): 64 where all are asked alike, 1 where one alone is."""
    return torch.special.entr(table).sum(dim=2).exp()


def looked_at(table: Tensor, images: Tensor) -> dict[str, float]:
    """What shares of the weight go where, and what an even row would give.

    `itself`, `near` (the 3×3 places around, as far as there are), `mirror` (left and right exchanged), `rim`
    (the 28 outermost places), `ink` (the sixteen places with most ink); `own` is how far a row lies from the
    mean row of its image, and `told` how far that lies from the mean over all images: total variations.
    """
    side = math.isqrt(table.shape[1])
    row, column = (each.flatten() for each in torch.meshgrid(*[torch.arange(side)] * 2, indexing="ij"))
    apart = torch.maximum((row[:, None] - row).abs(), (column[:, None] - column).abs())
    rim = (row % (side - 1) == 0) | (column % (side - 1) == 0)
    wheres = {
        "itself": apart == 0,
        "near": apart <= 1,
        "mirror": (row[:, None] == row) & (column[:, None] + column == side - 1),
        "rim": rim.expand(side**2, -1),
    }
    found = {}
    for name, where in wheres.items():
        found[name] = (table * where).sum(dim=2).mean().item()
        found[f"even_{name}"] = where.double().mean().item()
    rows = table.mean(dim=1, keepdim=True)
    inked = torch.nn.functional.avg_pool2d(images, images.shape[2] // side).flatten(1).topk(side**2 // 4)
    return found | {
        "ink": rows[:, 0].gather(1, inked.indices).sum(dim=1).mean().item(),
        "even_ink": 1 / 4,
        "own": 0.5 * (table - rows).abs().sum(dim=2).mean().item(),
        "told": 0.5 * (rows - rows.mean(dim=0)).abs().sum(dim=2).mean().item(),
    }


def packed(images: Tensor, queries: Tensor, keys: Tensor) -> dict:
    """Images as sixteen greys, two to a byte; queries and keys as whole numbers −127 … 127.

    Of a channel only the product of its query and its key counts: both get one scale, the greater one's
    range being lent to the lesser.
    """
    greys = ((images.flatten(1) + 1) / 2 * _GREYS).round().clamp(0, _GREYS).to(torch.uint8).numpy()
    ranges = [part.abs().amax(dim=2, keepdim=True).double().clamp_min(1e-9) for part in (queries, keys)]
    scales = (ranges[0] * ranges[1]).sqrt() / _LEVELS
    alike = [part.double() / each * _LEVELS for part, each in zip((queries, keys), ranges, strict=True)]
    levels = torch.stack(alike, dim=1).round().to(torch.int8).numpy()  # (n, 2, C/8, 64)
    return {
        "images": _text(16 * greys[:, ::2] + greys[:, 1::2]),
        "scales": [[float(f"{each:.4g}") for each in row] for row in scales[:, :, 0].tolist()],
        "levels": _text(levels),
    }


def unpacked(stored: dict) -> tuple[np.ndarray, np.ndarray]:
    """Images (n, 32, 32) in [−1, 1] and tables (n, 64, 64), as the page has them."""
    scales = np.array(stored["scales"])
    pairs = np.frombuffer(base64.b64decode(stored["images"]), np.uint8).reshape(len(scales), -1)
    greys = np.stack([pairs >> 4, pairs & 15], axis=2).reshape(len(scales), SIZE, SIZE)
    levels = np.frombuffer(base64.b64decode(stored["levels"]), np.int8).astype(float)
    levels = levels.reshape(len(scales), 2, scales.shape[1], -1) * scales[:, None, :, None]
    queries, keys = torch.from_numpy(levels).unbind(dim=1)
    return greys / _GREYS * 2 - 1, table_of(queries, keys).numpy()


def _text(numbers: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(numbers).tobytes()).decode()


def look(played: Game, judge, held_out: Tensor, asked: Tensor) -> dict:
    """What one moment of a game shows: its numbers, and what the page needs of four digits."""
    images, entered, added = attending(played, asked)
    table = table_of(*queries_and_keys(played, entered))
    counts = places_that_count(table)
    numbers = looked_at(table, images) | {
        "gamma": gate(played.generator),
        "heard": (added.norm() / entered.norm()).item(),
        "frechet": judge_digits(judge, held_out, images)["frechet"],
        "places": counts.mean().item(),
        "least": counts.min().item(),
    }
    images, entered, _ = attending(played, torch.tensor(SHOWN))
    shown = packed(images, *queries_and_keys(played, entered))
    return {"numbers": {key: float(f"{value:.4g}") for key, value in numbers.items()}} | shown


def watch(seed: int, moments: tuple[int, ...] = MOMENTS) -> list[dict]:
    """One training, looked at after numbers of moves that increase."""
    (training, held_out), (known, asked) = map(halves, data.digits(SIZE))
    judge = feature_network(held_out, asked, torch.Generator().manual_seed(0))
    played, found, done = start_digits(seed, training, known, attention=True), [], 0
    for moment in moments:
        next(islice(played.moves, moment - done - 1, None), None) if moment > done else None
        done = moment
        found.append(look(played, judge, held_out, asked))
        print(seed, moment, found[-1]["numbers"], flush=True)
    return found


@cache
def watched() -> dict:
    """What is stored: protocol, provenance, and `runs` with their seeds, moments and what these show."""
    return json.loads(STORED.read_text(encoding="utf-8"))


def over_time(quantity: str) -> np.ndarray:
    """A stored number as a table: a row for each seed, a column for each moment."""
    return np.array([[each["numbers"][quantity] for each in run["looks"]] for run in watched()["runs"]])


def main(seeds: list[int]) -> None:
    """Watch the trainings of these seeds that are not done yet; store all of them when the last one is."""
    made = provenance("lib.experiments.watching_digits")
    for seed in seeds:
        if seed in _done(made["code"]):
            continue
        run = {"seed": seed, "moves": list(MOMENTS), "looks": watch(seed)}
        with _PARTIAL.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"code": made["code"], "run": run}) + "\n")
    done = _done(made["code"])
    if set(SEEDS) <= set(done):
        content = {"protocol": PROTOCOL, "provenance": made, "runs": [done[seed] for seed in SEEDS]}
        STORED.write_text(json.dumps(content, separators=(",", ":")) + "\n", encoding="utf-8")
        _PARTIAL.unlink()


def _done(code: str) -> dict[int, dict]:
    """The runs in the partial file that this code made, by seed; several processes may write to it."""
    lines = _PARTIAL.read_text(encoding="utf-8").splitlines() if _PARTIAL.is_file() else []
    found = [each["run"] for each in map(json.loads, lines) if each["code"] == code]
    return {run["seed"]: run for run in found}


if __name__ == "__main__":
    main([int(each) for each in sys.argv[1:]] or list(SEEDS))

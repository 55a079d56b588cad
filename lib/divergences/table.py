"""The names of the f-divergences, from data P (density p) to a model Q (density q); u stands for p/q.

Source of most rows: Nowozin, Cseke and Tomioka 2016, Tables 1, 2 and 6. Each row has been derived anew: the
conjugates are those over u >= 0, and both conventions of Jensen–Shannon are there, under names of their own.
"""

import difflib
from collections.abc import Callable
from typing import Any

from lib.arguments import refusal
from lib.divergences import mixtures, rows
from lib.divergences.convex import Divergence

ROWS: dict[str, Callable[..., Divergence]] = {
    "total variation": rows.total_variation,
    "kl": rows.kl,
    "reverse kl": rows.reverse_kl,
    "pearson": rows.pearson,
    "neyman": rows.neyman,
    "squared hellinger": rows.squared_hellinger,
    "jeffrey": rows.jeffrey,
    "jensen-shannon": mixtures.jensen_shannon,
    "twice jensen-shannon": mixtures.twice_jensen_shannon,
    "gan": mixtures.gan,
    "weighted jensen-shannon": mixtures.weighted_jensen_shannon,
    "alpha": rows.alpha,
    "softened kl": mixtures.softened_kl,
    "softened reverse kl": mixtures.softened_reverse_kl,
}


def names() -> list[str]:
    """The names that `named` knows."""
    return list(ROWS)


def named(name: Any, **parameters: float | int) -> Divergence:
    """The divergence of that name: `named("kl")`, `named("alpha", alpha=0.5)`.

    D(P‖Q) of each row, m = ½(p + q):
        total variation ½∫|p − q| · kl ∫p log(p/q) · reverse kl ∫q log(q/p) · pearson ∫(p − q)²/q
        neyman ∫(p − q)²/p · squared hellinger ∫(√p − √q)² · jeffrey ∫(p − q) log(p/q)
        jensen-shannon ½KL(p‖m) + ½KL(q‖m) · twice jensen-shannon, its double · gan, the same − log 4
        weighted jensen-shannon, `weight` π in place of ½ · alpha (∫pᵅq¹⁻ᵅ − 1) / (α(α − 1))
        softened kl 2KL(m‖q) · softened reverse kl 2KL(m‖p)

    Raises ValueError for a name that is not there, with the nearest ones; TypeError for what is no name, and
    for a parameter that the row does not have.
    """
    if not isinstance(name, str):
        raise TypeError(refusal("name", repr(name), "the name of a divergence", 'named("kl")'))
    key = name.lower().replace("_", " ").strip()
    if key not in ROWS:
        near = difflib.get_close_matches(key, ROWS, n=3, cutoff=0.4) or list(ROWS)
        choices = ", ".join(map(repr, near))
        raise ValueError(refusal("name", repr(name), "the name of a divergence", f"one of {choices}"))
    return ROWS[key](**parameters)

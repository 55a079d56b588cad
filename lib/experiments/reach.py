"""What lies within reach of the stored runs of a recipe, and whether that asserts anything."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from IPython import get_ipython
from IPython.display import display

UNBOUNDED = 1e6  # a limit as far off as this is none


@dataclass(frozen=True)
class Spread:
    """Stored runs of one recipe: `runs` map quantities to values, `provenance` says how they were made.

    `limits` are the least and the largest value that a quantity can have; `trivial` is what a player scores
    that has learnt nothing: the untrained one, or 0 for a correlation.
    """

    name: str
    provenance: Mapping
    resolution: Mapping[str, float]
    runs: tuple[Mapping, ...]
    limits: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    trivial: Mapping[str, float] = field(default_factory=dict)

    @property
    def distinct(self) -> tuple[Mapping, ...]:
        """The runs without those that repeat one: the same seed, and the same instructions or equal values.

        Another number of threads is no other run: it rounds the judgement differently, not the game.
        """
        found: dict = {}
        for k, run in enumerate(self.runs):
            found.setdefault((run.get("seed", k), run.get("instructions", k)), run)
        return tuple(
            {(seed, *sorted(run["values"].items())): run for (seed, _), run in found.items()}.values()
        )

    def values(self, quantity: str) -> np.ndarray:
        """The values of one quantity in the distinct runs, shape (runs,).

        Raises KeyError naming the quantities there are.
        """
        if quantity not in self.runs[0]["values"]:
            raise KeyError(f"quantity: got {quantity!r}, expected one of {sorted(self.runs[0]['values'])}.")
        return np.array([run["values"][quantity] for run in self.distinct])

    def width(self, quantity: str) -> float:
        """How far a new run may lie from the median: twice the largest deviation, or one step, if more.

        Twice, because the largest deviation of a few runs underestimates that of many. The step is the
        quantity's resolution, 1 for a count: ten runs that all find 8 do not exclude a 7.
        """
        values = self.values(quantity)
        deviation = float(np.abs(values - np.median(values)).max())
        return max(2 * deviation, self.resolution.get(quantity, 0.0))

    def reach(self, quantity: str) -> tuple[float, float]:
        """Median ∓ `width`, cut to the quantity's limits."""
        middle, width = float(np.median(self.values(quantity))), self.width(quantity)
        least, largest = self.limits.get(quantity, (-np.inf, np.inf))
        return max(middle - width, least), min(middle + width, largest)

    def too_wide(self, quantity: str) -> str:
        """Why the reach of a quantity asserts nothing, in words; "" when it does.

        A reach asserts something if there are values outside it that one had to expect. So it must not
        contain the trivial value: a player that has learnt nothing would be confirmed. And where both limits
        are known it must not cover more than half of what lies between them: of all values that there are,
        most would pass. Without a trivial value nobody can tell, which is too wide as well.
        """
        low, high = self.reach(quantity)
        least, largest = self.limits.get(quantity, (-np.inf, np.inf))
        if quantity not in self.trivial:
            return "it is not known what a player scores that has learnt nothing"
        if low <= self.trivial[quantity] <= high:
            return f"a player that has learnt nothing scores {self.trivial[quantity]:.3g}, which lies within"
        if largest - least < UNBOUNDED and high - low > (largest - least) / 2:
            return f"it covers more than half of all values there are, [{least:.3g}, {largest:.3g}]"
        return ""

    def confirm(self, **measured: float | int) -> None:
        """Assert that a live run lies within reach of the stored ones, and show one line for each quantity.

        Raises AssertionError with the value, the reach and the number of runs for the first that does not;
        ValueError without any quantity, and for one whose reach is too wide to assert anything.
        """
        if not measured:
            raise ValueError(
                f"measured: got no quantity, expected some of {sorted(self.runs[0]['values'])}."
                " Remedy: confirm(share=share)."
            )
        for quantity, value in measured.items():
            low, high = self.reach(quantity)
            if reason := self.too_wide(quantity):
                raise ValueError(
                    f"{quantity}: got the reach [{low:.3g}, {high:.3g}] of {self.name}, expected one that"
                    f" asserts something: {reason}. Remedy: a quantity that differs less from run to run."
                )
            bound = f"within [{low:.3g}, {high:.3g}], the reach of {len(self.distinct)} stored runs"
            if not low <= float(value) <= high:
                raise AssertionError(
                    f"{self.name}, {quantity}: got {float(value):.4g}, expected a value {bound}."
                    f" Remedy: if the recipe was changed on purpose, measure the spread again: `make spread`."
                )
            self._show(quantity, float(value), bound)

    def _show(self, quantity: str, value: float, bound: str) -> None:
        """One line, the same on every machine, that looks as a claim does; the value travels as metadata."""
        words, what = f"{self.trivial[quantity]:.3g}", f"{self.name}, {_in_words(quantity)}"
        plain = f"✓ {what}: {bound}; nothing learnt: {words}"
        if get_ipython() is None:
            print(plain)
            return
        anchor = re.sub(r"\W+", "-", f"reach-{self.name}-{quantity}")
        page = (
            f'<div class="claim" id="{anchor}"><span class="claim-mark" aria-hidden="true">✓</span> '
            f'<span class="claim-what">{html.escape(what, quote=False)}:</span> '
            f'<span class="claim-bound">holds, {bound}.</span> '
            f'<span class="claim-oracle">Nothing learnt: {words}.</span></div>'
        )
        low, high = self.reach(quantity)
        record = {"id": "", "what": what, "oracle": "", "anchor": anchor, "where": ""}
        record |= {"form": "reach", "bound": bound, "measured": value}
        record |= {"low": low, "high": high, "runs": len(self.distinct)}
        display({"text/plain": plain, "text/html": page}, metadata={"claim": record}, raw=True)


def _in_words(quantity: str) -> str:
    """The name of a quantity as one writes it: without underscores, and Fréchet with his accent."""
    return quantity.replace("_", " ").replace("frechet", "Fréchet distance")

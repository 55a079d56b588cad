"""State a claim of the ledger, measure it, assert it, and leave one line that says how closely it holds."""

import hashlib
import html
import re
import sys
from typing import Any, NamedTuple

import numpy as np
from IPython import get_ipython
from IPython.display import display

from lib.arguments import refusal
from lib.ledger import Coverage, Entry, UnknownClaim, coverage, find, ledger, supplements, titles

__all__ = [
    "ClaimFailed",
    "Coverage",
    "Entry",
    "UnknownClaim",
    "claim",
    "coverage",
    "find",
    "ledger",
    "supplements",
]


class ClaimFailed(AssertionError):
    """A measurement contradicts the statement it was to support."""


class _Outcome(NamedTuple):
    """The entry of the measurement that is closest to failing, or furthest beyond it."""

    form: str
    bound: str
    measured: float
    expected: float
    error: float
    tolerance: float
    where: str
    holds: bool


def claim(
    identifier: str,
    measured: Any,
    expected: Any = None,
    *,
    atol: float | int = 0.0,
    rtol: float | int = 0.0,
    at_least: Any = None,
    at_most: Any = None,
    standard_error: Any = None,
    within: float | int = 4.0,
    what: str = "",
    oracle: str = "",
) -> None:
    """Assert a statement of the ledger and show that it holds.

    Equality: |measured - expected| <= atol + rtol |expected|, for every entry of an array.
    Inequality: at_least <= measured <= at_most (either may be left out), for every entry.
    Statistical: |measured - expected| <= within * standard_error.

    Numbers, NumPy arrays and torch tensors of any shape; `expected`, a bound or a standard error is a scalar
    or has the shape of `measured`. `what` names the part when one entry is asserted in several parts (each
    part needs its own), `oracle` names what the number was compared with.

    Raises ClaimFailed where the statement fails or a number is not finite, UnknownClaim for an identifier
    that is not in the ledger, ValueError where no claim, or more than one, is stated.
    """
    entry = find(identifier)
    value = _numbers("measured", measured)
    if value.size == 0:
        raise ValueError("measured is empty: a claim about nothing cannot fail; measure at least one number.")
    bounds = {"at_least": at_least, "at_most": at_most}
    stated = {name: _like(name, bound, value) for name, bound in bounds.items() if bound is not None}
    if (expected is None) != bool(stated):
        raise ValueError(
            f"claim {identifier}: give either expected (equality, or with standard_error) "
            "or at_least / at_most (inequality), not both and not neither."
        )
    if (atol or rtol) and (stated or standard_error is not None):
        raise ValueError("atol and rtol belong to an equality; move the bound, or change `within`, instead.")
    if stated and standard_error is not None:
        raise ValueError("standard_error belongs to expected; an inequality takes none.")
    with np.errstate(invalid="ignore", over="ignore"):
        if stated:
            outcome = _inequality(value, stated)
        elif standard_error is None:
            outcome = _equality(value, _like("expected", expected, value), atol, rtol)
        else:
            outcome = _statistical(value, _like("expected", expected, value), standard_error, within)
    if not outcome.holds:
        raise ClaimFailed(_explanation(entry, outcome, what, oracle))
    _show(entry, outcome, what, oracle)


def _numbers(name: str, value: Any) -> np.ndarray:
    """`value` as float64, or an error that names what came instead of numbers."""
    if hasattr(value, "detach"):
        value = value.detach().cpu()
        value = (value.double() if value.is_floating_point() else value).numpy()
    if np.ma.is_masked(value):
        got = f"an array with {np.ma.count_masked(value)} entries masked"
        raise ValueError(refusal(name, got, "all entries", f"{name}.compressed()"))
    array = np.asarray(value)
    if array.dtype.kind not in "biuf":
        raise ValueError(refusal(name, f"dtype {array.dtype}", "real numbers", "claim its parts one by one"))
    converted = array.astype(np.float64)
    rounded = _rounded(array, converted)
    if rounded.size:
        remedy = "claim the difference of two exact numbers, expected=0"
        raise ValueError(refusal(name, rounded[0], "numbers that float64 holds exactly", remedy))
    return converted


def _rounded(array: np.ndarray, converted: np.ndarray) -> np.ndarray:
    """The entries that float64 cannot hold: whole numbers beyond 2⁵³ but for some, and longer floats."""
    if array.dtype.kind in "iu":
        large = abs(converted) >= 2.0**53
        back = np.array([int(each) for each in converted[large]], dtype=object)
        return array[large][back != array[large].astype(object)]
    if array.dtype.kind == "f" and array.dtype.itemsize > 8:
        return array[(converted != array) & ~np.isnan(array)]
    return np.array([])


def _like(name: str, value: Any, measured: np.ndarray) -> np.ndarray:
    """`value` in the shape of `measured`; only a scalar is repeated, because broadcasting hides mistakes."""
    array = _numbers(name, value)
    if array.shape not in ((), measured.shape):
        raise ValueError(
            f"{name} has shape {array.shape}, measured has shape {measured.shape}; "
            "they must agree (or the former be one number): index or reshape before claiming."
        )
    return np.broadcast_to(array, measured.shape)


def _outcome(form: str, bound: str, *, measured: Any, expected: Any, error: Any, tolerance: Any) -> _Outcome:
    """Report the entry whose error exceeds its tolerance most; anything not finite counts as exceeding it."""
    excess = np.where(np.isfinite(measured) & np.isfinite(expected), error - tolerance, np.inf)
    worst = np.unravel_index(np.argmax(excess), excess.shape)
    where = f"entry {tuple(int(i) for i in worst)} of shape {excess.shape}" if excess.shape else ""
    numbers = (
        float(np.broadcast_to(each, excess.shape)[worst]) for each in (measured, expected, error, tolerance)
    )
    return _Outcome(form, bound, *numbers, where, bool(excess[worst] <= 0))


def _equality(measured: np.ndarray, expected: np.ndarray, atol: float | int, rtol: float | int) -> _Outcome:
    for name, value in (("atol", atol), ("rtol", rtol)):
        if not (np.isfinite(value) and value >= 0):
            raise ValueError(f"{name} must be a finite number of at least 0, got {value!r}.")
    parts = [_written(np.array(atol))] if atol else []
    parts += [f"{_written(np.array(rtol))} of the expected value"] if rtol else []
    bound = "error at most " + " + ".join(parts) if parts else "exactly"
    error, tolerance = np.abs(measured - expected), atol + rtol * np.abs(expected)
    return _outcome("equality", bound, measured=measured, expected=expected, error=error, tolerance=tolerance)


def _inequality(measured: np.ndarray, bounds: dict[str, np.ndarray]) -> _Outcome:
    words = ", ".join(f"{name.replace('_', ' ')} {_written(bound)}" for name, bound in bounds.items())
    form, outcomes = " and ".join(bounds).replace("_", " "), []
    for name, bound in bounds.items():
        # the error is negative by the room that is left
        error = bound - measured if name == "at_least" else measured - bound
        outcomes.append(_outcome(form, words, measured=measured, expected=bound, error=error, tolerance=0.0))
    return max(outcomes, key=lambda outcome: (not outcome.holds, outcome.error))


def _statistical(
    measured: np.ndarray, expected: np.ndarray, standard_error: Any, within: float | int
) -> _Outcome:
    spread = _like("standard_error", standard_error, measured)
    if not np.all(np.isfinite(spread) & (spread > 0)):
        raise ValueError(
            "standard_error must be finite and positive everywhere: with no spread nothing is tested."
        )
    if not (np.isfinite(within) and within > 0):
        raise ValueError(f"within must be a positive number of standard errors, got {within!r}.")
    error, tolerance = np.abs(measured - expected), within * spread
    bound = f"within {_written(np.array(within))} standard errors"
    return _outcome(
        "statistical", bound, measured=measured, expected=expected, error=error, tolerance=tolerance
    )


def _written(bound: np.ndarray) -> str:
    """The bound if it was written by hand; the digits of a computed one may differ between machines."""
    first = float(bound.flat[0])
    written = np.all(bound == first) and float(f"{first:.6g}") == first
    return f"{first:g}" if written else "the bound computed beside it"


def _explanation(entry: Entry, outcome: _Outcome, what: str, oracle: str) -> str:
    lines = [
        f"claim {entry.id} fails" + (f" ({what})" if what else ""),
        f"  statement  {entry.statement}",
        f"  measured   {outcome.measured!r}" + (f", at {outcome.where}" if outcome.where else ""),
        f"  expected   {outcome.expected!r}" + (f", by {oracle}" if oracle else ""),
        f"  error      {outcome.error:.6g}",
        f"  tolerance  {outcome.tolerance:.6g} ({outcome.form}: {outcome.bound})",
    ]
    if not np.isfinite([outcome.measured, outcome.expected]).all():
        lines.append("  a number that is not finite supports no statement: look for the step that made it")
    return "\n".join(lines)


def _show(entry: Entry, outcome: _Outcome, what: str, oracle: str) -> None:
    """One line, the same on every machine; the digits measured here travel in the output's metadata."""
    statement = entry.statement.rstrip(".")
    plain = f"✓ {entry.id}  {what or statement}: holds, {outcome.bound}" + (f" ({oracle})" if oracle else "")
    if get_ipython() is None:
        print(plain)
        return
    anchor = f"claim-{entry.id}" + (f"-{hashlib.sha256(what.encode()).hexdigest()[:6]}" if what else "")
    # the chapter has just stated the entry in full; a part names itself, and the ledger page has the rest
    rows = [("what", f"{what}:") if what else ("statement", f"{statement}:")]
    rows += [("bound", f"holds, {outcome.bound}."), ("oracle", f"Against: {oracle}." if oracle else "")]
    cells = " ".join(f'<span class="claim-{name}">{_with_maths(text)}</span>' for name, text in rows if text)
    page = (
        f'<div class="claim" id="{anchor}" data-claim="{entry.id}">'
        f'<span class="claim-mark" aria-hidden="true">✓</span> '
        f'<span class="claim-id">{entry.id}</span> {cells}</div>'
    )
    record = {"id": entry.id, "what": what, "oracle": oracle, "anchor": anchor, "where": outcome.where}
    record |= {name: getattr(outcome, name) for name in ("form", "bound", "measured", "expected")}
    record |= {"error": outcome.error, "tolerance": outcome.tolerance}
    display({"text/plain": plain, "text/html": page}, metadata={"claim": record}, raw=True)


def _with_maths(text: str) -> str:
    r"""HTML with ``$…$`` as ``\(…\)`` in the element in which Jupyter and Sphinx both let MathJax look."""
    element = r'<span class="math notranslate nohighlight">\\(\1\\)</span>'
    return re.sub(r"\$([^$]+)\$", element, html.escape(text, quote=False))


def main(arguments: list[str]) -> int:
    """Print what each chapter asserts; return 1 where an identifier is unknown or an entry left out."""
    found = coverage(arguments[0] if arguments else "chapters")
    everything = ledger() + supplements()
    for chapter in titles():
        own = [entry for entry in everything if entry.chapter == chapter]
        checkable = [entry for entry in own if entry.kind == "check"]
        done = sum(chapter in found.asserted.get(entry.id, ()) for entry in checkable)
        state = f"{done} of {len(checkable)} asserted" if chapter in found.chapters else "not yet written"
        print(f"{chapter:34} {len(own):3} entries, {len(own) - len(checkable)} in prose: {state}")
    print(f"{len(ledger())} statements of the sources, {len(supplements())} supplements")
    problems = [f"unknown identifier: {each}" for each in found.unknown]
    problems += [f"not asserted: {each}" for each in found.missing]
    problems += [f"cannot be read: {each}" for each in found.unreadable]
    print("\n".join(problems) if problems else "nothing is missing")
    return 0 if found.complete else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

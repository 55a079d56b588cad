"""Dress the claims of an executed chapter for its page: what was measured, beside what was allowed.

What a notebook stores of a claim is the same on every machine; the digits measured on this one travel in the
output's metadata. Here both meet. More than three claims under one cell become one line that unfolds.
"""

import math
import re
from html import escape
from itertools import groupby

LONGEST_RUN = 3
BOUND = re.compile(r'<span class="claim-bound">(?P<words>.*?)</span>', flags=re.DOTALL)
IDENTIFIER = re.compile(r'<span class="claim-id">(?P<id>[^<]*)</span>')
POWER = re.compile(r"(?<![\w.])(?P<front>\d(?:\.\d+)?)[eE](?P<power>[-+]?\d+)(?!\w)")
ABOVE = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
MINUS = re.compile(r"(?<![\w⁻])-(?=\d)")
COMPUTED = "the bound computed beside it"


def powers(text: str) -> str:
    """Write `1e-12` as `10⁻¹²`, `2e-05` as `2 × 10⁻⁵`, which no line breaks, and `-1` with a true minus."""

    def power(match: re.Match) -> str:
        front = "" if float(match["front"]) == 1 else f"{match['front']}\u00a0×\u00a0"
        return f"{front}10{str(int(match['power'])).translate(ABOVE)}"

    return MINUS.sub("−", POWER.sub(power, text))


def number(value: float, digits: int) -> str:
    """Return a number with so many significant digits, as the book prints it."""
    text = f"{value:.{digits}g}"
    return powers(text.replace("e+", "e"))


def beside(record: dict) -> tuple[str, str]:
    """Return in words what was measured and what was allowed; `record` is the metadata of one claim.

    The claim's worst entry speaks for all of them. Raises ValueError for a form that is not known.
    """
    form, value = record["form"], record["measured"]
    if form == "equality":
        return difference(record)
    if form == "statistical":
        found = f"measured {number(value, 4)}, expected {number(record['expected'], 4)}"
        times = re.search(r"[\d.]+", record["bound"])[0]
        allowed = f"allowed {number(record['tolerance'], 2)} ({times} standard errors)"
        return f"{found}, off by {number(record['error'], 2)}{worst(record)}", allowed
    if form == "reach":
        return f"measured {number(value, 3)}", f"allowed {powers(record['bound'].removeprefix('within '))}"
    if form in ("at least", "at most", "at least and at most"):
        bound = record["bound"].replace(COMPUTED, number(record["expected"], 5))
        return f"measured {number(value, 4)}{worst(record)}", f"allowed {powers(bound)}"
    raise ValueError(f"form: got {form!r}, expected equality, an inequality, statistical or reach.")


def difference(record: dict) -> tuple[str, str]:
    """Return the error of an equality and its tolerance, and the number itself where there is only one."""
    found = "" if worst(record) else f"measured {number(record['measured'], 5)}, "
    if record["tolerance"] == 0:
        return f"{found}exactly equal", "no error allowed"
    return (
        f"{found}error {number(record['error'], 2)}{worst(record)}",
        f"allowed {number(record['tolerance'], 2)}",
    )


def worst(record: dict) -> str:
    """Return `` at the worst of 200`` for a measurement of many numbers, else nothing."""
    shape = re.search(r"of shape \(([\d, ]+)\)", record.get("where") or "")
    if not shape:
        return ""
    count = math.prod(int(side) for side in re.findall(r"\d+", shape[1]))
    return f" at the worst of {count:,}".replace(",", "\u202f") if count > 1 else ""


def dressed_line(markup: str, record: dict) -> str:
    """Return a claim's line with its numbers, and with its identifier as a link to the ledger.

    Raises ValueError where the line has no place for the numbers: they must not get lost in silence.
    """
    measured, allowed = (escape(words, quote=False) for words in beside(record))
    numbers = (
        f'<span class="claim-bound">holds, <span class="claim-measured">{measured}</span>, '
        f'<span class="claim-allowed">{allowed}</span>.</span>'
    )
    line, found = BOUND.subn(lambda match: numbers, markup)
    if found != 1:
        name = record.get("id") or record["what"]
        raise ValueError(f"claim {name}: got {found} bounds in its line, expected one.")
    return IDENTIFIER.sub(linked, written(line))


def written(markup: str) -> str:
    """Return markup with powers of ten in its text; tags and formulas stay as they are."""
    pieces = re.split(r"(<[^>]*>|\\\(.*?\\\))", markup)
    return "".join(piece if index % 2 else powers(piece) for index, piece in enumerate(pieces))


def linked(match: re.Match) -> str:
    """Return the identifier of a claim as a link that says what such a number is."""
    name = match["id"]
    kind = (
        "a statement that this book adds"
        if name.startswith("X")
        else "a statement of one of the book’s sources"
    )
    title = f"{name} in the ledger: {kind}, where it comes from, and whether it was right"
    return f'<a class="claim-id" href="ledger.html#entry-{name}" title="{title}">{name}</a>'


def dress(notebook: dict) -> None:
    """Dress all claims of a notebook (as JSON), in place, and fold long runs of them."""
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = list(with_runs_folded(cell["outputs"]))


def with_runs_folded(outputs: list[dict]) -> list[dict]:
    """Return the outputs of a cell with dressed claims; a run of more than three becomes one output."""
    shown = []
    for claims, run in groupby(outputs, key=is_claim):
        run = [with_numbers(output) for output in run] if claims else list(run)
        shown += [folded(run)] if claims and len(run) > LONGEST_RUN else run
    return shown


def is_claim(output: dict) -> bool:
    """Return whether an output is the line of a claim."""
    return "claim" in output.get("metadata", {}) and "text/html" in output.get("data", {})


def with_numbers(output: dict) -> dict:
    """Return the output of one claim, dressed."""
    markup = "".join(output["data"]["text/html"])
    data = output["data"] | {"text/html": dressed_line(markup, output["metadata"]["claim"])}
    return {**output, "data": data}


def folded(run: list[dict]) -> dict:
    """Return one output for many claims: how many hold, and the lines themselves behind that."""
    records = [output["metadata"]["claim"] for output in run]
    names = dict.fromkeys(record["id"] for record in records if record.get("id"))
    of = f' <span class="claims-of">{", ".join(names)}</span>' if names else ""
    lines = "\n".join(output["data"]["text/html"] for output in run)
    mark = '<span class="claim-mark" aria-hidden="true">✓</span>'
    page = (
        f'<details class="claims"><summary>{mark} {len(run)} checks hold{of}</summary>\n{lines}\n</details>'
    )
    plain = "\n".join("".join(output["data"]["text/plain"]) for output in run)
    return {
        "output_type": "display_data",
        "data": {"text/plain": plain, "text/html": page},
        "metadata": {"claims": records},
    }

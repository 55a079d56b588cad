"""What its authors published of the league: figures that are theirs."""

import csv
from functools import cache
from pathlib import Path
from typing import NamedTuple

NETWORKS = ("sort-out", "SN", "GP", "LP", "clip", "qp")  # kinds of critic; "plan" is none


class Published(NamedTuple):
    """One row of their tables.

    W₁; the best mean cosine and who had it; the cosine of six kinds of critic and of the plan between two
    batches; the best mean squared error of the gradient and who had it.
    """

    distance: float
    cosine: float
    kind: str
    cosines: dict[str, float]
    plan: float
    error: float
    error_kind: str


@cache
def figures() -> dict[tuple[int, int], Published]:
    """All 28, by dimension and funnels. Source: Korotin, Kolesov and Burnaev 2022, tables 1 to 4."""
    with (Path(__file__).parent / "published.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {
        (int(row["dimension"]), int(row["funnels"])): Published(
            float(row["distance"]),
            float(row["cosine"]),
            row["kind"],
            {kind: float(row[kind]) for kind in NETWORKS},
            float(row["plan"]),
            float(row["error"]),
            row["error kind"],
        )
        for row in rows
    }

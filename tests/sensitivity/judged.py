"""The changes that nothing need notice, each with the reason, as they stand beside the planted faults."""

import tomllib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from changes import Change

FOLDER = Path(__file__).resolve().parents[1] / "faults"


@dataclass(frozen=True)
class Judged:
    """What is known of a chapter: the share to be noticed, the cells of the sample, the judged survivors."""

    threshold: float
    sample: tuple[str, ...]
    entries: tuple[dict[str, str], ...]

    def reason(self, change: Change) -> str:
        """Why nothing need notice this change; "" when nobody has judged it."""
        return next((each["reason"] for each in self.entries if _fits(each, change)), "")

    def unused(self, survivors: Iterable[Change], tried: Iterable[Change]) -> list[str]:
        """Judgements that the code has left behind: of changes that are noticed by now, or gone."""
        left, seen = list(survivors), Counter(change.cell for change in tried)
        return [
            f"{each['cell']}: {each['change']!r} in {each['code']!r}"
            for each in self.entries
            if seen[each["cell"]] and not any(_fits(each, change) for change in left)
        ]


def _fits(entry: dict[str, str], change: Change) -> bool:
    """An entry names the cell, a piece of the line, and the change, or `*` for every change of that line."""
    named = entry["change"] in ("*", change.name)
    return entry["cell"] == change.cell and entry["code"] in change.text and named


def read(number: int) -> Judged:
    """`tests/faults/judged_NN.toml`. ValueError where an entry lacks its cell, code, change or reason."""
    path = FOLDER / f"judged_{number:02}.toml"
    if not path.is_file():
        return Judged(0.95, (), ())
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    for entry in content.get("judged", []):
        missing = {"cell", "code", "change", "reason"} - {key for key, text in entry.items() if text}
        if missing:
            raise ValueError(f"{path.name}: the entry {entry} lacks {', '.join(sorted(missing))}.")
    return Judged(content["threshold"], tuple(content["sample"]), tuple(content.get("judged", ())))


def numbers() -> list[int]:
    """The chapters that have such a file."""
    return sorted(int(path.stem[-2:]) for path in FOLDER.glob("judged_[0-9][0-9].toml"))

"""Rules about what a chapter shows: its stored outputs, or those of a fresh run."""

import math
import re

from nbformat import NotebookNode

from reading import CHECKED, HIDDEN, calls, code_cells, colour_counts, outputs, picture, shown_text, tags

MACHINE_PATH = re.compile(
    r"(?<![\w./:])(?:/(?:home|Users|root|tmp|work|content|var/folders|opt|mnt)/|[A-Z]:\\)[\w.~-]"
)
PROGRESS = re.compile(r"\d+%\|.*\||\d+(\.\d+)?(it/s|s/it)|\r")
REPR = re.compile(r"<(?:matplotlib|mpl_toolkits)\.|Text\(\d|Silent\w*\(|<\w[\w. ]* at 0x[0-9a-f]+>")
NOT_FINITE = re.compile(r"(?<![\w.\\])[-+]?(nan|inf)(?![\w])", re.IGNORECASE)
EMPTY_ALT = re.compile(r"^(a |an |the )?(figure|image|picture|plot|graph) (of|showing)\b", re.IGNORECASE)


def execution_counts(notebook: NotebookNode) -> list[str]:
    """The cells were run once each, from top to bottom, in one fresh kernel."""
    counts = [(cell.id, cell.execution_count) for cell in code_cells(notebook)]
    return [
        f"cell {name}: execution count {count}, expected {expected}; store a fresh run with `make record`"
        for expected, (name, count) in enumerate(counts, start=1)
        if count != expected
    ]


def stored_errors(notebook: NotebookNode) -> list[str]:
    """No cell ends in an error unless it is there to show one."""
    return [
        f"cell {cell.id}: stored {output.ename}: {output.evalue}"
        for cell, output in outputs(notebook)
        if output.output_type == "error" and "raises-exception" not in tags(cell)
    ]


def unused_raises_exception(notebook: NotebookNode) -> list[str]:
    """A cell that is marked as raising does raise."""
    return [
        f"cell {cell.id}: tagged raises-exception, but it stored no error"
        for cell in code_cells(notebook)
        if "raises-exception" in tags(cell) and not any(o.output_type == "error" for o in cell.outputs)
    ]


def stray_outputs(notebook: NotebookNode) -> list[str]:
    """No warnings, progress bars or representations of plotting objects."""
    return [
        f"cell {cell.id}: {fault}: {shown_text(output).strip()[:80]!r}"
        for cell, output in outputs(notebook)
        if (
            fault := _stray(output, beside_figure=any("image/png" in o.get("data", {}) for o in cell.outputs))
        )
    ]


def _stray(output: NotebookNode, beside_figure: bool) -> str:
    if output.output_type == "stream":
        if output.name == "stderr":
            return "writes to stderr"
        return "the rest of a progress bar" if PROGRESS.search(output.text) else ""
    data = output.get("data", {})
    if output.output_type == "execute_result" and beside_figure:
        return "shows a value beside its figure"
    silent = "image/png" in data or any("widget" in kind for kind in data)
    return "shows an object's representation" if not silent and REPR.search(shown_text(output)) else ""


def claims_are_compared(notebook: NotebookNode) -> list[str]:
    """Cells that claim are compared when run again, others are not, and what is compared was stored."""
    complaints = []
    for cell in code_cells(notebook):
        claims, checked = calls(cell, "claim"), CHECKED in tags(cell)
        if claims != checked:
            complaints.append(
                f"cell {cell.id}: {'claims without' if claims else 'no claim, but'} the tag {CHECKED}"
            )
        if checked and not cell.outputs:
            complaints.append(f"cell {cell.id}: tagged {CHECKED}, but no output is stored")
        if claims and not any("claim" in output.get("metadata", {}) for output in cell.outputs):
            complaints.append(f"cell {cell.id}: claims, but no claim is among its outputs")
        if claims and calls(
            cell, "progress"
        ):  # the bar that is stored is not the one a fresh run begins with
            complaints.append(f"cell {cell.id}: claims beside a progress bar; claim in a cell of its own")
    return complaints


def alt_text(notebook: NotebookNode) -> list[str]:
    """Every figure says in words what to see."""
    complaints = []
    for cell in code_cells(notebook):
        if not any(any(kind.startswith("image/") for kind in o.get("data", {})) for o in cell.outputs):
            continue
        alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "").strip()
        if not alt:
            complaints.append(f"cell {cell.id}: a figure without metadata.mystnb.image.alt")
        elif len(alt) < 30 or len(alt.split()) < 6:
            complaints.append(f"cell {cell.id}: the alt text {alt!r} is too short to say what to see")
        elif EMPTY_ALT.match(alt):
            complaints.append(
                f"cell {cell.id}: a screen reader already says that it is a figure; begin with what to see"
            )
        if not tags(cell) & HIDDEN:
            complaints.append(f"cell {cell.id}: the code of a figure is hidden by the tag hide-input")
    return complaints


def blank_figures(notebook: NotebookNode) -> list[str]:
    """A figure shows something: several colours, on more than a speck."""
    complaints = []
    for cell, output in outputs(notebook):
        pixels = picture(output)
        if pixels is None:
            continue
        counts = colour_counts(pixels)
        ink = 1 - counts.max() / counts.sum()
        if len(counts) < 8 or ink < 0.005:
            complaints.append(
                f"cell {cell.id}: a blank figure ({len(counts)} colours, {ink:.2%} of its area inked)"
            )
    return complaints


def finite_numbers(notebook: NotebookNode) -> list[str]:
    """No displayed number is nan or infinite; the tag `shows-non-finite` excuses cells that teach it."""
    complaints = []
    for cell, output in outputs(notebook):
        claim = output.get("metadata", {}).get("claim", {})
        bad = [k for k, v in claim.items() if isinstance(v, float | int) and not math.isfinite(v)]
        bad += [
            k
            for k, v in claim.items()
            if isinstance(v, str) and k != "what" and NOT_FINITE.fullmatch(v.strip())
        ]
        if "shows-non-finite" not in tags(cell) and NOT_FINITE.search(shown_text(output)):
            bad.append(shown_text(output).strip()[:80])
        complaints += [f"cell {cell.id}: not finite: {what!r}" for what in bad]
    return complaints


def machine_paths(notebook: NotebookNode) -> list[str]:
    """Nothing of the machine that ran the chapter shows."""
    complaints = []
    for cell in notebook.cells:
        texts = [cell.source]
        for output in cell.get("outputs", []):
            texts += [
                shown_text(output),
                output.get("data", {}).get("text/html", ""),
                *output.get("traceback", []),
            ]
        found = next((match.group() for text in texts if (match := MACHINE_PATH.search(text))), None)
        if found:
            complaints.append(f"cell {cell.id}: holds a path of one machine, {found!r}...")
    return complaints

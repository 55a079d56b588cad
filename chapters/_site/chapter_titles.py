"""What the record pages know of the chapters: which exist in the staged source, and what they are called."""

import json
import re
from pathlib import Path

# Words that a file name cannot spell as a title does.
SPELLING = {"gan": "GAN", "gans": "GANs", "kantorovich": "Kantorovich", "wasserstein": "Wasserstein"}


def from_stem(stem: str) -> str:
    """Return a title made from a file name: `09_training_gans` gives `9 · Training GANs`."""
    number, _, rest = stem.partition("_")
    words = [SPELLING.get(word, word) for word in rest.split("_")]
    title = " ".join(words)
    if words[0] == "f":  # the letter of f-divergences stays small
        title = title.replace("f ", "f-", 1)
    else:
        title = title[0].upper() + title[1:]
    return f"{int(number)} · {title}"


def title(notebook: Path) -> str:
    """Return the first heading of a notebook, or the title made from its file name if it has none."""
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "markdown":
            heading = re.search(r"^# (.+)$", "".join(cell["source"]), flags=re.MULTILINE)
            if heading:
                return heading[1].strip()
    return from_stem(notebook.stem)

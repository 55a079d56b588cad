"""What the record pages call a chapter that exists in the staged source: by its own first heading."""

import json
import re
from pathlib import Path


def title(notebook: Path) -> str:
    """Return the first heading of a notebook; ValueError where it has none."""
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "markdown":
            heading = re.search(r"^# (.+)$", "".join(cell["source"]), flags=re.MULTILINE)
            if heading:
                return heading[1].strip()
    raise ValueError(
        f"{notebook.name}: got no heading, expected `# Title` in a Markdown cell. Remedy: write it."
    )

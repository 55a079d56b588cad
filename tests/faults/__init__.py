"""The faults that the tests must notice, each small, plausible, and silent by itself.

They stand in files by the number of the chapter (`08_….py`; `00_….py` for the library and what all chapters
share), each with a tuple `FAULTS`, and are found by their names: a new chapter brings its file along.
"""

import importlib.util
from pathlib import Path

from faults.planting import Fault


def _of(path: Path) -> tuple[Fault, ...]:
    specification = importlib.util.spec_from_file_location(f"faults_{path.stem}", path)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module.FAULTS


FILES = tuple(sorted(Path(__file__).parent.glob("[0-9][0-9]_*.py")))
_GROUPS = {path: _of(path) for path in FILES}
FAULTS = tuple(fault for group in _GROUPS.values() for fault in group)
PLANTED_BY = {fault.name: path.name[:2] for path, group in _GROUPS.items() for fault in group}  # "16"

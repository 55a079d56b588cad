"""Whether JupyterLab is here: it has requirements of its own, which `make book` does not install."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

REQUIREMENTS = Path(__file__).resolve().parents[2] / "requirements-lab.txt"
NO_LAB = """\
The lab layer was NOT RUN: no JupyterLab here, so nothing has opened the chapters in it.
  .venv/bin/python -m pip install -r requirements-lab.txt   (or `make lab`, which also starts it)"""


def missing() -> str:
    """Return "" when the layer can run, else the remedy; where CI=true JupyterLab is installed first.

    Raises subprocess.CalledProcessError when that installation fails.
    """
    if find_spec("jupyterlab") is None and os.environ.get("CI"):
        command = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--disable-pip-version-check",
            "--quiet",
            "--no-compile",
        ]
        subprocess.run([*command, "-r", str(REQUIREMENTS)], check=True)
        return ""
    return "" if find_spec("jupyterlab") else NO_LAB

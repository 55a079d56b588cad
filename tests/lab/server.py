"""A JupyterLab of this environment, with settings of its own, on a copy of the chapters."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

CHAPTERS = Path(__file__).resolve().parents[2] / "chapters"
STARTING = 60  # seconds

# All cells are put into the page, not only those in sight; nothing is asked of other servers.
SETTINGS = {
    "notebook-extension/tracker": {"windowingMode": "none"},
    "apputils-extension/notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": True,
    },
}


def prepare(folder: Path, theme: str) -> dict[str, str]:
    """Copy the chapters, write the settings, and return the variables that keep this Lab to itself."""
    shutil.copytree(CHAPTERS, folder / "chapters", ignore=shutil.ignore_patterns("_*"))
    for name, values in {**SETTINGS, "apputils-extension/themes": {"theme": theme}}.items():
        path = folder / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values))
    return os.environ | {
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "JUPYTER_NO_CONFIG": "1",
        "IPYTHONDIR": str(folder / "ipython"),
        "OMP_NUM_THREADS": "1",
    }


@contextmanager
def jupyterlab(folder: Path, theme: str = "JupyterLab Light") -> Iterator[Callable[[str], str]]:
    """Run JupyterLab on a copy of the chapters in `folder`; the function that gives a file's address."""
    environment = prepare(folder, theme)
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ServerApp.port=0"]
    # As root, which it may be in a container, it starts only when told so.
    command += ["--ServerApp.allow_root=True", f"--ServerApp.root_dir={folder / 'chapters'}"]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        yield listening(process, folder)
    finally:
        process.terminate()
        process.wait(timeout=30)


def listening(process: subprocess.Popen, folder: Path) -> Callable[[str], str]:
    """Return {file: its address} as a function, once the server listens; RuntimeError if it does not."""
    for _ in range(STARTING * 5):
        if process.poll() is not None:
            break
        for path in (folder / "runtime").glob("jpserver-*.json"):
            if text := path.read_text():
                server = json.loads(text)
                return lambda name: f"{server['url']}lab/tree/{name}?reset&token={server['token']}"
        time.sleep(0.2)
    raise RuntimeError(f"JupyterLab did not start:\n{(folder / 'log').read_text()[-2000:]}")

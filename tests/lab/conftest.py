"""JupyterLab of this environment, and a headless Chromium to look at it."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright
from server import jupyterlab


@pytest.fixture(scope="session")
def folder(tmp_path_factory) -> Path:
    """Where JupyterLab finds its copy of the chapters, and keeps everything else."""
    return tmp_path_factory.mktemp("lab")


@pytest.fixture(scope="session")
def lab(folder) -> Iterator[Callable[[str], str]]:
    """The address of a notebook, by its name, in a running JupyterLab."""
    with jupyterlab(folder) as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The Chromium of this machine ($CHROMIUM or one on the PATH), headless; it is never downloaded."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if found is None:
        pytest.fail("no Chromium on the PATH; on Debian: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()

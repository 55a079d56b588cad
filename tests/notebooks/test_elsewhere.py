"""A plain installation of the library, outside this clone, has all files and runs a chapter, as on Colab."""

import asyncio
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import nbformat
import pytest
from jupyter_client.kernelspec import KernelSpec
from nbclient import NotebookClient

import execute

ROOT = Path(__file__).resolve().parents[2]
CHAPTER = ROOT / "chapters" / "12_kantorovich_duality.ipynb"  # short, with claims, figures and explorers


def listed(*folders: str) -> list[str]:
    """The files that git tracks or would track."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *folders]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    return sorted({name for name in names if name and (ROOT / name).is_file()})


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The library as pip builds it, from a copy, so that the clone stays clean."""
    source = tmp_path_factory.mktemp("source")
    for name in listed("lib", "pyproject.toml", "README.md", "LICENSE"):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes((ROOT / name).read_bytes())
    target = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", str(target)]
    subprocess.run([*pip, "wheel", *options, str(source)], check=True, capture_output=True, text=True)
    (made,) = target.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def python(wheel, tmp_path_factory) -> Path:
    """An environment with the library from the wheel, and this one's other packages, but not the clone."""
    folder = tmp_path_factory.mktemp("an environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    interpreter = folder / "bin" / "python"
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    done = subprocess.run([interpreter, "-c", code], check=True, capture_output=True, text=True)
    packages = Path(done.stdout.strip())
    # A path named in a .pth file is searched, but .pth files in there are not read: no way to the clone.
    (packages / "others.pth").write_text(sysconfig.get_path("purelib") + "\n")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(interpreter)]
    install = [*pip, "install", "--no-deps", "--no-index", "--ignore-installed", str(wheel)]
    subprocess.run(install, check=True, capture_output=True, text=True)
    return interpreter


@pytest.fixture(autouse=True)
def no_way_back(monkeypatch):
    """The clone is not to be found by way of the environment either."""
    monkeypatch.delenv("PYTHONPATH", raising=False)


def test_wheel_holds_every_file_of_the_library(wheel):
    inside = [name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name]
    assert sorted(inside) == listed("lib"), "list new packages and kinds of files in pyproject.toml"


def test_every_module_is_importable_outside_the_clone(python, tmp_path):
    files = [name for name in listed("lib") if name.endswith(".py")]
    names = [name.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for name in files]
    code = f"import importlib, lib\nfor name in {names}: importlib.import_module(name)\nprint(lib.__file__)"
    done = subprocess.run([python, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()).is_relative_to(python.parents[1])


def test_chapter_runs_to_its_end_outside_the_clone(python, tmp_path):
    class Installed(execute.OwnInterpreter):
        @property
        def kernel_spec(self):
            argv = [str(python), *super().kernel_spec.argv[1:]]
            return KernelSpec(argv=argv, display_name="Python 3", language="python")

    notebook = nbformat.read(CHAPTER, as_version=4)
    shown = nbformat.v4.new_code_cell("import lib\nprint(lib.__file__)", id="where")
    notebook.cells.append(shown)
    client = NotebookClient(
        notebook, km=Installed(), timeout=300, resources={"metadata": {"path": str(tmp_path)}}
    )
    client.owns_km = True
    asyncio.run(client.async_execute())
    assert Path(shown.outputs[0].text.strip()).is_relative_to(python.parents[1])

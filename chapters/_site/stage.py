"""Put the sources of the site together in `_build/source/`, touching only what changed.

Sphinx decides by modification times what to read again, so a file whose content is the same is left alone.
"""

import copy
import json
import re
from pathlib import Path

import yaml

import claim_lines
import dress
from captions import put_captions

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "_build"
SOURCE = BUILD / "source"
LEFT_OUT = ("_site", "_build", "__pycache__")


def resolve_config(config: dict, repository: str, extension: Path) -> dict:
    """Return the configuration with the repository's address, or without the buttons that would need one."""
    resolved = copy.deepcopy(config)
    known = bool(repository)
    # Jupyter Book insists on some address; with every button off, this one is never shown.
    resolved["repository"]["url"] = repository or "https://github.com/owner/name"
    for button in ("use_repository_button", "use_edit_page_button", "use_issues_button"):
        resolved["html"][button] = known
    if not known:
        resolved["launch_buttons"] = {
            key: "" if key.endswith("_url") else value for key, value in config["launch_buttons"].items()
        }
    resolved["html"]["favicon"] = ""  # set by the extension, which knows where it lies
    resolved["sphinx"]["local_extensions"] = {"extension": str(extension)}
    return resolved


def resolve_toc(toc: dict, folder: Path) -> dict:
    """Return the contents, relative to `folder`, without chapters that do not exist and empty parts."""
    inside = f"{folder.name}/"

    def exists(stem: str) -> bool:
        return any((folder / f"{stem}{suffix}").is_file() for suffix in (".ipynb", ".md"))

    parts = []
    for part in toc["parts"]:
        stems = [entry["file"].removeprefix(inside) for entry in part["chapters"]]
        chapters = [{"file": stem} for stem in stems if exists(stem)]
        if chapters:
            parts.append({**part, "chapters": chapters})
    return {**toc, "root": toc["root"].removeprefix(inside), "parts": parts}


def dressed(notebook: bytes, stem: str) -> bytes:
    """Return a notebook dressed for the page: a numbered title, directives, folds that say what they fold.

    Raises ValueError, with the cell, where prose breaks the grammar of `blocks`.
    """
    content = json.loads(notebook)
    first = next((cell for cell in content["cells"] if cell["cell_type"] == "markdown"), None)
    if first:
        text = "".join(first["source"])
        first["source"] = re.sub(r"^# (?=\D)", f"# {int(stem[:2])} · ", text, count=1, flags=re.MULTILINE)
    for cell in content["cells"]:
        if cell["cell_type"] == "markdown":
            try:
                cell["source"] = dress.dressed("".join(cell["source"]))
            except ValueError as error:
                raise ValueError(f"{stem}.ipynb, cell {cell['id']}: {error}") from error
        tags = cell["metadata"].get("tags", [])
        if cell.get("id", "").endswith("-solution"):
            thing = "the solution"
        elif "hide-input" in tags:
            thing = "the code"
        else:
            continue
        prompts = {"code_prompt_show": f"Show {thing}", "code_prompt_hide": f"Hide {thing}"}
        cell["metadata"]["mystnb"] = prompts | cell["metadata"].get("mystnb", {})
    put_captions(content)
    claim_lines.dress(content)
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


def put(path: Path, content: bytes) -> bool:
    """Write a file if its content differs, and say whether it did."""
    if path.is_file() and path.read_bytes() == content:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return True


def sources(chapters: Path, executed: Path) -> dict[str, bytes]:
    """Return {path below the source folder: content}: pages as they are, chapters as they were executed.

    Raises FileNotFoundError for a chapter that was not executed.
    """
    files = {}
    for path in sorted(chapters.rglob("*")):
        relative = path.relative_to(chapters)
        hidden = any(part in LEFT_OUT or part.startswith(".") for part in relative.parts)
        if not path.is_file() or hidden:
            continue
        if path.suffix == ".ipynb" and path.parent == chapters:
            files[f"executed/{path.stem}.json"] = (executed / f"{path.stem}.json").read_bytes()
            content = dressed((executed / path.name).read_bytes(), path.stem)
        else:
            content = path.read_bytes()
            if path.suffix == ".md":
                content = dress.dressed(content.decode()).encode()
        files[f"chapters/{relative.as_posix()}"] = content
    return files


def dump(content: dict) -> bytes:
    """Return YAML; every JSON text is YAML, and its writer keeps the order of keys."""
    return (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode()


def stage(repository: str, root: Path = ROOT, target: Path = SOURCE) -> list[Path]:
    """Make `target` hold exactly the sources of the site; return what was written or removed."""
    config = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    files = sources(root / "chapters", root / "_build" / "executed")
    files["_config.yml"] = dump(resolve_config(config, repository, root / "chapters" / "_site"))
    files["_toc.yml"] = dump(resolve_toc(toc, root / "chapters"))
    changed = [target / name for name, content in files.items() if put(target / name, content)]
    for path in sorted(target.rglob("*"), reverse=True):
        if path.is_file() and path.relative_to(target).as_posix() not in files:
            path.unlink()
            changed.append(path)
    return changed

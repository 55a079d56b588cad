"""Make the book: execute what is stale, stage the sources, render `_build/html`.

    python chapters/_site/build.py [--jobs N] [--force]

Fails when a chapter raises, when Sphinx warns of anything, and when a reference cannot be resolved.
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import sys
import time
from pathlib import Path

import yaml

from execute import Execution, ExecutionFailed, execute_all
from repository import of_this_copy
from stage import BUILD, ROOT, SOURCE, stage
from takeaway import take_away

HTML = BUILD / "html"
DOCTREES = BUILD / ".doctrees"
STAMP = BUILD / ".site.json"
SITE = Path(__file__).resolve().parent


def foundations() -> dict[str, str]:
    """Return digests of what every page depends on: code, style and assets of the site, config, contents."""
    paths = [
        *SITE.glob("*.*"),
        *SITE.glob("templates/*"),
        SITE / "vendor" / "manifest.json",
        ROOT / "requirements.txt",
    ]
    paths += [SOURCE / "_config.yml", SOURCE / "_toc.yml"]
    return {
        path.relative_to(ROOT).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(paths)
        if path.is_file()
    }


def rendered_before() -> dict[str, str]:
    """Return the digests of the last rendering; none when it left no stamp, or half a one."""
    try:
        return json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}


def forget_pages() -> None:
    """Delete what Sphinx made, so that the next rendering starts from nothing."""
    for folder in (HTML, DOCTREES, BUILD / "jupyter_execute"):
        shutil.rmtree(folder, ignore_errors=True)


def render() -> bool:
    """Run Sphinx in nitpicking mode on the staged sources; False if it warned of anything.

    Sphinx reads only what changed, and warns only about what it reads; so after a warning, or a change in
    what all pages share, everything is rendered anew, and no fault slips through on the second try.
    """
    from jupyter_book.sphinx import build_sphinx

    current = foundations()
    known = rendered_before()
    if known != current or not (HTML / "index.html").is_file():
        forget_pages()
    STAMP.unlink(missing_ok=True)
    overrides = {
        "external_toc_path": str(SOURCE / "_toc.yml"),
        "latex_individualpages": False,
        "nitpicky": True,
    }
    result = build_sphinx(
        SOURCE / "chapters",
        HTML,
        path_config=SOURCE / "_config.yml",
        noconfig=True,
        confoverrides=overrides,
        doctreedir=DOCTREES,
        warningiserror=True,
        keep_going=True,
        quiet=True,
    )
    if result != 0:
        return False
    STAMP.write_text(json.dumps(current, indent=1))
    return True


def images_of(page: Path) -> set[Path]:
    """Return the image files that a page shows from its own site."""
    named = re.findall(r'(?:src|href)="(_images/[^"]+)"', page.read_text(encoding="utf-8"))
    return {page.parent / name for name in named}


def sweep() -> None:
    """Delete images that no page shows any more, and the executions of chapters that are gone."""
    shown = set().union(*(images_of(page) for page in HTML.glob("*.html")))
    for image in (HTML / "_images").glob("*"):
        if image not in shown:
            image.unlink()
    for path in (BUILD / "executed").glob("[!.]*"):
        if not (ROOT / "chapters" / f"{path.stem}.ipynb").is_file():
            path.unlink()


def report(executions: dict[str, Execution]) -> None:
    """Print how long each chapter took, what its page weighs, and where the book is."""
    for stem, execution in executions.items():
        page = HTML / f"{stem}.html"
        weight = sum(path.stat().st_size for path in {page, *images_of(page)}) / 1e6
        again = "unchanged, " if execution.reused else ""
        print(f"  {stem}: {again}executed in {execution.seconds:.1f} s, page {weight:.2f} MB")
    print(f"The book is at {HTML / 'index.html'}")


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description="Execute what is stale and render the book.")
    parser.add_argument(
        "--jobs", type=int, default=os.cpu_count() or 1, help="chapters to execute side by side"
    )
    parser.add_argument("--force", action="store_true", help="execute and render everything anew")
    arguments = parser.parse_args()
    started = time.monotonic()
    configured = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["repository"]["url"]
    try:
        repository = of_this_copy(ROOT, configured or "")
        executions = execute_all(arguments.jobs, arguments.force)
    except (ExecutionFailed, ValueError, OSError) as error:
        print(f"\n{error}\n\nThe book was not made.", file=sys.stderr)
        return 1
    if arguments.force:
        forget_pages()
    changed = stage(repository)
    target = repository or "nothing, as no address is known"
    print(f"Rendering ({len(changed)} source files changed); buttons point at {target}.", flush=True)
    if not render():
        print("\nThe book was not made: mend the warnings above.", file=sys.stderr)
        return 1
    sweep()
    take_away(HTML, ROOT)
    report(executions)
    print(f"Done in {time.monotonic() - started:.0f} s.")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("\nStopped. The next `make book` goes on from here.", file=sys.stderr)
        sys.exit(130)

"""The directive behind the execution-status page: when each chapter ran, for how long, on which versions."""

import json
from datetime import datetime
from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from chapter_titles import title


def records(source: Path) -> dict[str, dict]:
    """Return {stem: record} of the staged chapters, from the records staged beside the source folder."""
    return {
        path.stem: json.loads(path.read_text(encoding="utf-8"))
        for path in sorted((source.parent / "executed").glob("*.json"))
    }


def when(finished: str) -> str:
    """Return an ISO time to the minute, as `2026-11-20 10:32 UTC`."""
    return datetime.fromisoformat(finished).strftime("%Y-%m-%d %H:%M UTC")


def table(caption: str, head: list[str], rows: list[list[str]]) -> str:
    """Return an HTML table; cells are HTML already, the first of each row is its header."""
    heads = "".join(f'<th scope="col">{cell}</th>' for cell in head)
    lines = (
        f'<tr><th scope="row">{first}</th>' + "".join(f"<td>{cell}</td>" for cell in rest) + "</tr>"
        for first, *rest in rows
    )
    return (
        f'<div class="table-wrapper"><table class="table record-table"><caption>{caption}</caption>'
        f"<thead><tr>{heads}</tr></thead><tbody>{''.join(lines)}</tbody></table></div>"
    )


class ExecutionStatusDirective(SphinxDirective):
    """A table of the chapters as they were last executed, and one of the versions they ran on."""

    def run(self) -> list[nodes.Node]:
        """Return both tables as HTML."""
        source = Path(self.env.srcdir)
        chapters = records(source)
        for stem in chapters:
            self.env.note_dependency(str(source.parent / "executed" / f"{stem}.json"))
            self.env.note_dependency(str(source / f"{stem}.ipynb"))
        if not chapters:
            return [nodes.paragraph(text="No chapter has been executed yet.")]
        times = [
            [
                f'<a class="reference internal" href="{stem}.html">'
                f"{escape(title(source / f'{stem}.ipynb'))}</a>",
                f"{record['seconds']:.0f} s",
                when(record["finished"]),
                escape(record["versions"].get("python", "")),
            ]
            for stem, record in chapters.items()
        ]
        total = sum(record["seconds"] for record in chapters.values())
        caption = f"{len(chapters)} executed, {total:.0f} s of computing in all"
        times_table = table(caption, ["Chapter", "Took", "Finished", "Python"], times)
        used: dict[str, set[str]] = {}
        for record in chapters.values():
            for name, version in record["versions"].items():
                used.setdefault(name, set()).add(version)
        versions = [[escape(name), escape(", ".join(sorted(found)))] for name, found in used.items()]
        return [
            nodes.raw("", times_table, format="html"),
            nodes.raw("", table("What they ran on", ["Package", "Version"], versions), format="html"),
        ]

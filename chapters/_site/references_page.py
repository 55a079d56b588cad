"""The directive behind the list of references: every entry with its address and the chapters that cite it."""

from pathlib import Path

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from chapter_titles import title
from references import FILE, Reference, references


def shown(address: str) -> str:
    """Return an address as a reader knows it: `arXiv:1406.2661`, `doi:10.1109/18.61115`, or a host."""
    for prefix, name in (("https://arxiv.org/abs/", "arXiv:"), ("https://doi.org/", "doi:")):
        if address.startswith(prefix):
            return name + address.removeprefix(prefix)
    return address.split("/")[2]


class ReferencesDirective(SphinxDirective):
    """The whole list, in the order of `references`."""

    def run(self) -> list[nodes.Node]:
        """Return a paragraph for each entry; its identifier is the entry's key."""
        self.env.note_dependency(str(FILE))
        source = Path(self.env.srcdir)
        self.chapters = {}
        for path in sorted(source.glob("[0-9]*.ipynb")):
            self.env.note_dependency(str(path))
            self.chapters[path.stem] = (title(path), path.read_text(encoding="utf-8"))
        return [self.entry(each) for each in references().values()]

    def entry(self, reference: Reference) -> nodes.paragraph:
        """Return one entry, which other pages can link to."""
        citing = [
            f"[{name.partition(' · ')[0]}]({stem}.ipynb)"
            for stem, (name, text) in self.chapters.items()
            if f"](#{reference.key})" in text
        ]
        text = f"{reference.words} [{shown(reference.address)}]({reference.address})."
        if citing:
            text += f" Cited in chapter{'s' * (len(citing) > 1)} {', '.join(citing)}."
        parsed, messages = self.parse_inline(text)
        paragraph = nodes.paragraph("", "", *parsed, *messages, classes=["citation"])
        paragraph["names"].append(reference.key)
        self.state.document.note_explicit_target(paragraph)
        return paragraph

"""The papers and books of `references.bib`: how each is cited, where it can be read, how it is listed."""

import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pybtex.backends.markdown import Backend
from pybtex.database import Entry, parse_file
from pybtex.richtext import Text
from pybtex.style.formatting.plain import Style

FILE = Path(__file__).resolve().parents[1] / "references.bib"
WEB = ("doi", "eprint", "url")


@dataclass(frozen=True)
class Reference:
    """One entry: its key, the text of a citation, its address, and the words of the list (Markdown)."""

    key: str
    label: str
    address: str
    words: str


class Markdown(Backend):
    """Pybtex's Markdown without the escapes that a title does not need."""

    def format_str(self, text: str) -> str:
        """Return the text as it is, but for the signs that would begin emphasis or a formula."""
        return "".join(f"\\{sign}" if sign in "*_$`\\[]" else sign for sign in text)


def surname(person) -> str:
    """Return the last name of an author as it is printed: `Bi{\\'n}kowski` gives Bińkowski."""
    return str(Text.from_latex(" ".join((*person.prelast_names, *person.last_names))))


def label(entry: Entry) -> str:
    """Return how a chapter cites the entry: `Lin, 1991`, `Peyré and Cuturi, 2019`, `Anil et al., 2019`."""
    names = [surname(person) for person in entry.persons["author"]]
    cited = f"{names[0]} et al." if len(names) > 2 else " and ".join(names)
    return f"{cited}, {entry.fields['year']}"


def address(entry: Entry) -> str:
    """Return where the entry can be read: arXiv, which is free, or else its DOI, or else its `url`.

    Raises ValueError for an entry that has none of them.
    """
    fields = entry.fields
    if "eprint" in fields:
        return f"https://arxiv.org/abs/{fields['eprint']}"
    if "doi" in fields:
        return f"https://doi.org/{fields['doi']}"
    if "url" in fields:
        return fields["url"]
    raise ValueError(
        f"{FILE.name}: {entry.key} has no address; give it a doi, an eprint (its number on arXiv) or a url"
    )


def words(entry: Entry) -> str:
    """Return authors, title and place of publication in Markdown; the address is not part of them."""
    bare = Entry(entry.type, persons=entry.persons)
    bare.fields.update((name, text) for name, text in entry.fields.items() if name not in WEB)
    bare.key = entry.key
    (formatted,) = Style().format_entries([bare])
    return formatted.text.render(Markdown()).replace("\n", " ")


def order(entry: Entry) -> tuple[list[str], str]:
    """Return what the list is sorted by: the authors, accents aside, and the year."""
    plain = [unicodedata.normalize("NFKD", surname(person)) for person in entry.persons["author"]]
    return [name.encode("ascii", "ignore").decode().casefold() for name in plain], entry.fields["year"]


@cache
def references(path: Path = FILE) -> dict[str, Reference]:
    """Return {address: reference} in the order of the list; ValueError if two entries have one address."""
    entries = sorted(parse_file(str(path), bib_format="bibtex").entries.values(), key=order)
    found: dict[str, Reference] = {}
    for entry in entries:
        made = Reference(entry.key, label(entry), address(entry), words(entry))
        if made.address in found:
            raise ValueError(f"{path.name}: {made.key} and {found[made.address].key} have one address")
        found[made.address] = made
    return found

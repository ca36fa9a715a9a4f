"""The sources of everything on the pages, and the tutorial's own list of links put right."""

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

FILE = Path(__file__).with_name("references.bib")
_ENTRY = re.compile(r"^@(\w+)\{(\w+),\n.*?^\}\n", re.M | re.S)
_FIELD = re.compile(r"^  (\w+) = \{(.*)\},$", re.M)
_HOMES = ("journal", "booktitle", "publisher", "howpublished")


class Reference(NamedTuple):
    """A source: `pages` use it, `bibtex` is its entry in the bibliography."""

    key: str
    authors: str
    year: int
    title: str
    where: str
    pages: tuple[str, ...]
    arxiv: str
    doi: str
    url: str
    bibtex: str

    @property
    def link(self) -> str:
        """The address at which it is read, empty where none is known to us."""
        if self.arxiv:
            return f"https://arxiv.org/abs/{self.arxiv}"
        return f"https://doi.org/{self.doi}" if self.doi else self.url

    @property
    def surnames(self) -> list[str]:
        """The surnames of its authors; the last may be “others”."""
        return [author.split(",")[0].strip() for author in self.authors.split(" and ")]

    @property
    def people(self) -> str:
        """The surnames as they are cited, “Kingma & Ba”, “Chen et al.”."""
        names = self.surnames
        if len(names) > 2 or names[1:] == ["others"]:
            return f"{names[0]} et al."
        return " & ".join(names)


class WrongLink(NamedTuple):
    """A link of the tutorial: what it claims to be, what is there, and where the paper is."""

    arxiv: str
    claimed: str
    found: str
    right: str


# Where each id of the tutorial's last slide leads, checked against citations of these ids.
WRONG_LINKS = (
    WrongLink(
        "2103.00498",
        "a survey of gradient-based optimization",
        "Topic Modelling Meets Deep Neural Networks: A Survey",
        "No paper of that title is known to us; the review to read is bottou2018",
    ),
    WrongLink(
        "2002.04839",
        "Adaptive Gradient Methods with Dynamic Bound of Learning Rate",
        "LaProp: Separating Momentum and Adaptivity in Adam",
        "luo2019",
    ),
    WrongLink(
        "2006.14372",
        "On the Convergence of Adam and Beyond",
        "Solving Differential Equations Using Neural Network Solution Bundles",
        "reddi2018",
    ),
)
# What the last slide recommends besides: "textbooks", by their keys, and sites.
RECOMMENDED = ("goodfellow2016", "bottou2018", "deisenroth2020")
SITES = {
    "deeplearning.ai": "https://www.deeplearning.ai",
    "fast.ai": "https://www.fast.ai",
    "PyTorch's tutorials": "https://pytorch.org/tutorials",
}


@lru_cache(maxsize=1)
def references() -> tuple[Reference, ...]:
    """Return every source, textbooks first."""
    return tuple(map(_reference, _ENTRY.finditer(FILE.read_text("utf-8"))))


def reference(key: str) -> Reference:
    """Return the source with a key of the bibliography; raise `KeyError` if there is none."""
    return {source.key: source for source in references()}[key]


def cited_in(text: str) -> tuple[Reference, ...]:
    """Return the sources that a text cites by the first author's name and the year.

    >>> [source.key for source in cited_in("x ← x − η ∇f (Cauchy 1847).")]
    ['cauchy1847']
    """
    words = " ".join(text.split())
    return tuple(
        source
        for source in references()
        if re.search(rf"\b{source.surnames[0]}\b[^;:\d]{{0,40}}\b{source.year}\b", words)
    )


def bibtex(sources: Iterable[Reference]) -> str:
    """Return sources as one BibTeX file."""
    return "\n".join(source.bibtex for source in sources)


def _reference(entry: re.Match[str]) -> Reference:
    """Return the source of an entry, whose fields stand on a line each."""
    field = {name: _plain(value) for name, value in _FIELD.findall(entry[0])}
    where = next((field[home] for home in _HOMES if home in field), "")
    note = f" ({field['note']})" if "note" in field else ""
    return Reference(
        entry[2],
        field["author"],
        int(field["year"]),
        field["title"],
        where + note,
        tuple(field["keywords"].split(", ")),
        arxiv=field.get("eprint", ""),
        doi=field.get("doi", ""),
        url=field.get("url", ""),
        bibtex=entry[0],
    )


def _plain(tex: str) -> str:
    """Return the text of a field without the signs of TeX."""
    return tex.strip("{}").replace(r"\&", "&").replace(r"$^2$", "²")

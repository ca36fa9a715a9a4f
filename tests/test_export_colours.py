"""Figures in grey and for eyes without green: what colour tells apart, something else does too."""

import itertools
import re
from dataclasses import replace
from typing import Any

import numpy as np
from cases import each

from gdviz.catalogue import lookup
from gdviz.cli.pages import names
from gdviz.figures.scene import Line, Track
from gdviz.figures.style import LOOKS, PALETTE, looks_of

# Which of them is which tells nothing (chains), or their order does (a fan from a to b).
ONE_KIND = re.compile(r"trace \d+$|density \d+$")
APART = 12.0  # of 100 from black to white: what is told apart beside each other on paper
XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
# Machado, Oliveira & Fernandes (2009), Table 2: deuteranopia, of linear RGB.
WITHOUT_GREEN = np.array(
    [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ]
)


def linear(color: str) -> np.ndarray:
    """Return a colour as linear RGB."""
    parts = np.array([int(color[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    """Return linear RGB as CIELAB, whose first part is the lightness from 0 to 100."""
    share = XYZ @ rgb / np.array([0.95047, 1.0, 1.08883])
    f = np.where(share > 216 / 24389, np.cbrt(share), (24389 / 27 * share + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def in_grey(a: str, b: str) -> float:
    """Return how far apart two colours are in lightness."""
    return abs(float(lab(linear(a))[0] - lab(linear(b))[0]))


def without_green(a: str, b: str) -> float:
    """Return how far apart two colours are for an eye without green."""
    seen = [lab(np.clip(WITHOUT_GREEN @ linear(color), 0, 1)) for color in (a, b)]
    return float(np.linalg.norm(seen[0] - seen[1]))


def alike(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    """Tell whether two looks differ in a colour that not all can see, and in nothing else."""
    same = a[1:] == b[1:] and a[0] != b[0]
    return same and (in_grey(a[0], b[0]) < APART or without_green(a[0], b[0]) < APART)


def test_the_measures_are_those_of_the_books() -> None:
    assert abs(in_grey("#ffffff", "#000000") - 100) < 1e-3
    assert abs(lab(linear("#808080"))[0] - 53.585) < 1e-2  # Lindbloom's calculator
    assert without_green("#ff0000", "#00ff00") < 0.6 * np.linalg.norm(
        lab(linear("#ff0000")) - lab(linear("#00ff00"))
    )


def test_methods_of_one_picture_differ_in_more_than_colour() -> None:
    """Any four of all methods, and all twelve that a race may have."""
    rng = np.random.default_rng(3)
    known = list(LOOKS)
    chosen = [
        list(rng.choice(known, size, replace=False)) for size in (2, 4, 12) for _ in range(60)
    ]
    for some in [*chosen, *itertools.combinations(known[:12], 2)]:
        looks = [tuple(look) for look in looks_of(map(str, some)).values()]
        assert not any(alike(a, b) for a, b in itertools.combinations(looks, 2)), some


def test_the_first_colours_are_apart_without_green() -> None:
    """Those of Okabe and Ito, which small pictures use, alone by their colour."""
    near = [
        (a, b) for a, b in itertools.combinations(PALETTE[:6], 2) if without_green(a, b) < APART
    ]
    assert near == []


def looks_in(spec: Any) -> dict[tuple[int, str], tuple[str, ...]]:
    """Return colour, dash and marker of the lines of a picture, by panel and name."""
    return {
        (layer.panel, layer.name): (layer.color, layer.dash, getattr(layer, "symbol", ""))
        for layer in lookup.picture_of(spec).scene.layers
        if isinstance(layer, Track | Line) and layer.color and layer.color.startswith("#")
    }


@each("place", names())
def test_lines_of_a_panel_differ_in_more_than_colour(place: str) -> None:
    spec = lookup.settings(place)()
    spec = replace(spec, homes="baltimore") if hasattr(spec, "homes") else spec
    spec = replace(spec, draws=200) if hasattr(spec, "draws") else spec
    looks = looks_in(spec)
    looks = {key: look for key, look in looks.items() if not ONE_KIND.match(key[1])}
    near = {
        f"{one[1]} | {two[1]}: {a} {b}"
        for (one, a), (two, b) in itertools.combinations(looks.items(), 2)
        if one[0] == two[0] and alike(a, b)
    }
    assert near == set()

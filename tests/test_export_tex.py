"""Figures as TikZ: the points of the table, words that TeX reads, and documents that compile."""

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cases import each
from test_idle_knobs import base_of

from gdviz import export
from gdviz.catalogue import lookup
from gdviz.cli.pages import names
from gdviz.export import ExportError, files, pgf, tex_text
from gdviz.export.level_lines import lines_at
from gdviz.export.panels import PanelBox
from gdviz.export.pgf_look import FAR, clip_curve
from gdviz.topics.descent.settings import Descent
from gdviz.topics.race.settings import Race

POINT = re.compile(r"\(([^,()]+),([^,()]+)\)")
PLOT = re.compile(r"% (.*)\n((?:\\addplot.*\n)+)")
COMPILERS = [name for name in ("pdflatex", "lualatex") if shutil.which(name)]
DOCUMENT = r"""\documentclass{article}
\usepackage[T1]{fontenc}
\usepackage{amssymb}
\usepackage{pgfplots}
\pgfplotsset{compat=1.16}
\begin{document}
\footnotesize %s
\end{document}
"""


def curves(made: bytes) -> dict[str, np.ndarray]:
    """Return the points of the line of each named curve of a .tex file, `(points, 2)`."""
    found: dict[str, np.ndarray] = {}
    for name, plots in PLOT.findall(made.decode()):
        points = [
            tuple(map(float, p))
            for p in POINT.findall(plots.splitlines()[0].partition("coordinates")[2])
        ]
        found.setdefault(name, np.array(points).reshape(-1, 2))
    return found


def test_the_points_are_those_of_the_table() -> None:
    spec = Descent(methods=("gd", "adam"), x0=1.7, lr=0.03, steps=25, stop="none")
    runs, found = lookup.run(spec), curves(export.to_bytes(spec, "tex", style="paper"))
    for name, label in (("gd", "Gradient descent"), ("adam", "Adam")):
        truth = np.stack([np.ravel(runs[name].x), np.ravel(runs[name].f)], 1)
        np.testing.assert_allclose(found[label], truth, rtol=1e-9, atol=0)
    race = Race(methods=("gd", "adam"), steps=12, stop="none")
    tracks = curves(export.to_bytes(race, "tex"))
    np.testing.assert_allclose(tracks["Adam"], lookup.run(race)["adam"].x, rtol=1e-9)
    assert export.to_bytes(race, "tex") == export.to_bytes(race, "tex"), "the same bytes twice"
    early = curves(export.to_bytes(spec, "tex", step=3))
    assert len(early["Adam"]) == 4, "it ends at its step"


@each("place", names())
def test_every_page_is_tikz(place: str) -> None:
    """Its groups are closed, its numbers fit TeX, and all its letters are known."""
    picture = lookup.picture_of(base_of(place))
    made = files.film_or_picture(picture, "tex", export.STYLES["paper"])
    text = re.sub(r"(?m)^%.*$", "", made.decode())
    assert text.count(r"\begin{axis}") == text.count(r"\end{axis}") > 0
    assert text.count(r"\addplot") > 0
    bare = re.sub(r"\\[{}]", "", text)
    assert bare.count("{") == bare.count("}") and text.count("$") % 2 == 0
    assert not re.search(r"(?<!\\)[&#]|<br|<b>|\binf\b|None", text)
    assert {c for c in text if ord(c) > 0x17F} == set()


def test_words_become_tex() -> None:
    assert tex_text.tex_text("50% & $x_1$ {a} #b ~ ^ \\") == (
        r"50\% \& \$x\_1\$ \{a\} \#b \textasciitilde{} \textasciicircum{} \textbackslash{}"
    )
    assert tex_text.tex_text("∇f(x₀) ≤ 10⁻³, x̂ = −Σ") == (
        r"$\nabla$f(x$_{0}$) $\leq$ 10$^{-}$$^{3}$, $\hat{x}$ = $-$$\Sigma$"
    )
    assert tex_text.tex_text("a<br><b>b</b> &lt;c&gt;") == r"a b \textless{}c\textgreater{}"
    assert tex_text.tex_text("|w|") == r"\textbar{}w\textbar{}"


class Axis:
    type, range = "linear", (0.0, 1.0)


def test_what_lies_far_outside_is_moved_in_along_its_line() -> None:
    window = PanelBox(0, 0, 100, 100, Axis, Axis)
    x, y = np.array([0.0, 1.0, np.nan, 0.5]), np.array([0.5, 1e300, 0.2, 0.5])
    px, py = clip_curve(x, y, window)
    assert np.nanmax(np.abs(py)) <= 0.5 + FAR and (px[0], py[0]) == (0.0, 0.5)
    slope = (py[1] - py[0]) / (px[1] - px[0]) if px[1] != px[0] else np.inf
    assert slope > 1e299, "upright, as it was"
    near = np.linspace(-3, 3, 20)
    assert np.array_equal(clip_curve(near, near, window)[0], near)
    line = clip_curve(np.array([0.5, 100.5]), np.array([0.5, 50.5]), window)
    np.testing.assert_allclose([line[0][1], line[1][1]], [0.5 + FAR, 0.5 + FAR / 2])
    there, back = clip_curve(np.array([0.0, 0.5, 1.0]), np.array([0.5, 1e6, 0.5]), window)
    assert np.isnan(there).tolist() == [False, False, True, False, False], "out, a gap, and in"
    assert back[1] > FAR and back[3] > FAR and there[4] == 1.0


def test_lines_of_equal_value_are_circles_of_a_bowl_and_hyperbolas_of_a_saddle() -> None:
    x = np.linspace(-2, 2, 81)
    X, Y = np.meshgrid(x, x)
    ((a, b),) = lines_at(x, x, X**2 + Y**2, 1.0)
    np.testing.assert_allclose(np.hypot(a, b), 1, atol=1e-3)
    assert (a[0], b[0]) == (a[-1], b[-1]) and len(a) > 100
    turned = np.unwrap(np.arctan2(b, a))
    assert abs(turned[-1] - turned[0]) == pytest.approx(2 * np.pi), "once around"
    arms = list(lines_at(x, x, X * Y, 0.3))
    assert len(arms) == 2
    for a, b in arms:
        np.testing.assert_allclose(a * b, 0.3, atol=1e-2)
    holed = np.where(X > 0, np.nan, X**2 + Y**2)
    ((a, b),) = lines_at(x, x, holed, 1.0)
    assert a.max() <= 0 and b[0] != b[-1]
    for sign in (1, -1):  # where two lines could cross, neither does
        corners = list(lines_at(np.arange(2.0), np.arange(2.0), sign * np.eye(2), sign * 0.4))
        assert sorted(len(a) for a, _ in corners) == [2, 2]


def test_a_picture_of_too_many_points_is_refused(monkeypatch: Any) -> None:
    monkeypatch.setattr(pgf, "MOST", 20)
    with pytest.raises(ExportError, match="points are too many for TeX, 20 at most"):
        export.to_bytes(Descent(steps=3), "tex")


@pytest.mark.skipif(not COMPILERS, reason="no TeX on this machine")
def test_a_document_with_figures_compiles(tmp_path: Path) -> None:
    diverging = Descent(lr=0.9, x0=3.0, steps=60)
    specs = [Descent(methods=("gd", "adam")), diverging, Race(steps=9)]
    specs += [lookup.settings(place)() for place in ("integration", "regression", "backprop_chain")]
    for n, spec in enumerate([*specs, replace(specs[2], surface="typed", formula="x**2 + y**2")]):
        export.save(spec, tmp_path / f"f{n}.tex", style="paper")
    few = (1, 2, 5)  # beyond TeX's numbers, words and letters: what two compilers may differ in
    for compiler, figures in zip(COMPILERS, (range(len(specs) + 1), few), strict=False):
        body = "\n\n".join(rf"\input{{f{n}.tex}}" for n in figures)
        (tmp_path / "paper.tex").write_text(DOCUMENT % body, "utf-8")
        command = [compiler, "-interaction=nonstopmode", "-halt-on-error", "paper.tex"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False, timeout=300)
        assert done.returncode == 0, done.stdout.decode(errors="replace")[-2000:]

"""The tabs of the page *geometry*: charts, numbers, formulas with numbers in them, pitfalls."""

from collections.abc import Callable

import numpy as np
import streamlit as st

from gdviz.figures.scene import Path3D, Scene
from gdviz.figures.style import BLUE
from gdviz.geometry import FAMILIES, geodesics, half_plane, metric, transport
from gdviz.numerals import number
from gdviz.optimize.latex import matrix
from gdviz.topics.geometry import charts
from gdviz.topics.geometry import results as rooms
from gdviz.topics.geometry import settings as topic
from gdviz.topics.geometry.figure_background import HYPERBOLIC
from gdviz.topics.geometry.other import other_result
from gdviz.topics.geometry.program import as_python
from gdviz.topics.geometry.settings import Geometry
from gdviz.topics.geometry.tables import csv, symbols, table
from gdviz.ui.chart import chart
from gdviz.ui.code_tab import program_and_sources
from gdviz.ui.jobs import run_job
from gdviz.ui.lecture import lecture_mode
from gdviz.ui.page_state import PageState, PageTabs
from gdviz.ui.pitfall_tab import pitfalls
from gdviz.ui.rooms import view
from gdviz.ui.stage import relief
from gdviz.ui.tables import show_table
from gdviz.ui.words import words

VIEWS = {"lengths": "Along the paths", "surface": "On a surface in space", "ladders": "Ladders"}
HEIGHT = 340


def curves(spec: Geometry) -> None:
    """Draw the chosen chart."""
    _VIEWS[view("geometry", VIEWS)](spec)


def _along(spec: Geometry) -> None:
    other = spec.room == "other"
    line = other and spec.other != "dirichlet"
    rest = (
        "in one dimension all ways are one, and as long"
        if line
        else "the others are longer, and fast where the densities are narrow"
    )
    st.caption(
        "How far along each path one has come by the Fisher metric: the geodesic goes at constant "
        f"speed; {rest}."
    )
    found = other_result(spec) if other else rooms.geodesics_result(spec)
    figure = charts.travel_chart(found, spec.other if other else spec.family, lecture_mode())
    chart(figure, height=HEIGHT, key="geometry_along", alt="Length along each path.")


def _surface(spec: Geometry) -> None:
    if spec.room == "other":
        st.info("A line has no surface, and a Dirichlet is a space: choose another room.")
        return
    if spec.family not in HYPERBOLIC and spec.family != "categorical":
        st.info(
            "The curvature of this family varies from place to place: it is no surface that is "
            "known by name. Choose a normal, the Weibull or three outcomes."
        )
        return
    path = (
        rooms.shooting_result(spec).path
        if spec.room == "shoot"
        else rooms.geodesics_result(spec).paths["fisher"]
    )
    x, y, z = charts.on_surface(spec.family, path).T
    layers = [Path3D("geodesic", x, y, z, BLUE)]
    scene = Scene(layers, (), "The geodesic on the surface.")
    st.caption(charts.surface_words(spec.family))
    figure = charts.surface(spec.family, lecture_mode())
    relief("geometry_surface", figure, scene, "geometry_stage", 440)


def _ladders(spec: Geometry) -> None:
    if spec.room == "other":
        st.info("Ladders carry a vector in a plane of distributions: choose another room.")
        return
    family = FAMILIES[spec.family]
    st.caption(
        "The vector at a, carried to b by ladders of 1, 2, 4 and 8 rungs, against exact transport. "
        + (
            "This space looks the same around every point: the pole ladder is exact at once."
            if family.space
            else "The curvature varies here: both ladders err, by the square of a rung."
        )
    )
    ends = (*topic.point(spec, "a"), *topic.point(spec, "b"))
    key = ("ladders", spec.family, *ends, spec.vx, spec.vy)
    errors = run_job("geometry", key, lambda: rooms.ladder_errors(spec))
    if errors:
        figure = charts.ladders(errors, lecture_mode())
        chart(figure, height=HEIGHT, key="geometry_ladders", alt="Error against rungs.")


_VIEWS: dict[str, Callable[[Geometry], None]] = {
    "lengths": _along,
    "surface": _surface,
    "ladders": _ladders,
}


def numbers(spec: Geometry) -> None:
    """Draw every number of the room's path, step by step."""
    show_table(table(spec), height=HEIGHT, hide_index=True, key="geometry_table")


def _other_maths(spec: Geometry) -> None:
    """Show the metric of a family without a plane, and its distance, numbers put in."""
    a, b = topic.member(spec, "a"), topic.member(spec, "b")
    far = other_result(spec).lengths["fisher"]
    st.latex(OTHER_LATEX[spec.other])
    st.latex(
        rf"g(a) = {matrix(metric(spec.other, a))}, \qquad d(a, b) = {far:.5g}, \qquad "
        rf"a = {matrix(a[None])}, \quad b = {matrix(b[None])}"
    )
    words("geometry")


OTHER_LATEX = {
    "exponential": r"g = \frac{1}{\lambda^2}, \qquad "
    r"d(a, b) = \left|\log\frac{\lambda_b}{\lambda_a}\right|",
    "poisson": r"g = \frac{1}{\lambda}, \qquad "
    r"d(a, b) = 2\left|\sqrt{\lambda_b} - \sqrt{\lambda_a}\right|",
    "dirichlet": r"g_{ij} = \psi'(\alpha_i)\,\delta_{ij} - \psi'(\alpha_1 + \alpha_2 + \alpha_3)"
    r", \qquad d(a, b) \text{ by integrating the geodesic}",
}


def maths(spec: Geometry) -> None:
    """Show the metric, the Christoffel symbols and the curvature at a, numbers put in."""
    if spec.room == "other":
        _other_maths(spec)
        return
    g, G, K = symbols(spec)
    names, a = FAMILIES[spec.family].parameters, topic.point(spec, "a")
    at = ", ".join(f"{name} = {number(value)}" for name, value in zip(names, a, strict=True))
    st.markdown(f"**At a** ({at}), the metric and its inverse:")
    st.latex(rf"g = {matrix(g)} \qquad g^{{-1}} = {matrix(np.linalg.inv(g))} \qquad K = {K:.4g}")
    st.markdown("The eight Christoffel symbols, from the derivatives of the metric:")
    st.latex(
        r"\Gamma^k_{ij} = \tfrac12 g^{kl}\left(\partial_i g_{jl} + \partial_j g_{il} "
        r"- \partial_l g_{ij}\right)"
    )
    for k in (0, 1):
        st.latex(rf"\Gamma^{{{k + 1}}} = {matrix(G[k])}")
    v = topic.vector(spec)
    pull = -np.einsum("kij,i,j->k", G, v, v)
    st.markdown("So the arrow v is bent by")
    st.latex(
        rf"\ddot\theta = -\Gamma(v, v) = {matrix(pull[:, None])}, "
        rf"\quad v = {matrix(np.array(v)[:, None])}"
    )
    words("geometry")


def code(spec: Geometry) -> None:
    """Show the page as Python, and the source of what ran."""
    sources = {
        "the distance of the half-plane": half_plane.distance,
        "its geodesic": half_plane.geodesic_between,
        "parallel transport on it": half_plane.parallel_transport,
        "the logarithm of any family": geodesics.log_map,
        "a ladder": transport.ladder,
    }
    program_and_sources(as_python(spec), sources)


def outputs(drawn: PageState) -> PageTabs:
    """The tabs under the stage, and what the share menu gives away."""
    spec = drawn.spec
    panels = {
        "Curves": lambda: curves(spec),
        "Numbers": lambda: numbers(spec),
        "Maths": lambda: maths(spec),
        "Code": lambda: code(spec),
        "Pitfalls": lambda: pitfalls("geometry"),
    }
    return PageTabs(panels, lambda: as_python(spec), lambda: csv(spec))

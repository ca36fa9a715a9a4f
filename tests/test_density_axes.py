"""Axes of densities, and diagnostics that do not exist, say what is true."""

import numpy as np
from cases import each

from gdviz.catalogue import lookup
from gdviz.catalogue.lookup import picture_of
from gdviz.figures.axes import ticks_from_zero
from gdviz.probability import TARGETS
from gdviz.topics.mcmc.settings import Mcmc


@each("top", [1e-9, 0.37, 1.0, 1.5, 4.2, 7.0, 99.0, 3e7])
def test_ticks_from_zero_are_few_and_inside(top: float):
    ticks = np.array(ticks_from_zero(top))
    assert ticks[0] == 0 and ticks[-1] <= top * (1 + 1e-6) and 3 <= len(ticks) <= 7
    np.testing.assert_allclose(np.diff(ticks), ticks[1], rtol=1e-5)


@each("name", [name for name, one in TARGETS.items() if one.d == 1][:3])
def test_no_density_has_a_negative_tick(name: str):
    axis = picture_of(Mcmc(target=name, draws=50)).background.layout.yaxis
    assert axis.range[0] < 0 and min(axis.tickvals) == 0


def test_one_chain_has_no_r_hat_and_the_chip_says_why():
    chips = picture_of(Mcmc(chains=1, draws=100)).scene.chips
    said = " ".join(chip.verdict for chip in chips)
    assert "R̂ needs two chains" in said and "nan" not in said
    several = lookup.run(Mcmc(chains=2, draws=100))
    assert np.isfinite([s.rhat for s in several.summaries]).all()

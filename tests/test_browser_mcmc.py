"""The page of Markov chains in a real browser: drag, play, presets, a typed density, the sweep."""

import desk as desk_base
import numpy as np
import pytest
from browser import Server, settle
from desk import expect, poll
from playwright.sync_api import Page

from gdviz.numerals import number
from gdviz.queries import from_query
from gdviz.topics.mcmc.settings import Mcmc, run, start_points


class Desk(desk_base.Desk):
    """The page *mcmc*."""

    name = "mcmc"

    def spec(self) -> Mcmc:
        """The settings that the link says."""
        return from_query(Mcmc, {k.removeprefix("mcmc_"): v for k, v in self.query().items()})

    def expect_numbers(self, spec: Mcmc | None = None) -> None:
        """The chip and the walk of chain 1 are those of a run made here, at the link's settings."""
        seen = run(spec or self.spec())
        rhats = ", ".join(f"{s.rhat:.3f}" for s in seen.summaries)
        expect(self.chips).to_contain_text(f"R̂ {rhats}")
        wanted = pytest.approx(seen.x[:20, 0, 0], rel=1e-5, abs=1e-6)
        poll(lambda: self.layer("chain 1", "x")[1:21], lambda x: x == wanted, self.page)


@pytest.fixture
def desk(tab: Page, server: Server) -> Desk:
    return Desk(tab, server)


def test_a_dragged_start_and_burn_in_are_heard_on_the_way_and_kept_in_the_link(desk: Desk):
    desk.open("mcmc_draws=1500")
    desk.expect_numbers()
    answers = desk.state("S.answers ?? 0")
    x, y = run(desk.spec()).trace.start[0]
    mouse = desk.page.mouse
    mouse.move(*desk.place(x, y))
    mouse.down()
    mouse.move(*desk.place(-3.0, -3.0), steps=4)
    poll(lambda: desk.state("S.answers ?? 0"), lambda now: now > answers, desk.page)
    mouse.up()
    poll(desk.spec, lambda spec: spec.starts != "", desk.page)
    points = start_points(desk.spec())
    assert points is not None and points[0] == pytest.approx([-3.0, -3.0], abs=0.1)
    settle(desk.page)
    desk.expect_numbers()
    handle = desk.state("S.scene.handles.at(-1)")
    place = [desk.place(v, handle["y"], panel="4") for v in (handle["x"], 700)]
    desk.drop(*place)
    poll(desk.spec, lambda spec: abs(spec.burn - 700) < 20, desk.page)
    desk.expect_numbers()


def test_playing_shows_the_arithmetic_of_each_test(desk: Desk):
    desk.open("mcmc_draws=500&mcmc_sigma=3&mcmc_step=3")
    desk.expect_step(300)
    expect(desk.step).to_have_text("step 3 / 300")
    states = run(desk.spec()).states
    readings = desk.stage.locator(".gd-readings")
    expect(readings).to_contain_text(f"log p′ = {number(states.log_density_proposal[2, 0])}")
    desk.button("One step forward").click()
    expect(desk.step).to_have_text("step 4 / 300")
    u = float(np.exp(states.log_u[3, 0]))
    expect(readings).to_contain_text(f"u = {number(u)}")
    desk.button("Play").click()
    poll(lambda: desk.state("S.k"), lambda k: k > 20, desk.page)


def test_a_click_on_the_sweep_loads_a_step(desk: Desk):
    desk.open("mcmc_target=standard&mcmc_view=sweep&mcmc_draws=1000&mcmc_sigma=0.05")
    sweep = desk.drawn(desk.page.locator(".gd-stage").nth(1))
    desk.page.mouse.click(*desk.place(2.0, 0.5, sweep))
    poll(desk.spec, lambda spec: abs(spec.sigma - 2.0) < 0.3, desk.page)
    desk.expect_numbers()

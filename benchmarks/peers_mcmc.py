"""Time blackjax, emcee and ArviZ on chains. Run it with a Python that has them; prints JSON.

`PEERS=/path/to/their/python make bench`. Pins that were measured: blackjax 1.7.1, jax 0.10.2,
emcee 3.1.6, arviz 0.23.4. Seconds by what was measured; for NUTS also its leapfrogs a draw.
"""

import json
import statistics
import sys
from time import perf_counter

CHAINS, DRAWS, NUTS_DRAWS, TIMES = 4, 10_000, 2000, 7


def median(function, times=TIMES):
    """Return the median time of a call, after one that warms up."""
    function()
    taken = []
    for _ in range(times):
        start = perf_counter()
        function()
        taken.append(perf_counter() - start)
    return statistics.median(taken)


def blackjax_figures():
    """Metropolis, HMC with ten leapfrogs and NUTS on the banana, four chains in a jit."""
    import blackjax
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)

    def banana(x):
        bend = 2 * x[1] + 0.4 * x[0] ** 2 - 2.4
        return -((x[0] / 2) ** 2 - x[0] / 2 * bend + bend**2) / 1.5

    def chains(algorithm, draws):
        def one(key, x):
            def step(state, key):
                state, info = algorithm.step(key, state)
                return state, (state.position, getattr(info, "num_integration_steps", 0))

            return jax.lax.scan(step, algorithm.init(x), jax.random.split(key, draws))[1]

        return jax.jit(jax.vmap(one))

    keys, starts = jax.random.split(jax.random.key(0), CHAINS), jnp.zeros((CHAINS, 2))
    normal = blackjax.mcmc.random_walk.normal(jnp.array([1.2, 1.2]))
    walk = chains(blackjax.additive_step_random_walk(banana, normal), DRAWS)
    hmc = chains(blackjax.hmc(banana, 0.15, jnp.ones(2), 10), DRAWS)

    # Their own warm-up, with the same target acceptance as ours.
    warm = blackjax.window_adaptation(blackjax.nuts, banana, target_acceptance_rate=0.8)
    (_, tuned), _ = warm.run(jax.random.key(1), jnp.zeros(2), 1000)
    step = float(tuned["step_size"])
    nuts = chains(blackjax.nuts(banana, step, jnp.ones(2)), NUTS_DRAWS)
    leaps = float(nuts(keys, starts)[1].mean())
    return {
        "blackjax rwm": median(lambda: jax.block_until_ready(walk(keys, starts))),
        "blackjax hmc": median(lambda: jax.block_until_ready(hmc(keys, starts))),
        "blackjax nuts": median(lambda: jax.block_until_ready(nuts(keys, starts)), 3),
        "blackjax nuts step": step,
        "blackjax nuts leapfrogs": leaps,
    }


def emcee_figures():
    """The stretch move's default with four walkers on the banana."""
    import emcee
    import numpy as np

    def banana(x):
        bend = 2 * x[1] + 0.4 * x[0] ** 2 - 2.4
        return -((x[0] / 2) ** 2 - x[0] / 2 * bend + bend**2) / 1.5

    starts = np.random.default_rng(0).standard_normal((CHAINS, 2))

    def run():
        emcee.EnsembleSampler(CHAINS, 2, banana).run_mcmc(starts, DRAWS)

    return {"emcee": median(run, 1)}


def arviz_figures():
    """R-hat, bulk and tail ESS of two parameters."""
    import arviz as az
    import numpy as np

    x = np.cumsum(np.random.default_rng(0).standard_normal((2, CHAINS, DRAWS)), axis=2)
    x = x - 0.99 * np.roll(x, 1, axis=2)

    def run():
        for table in x:
            az.rhat(table), az.ess(table, method="bulk"), az.ess(table, method="tail")

    return {"arviz": median(run)}


if __name__ == "__main__":
    figures = {}
    for measure in (blackjax_figures, emcee_figures, arviz_figures):
        try:
            figures |= measure()
        except ImportError as missing:
            print(f"without {missing.name}", file=sys.stderr)
    print(json.dumps(figures))

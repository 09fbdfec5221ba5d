# tests/book/test_advantage_bias.py: generated from book/depth/advantage-bias.md; edit the chapter. sha256:a80d73f306825e36
"""The bias and the noise of advantage estimates, against exact expectations."""

from dataclasses import replace
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

import spinup_lit
from spinup_lit.exact import tabular


def modules_with(function):
    """The modules of the package in which this function is defined."""
    for path in sorted(Path(spinup_lit.__file__).parent.glob("*.py")):
        if f"\ndef {function}(" in path.read_text(encoding="utf-8"):
            yield path.stem


@pytest.fixture(params=modules_with("gae"))
def gae(request):
    return import_module(f"spinup_lit.{request.param}").gae


def random_world(seed, ends=0.2):
    """A random world of 4 states and 2 actions, a policy, and errors of a critic."""
    rng = np.random.default_rng(seed)
    pi = tabular.softmax(rng.normal(size=(4, 2)))
    return tabular.random_mdp(4, 2, ends, seed), pi, rng.normal(size=4)


def forward(mdp):
    """The same world without its ways back: every episode ends within S steps."""
    P = np.triu(mdp.P.transpose(1, 0, 2), k=1).transpose(1, 0, 2)
    return replace(mdp, P=P / P.sum(axis=2, keepdims=True))


def estimates(gae, episodes, v, gamma, lam):
    """What gae says of every step of these episodes, cut after the last row: (T, N)."""
    val = np.append(v, 0)[episodes.state]  # (T + 1, N); the end is worth nothing
    terminated = episodes.state[1:] == len(v)
    truncated = np.zeros_like(terminated)
    truncated[-1] = True
    flags = terminated, truncated
    return gae(episodes.rew, val[:-1], val[1:], *flags, gamma, lam)


def by_first_step(episodes, x, shape):
    """Probability, mean and standard deviation of x (N,) by first state and action."""
    pair = np.ravel_multi_index((episodes.state[0], episodes.act[0]), shape)
    p, first, second = (
        np.bincount(pair, episodes.weight * x**k, np.prod(shape)).reshape(shape)
        for k in range(3)
    )
    mean = first / p
    return p, mean, np.sqrt(second / p - mean**2)


def exact_moments(gae, mdp, pi, horizon, v, gamma, lam):
    """Mean and standard deviation, (S, A), over all episodes of so many steps."""
    episodes = tabular.all_episodes(mdp, pi, horizon)
    first = estimates(gae, episodes, v, gamma, lam)[0]
    return by_first_step(episodes, first, pi.shape)[1:]


ROAD = {
    (1, 1): [0.9, 0.6525, 0.3096, 0],
    (0, 1): [0, 0.2025, 0.1296, 0],
    (1, -2): [0.9, 0.045, -0.0792, 0],
}
LAMBDAS = [0, 0.5, 0.8, 1]


def bound(gamma, lam):
    """The largest possible bias for errors up to 1."""
    return gamma * (1 - lam) / (1 - gamma * lam)


@pytest.mark.parametrize("errors", ROAD)
def test_the_table_of_the_road(errors):
    mdp, pi = tabular.corridor(3), np.tile([0.0, 1.0], (3, 1))  # always to the right
    e = np.array([5.0, *errors])  # the first state is not met again
    b = [tabular.gae_bias(mdp, pi, e, 0.9, lam)[0, 1] for lam in LAMBDAS]
    np.testing.assert_allclose(b, ROAD[errors], atol=1e-12)
    bounds = [bound(0.9, lam) for lam in LAMBDAS]
    np.testing.assert_allclose(bounds, [0.9, 0.8182, 0.6429, 0], atol=5e-5)


@pytest.mark.parametrize("seed", range(5))
def test_the_bound_holds_and_falls(seed):
    mdp, pi, e = random_world(seed)
    lambdas = np.linspace(0, 1, 51)
    largest = [abs(tabular.gae_bias(mdp, pi, e, 0.9, x)).max() for x in lambdas]
    bounds = [bound(0.9, x) * abs(e).max() for x in lambdas]
    assert (np.array(largest) <= bounds).all()
    assert (np.diff(bounds) < 0).all()


def test_the_bound_is_reached_without_an_end():
    mdp, pi, _ = random_world(0, ends=0.0)
    b = tabular.gae_bias(mdp, pi, np.full(4, -3.0), 0.9, 0.8)
    np.testing.assert_allclose(b, -3 * bound(0.9, 0.8), rtol=1e-12)


@pytest.mark.parametrize("lam", [0, 0.5, 0.9, 1])
@pytest.mark.parametrize("gamma", [0.9, 1.0])
def test_the_bias_is_what_the_theorem_says(gae, gamma, lam):
    mdp, pi, e = random_world(0)
    mdp = forward(mdp)
    v, _, adv = tabular.evaluate(mdp, pi, gamma)
    found = exact_moments(gae, mdp, pi, 4, v + e, gamma, lam)
    expected = adv - e[:, None] + tabular.gae_bias(mdp, pi, e, gamma, lam)
    np.testing.assert_allclose(found[0], expected, atol=1e-12)
    moments = tabular.gae_moments(mdp, pi, v + e, gamma, lam)
    np.testing.assert_allclose(found, moments, atol=1e-7)


@pytest.mark.parametrize("lam", [0, 0.7, 1])
def test_the_bias_of_a_chain_that_is_cut(gae, lam):
    mdp, pi, e = random_world(1)
    v, _, adv = tabular.evaluate(mdp, pi, 0.9)
    here, bias, error = adv - e[:, None], 0.0, e
    for K in (1, 2, 3):
        met = mdp.P[:, :, :-1] @ error  # after K steps
        one, _ = exact_moments(gae, mdp, pi, K, v + e, 0.9, lam=1)
        np.testing.assert_allclose(one, here + 0.9**K * met, atol=1e-12)
        mixed, _ = exact_moments(gae, mdp, pi, K, v + e, 0.9, lam)
        cut = bias + lam ** (K - 1) * 0.9**K * met
        np.testing.assert_allclose(mixed, here + cut, atol=1e-12)
        bias += (1 - lam) * lam ** (K - 1) * 0.9**K * met
        error = (pi * met).sum(axis=1)


@pytest.mark.parametrize("lam", [0, 0.5, 0.8])
def test_the_bias_by_playing(gae, lam):
    mdp, pi, e = random_world(6)
    v, _, adv = tabular.evaluate(mdp, pi, 0.9)
    n, rng = 20_000, np.random.default_rng(0)
    episodes = tabular.sample_episodes(mdp, pi, 60, n, rng)
    first = estimates(gae, episodes, v + 3 * e, 0.9, lam)[0]
    p, mean, std = by_first_step(episodes, first, pi.shape)
    without_b = (mean - adv + 3 * e[:, None]) / (std / np.sqrt(p * n))
    b = tabular.gae_bias(mdp, pi, 3 * e, 0.9, lam) / (std / np.sqrt(p * n))
    assert abs(without_b - b).max() < 4
    assert abs(without_b).max() > 10


@pytest.mark.parametrize("lam", [0, 0.5, 0.95, 1])
@pytest.mark.parametrize(("ends", "gamma"), [(0.2, 0.9), (0.2, 1.0), (0.0, 0.9)])
def test_two_ways_to_the_mean(ends, gamma, lam):
    mdp, pi, e = random_world(3, ends)
    v, _, adv = tabular.evaluate(mdp, pi, gamma)
    mean, _ = tabular.gae_moments(mdp, pi, v + e, gamma, lam)
    bias = tabular.gae_bias(mdp, pi, e, gamma, lam)
    np.testing.assert_allclose(mean, adv - e[:, None] + bias, atol=1e-10)
    mean, _ = tabular.gae_moments(mdp, pi, v, gamma, lam)  # with a perfect critic
    np.testing.assert_allclose(mean, adv, atol=1e-10)


def direction(mdp, pi, adv):
    """The expected sum of scores with weights adv(s, a): (S, A)."""
    centred = adv - (pi * adv).sum(axis=1, keepdims=True)
    return tabular.visitation(mdp, pi)[:, None] * pi * centred


@pytest.mark.parametrize(("critic", "lam"), [(1, 0), (1, 0.7), (1, 1), (0, 0.7)])
def test_the_error_of_the_direction(gae, critic, lam):
    mdp, pi, e = random_world(4)
    mdp, e = forward(mdp), critic * e
    v, _, adv = tabular.evaluate(mdp, pi, 0.9)
    episodes = tabular.all_episodes(mdp, pi, horizon=4)
    estimated = estimates(gae, episodes, v + e, 0.9, lam)
    exact = np.pad(adv, ((0, 1), (0, 0)))[episodes.state[:-1], episodes.act]
    scores = tabular.scores(pi, episodes)
    found, aim = (  # at each step
        np.einsum("n,tn,tnsa->tsa", episodes.weight, x, scores)
        for x in (estimated, exact)
    )
    bias = tabular.gae_bias(mdp, pi, e, 0.9, lam)
    expected = direction(mdp, pi, adv + bias)
    np.testing.assert_allclose(found.sum(axis=0), expected, atol=1e-12)
    assert np.allclose(found, aim) == (lam == 1 or critic == 0)


def size(x):
    return np.mean(np.square(x)) ** 0.5


def cosine(x, y):
    return (x * y).sum() / np.sqrt((x**2).sum() * (y**2).sum())


CORRIDOR, RIGHTWARD = tabular.corridor(10), np.tile([0.4, 0.6], (10, 1))
TRUTH = tabular.evaluate(CORRIDOR, RIGHTWARD, 0.99)
ERRORS = {
    "noisy": np.random.default_rng(0).normal(size=10) * TRUTH.v.std() / 2,
    "untrained": -TRUTH.v,
}


def prejudice_and_noise(critic, lam):
    """Of one estimate: the part of b that differs between actions, and its noise."""
    where, e = (CORRIDOR, RIGHTWARD), ERRORS[critic]
    b = tabular.gae_bias(*where, e, 0.99, lam)
    noise = tabular.gae_moments(*where, TRUTH.v + e, 0.99, lam)[1]
    return b - (RIGHTWARD * b).sum(axis=1, keepdims=True), noise


TABLE = {  # prejudice, standard deviation, cosine
    "noisy": (
        [2.76, 1.60, 0.74, 0.40, 0.21, 0],
        [0, 1.66, 3.54, 5.22, 7.09, 12.64],
        [0.74, 0.89, 0.98, 0.99, 1.00, 1],
    ),
    "untrained": (
        [3.17, 3.09, 2.81, 2.40, 1.83, 0],
        [0, 0.06, 0.50, 1.42, 3.17, 12.64],
        [None, 0.42, 0.72, 0.88, 0.96, 1],
    ),
}


@pytest.mark.parametrize("critic", ERRORS)
def test_the_table_of_two_critics(critic):
    lambdas = [0, 0.5, 0.8, 0.9, 0.95, 1]
    exact = direction(CORRIDOR, RIGHTWARD, TRUTH.adv)
    assert size(TRUTH.adv) == pytest.approx(3.2, abs=0.05)
    for lam, *printed in zip(lambdas, *TABLE[critic]):
        prejudice, noise = prejudice_and_noise(critic, lam)
        assert [size(prejudice), size(noise)] == pytest.approx(printed[:2], abs=0.005)
        biased = direction(CORRIDOR, RIGHTWARD, TRUTH.adv + prejudice)
        if printed[2] is None:
            np.testing.assert_allclose(biased, 0, atol=1e-10)
        else:
            assert cosine(biased, exact) == pytest.approx(printed[2], abs=0.005)


def test_the_best_lambda_grows_with_the_batch():
    lambdas = np.linspace(0, 1, 101)
    sizes = [[size(x) for x in prejudice_and_noise("noisy", lam)] for lam in lambdas]
    bias, noise = np.array(sizes).T
    best = [np.hypot(bias, noise / B**0.5).argmin() for B in (1, 10, 100, 1000)]
    np.testing.assert_allclose(lambdas[best], [0.41, 0.76, 0.90, 0.97])


@pytest.mark.parametrize("lam, answer, band", [(0, -1.7, 0), (1, 8.1, 4.5)])
def test_the_first_picture_of_advantage_estimation(lam, answer, band):
    where, v = (CORRIDOR, RIGHTWARD), TRUTH.v + ERRORS["noisy"]
    mean, std = tabular.gae_moments(*where, v, 0.99, lam)
    assert np.diff(mean[8])[0] == pytest.approx(answer, abs=0.05)
    assert np.hypot(*std[8]) / 10**0.5 == pytest.approx(band, abs=0.05)
    assert np.diff(TRUTH.adv[8])[0] == pytest.approx(8.1, abs=0.05)


REMAINS = {
    "bound": [0.99, 0.98, 0.95, 0.91, 0.83, 0.75, 0],
    "untrained": [0.96, 0.92, 0.82, 0.68, 0.51, 0.38, 0],
    "noisy": [0.48, 0.35, 0.25, 0.19, 0.14, 0.10, 0],
}


@pytest.mark.parametrize("critic", ERRORS)
def test_what_remains_of_the_error_of_a_critic(critic):
    mdp, pi, e = CORRIDOR, RIGHTWARD, ERRORS[critic]
    P = np.einsum("sa,sak->sk", pi, mdp.P[:, :, :-1])
    for i, lam in enumerate([0, 0.5, 0.8, 0.9, 0.95, 0.97, 1]):
        mean, _ = tabular.gae_moments(mdp, pi, TRUTH.v + e, 0.99, lam)
        target = TRUTH.v + e + (pi * mean).sum(axis=1)
        onward = np.linalg.solve(np.eye(10) - 0.99 * lam * P, e)
        remaining = 0.99 * (1 - lam) * P @ onward
        np.testing.assert_allclose(target, TRUTH.v + remaining, atol=1e-10)
        assert abs(remaining).max() <= bound(0.99, lam) * abs(e).max() + 1e-12
        assert bound(0.99, lam) == pytest.approx(REMAINS["bound"][i], abs=0.005)
        ratio = size(remaining) / size(e)
        assert ratio == pytest.approx(REMAINS[critic][i], abs=0.005)


def test_the_noise_of_two_targets():
    noise = [size(prejudice_and_noise("untrained", lam)[1]) for lam in (0.97, 1)]
    assert noise == pytest.approx([4.9, 12.6], abs=0.05)


@pytest.mark.parametrize("lam", [0, 0.4, 1])
def test_the_waiting_room(lam):
    p, gamma, e0, e1 = 0.3, 0.9, 1.0, -2.0
    P = np.zeros((2, 2, 3))
    P[0, 0, 0] = P[0, 1, 1] = 1
    P[1, :, 2] = 1
    mdp = tabular.MDP(P, np.zeros_like(P), np.array([1.0, 0]))
    pi = np.array([[1 - p, p]] * 2)
    decay = gamma * lam
    x0 = (e0 + decay * p * e1) / (1 - decay * (1 - p))
    expected = gamma * (1 - lam) * np.array([[x0, e1], [0, 0]])
    found = tabular.gae_bias(mdp, pi, np.array([e0, e1]), gamma, lam)
    np.testing.assert_allclose(found, expected)
    both = tabular.gae_bias(mdp, pi, np.array([2.0, 2.0]), gamma, lam)
    extra = decay / (1 - decay * (1 - p))
    assert both[0, 0] - both[0, 1] == pytest.approx(gamma * (1 - lam) * 2 * extra)

# tests/book/test_trust_region_bounds.py: generated from book/depth/trust-region-bounds.md; edit the chapter. sha256:4b0602c342f48b8c
"""How far a surrogate can be trusted: two policies compared in small worlds."""

import numpy as np
import pytest

from spinup_lit.exact import tabular


def exact_surrogate(mdp, pi, new, gamma):
    adv = tabular.evaluate(mdp, pi, gamma).adv
    return tabular.visitation(mdp, pi, gamma) @ (new * adv).sum(axis=1)


@pytest.mark.parametrize("beta", [1, 0.1, 0.01])
def test_the_door_by_hand(beta):
    leave, enter, bad, good, end = 0, 1, 0, 1, 2
    P, R = np.zeros((2, 2, 3)), np.zeros((2, 2, 3))
    P[0, leave, end] = P[0, enter, 1] = P[1, bad, end] = P[1, good, end] = 1
    R[0, leave, end], R[1, good, end] = 1, 4
    world = tabular.MDP(P, R, np.array([1.0, 0.0]))
    old, new = np.array([[0.9, 0.1], [0.25, 0.75]]), np.array([[0.0, 1.0], [1.0, 0.0]])
    new = (1 - beta) * old + beta * new
    J_old, J_new = (tabular.objective(world, pi, 0.5) for pi in (old, new))
    assert exact_surrogate(world, old, new, 0.5) == pytest.approx(0.3 * beta)
    assert J_new - J_old == pytest.approx(0.3 * beta - 1.35 * beta**2)


@pytest.mark.parametrize(("ends", "gamma"), [(0.2, 1.0), (0.0, 0.9), (0.1, 0.9)])
def test_performance_difference(ends, gamma):
    mdp = tabular.random_mdp(4, 3, ends, seed=0)
    rng = np.random.default_rng(0)
    old, new = (tabular.softmax(rng.normal(size=(4, 3))) for _ in range(2))
    adv = tabular.evaluate(mdp, old, gamma).adv
    difference = tabular.visitation(mdp, new, gamma) @ (new * adv).sum(axis=1)
    J_old, J_new = (tabular.objective(mdp, pi, gamma) for pi in (old, new))
    assert difference == pytest.approx(J_new - J_old)
    assert abs(exact_surrogate(mdp, old, new, gamma) - difference) > 0.01


def test_the_surrogate_touches_the_objective():
    mdp = tabular.random_mdp(4, 3, 0.1, seed=1)
    theta = np.random.default_rng(1).normal(size=(4, 3))
    pi, gradient = tabular.softmax(theta), tabular.policy_gradient(mdp, theta, 0.9)
    assert exact_surrogate(mdp, pi, pi, 0.9) == pytest.approx(0)
    for s, a in np.ndindex(theta.shape):
        step = np.zeros_like(theta)
        step[s, a] = 1e-5
        up, down = (tabular.softmax(theta + sign * step) for sign in (1, -1))
        slope = exact_surrogate(mdp, pi, up, 0.9) - exact_surrogate(mdp, pi, down, 0.9)
        assert slope / 2e-5 == pytest.approx(gradient[s, a], rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("distance", [1e-3, 0.03, 1.0, 10.0])
@pytest.mark.parametrize("seed", range(20))
def test_monotonic_improvement_bound(seed, distance):
    gamma, rng = 0.9, np.random.default_rng(seed)
    mdp = tabular.random_mdp(4, 3, 0.05 * (seed % 3), seed)
    theta, move = rng.normal(size=(2, 4, 3))
    old, new = tabular.softmax(theta), tabular.softmax(theta + distance * move)
    gain = tabular.objective(mdp, new, gamma) - tabular.objective(mdp, old, gamma)
    promised = exact_surrogate(mdp, old, new, gamma)
    variation = abs(new - old).sum(axis=1) / 2
    divergences = (old * np.log(old / new)).sum(axis=1)
    divergence, visits = divergences.max(), tabular.visitation(mdp, old, gamma)
    mean_divergence = visits @ divergences / visits.sum()
    adv = tabular.evaluate(mdp, old, gamma).adv
    mean_variation = visits @ variation
    largest = abs((new * adv).sum(axis=1)).max()
    by_mean = 2 * gamma / (1 - gamma) * largest * mean_variation
    by_variation = 4 * abs(adv).max() * gamma / (1 - gamma) ** 2 * variation.max() ** 2
    by_mean_divergence = gamma / (1 - gamma) * largest * (2 * mean_divergence) ** 0.5
    by_mean_divergence *= visits.sum()
    penalty = 2 * abs(adv).max() * gamma / (1 - gamma) ** 2 * divergence
    assert abs(gain - promised) <= by_mean <= by_variation <= penalty
    assert by_mean <= by_mean_divergence
    if promised > penalty:
        assert gain > 0
    if divergence >= (1 - gamma) ** 2 / (2 * gamma**2):
        assert promised <= penalty
    if mean_divergence >= (1 - gamma) ** 2 / (2 * gamma**2):
        assert promised <= by_mean_divergence


def test_sometimes_the_theorem_does_promise_something():
    mdp = tabular.random_mdp(4, 3, 0.1, seed=0)
    theta = np.random.default_rng(0).normal(size=(4, 3))
    old, gradient = tabular.softmax(theta), tabular.policy_gradient(mdp, theta, 0.9)
    new = tabular.softmax(theta + 1e-3 * gradient / np.linalg.norm(gradient))
    divergence = (old * np.log(old / new)).sum(axis=1).max()
    epsilon = abs(tabular.evaluate(mdp, old, 0.9).adv).max()
    penalty = 2 * epsilon * 0.9 / 0.1**2 * divergence
    assert exact_surrogate(mdp, old, new, 0.9) > penalty


@pytest.mark.parametrize("seed", range(20))
def test_a_small_part_of_a_good_change_is_good(seed):
    gamma, rng = 0.9, np.random.default_rng(seed)
    mdp = tabular.random_mdp(4, 3, 0.1, seed)
    old, new = (tabular.softmax(rng.normal(size=(4, 3))) for _ in range(2))
    promised = exact_surrogate(mdp, old, new, gamma)
    largest = abs((new * tabular.evaluate(mdp, old, gamma).adv).sum(axis=1)).max()
    price = 2 * gamma * largest / (1 - gamma) ** 2

    def gain(beta):
        mixture = (1 - beta) * old + beta * new
        J_old, J_new = (tabular.objective(mdp, pi, gamma) for pi in (old, mixture))
        return J_new - J_old

    for beta in (0.001, 0.01, 0.1, 1.0):
        assert gain(beta) >= beta * promised - price * beta**2
    best = promised / (2 * price)  # the top of the parabola
    assert promised < 0 or gain(best) > 0

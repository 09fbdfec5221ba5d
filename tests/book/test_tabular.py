# tests/book/test_tabular.py: generated from book/depth/tabular.md; edit the chapter. sha256:3a9cfb55c528054a
"""Exact values, gradients and episodes of small worlds, against other ways to them."""

import numpy as np
import pytest

from spinup_lit.exact.tabular import (
    MDP,
    all_episodes,
    corridor,
    evaluate,
    evaluate_horizon,
    objective,
    policy_gradient,
    random_mdp,
    sample_episodes,
    scores,
    softmax,
    visitation,
)
from spinup_lit.machinery.errors import UserError


def random_world(seed, ends=0.2):
    """A random world of 4 states and 3 actions, a policy and its parameters."""
    theta = np.random.default_rng(seed).normal(size=(4, 3))
    return random_mdp(4, 3, ends, seed), softmax(theta), theta


def test_tables_that_are_no_world_are_refused():
    good = corridor(3)
    for P, start in ((good.P[:, :, :-1], good.start), (good.P, np.eye(3))):
        with pytest.raises(UserError, match=r"the shape \(S, A, S \+ 1\)"):
            MDP(P, np.zeros_like(P), start)
    with pytest.raises(UserError, match="in P must sum to one"):
        MDP(good.P / 2, good.R, good.start)
    with pytest.raises(UserError, match="in start must sum to one"):
        MDP(good.P, good.R, np.array([2.0, -1, 0]))


def test_softmax():
    theta = np.log([[1.0, 2, 5], [3, 3, 2]]) + np.array([[7.0], [1000]])
    np.testing.assert_allclose(softmax(theta) * 8, [[1, 2, 5], [3, 3, 2]])


def test_random_walk_in_the_corridor():
    n = 7
    mdp, pi = corridor(n), np.full((n, 2), 0.5)
    s = np.arange(n)
    values = evaluate(mdp, pi)
    np.testing.assert_allclose(values.v, s * (s + 1) - n * (n + 1))
    np.testing.assert_allclose(values.adv[:, 1], 2 * s + 1)  # V(s+1) - 1 - V(s)
    np.testing.assert_allclose(visitation(mdp, pi), 2 * (n - s))
    with pytest.raises(UserError, match="the end must be within reach"):
        evaluate(mdp, np.tile([1.0, 0.0], (n, 1)))


@pytest.mark.parametrize(("ends", "gamma"), [(0.2, 1.0), (0.0, 0.9), (0.1, 0.9)])
def test_a_long_horizon_is_no_horizon(ends, gamma):
    mdp, pi, _ = random_world(0, ends)
    cut, exact = evaluate_horizon(mdp, pi, 500, gamma), evaluate(mdp, pi, gamma)
    for finite, infinite in zip(cut, exact):
        np.testing.assert_allclose(finite[0], infinite, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose((pi * exact.adv).sum(axis=1), 0, atol=1e-12)


def test_values_depend_on_the_number_of_steps_left():
    mdp, pi, _ = random_world(0)
    three, two = (evaluate_horizon(mdp, pi, T, gamma=0.9) for T in (3, 2))
    for longer, shorter in zip(three, two):
        np.testing.assert_array_equal(longer[1:], shorter)
        assert abs(longer[0] - longer[1]).min() > 1e-3


@pytest.mark.parametrize(("ends", "gamma"), [(0.2, 1.0), (0.0, 0.9), (0.1, 0.9)])
def test_the_objective_counts_rewards_where_the_agent_is(ends, gamma):
    mdp, pi, _ = random_world(1, ends)
    P = np.einsum("sa,sak->sk", pi, mdp.P)[:, :-1]
    at_time_t, visits = mdp.start, np.zeros(4)
    for t in range(500):
        visits += gamma**t * at_time_t
        at_time_t = at_time_t @ P
    np.testing.assert_allclose(visitation(mdp, pi, gamma), visits, rtol=1e-10)
    r = np.einsum("sa,sak,sak->s", pi, mdp.P, mdp.R)
    assert objective(mdp, pi, gamma) == pytest.approx(visits @ r, rel=1e-10)


@pytest.mark.parametrize(("ends", "gamma"), [(0.2, 1.0), (0.0, 0.9), (0.1, 0.9)])
def test_the_gradient_is_the_slope_of_the_objective(ends, gamma):
    mdp, _, theta = random_world(2, ends)
    gradient = policy_gradient(mdp, theta, gamma)
    for s, a in np.ndindex(theta.shape):
        step = np.zeros_like(theta)
        step[s, a] = 1e-5
        up, down = (softmax(theta + sign * step) for sign in (1, -1))
        slope = (objective(mdp, up, gamma) - objective(mdp, down, gamma)) / 2e-5
        assert gradient[s, a] == pytest.approx(slope, rel=1e-6, abs=1e-9)


def test_all_episodes_are_all_there_is():
    small = random_mdp(3, 2, ends=0.2, seed=0)
    lists = [all_episodes(small, np.full((3, 2), 0.5), T) for T in (2, 3, 4)]
    assert [len(episodes.weight) for episodes in lists] == [150, 906, 5442]
    mdp, pi, _ = random_world(3)
    episodes = all_episodes(mdp, pi, horizon=3)
    paths = np.vstack([episodes.state, episodes.act])
    assert np.unique(paths, axis=1).shape == paths.shape  # each of them once
    assert episodes.weight.sum() == pytest.approx(1)
    discounted = 0.9 ** np.arange(3) @ episodes.rew
    expected = mdp.start @ evaluate_horizon(mdp, pi, 3, gamma=0.9).v[0]
    assert discounted @ episodes.weight == pytest.approx(expected)
    over = episodes.state[:-1] == 4
    assert over.any()
    assert not episodes.rew[over].any()
    assert not episodes.act[over].any()
    assert not scores(pi, episodes)[over].any()


def test_scores_are_slopes_of_log_probabilities():
    mdp, pi, theta = random_world(4)
    total = scores(pi, all_episodes(mdp, pi, horizon=2)).sum(axis=0)
    for s, a in np.ndindex(theta.shape):
        step = np.zeros_like(theta)
        step[s, a] = 1e-5
        up, down = (
            all_episodes(mdp, softmax(theta + sign * step), horizon=2).weight
            for sign in (1, -1)
        )
        slope = (np.log(up) - np.log(down)) / 2e-5
        np.testing.assert_allclose(total[:, s, a], slope, atol=1e-8)


def statistics(episodes):
    """One row per episode: which state and action at each time, and its rewards."""
    pair = np.eye(15)[episodes.state[:-1] * 3 + episodes.act]  # (T, M, 15)
    return np.hstack([*pair, episodes.rew.T])


def test_a_sample_looks_like_the_world():
    mdp, pi, _ = random_world(5)
    everything = all_episodes(mdp, pi, horizon=3)
    exact = everything.weight @ statistics(everything)
    sampled = statistics(
        sample_episodes(mdp, pi, 3, n=20_000, rng=np.random.default_rng(0))
    )
    possible = exact != 0
    error = sampled.std(axis=0)[possible] / 20_000**0.5
    z = (sampled.mean(axis=0) - exact)[possible] / error
    assert len(z) == 41
    assert abs(z).max() < 4.5
    assert not sampled[:, ~possible].any()

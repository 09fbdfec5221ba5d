# tests/book/test_discounted_gradient.py: generated from book/depth/discounted-gradient.md; edit the chapter. sha256:5df6bbca469b1d6e
"""What a discount does to a policy gradient, in small worlds."""

import numpy as np
import pytest

from spinup_lit.exact import tabular

T = 3
MDP = tabular.random_mdp(states=3, actions=2, ends=0.2, seed=0)
THETA = np.random.default_rng(1).normal(size=(3, 2))
PI = tabular.softmax(THETA)
ALL = tabular.all_episodes(MDP, PI, horizon=T)
SCORES = tabular.scores(PI, ALL)  # gradient of log pi(a_t | s_t): (T, N, 3, 2)
RETURN = ALL.rew.sum(axis=0)  # (N,)
TO_GO = ALL.rew[::-1].cumsum(axis=0)[::-1]  # (T, N)


def expected_gradient(weights):
    """The expectation of the sum over t of weight times score; weights are (T, N)."""
    return np.einsum("n,tn,tnsa->sa", ALL.weight, weights, SCORES)


def slope(f, theta=THETA, step=1e-5):
    """The gradient of f by central differences: nothing but values of f."""
    gradient = []
    for i in np.ndindex(theta.shape):
        e = np.zeros_like(theta)
        e[i] = step
        gradient.append((f(theta + e) - f(theta - e)) / (2 * step))
    return np.array(gradient).reshape(*theta.shape, *np.shape(gradient[0]))


def objective(theta, gamma=1.0):
    """J by backward induction: no trajectories, no scores."""
    values = tabular.evaluate_horizon(MDP, tabular.softmax(theta), T, gamma)
    return MDP.start @ values.v[0]


def lookup(table):
    """Entries [t, s] or [t, s, a] of a table along all trajectories; 0 at the end."""
    padded = np.concatenate([table, np.zeros_like(table[:, :1])], axis=1)
    here = np.arange(T)[:, None], ALL.state[:-1]
    return padded[here] if table.ndim == 2 else padded[(*here, ALL.act)]


def practical(mdp, theta, gamma):
    """The direction without gamma^t, by visits: (S, A)."""
    pi = tabular.softmax(theta)
    adv = tabular.evaluate(mdp, pi, gamma).adv
    return tabular.visitation(mdp, pi)[:, None] * pi * adv


def test_the_discounted_gradient_has_the_factor():
    adv = lookup(tabular.evaluate_horizon(MDP, PI, T, gamma=0.7).adv)
    factor = 0.7 ** np.arange(T)[:, None]
    truth = slope(lambda theta: objective(theta, gamma=0.7))
    np.testing.assert_allclose(expected_gradient(factor * adv), truth, atol=1e-9)
    assert abs(expected_gradient(adv) - truth).max() > 0.01
    assert abs(expected_gradient(adv) - slope(objective)).max() > 0.01


def test_what_is_followed_without_the_factor():
    def values(theta):
        return tabular.evaluate(MDP, tabular.softmax(theta), 0.7).v

    w = 0.7 * MDP.start + 0.3 * tabular.visitation(MDP, PI)
    semi_gradient = slope(values) @ w  # w held fixed
    np.testing.assert_allclose(practical(MDP, THETA, 0.7), semi_gradient, atol=1e-9)
    sample = tabular.sample_episodes(MDP, PI, 60, 4000, np.random.default_rng(0))
    adv = np.pad(tabular.evaluate(MDP, PI, 0.7).adv, ((0, 1), (0, 0)))
    weights = adv[sample.state[:-1], sample.act]
    each = np.einsum("tn,tnsa->nsa", weights, tabular.scores(PI, sample))
    z = (each.mean(axis=0) - semi_gradient) / (each.std(axis=0) / 4000**0.5)
    assert abs(z).max() < 4


def test_it_is_the_gradient_of_no_function():
    def asymmetry(direction):
        jacobian = slope(direction).reshape(6, 6)
        return abs(jacobian - jacobian.T).max()

    assert asymmetry(lambda theta: tabular.policy_gradient(MDP, theta, 0.7)) < 1e-8
    assert asymmetry(lambda theta: practical(MDP, theta, 0.7)) > 0.005


def test_it_may_point_the_wrong_way():
    P, R = np.zeros((2, 3, 2, 4))  # states 0, 1, 2; action 1 is yes
    P[0, :, 1] = P[1, 1, 2] = P[1, 0, 3] = P[2, :, 3] = 1
    R[0, 1], R[1, 1], R[2] = 1, -3, 3
    mdp, theta = tabular.MDP(P, R, np.eye(3)[0]), np.zeros((3, 2))
    for gradient, per_unit in (
        (tabular.policy_gradient(mdp, theta, 1.0), 1),
        (tabular.policy_gradient(mdp, theta, 0.5), 1 / 4),
        (practical(mdp, theta, 0.5), -1 / 2),
    ):  # moving all logits of yes together moves p by p (1 - p)
        assert gradient[:, 1].sum() == pytest.approx(per_unit / 4)


def cosines(mdp, seed):
    """Between the direction at gamma 0.9 and the gradients of J_0.9 and of J."""
    theta = np.random.default_rng(seed).normal(size=mdp.P.shape[:2])
    g = practical(mdp, theta, 0.9)
    for gamma in (0.9, 1.0):
        gradient = tabular.policy_gradient(mdp, theta, gamma)
        yield (g * gradient).sum() / np.linalg.norm(g) / np.linalg.norm(gradient)


def test_it_may_be_close_and_it_may_be_far_off():
    seeds = range(300)
    worlds = [tabular.random_mdp(6, 2, ends=0.05, seed=seed) for seed in seeds]
    close = np.array([list(cosines(*pair)) for pair in zip(worlds, seeds)])
    assert np.median(close[:, 0]).round(3) == 0.998
    assert np.median(close[:, 1]).round(4) == 0.9998
    assert np.min(close, axis=0).round(3).tolist() == [0.969, 0.989]
    far = [list(cosines(tabular.corridor(20), seed)) for seed in range(100)]
    assert np.median(far, axis=0).round(2).tolist() == [0.6, 0.47]
    assert np.min(far, axis=0).round(2).tolist() == [0.42, 0.06]


@pytest.mark.parametrize("gamma", [0.8, 1.0])
def test_state_visitation_form(gamma):
    values = tabular.evaluate(MDP, PI, gamma)
    d = tabular.visitation(MDP, PI, gamma)
    jacobian = slope(tabular.softmax)  # [s', a', s, a]: slope of pi[s, a]
    by_states = np.einsum("xysa,s,sa->xy", jacobian, d, values.q)
    truth = slope(lambda theta: tabular.objective(MDP, tabular.softmax(theta), gamma))
    np.testing.assert_allclose(by_states, truth, atol=1e-9)


def test_discounting_is_dying():
    r = (MDP.P * MDP.R).sum(axis=2, keepdims=True)  # for the step, wherever it leads
    P = 0.8 * MDP.P
    P[:, :, -1] += 0.2
    mortal = tabular.MDP(P, np.broadcast_to(r, P.shape), MDP.start)
    for theta in (THETA, -THETA):
        np.testing.assert_allclose(
            tabular.policy_gradient(mortal, theta),
            tabular.policy_gradient(MDP, theta, gamma=0.8),
        )
    assert tabular.objective(mortal, PI) == pytest.approx(
        tabular.objective(MDP, PI, gamma=0.8)
    )

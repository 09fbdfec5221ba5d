# tests/book/test_lqr.py: generated from book/offpolicy/ddpg.md; edit the chapter. sha256:fa5e19b32b9f16a9
"""The linear-quadratic regulator, and what it says about deterministic gradients."""

import numpy as np
import pytest
from numpy.polynomial.hermite_e import hermegauss
from scipy.linalg import solve_discrete_are

from spinup_lit.exact import lqr
from spinup_lit.machinery.errors import UserError


def random_world(seed):
    """A world of three dimensions with two actions, and a policy that is not the best."""
    rng = np.random.default_rng(seed)
    costs = [
        x @ x.T + 0.1 * np.eye(len(x))
        for x in (rng.normal(size=(n, n)) for n in (3, 2, 3))
    ]
    A, B = 0.5 * rng.normal(size=(3, 3)), rng.normal(size=(3, 2))
    world = lqr.LQR(A, B, *costs, 0.9)
    return world, lqr.best(world) + 0.1 * rng.normal(size=(2, 3))


def differences(f, theta):
    """The gradient of a function of a matrix, from differences of its values."""
    slope = np.zeros_like(theta)
    for i in np.ndindex(theta.shape):
        step = np.zeros_like(theta)
        step[i] = 1e-5
        slope[i] = (f(theta + step) - f(theta - step)) / 2e-5
    return slope


@pytest.mark.parametrize("std", [0.0, 0.3, 1.0])
def test_the_theorem_gives_the_slope_of_the_objective(std):
    world, theta = random_world(0)
    slope = differences(lambda theta: lqr.objective(world, theta, std), theta)
    assert abs(slope).max() > 1
    np.testing.assert_allclose(lqr.gradient(world, theta, std), slope, rtol=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_the_best_policy_solves_the_riccati_equation(seed):
    world, _ = random_world(seed)
    theta, root = lqr.best(world), world.gamma**0.5
    X = solve_discrete_are(root * world.A, root * world.B, world.Cs, world.Ca)
    np.testing.assert_allclose(lqr.value_matrix(world, theta), X, rtol=1e-8)
    np.testing.assert_allclose(lqr.gradient(world, theta), 0, atol=1e-9)
    np.testing.assert_allclose(theta, lqr.greedy(world, X), rtol=1e-8)


def test_the_golden_regulator():
    one = np.ones((1, 1))
    world = lqr.LQR(one, one, one, one, one, gamma=1.0)
    theta, golden = lqr.best(world), (1 + 5**0.5) / 2
    assert lqr.value_matrix(world, theta).item() == pytest.approx(golden)
    assert theta.item() == pytest.approx(-1 / golden)
    assert lqr.slope_matrix(world, theta).item() == pytest.approx(0, abs=1e-12)
    assert lqr.objective(world, theta) == pytest.approx(-golden)


def test_what_makes_no_sense_is_refused():
    one = np.ones((1, 1))
    with pytest.raises(UserError, match="do not fit together"):
        lqr.LQR(one, np.ones((2, 1)), one, one, one, 0.9)
    runaway = lqr.LQR(2 * one, one, one, one, one, 0.9)
    with pytest.raises(UserError, match="the sum of rewards is infinite"):
        lqr.value_matrix(runaway, 0 * one)
    adrift = lqr.LQR(2 * one, 0 * one, one, one, one, 0.9)
    with pytest.raises(UserError, match="no best policy was found in 50 steps"):
        lqr.best(adrift, steps=50)


def test_the_gradient_of_a_gaussian_policy_tends_to_the_deterministic_one():
    world, theta = random_world(1)
    off = [
        lqr.gradient(world, theta, std) - lqr.gradient(world, theta)
        for std in (0.2, 0.1)
    ]
    assert abs(off[1]).max() > 1e-3
    np.testing.assert_allclose(off[0], 4 * off[1])


def test_score_times_action_value_is_the_slope():
    one = np.ones((1, 1))
    world, theta = lqr.LQR(one, one, one, one, one, 0.9), np.array([[-0.3]])
    z, weight = hermegauss(20)  # exact for polynomials
    weight /= weight.sum()
    for state, std in ((1.0, 0.5), (-2.0, 0.1)):
        obs = np.full((20, 1), state)
        q = lqr.action_value(world, theta, obs, theta[0, 0] * obs + std * z[:, None])
        by_score = weight @ (z / std * state * q)
        slope = lqr.slope_matrix(world, theta)[0, 0] * state
        assert by_score == pytest.approx(slope * state)


def sliding_mass(theta):
    """A policy that sees the position only, in a world that begins as a buffer says."""
    A, B = np.array([[1, 1], [0, 0.5]]), np.array([[0], [1.0]])
    buffer = np.array([[1, -0.5], [-0.5, 0.5]])
    world = lqr.LQR(A, B, np.diag([1.0, 0]), np.ones((1, 1)), buffer, 0.9)
    return world, np.array([[theta, 0.0]])


def value_of_fixed_actions(world, theta, other):
    """The mean action value of the actions of `theta`, of a policy that then is `other`."""
    states = np.linalg.cholesky(world.start).T  # whose second moments are the buffer's
    return lqr.action_value(world, other, states, states @ theta.T).sum()


def test_the_buffers_states_leave_a_term_out():
    world, theta = sliding_mass(-0.1)
    first = lqr.slope_matrix(world, theta) @ world.start
    second = differences(lambda x: value_of_fixed_actions(world, theta, x), theta)
    whole = differences(lambda x: lqr.objective(world, x), theta)
    np.testing.assert_allclose(first + second, whole, rtol=1e-6)
    assert abs(second[0, 0]) > abs(first[0, 0]) > 1
    assert second[0, 0] * first[0, 0] < 0


def test_the_first_term_alone_stops_elsewhere():
    grid = np.linspace(-0.4, -0.01, 391)
    worlds = [sliding_mass(theta) for theta in grid]
    earned = np.array([lqr.objective(*world) for world in worlds])
    first = [(lqr.slope_matrix(*w) @ w[0].start)[0, 0] for w in worlds]
    top, stop = earned.argmax(), abs(np.array(first)).argmin()
    assert (grid[top], earned[top]) == pytest.approx((-0.17, -3.36), abs=0.01)
    assert (grid[stop], earned[stop]) == pytest.approx((-0.014, -6.76), abs=0.01)


@pytest.mark.parametrize(("low", "slope"), [(-1, -0.15), (0, 0.15)])
def test_where_the_data_lie_decides_which_way_the_policy_goes(low, slope):
    x, weight = np.polynomial.legendre.leggauss(10)  # exact for polynomials
    a = (low + 1) / 2 + (1 - low) / 2 * x
    line = np.polyfit(a, a**3 - 0.75 * a, 1, w=weight**0.5)
    assert line[0] == pytest.approx(slope)


def test_a_table_learns_the_same_from_any_data():
    rng = np.random.default_rng(0)
    P, rew = rng.dirichlet(np.ones(3), size=(3, 2)), rng.normal(size=(3, 2, 3))
    next_val = rng.normal(size=3)  # of the slow copies, at their own actions
    y = rew + 0.9 * next_val
    right = (P * y).sum(axis=2)
    for behaviour in rng.dirichlet(np.ones(6), size=2).reshape(2, 3, 2, 1):
        joint = behaviour * P  # probability of s, a, s'
        mean = (joint * y).sum(axis=2) / joint.sum(axis=2)
        np.testing.assert_allclose(mean, right)

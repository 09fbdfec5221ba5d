# tests/book/test_sac.py: generated from book/offpolicy/sac.md; edit the chapter. sha256:56ffeef9556d1bc3
"""Soft actor-critic: entropy in small worlds, the squashed Gaussian, and its updates."""

import dataclasses
from math import log, sqrt
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from gymnasium.spaces import Box
from learning import rows_until
from ranks import one_and_two
from torch.distributions import (
    AffineTransform,
    Independent,
    Normal,
    TanhTransform,
    TransformedDistribution,
)
from torch.nn.utils import parameters_to_vector
from torch.optim import SGD, Adam

from spinup_lit import sac
from spinup_lit.exact import soft, tabular
from spinup_lit.machinery import mpi
from spinup_lit.machinery.errors import UserError
from spinup_lit.machinery.offpolicy import Played


def test_three_roads_by_hand():
    q, alpha = np.array([[3.0, 2, 2]]), 1 / np.log(2)
    best = soft.gibbs(q, alpha)
    np.testing.assert_allclose(best, [[1 / 2, 1 / 4, 1 / 4]])
    assert soft.soft_value(q, alpha) == pytest.approx(4)
    for pi, worth, bits in (
        ([1, 0, 0], 3, 0),
        ([1 / 3] * 3, 7 / 3, np.log2(3)),
        ([1 / 2, 1 / 4, 1 / 4], 2.5, 1.5),
    ):
        assert (pi * q).sum() == pytest.approx(worth)
        assert alpha * soft.entropy(np.array([pi])) == pytest.approx(bits)


def test_entropy_of_certainty_and_of_chance():
    pi = np.array([[1, 0, 0, 0], [0.25] * 4, [0.5, 0.5, 0, 0]])
    np.testing.assert_allclose(soft.entropy(pi), [0, log(4), log(2)])


def test_three_roads_at_half_the_temperature():
    q, alpha = np.array([[3.0, 2, 2]]), 1 / np.log(4)
    np.testing.assert_allclose(soft.gibbs(q, alpha), [[2 / 3, 1 / 6, 1 / 6]])
    assert soft.soft_value(q, alpha) == pytest.approx(np.log2(96) / 2)
    assert soft.soft_value(q, 1e-3) == pytest.approx(3)
    hot = soft.soft_value(q, 1e4) - 1e4 * log(3)
    assert hot == pytest.approx(7 / 3, abs=1e-3)


def what_pi_lacks(q, pi, alpha):
    """Both sides of Eq. (sac-gibbs-identity), (S,) each."""
    left = (pi * (q - alpha * np.log(pi))).sum(axis=1)
    divergence = (pi * np.log(pi / soft.gibbs(q, alpha))).sum(axis=1)
    return left, soft.soft_value(q, alpha) - alpha * divergence


@pytest.mark.parametrize("alpha", [0.1, 1, 30])
def test_gibbs_identity(alpha):
    rng = np.random.default_rng(0)
    q, pi = rng.normal(size=(1000, 5)), rng.dirichlet(np.ones(5), size=1000)
    left, right = what_pi_lacks(q, pi, alpha)
    np.testing.assert_allclose(left, right, atol=1e-12 * max(alpha, 1))
    best = soft.gibbs(q, alpha)
    assert (left < soft.soft_value(q, alpha)).all()
    left, _ = what_pi_lacks(q, best, alpha)
    np.testing.assert_allclose(
        left, soft.soft_value(q, alpha), atol=1e-12 * max(alpha, 1)
    )


def test_soft_values_do_not_overflow():
    q = np.array([[1e5, 0.0], [-1e5, -1e5]])
    np.testing.assert_allclose(soft.soft_value(q, 0.1), [1e5, -1e5 + 0.1 * log(2)])


GAMMA, ALPHA = 0.9, 0.4


def some_world(seed):
    """A random world, and a random policy in it."""
    mdp = tabular.random_mdp(states=5, actions=3, ends=0.1, seed=seed)
    return mdp, np.random.default_rng(seed).dirichlet(np.ones(3), size=5)


def sweep(mdp, v, value):
    """Q from V, and V from Q by a function."""
    q = (mdp.P * mdp.R).sum(axis=2) + GAMMA * mdp.P[:, :, :-1] @ v
    return value(q)


@pytest.mark.parametrize("seed", range(5))
def test_soft_values_are_fixed_points_and_sweeps_contract(seed):
    mdp, pi = some_world(seed)

    def under_pi(q):
        return (pi * (q - ALPHA * np.log(pi))).sum(axis=1)

    def best(q):
        return soft.soft_value(q, ALPHA)

    for value, found in (
        (under_pi, soft.soft_evaluate(mdp, pi, ALPHA, GAMMA)),
        (best, soft.soft_optimal(mdp, ALPHA, GAMMA)),
    ):
        np.testing.assert_allclose(sweep(mdp, found.v, value), found.v, atol=1e-11)
        v, w = np.random.default_rng(seed).normal(size=(2, 5))
        apart = abs(sweep(mdp, v, value) - sweep(mdp, w, value)).max()
        assert apart <= GAMMA * abs(v - w).max()


def test_soft_values_are_what_the_dice_pay():
    mdp, pi = some_world(0)
    rng = np.random.default_rng(1)
    played = tabular.sample_episodes(mdp, pi, 60, 40_000, rng)
    here = played.state[:-1]
    bonus = -np.log(np.append(pi, [[1, 1, 1]], axis=0))[here, played.act]
    soft_rew = played.rew + ALPHA * bonus
    ret = (GAMMA ** np.arange(60)[:, None] * soft_rew).sum(axis=0)
    truth = mdp.start @ soft.soft_evaluate(mdp, pi, ALPHA, GAMMA).v
    assert abs(ret.mean() - truth) < 4 * ret.std() / sqrt(len(ret))


def test_iteration_refuses_what_need_not_end():
    mdp, _ = some_world(0)
    with pytest.raises(UserError, match="gamma is 1"):
        soft.soft_optimal(mdp, ALPHA, gamma=1)
    with pytest.raises(UserError, match="alpha is 0"):
        soft.soft_optimal(mdp, alpha=0, gamma=0.9)


def entropy_in_q(mdp, pi, alpha, gamma):
    """Values of the other convention: ordinary ones, entropy paid with the reward."""
    paid = mdp.R + alpha * soft.entropy(pi)[:, None, None]
    return tabular.evaluate(dataclasses.replace(mdp, R=paid), pi, gamma)


@pytest.mark.parametrize("seed", range(3))
def test_both_conventions_tell_the_same(seed):
    mdp, pi = some_world(seed)
    ours, theirs = (
        soft.soft_evaluate(mdp, pi, ALPHA, GAMMA),
        entropy_in_q(mdp, pi, ALPHA, GAMMA),
    )
    np.testing.assert_allclose(theirs.v, ours.v, atol=1e-12)
    bonus = ALPHA * soft.entropy(pi)[:, None]
    np.testing.assert_allclose(theirs.q, ours.q + bonus, atol=1e-12)
    np.testing.assert_allclose(soft.gibbs(theirs.q, ALPHA), soft.gibbs(ours.q, ALPHA))


def divergence(pi, g):
    return (pi * np.log(pi / g)).sum(axis=1)


@pytest.mark.parametrize("part", [1, 0.5])
def test_a_step_towards_the_gibbs_policy_improves_every_state(part):
    for seed in range(100):
        mdp, pi = some_world(seed)
        before = soft.soft_evaluate(mdp, pi, ALPHA, GAMMA)
        goal = soft.gibbs(before.q, ALPHA)
        new = tabular.softmax((1 - part) * np.log(pi) + part * np.log(goal))
        assert (divergence(new, goal) < divergence(pi, goal)).all()
        after = soft.soft_evaluate(mdp, new, ALPHA, GAMMA)
        assert (after.v > before.v).all()


def test_repeated_it_leads_to_the_best():
    mdp, pi = some_world(0)
    best = soft.soft_optimal(mdp, ALPHA, GAMMA)
    for _ in range(30):
        pi = soft.gibbs(soft.soft_evaluate(mdp, pi, ALPHA, GAMMA).q, ALPHA)
    np.testing.assert_allclose(
        soft.soft_evaluate(mdp, pi, ALPHA, GAMMA).v, best.v, atol=1e-11
    )
    for seed in range(50):
        _, other = some_world(seed)
        assert (soft.soft_evaluate(mdp, other, ALPHA, GAMMA).v < best.v).all()


def test_less_divergence_on_average_is_not_enough():
    worse = 0
    for seed in range(100):
        mdp, pi = some_world(seed)
        before = soft.soft_evaluate(mdp, pi, ALPHA, GAMMA)
        goal = soft.gibbs(before.q, ALPHA)
        new = goal.copy()
        new[0] = np.roll(goal[0], 1) * 0.9 + 0.1 / 3  # and in state 0 something else
        closer = divergence(new, goal).mean() < divergence(pi, goal).mean()
        after = soft.soft_evaluate(mdp, new, ALPHA, GAMMA)
        worse += closer and (after.v < before.v - 1e-6).any()
    assert worse > 0


def test_cold_is_q_learning_and_hot_is_chance():
    mdp, _ = some_world(3)
    hard = np.zeros(5)
    for _ in range(500):
        hard = sweep(mdp, hard, lambda q: q.max(axis=1))
    for alpha in (0.3, 0.03, 0.003):
        v = soft.soft_optimal(mdp, alpha, GAMMA).v
        assert (hard <= v + 1e-9).all()
        assert (v <= hard + alpha * log(3) / (1 - GAMMA) + 1e-9).all()
    np.testing.assert_allclose(v, hard, atol=0.01)
    hot = soft.soft_optimal(mdp, 1e4, GAMMA)
    np.testing.assert_allclose(soft.gibbs(hot.q, 1e4), 1 / 3, atol=1e-3)


def arrives(mdp, pi, steps):
    """The probability to be at the end after so many steps."""
    move = np.einsum("sa,sak->sk", pi, mdp.P[:, :, :-1])
    return 1 - (mdp.start @ np.linalg.matrix_power(move, steps)).sum()


def test_the_soft_policy_knows_a_second_way():
    world, places = soft.roads(), tabular.places(soft.ROADS)
    shut = soft.closed(world, places.index((0, 0)))
    hard = soft.gibbs(soft.soft_optimal(world, 0.004, 0.99).q, 0.004)
    assert arrives(world, hard, 6) > 0.999
    assert arrives(shut, hard, 1000) < 1e-6
    pi = soft.gibbs(soft.soft_optimal(world, 0.2, 0.99).q, 0.2)
    visits = tabular.visitation(world, pi)
    below = visits[places.index((2, 4))] * pi[places.index((2, 4)), 0]
    assert below == pytest.approx(0.27, abs=0.005)
    assert visits.sum() == pytest.approx(6.1, abs=0.02)
    assert arrives(shut, pi, 20) == pytest.approx(0.99, abs=0.005)
    np.testing.assert_allclose(shut.P.sum(axis=2), 1)
    first, up = world.start.argmax(), 0
    assert shut.P[first, up, first] == 1 and shut.R[first, up, first] == -1
    costs = tabular.evaluate(world, pi).v @ world.start
    assert costs == pytest.approx(-visits.sum() - 0.2 * visits[places.index((2, 2))])


def two_steps(luck):
    """From 0 to 1 or 2, then to the end; action 0 in place 0 may lead to either."""
    P = np.zeros((3, 2, 4))
    P[0, 0, 1], P[0, 0, 2], P[0, 1, 2] = 1 - luck, luck, 1
    P[1:, :, 3] = 1
    return tabular.MDP(P, np.random.default_rng(0).normal(size=P.shape), np.eye(3)[0])


@pytest.mark.parametrize(("luck", "same"), [(0, True), (0.5, False)])
def test_in_a_world_without_dice_the_best_policy_is_the_posterior(luck, same):
    mdp, v = two_steps(luck), np.zeros(3)
    for _ in range(2):  # backwards, without discount
        q = (mdp.P * mdp.R).sum(axis=2) + mdp.P[:, :, :-1] @ v
        v = soft.soft_value(q, ALPHA)
    chance = tabular.all_episodes(mdp, np.full((3, 2), 0.5), 2)
    posterior = chance.weight * np.exp(chance.rew.sum(axis=0) / ALPHA)
    posterior /= posterior.sum()
    played = tabular.all_episodes(mdp, soft.gibbs(q, ALPHA), 2).weight
    assert np.allclose(played, posterior, atol=1e-12) == same


def path_and_score(xi, e, sigma):
    """Both estimates of the gradient from each row of noise, (n, d) to (n, d)."""
    a = e + sigma * xi
    f = -(a**2).sum(axis=1, keepdims=True) / 2
    baseline = -(e**2 + sigma**2).sum() / 2
    return -a, (f - baseline) * xi / sigma


def variances(e, sigma):
    """Their variances, (d,) each, Eq. (sac-variances)."""
    others = (e**2 + sigma**2 / 2).sum() - (e**2 + sigma**2 / 2)
    return np.full_like(e, sigma**2), 2 * e**2 + 2.5 * sigma**2 + others


@pytest.mark.parametrize("e", [[0.7], [0.0], [0.7, -1.2]])
def test_path_and_score_have_one_mean_and_two_variances(e):
    e, sigma = np.array(e), 0.6
    x, weight = np.polynomial.hermite_e.hermegauss(12)
    xi = np.stack(np.meshgrid(*[x] * len(e), indexing="ij"), axis=-1).reshape(
        -1, len(e)
    )
    p = np.array([1.0])
    for _ in e:
        p = np.outer(p, weight / weight.sum()).ravel()
    for estimate, expected in zip(path_and_score(xi, e, sigma), variances(e, sigma)):
        np.testing.assert_allclose(p @ estimate, -e, atol=1e-12)
        np.testing.assert_allclose(p @ (estimate + e) ** 2, expected, atol=1e-12)


def test_with_six_components_33_times():
    path, score = variances(np.ones(6), 0.5)
    np.testing.assert_allclose(score / path, 33)


def regression_and_its_parts(q, y, alpha):
    """The gradient in q (A,) of soft Q-learning; that of the policy, and of the value."""
    v = alpha * torch.logsumexp(q / alpha, 0)
    logp = (q - v) / alpha
    pi = logp.exp().detach()
    weight = (y - alpha * logp - v).detach()
    target = (pi * (y - alpha * logp)).sum().detach()
    losses = (pi * (q - y) ** 2 / 2).sum(), -alpha * (pi * logp * weight).sum()
    whole, policy, value = (
        torch.autograd.grad(loss, q, retain_graph=True)[0]
        for loss in (*losses, (v - target) ** 2 / 2)
    )
    return whole, policy, value


def test_soft_q_learning_is_policy_gradient_and_value_regression():
    torch.manual_seed(0)
    q, y = torch.randn(2, 4, dtype=torch.float64)
    whole, policy, value = regression_and_its_parts(q.requires_grad_(), y, ALPHA)
    torch.testing.assert_close(whole, policy + value, rtol=0, atol=1e-12)
    assert min(policy.norm(), value.norm()) > 0.01


torch.set_num_threads(1)  # for small arrays, more threads only wait for each other


def agent(module=sac, reach=(2.0,), alpha=1.0, seed=0):
    """A small one that sees three numbers."""
    torch.manual_seed(seed)
    high = np.array(reach, np.float32)
    spaces = Box(-1, 1, (3,)), Box(-high, high)
    return module.ActorCritic(*spaces, hidden_sizes=(16,), alpha=alpha)


def transitions(n=32, act_dim=1, module=sac):
    """A batch that is always the same; every third step terminated."""
    rng = np.random.default_rng(0)
    obs, next_obs = rng.normal(size=(2, n, 3)).astype(np.float32)
    act = rng.uniform(-1, 1, size=(n, act_dim)).astype(np.float32)
    rew, over = rng.normal(size=n).astype(np.float32), np.arange(n) % 3 == 0
    return module.Transitions(*map(torch.from_numpy, (obs, act, next_obs, rew, over)))


def steps(ac, pi=0.0, q=0.0, alpha=0.0, module=sac):
    """Plain descent with these rates; 0 holds a part still."""
    return module.Optimizers(
        pi=SGD(ac.pi.parameters(), pi),
        q=SGD(ac.q.parameters(), q),
        alpha=SGD([ac.log_alpha], alpha),
    )


def vector(module):
    return parameters_to_vector(module.parameters()).detach().clone()


def composed(mu, log_std, centre, reach):
    """The same distribution, built from PyTorch's transformations."""
    parts = [TanhTransform(cache_size=1), AffineTransform(centre, reach, cache_size=1)]
    whole = TransformedDistribution(Normal(mu, log_std.exp()), parts)
    return Independent(whole, 1)


def test_log_prob_is_that_of_the_composed_distribution():
    torch.manual_seed(0)
    mu, log_std = torch.randn(2, 500, 3, dtype=torch.float64)
    centre = torch.tensor([0.0, 1.0, -3.0], dtype=torch.float64)
    reach = torch.tensor([1.0, 2.0, 0.4], dtype=torch.float64)
    dist = composed(mu, log_std, centre, reach)
    u = mu + log_std.exp() * torch.randn_like(mu)
    act = dist.base_dist.transforms[1](dist.base_dist.transforms[0](u))
    ours = sac.log_prob(u, mu, log_std, reach)
    torch.testing.assert_close(ours, dist.log_prob(act), rtol=1e-12, atol=1e-12)


EXTREME = torch.tensor([[-20.0], [-10.0], [10.0], [20.0]])


def slope_of(module):
    """log(1 - tanh(u)^2) at large u in single precision, by the module's log_prob."""
    zero, one = torch.zeros_like(EXTREME), torch.ones(1)
    gauss = Normal(0.0, 1.0).log_prob(EXTREME).squeeze(-1)
    return gauss - module.log_prob(EXTREME, zero, zero, one)


def test_log_prob_survives_single_precision():
    truth = -2 * np.log(np.cosh(EXTREME.double().numpy().ravel()))
    np.testing.assert_allclose(slope_of(sac), truth, rtol=1e-5)
    assert slope_of(sac)[2].item() == pytest.approx(-18.614, abs=1e-3)


def integral(module):
    """Of the density of an action over its bounds, -1 and 3."""
    u = torch.linspace(-12, 12, 4001, dtype=torch.float64)[:, None]
    same, reach = torch.ones_like(u), torch.tensor([2.0], dtype=torch.float64)
    logp = module.log_prob(u, 0.4 * same, log(0.7) * same, reach)
    return torch.trapezoid(logp.exp(), (1 + 2 * u.tanh()).squeeze(-1)).item()


def test_a_density_integrates_to_one():
    assert integral(sac) == pytest.approx(1, abs=1e-4)


def test_the_naive_slope_is_infinite(variant):
    wrong = variant("spinup_lit/sac.py", "sac:naive-slope")
    assert slope_of(wrong).tolist() == [-np.inf] * 4
    assert integral(wrong) == pytest.approx(1, abs=1e-4)  # right where it is finite


def test_without_the_scale_it_is_no_density(variant):
    wrong = variant("spinup_lit/sac.py", "sac:scale-left-out")
    assert integral(wrong) == pytest.approx(2, abs=1e-4)


def test_actions_are_squashed_gaussians_with_their_density():
    ac, obs = agent(reach=(2.0, 0.4)), torch.randn(200, 3)
    with torch.no_grad():
        mu, log_std = ac.pi.u(obs).chunk(2, -1)
        torch.manual_seed(1)
        act, logp = ac.pi(obs)
        torch.manual_seed(1)
        u = mu + log_std.exp() * torch.randn_like(mu)
    torch.testing.assert_close(act, u.tanh() * torch.tensor([2, 0.4]))
    dist = composed(mu.double(), log_std.double(), 0, torch.tensor([2, 0.4]).double())
    inside = (act.double() / torch.tensor([2, 0.4])).abs().amax(-1) < 0.999
    expected = dist.log_prob(act.double())[inside]
    torch.testing.assert_close(logp[inside].double(), expected, rtol=1e-3, atol=1e-3)


def test_gradients_go_through_the_draw():
    ac, obs = agent(), torch.randn(8, 3)
    shift = ac.pi.u[-1].bias  # the mean, then the logarithm of the deviation

    def total(by):
        with torch.no_grad():
            shift[0] += by
            torch.manual_seed(1)
            act = ac.pi(obs)[0].sum().item()
            shift[0] -= by
        return act

    torch.manual_seed(1)
    act, _ = ac.pi(obs)
    (slope,) = torch.autograd.grad(act.sum(), shift)
    numeric = (total(0.01) - total(-0.01)) / 0.02
    assert slope[0].item() == pytest.approx(numeric, rel=1e-2)
    assert slope[1].item() != 0


def test_the_action_without_dice_is_the_median_and_not_the_mean():
    ac, obs = agent(), torch.zeros(20_000, 3)
    with torch.no_grad():
        ac.pi.u[-1].bias[0] = 1.0
        drawn, middle = ac.pi(obs)[0], ac.pi.middle(obs)[0]
    assert drawn.median().item() == pytest.approx(middle.item(), abs=0.05)
    assert drawn.mean().item() < middle.item() - 0.2
    played = ac.act(obs[:2].numpy(), deterministic=True)
    np.testing.assert_allclose(played, np.repeat([[middle.item()]], 2, axis=0))


def targets(module):
    """Those of steps that were (terminated, truncated) 00, 01, 10, 11."""
    see = np.zeros((4, 3), np.float32)
    flags = np.array([[0, 0, 1, 1], [0, 1, 0, 1]], dtype=bool)
    envs = SimpleNamespace(
        obs=see, steps=10, step=lambda act: (see, np.ones(4, np.float32), *flags)
    )
    space = Box(-1, 1, (3,))
    replay = module.Replay(4, space, Box(-2, 2, (1,)))
    ac = SimpleNamespace(
        act=lambda obs: np.zeros((4, 1), np.float32),
        pi=lambda obs: (torch.zeros(4, 1), torch.full((4,), -2.0)),
        q_target=lambda obs, act: torch.tensor([[5.0], [4.0]]).expand(2, 4),
        alpha=torch.tensor(0.5),
    )
    module.collect(ac, envs, replay, steps=1, start_steps=0)
    return module.target(ac, module.Transitions(*replay.rows), gamma=0.5).tolist()


def test_targets_by_hand():
    assert targets(sac) == [3.5, 3.5, 1, 1]


def test_entropy_at_the_end_is_found(variant):
    wrong = variant("spinup_lit/sac.py", "sac:entropy-at-the-end")
    assert targets(wrong) == [3.5, 3.5, 1.5, 1.5]


def test_losses_by_hand():
    q = torch.tensor([[1.0, 2], [3, 0]])
    logp, alpha = torch.tensor([-1.0, 1.0]), torch.tensor(0.5)
    assert sac.actor_loss(q, logp, alpha).item() == ((-0.5 - 1) + (0.5 - 0)) / 2
    log_alpha = torch.tensor(log(0.5), requires_grad=True)
    loss = sac.temperature_loss(log_alpha, torch.tensor([-1.0, -2.0]), entropy=0.5)
    assert loss.item() == pytest.approx(0.5 * (1.5 - 0.5))
    loss.backward()  # more entropy than wanted: uphill is hotter, a step leads down
    assert log_alpha.grad.item() == pytest.approx(0.5 * (1.5 - 0.5))


@pytest.mark.parametrize(("found", "turns"), [(0.9, -1), (0.5, 0), (0.1, 1)])
def test_the_thermostat_turns_the_right_way_and_rests_at_what_is_wanted(found, turns):
    log_alpha = torch.nn.Parameter(torch.tensor(0.0))
    optimizer = Adam([log_alpha], lr=1e-3)
    for _ in range(3):
        optimizer.zero_grad()
        sac.temperature_loss(log_alpha, torch.full((8,), -found), 0.5).backward()
        optimizer.step()
    assert log_alpha.item() == pytest.approx(3e-3 * turns, abs=1e-5)


def test_without_the_scale_every_step_pays_a_constant(variant):
    wrong = variant("spinup_lit/sac.py", "sac:scale-left-out")
    y, policy, heat = [], [], []
    for module in (sac, wrong):
        ac, data = agent(module, reach=(2.0, 2.0), alpha=0.2), transitions(act_dim=2)
        torch.manual_seed(1)
        y.append(module.target(ac, data, gamma=0.9))
        act, logp = ac.pi(data.obs)
        loss = module.actor_loss(ac.q(data.obs, act), logp, ac.alpha)
        policy.append(torch.autograd.grad(loss, list(ac.pi.parameters())))
        heat.append(-logp.mean().item())
    offset = torch.where(data.terminated, 0.0, -0.9 * 0.2 * 2 * log(2))
    torch.testing.assert_close(y[1] - y[0], offset, rtol=0, atol=1e-5)
    for right, same in zip(*policy):
        torch.testing.assert_close(right, same, rtol=1e-4, atol=1e-6)
    assert heat[0] - heat[1] == pytest.approx(2 * log(2), abs=1e-5)


def test_the_wanted_entropy_moves_with_the_scale():
    reach = (2.0, 0.4)
    ac, unit = agent(reach=reach), agent(reach=(1.0, 1.0))
    obs = torch.randn(50, 3)
    entropies = []
    for who in (ac, unit):
        torch.manual_seed(1)
        entropies.append(-who.pi(obs)[1].mean().item())
    shift = log(2) + log(0.4)
    assert entropies[0] - entropies[1] == pytest.approx(shift, abs=1e-5)
    assert unit.entropy_of(-1) == pytest.approx(-2)
    assert ac.entropy_of(-1) - unit.entropy_of(-1) == pytest.approx(shift)
    assert agent().entropy_of(-1) == pytest.approx(-0.307, abs=1e-3)  # Pendulum


Q, WANTED = np.array([[1.0, 0.4, 0.3, -0.5, -1.0]]), 1.2


def g(alpha):
    return soft.soft_value(Q, alpha)[0] - alpha * WANTED


@pytest.mark.parametrize("alpha", [0.1, 0.5, 2])
def test_the_slope_of_the_dual_is_entropy_too_much(alpha):
    slope = (g(alpha + 1e-5) - g(alpha - 1e-5)) / 2e-5
    excess = soft.entropy(soft.gibbs(Q, alpha))[0] - WANTED
    assert slope == pytest.approx(excess, abs=1e-7)


def test_the_loss_finds_the_multiplier():
    log_alpha = torch.tensor(0.0, requires_grad=True)
    optimizer = SGD([log_alpha], lr=1.0)
    for _ in range(300):
        pi = soft.gibbs(Q, log_alpha.exp().item())
        logp = torch.tensor([-soft.entropy(pi)[0]])
        optimizer.zero_grad()
        sac.temperature_loss(log_alpha, logp, WANTED).backward()
        optimizer.step()
    alpha = log_alpha.exp().item()
    pi = soft.gibbs(Q, alpha)
    assert soft.entropy(pi)[0] == pytest.approx(WANTED, abs=1e-4)
    best = (pi * Q).sum()
    assert g(alpha) == pytest.approx(best, abs=1e-4)
    others = np.random.default_rng(0).dirichlet(np.ones(5), size=100_000)
    enough = soft.entropy(others) >= WANTED
    assert enough.sum() > 1000
    assert (others[enough] @ Q[0]).max() < best + 1e-4


def test_rate_zero_holds_the_temperature():
    ac = agent(alpha=0.2)
    optimizers = steps(ac, pi=0.01, q=0.01)._replace(alpha=Adam([ac.log_alpha], lr=0))
    for _ in range(3):
        sac.update(ac, optimizers, transitions(), 0.99, 0.995, entropy=-1)
    assert ac.log_alpha.item() == pytest.approx(log(0.2), abs=1e-7)
    assert ac.log_alpha.grad.item() != 0


@pytest.mark.parametrize("part", ["pi", "q", "alpha"])
def test_each_loss_moves_its_own_part(part):
    ac = agent()
    parts = {"pi": ac.pi, "q": ac.q, "q_target": ac.q_target}
    before = {name: vector(x) for name, x in parts.items()}, ac.log_alpha.item()
    sac.update(ac, steps(ac, **{part: 0.1}), transitions(), 0.99, 0.9, entropy=-1)
    moved = {name for name, x in parts.items() if not before[0][name].equal(vector(x))}
    moved |= {"alpha"} if ac.log_alpha.item() != before[1] else set()
    assert moved == ({part, "q_target"} if part == "q" else {part})


def test_targets_carry_no_gradient_and_the_policy_leaves_none_in_the_critics():
    ac, data = agent(), transitions()
    y = sac.target(ac, data, 0.99)
    assert not y.requires_grad
    torch.manual_seed(1)
    sac.update(ac, steps(ac), data, 0.99, 1, entropy=-1)
    kept = [p.grad.clone() for p in ac.q.parameters()]
    torch.manual_seed(1)
    loss = sac.critic_loss(ac.q(data.obs, data.act), sac.target(ac, data, 0.99))
    for mine, whole in zip(kept, torch.autograd.grad(loss, list(ac.q.parameters()))):
        torch.testing.assert_close(mine, whole)
    assert not any(p.requires_grad for p in ac.q_target.parameters())


def policy_step(module, alpha):
    """What an update changes in the policy, whose critics stay as they are."""
    ac = agent(module, alpha=alpha)
    before = vector(ac.pi)
    torch.manual_seed(1)
    optimizers = steps(ac, pi=0.1, module=module)
    module.update(ac, optimizers, transitions(), 0.99, 1, entropy=-1)
    return vector(ac.pi) - before


def test_the_temperature_reaches_the_policy_unless_it_leaks(variant):
    cold, hot = policy_step(sac, 0.1), policy_step(sac, 3.0)
    assert (hot - cold).abs().max() > 0.05
    wrong = variant("spinup_lit/sac.py", "sac:temperature-leaks")
    cold, hot = policy_step(wrong, 0.1), policy_step(wrong, 3.0)
    torch.testing.assert_close(cold, hot, rtol=1e-4, atol=1e-5)


def slope_in_log_std(module, output):
    """Of the entropy, in the network's output for the deviation."""
    ac = agent(module)
    with torch.no_grad():
        ac.pi.u[-1].weight.zero_()
        ac.pi.u[-1].bias[:] = torch.tensor([0.3, output])
    _, logp = ac.pi(torch.zeros(64, 3))
    return torch.autograd.grad(-logp.mean(), ac.pi.u[-1].bias)[0][1].item()


def test_outside_its_range_the_deviation_gets_no_gradient(variant):
    assert slope_in_log_std(sac, -3.0) == pytest.approx(1, abs=0.1)
    assert slope_in_log_std(sac, 2.5) == slope_in_log_std(sac, -21.0) == 0
    smooth = variant("spinup_lit/sac.py", "sac:smooth-range")
    assert slope_in_log_std(smooth, 2.5) != 0 != slope_in_log_std(smooth, -2.5)


def bias_of_a_seer(module):
    """Two episodes, of 3 and 2 steps, reward 1 and log-density -0.5 at each."""
    alive = np.array([[1, 1], [1, 1], [1, 0]])
    see, over = np.zeros((3, 2, 3), np.float32), np.array([True, True])
    played = Played(see, alive.astype(float), alive.sum(axis=0), see[0], over)
    soft_rew, discount = 1 + 0.2 * 0.5, 0.9 ** np.arange(3)
    truth = (discount[:, None] * alive * soft_rew).sum(axis=0)
    ac = SimpleNamespace(
        alpha=torch.tensor(0.2),
        parameters=lambda: iter([torch.zeros(1)]),  # which tell where the agent is
        pi=lambda obs: (None, torch.full(obs.shape[:-1], -0.5)),
        value=lambda obs: truth,
    )
    examiner = SimpleNamespace(
        test=lambda *args: {"QBias": None, "TestEpRet": 1.0},
        play=lambda ac, epoch, deterministic: played,
    )
    return module.test(ac, examiner, 0, 0.9)["QBias"]


def test_soft_values_are_compared_with_soft_returns(variant):
    np.testing.assert_allclose(bias_of_a_seer(sac), 0, atol=1e-6)
    wrong = variant("spinup_lit/sac.py", "sac:hard-returns")
    np.testing.assert_allclose(bias_of_a_seer(wrong), [0.271, 0.19], atol=1e-6)


class Bowl(torch.nn.Module):
    """Two critics that know what every action is worth."""

    def __init__(self):
        super().__init__()
        self.unused = torch.nn.Parameter(torch.zeros(1))

    def forward(self, obs, act):
        q = -((act - 1) ** 2).sum(-1) + 0 * self.unused
        return torch.stack([q, q])


def trained(updates, alpha, alpha_lr):
    ac, see = agent(alpha=alpha), torch.zeros(64, 3)
    ac.q, ac.q_target = Bowl(), Bowl()
    over = torch.ones(64, dtype=torch.bool)
    data = sac.Transitions(see, torch.zeros(64, 1), see, torch.zeros(64), over)
    optimizers = steps(ac)._replace(
        pi=Adam(ac.pi.parameters(), 0.02), alpha=Adam([ac.log_alpha], alpha_lr)
    )
    for _ in range(updates):
        sac.update(ac, optimizers, data, 0.99, 1, entropy=ac.entropy_of(-1))
    return ac


def test_the_policy_becomes_the_gibbs_policy():
    ac = trained(updates=150, alpha=0.02, alpha_lr=0)
    act = ac.act(np.zeros((4000, 3), np.float32))
    assert act.mean() == pytest.approx(1, abs=0.05)
    assert act.std() == pytest.approx(sqrt(0.02 / 2), rel=0.2)


def test_the_thermostat_brings_about_what_is_wanted():
    ac = trained(updates=200, alpha=0.1, alpha_lr=0.03)
    with torch.no_grad():
        found = -ac.pi(torch.zeros(4000, 3))[1].mean().item()
    assert found == pytest.approx(ac.entropy_of(-1), abs=0.15)
    deviation = np.exp(found) / sqrt(2 * np.pi * np.e)
    assert ac.alpha.item() == pytest.approx(2 * deviation**2, rel=0.4)


def test_one_deviation_for_all_states(variant):
    module = variant("spinup_lit/sac.py", "sac:one-deviation")
    ac = agent(module)
    before = ac.pi.log_std.item()
    optimizers = steps(ac, pi=0.1, module=module)
    module.update(ac, optimizers, transitions(), 0.99, 0.9, entropy=-1)
    assert ac.pi.log_std.item() != before
    act = ac.act(np.zeros((2, 3), np.float32), deterministic=True)
    assert act.shape == (2, 1)


def noise_of_my_share(like):
    """Noise that is always the same on all ranks together; this rank's rows of it."""
    n = len(like)
    whole = np.random.default_rng(5).normal(size=(n * mpi.num_procs(), like.shape[1]))
    mine = whole[n * mpi.proc_id() : n * (mpi.proc_id() + 1)]
    return torch.from_numpy(mine).to(like)


def one_update():
    ac = agent(reach=(2.0, 0.4))
    n = 32 // mpi.num_procs()
    mine = slice(n * mpi.proc_id(), n * (mpi.proc_id() + 1))
    data = sac.Transitions(*(x[mine] for x in transitions(act_dim=2)))
    row = sac.update(ac, steps(ac, 0.1, 0.1, 0.1), data, 0.99, 0.9, entropy=-1)
    return vector(ac), sac.over_updates([row])


def test_two_ranks_take_the_step_of_one(monkeypatch):
    monkeypatch.setattr(torch, "randn_like", noise_of_my_share)
    one, two = one_and_two(one_update)
    np.testing.assert_allclose(one, two, rtol=1e-5, atol=1e-5)


@pytest.mark.long
def test_sac_learns_to_swing_up():
    few = {"epochs": 6, "hidden_sizes": (64, 64)}
    rows = rows_until(-400, sac.sac, "AverageTestEpRet", **few)
    assert rows[-1]["Alpha"] < 1

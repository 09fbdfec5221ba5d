# tests/book/test_vpg.py: generated from book/onpolicy/vpg.md; edit the chapter. sha256:2d7b6f42a090d129
"""Vanilla policy gradient: its equations, its updates, and that it learns."""

import numpy as np
import pytest
import torch
from gymnasium.spaces import Box, Discrete
from learning import rows_until
from ranks import frozen_share, one_and_two
from scipy import stats
from torch.nn.utils import parameters_to_vector
from torch.optim import SGD

from spinup_lit import vpg
from spinup_lit.exact import tabular
from spinup_lit.machinery import mpi

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


LEFT, RIGHT = 0, 1


class Number(torch.nn.Module):
    """A critic that says the same number everywhere."""

    def __init__(self, number):
        super().__init__()
        self.number = torch.nn.Parameter(torch.tensor(number))

    def forward(self, obs):
        return self.number * torch.ones(obs.shape[:-1])


class Coin(Number):
    """A policy with one parameter, which ignores what it sees."""

    def forward(self, obs):
        right = super().forward(obs)
        logits = torch.stack([torch.zeros_like(right), right], dim=-1)
        return torch.distributions.Categorical(logits=logits)


def two_steps(falls):
    """Right, then left, each with reward 1; after that, perhaps, the pole falls."""
    see = np.zeros((2, 1, 4), np.float32)  # the same everywhere
    act, rew = np.array([[RIGHT], [LEFT]]), np.ones((2, 1), np.float32)
    over, never = np.array([[False], [falls]]), np.zeros((2, 1), dtype=bool)
    return vpg.Batch(see, act, see, rew, terminated=over, truncated=never)


def test_two_steps_by_hand():
    pi, critic = Coin(0.0), Number(2.0)
    data = vpg.estimate(critic, two_steps(falls=True), gamma=1, lam=0.5)
    assert data.ret.tolist() == [2.5, 1]
    np.testing.assert_allclose(data.adv, [1, -1])
    row = vpg.update_policy(pi, SGD(pi.parameters(), lr=0.4), data)
    assert pi.number.item() == pytest.approx(0.4 * 0.5)
    assert pi(data.obs).probs[0, RIGHT].item() == pytest.approx(0.55, abs=0.001)
    assert (row["LossPi"], row["GradNorm"]) == (0, 0.5)
    row = vpg.update_value(critic, SGD(critic.parameters(), lr=0.4), data, iters=1)
    assert critic.number.item() == pytest.approx(1.8)
    assert row["LossV"] == 0.625
    assert row["LossV"] + row["DeltaLossV"] == pytest.approx(0.565)


def test_two_steps_and_the_pole_still_stands():
    pi, critic = Coin(0.0), Number(2.0)
    data = vpg.estimate(critic, two_steps(falls=False), gamma=1, lam=0.5)
    assert data.ret.tolist() == [3.5, 3]
    np.testing.assert_allclose(data.adv, [1, -1], rtol=1e-6)
    vpg.update_policy(pi, SGD(pi.parameters(), lr=0.4), data)
    assert pi.number.item() == pytest.approx(0.2)
    vpg.update_value(critic, SGD(critic.parameters(), lr=0.4), data, iters=1)
    assert critic.number.item() == pytest.approx(3)


def test_doubled_rewards():
    silent, batch = lambda obs: torch.zeros(obs.shape[:-1]), two_steps(falls=True)
    twice = batch._replace(rew=2 * batch.rew)
    one, two = (vpg.estimate(silent, x, gamma=1, lam=0.5) for x in (batch, twice))
    torch.testing.assert_close(two.adv, one.adv)
    torch.testing.assert_close(two.ret, 2 * one.ret)
    zero = torch.zeros(2)
    assert vpg.value_loss(zero, two.ret) == 4 * vpg.value_loss(zero, one.ret)
    steps = []
    for scale in (1, 2):
        pi = Coin(0.0)
        adam = torch.optim.Adam(pi.parameters(), lr=0.1)
        data = one._replace(adv=scale * one.ret)
        vpg.update_policy(pi, adam, data)
        steps.append((pi.number.item(), pi.number.grad.item()))
    assert steps[0][0] == pytest.approx(steps[1][0], rel=1e-5) != 0
    assert steps[1][1] == pytest.approx(2 * steps[0][1])


OBS = np.eye(4)[ALL.state[:-1], :3]  # (T, N, 3) one-hot; zero after the end
OVER = ALL.state[1:] == 3


def expected_estimate(critic, terminated, truncated, gamma, lam):
    """The exact expectation of the estimate; the critic is a table of four values."""
    val, next_val = critic[ALL.state[:-1]], critic[ALL.state[1:]]
    adv = vpg.gae(ALL.rew, val, next_val, terminated, truncated, gamma, lam)
    pi = vpg.CategoricalActor(3, 2, ()).double()
    pi.logits[0].weight.data = torch.from_numpy(THETA.T)
    torch.nn.init.zeros_(pi.logits[0].bias)
    logp = pi(torch.from_numpy(OBS)).log_prob(torch.from_numpy(ALL.act))
    weights = torch.from_numpy(ALL.weight * adv * adv.size)  # undoes the mean
    loss = vpg.policy_loss(logp, weights)
    return -torch.autograd.grad(loss, pi.logits[0].weight)[0].T.numpy()


def test_whole_episodes_give_the_gradient_whatever_the_critic_says():
    critic = np.random.default_rng(0).normal(size=4)
    terminated, never = OVER | (np.arange(T)[:, None] == T - 1), np.zeros_like(OVER)
    truth = slope(objective)
    estimate = expected_estimate(critic, terminated, never, gamma=1, lam=1)
    np.testing.assert_allclose(estimate, truth, atol=1e-9)
    biased = expected_estimate(critic, terminated, never, gamma=1, lam=0.5)
    assert abs(biased - truth).max() > 0.01


@pytest.mark.parametrize(("gamma", "lam"), [(0.9, 0), (0.9, 0.5), (0.7, 1), (1, 0.8)])
def test_a_perfect_critic_is_right_wherever_episodes_are_cut(gamma, lam):
    values = tabular.evaluate(MDP, PI, gamma)
    critic = np.append(values.v, 7.0)
    cut = np.broadcast_to(np.arange(T)[:, None] > 0, OVER.shape)
    estimate = expected_estimate(critic, OVER, cut, gamma, lam)
    visits = np.einsum("n,tns->s", ALL.weight, OBS)
    expected = visits[:, None] * PI * values.adv
    np.testing.assert_allclose(estimate, expected, atol=1e-12)


def test_gaussian_log_probability_and_entropy_are_those_of_the_whole_vector():
    torch.manual_seed(0)
    pi = vpg.GaussianActor(obs_dim=4, act_dim=3, hidden_sizes=(8,))
    torch.nn.init.normal_(pi.log_std)
    obs, act = torch.randn(5, 4), torch.randn(5, 3)
    mu, sigma = pi.mu(obs).detach().numpy(), pi.log_std.exp().detach().numpy()
    by_component = stats.norm.logpdf(act.numpy(), mu, sigma)
    np.testing.assert_allclose(
        pi(obs).log_prob(act).detach(), by_component.sum(axis=1), rtol=1e-5
    )
    np.testing.assert_allclose(
        pi(obs).entropy().detach(), stats.norm.entropy(0, sigma).sum(), rtol=1e-5
    )


def test_samples_hold_what_belongs_together():
    T, N = 4, 3
    number = np.arange(T * N, dtype=np.float32).reshape(T, N)
    after = np.random.default_rng(0).permutation(number.ravel()).reshape(T, N)
    batch = vpg.Batch(
        obs=number[..., None],
        act=number.astype(np.int64),
        rew=number**2,
        next_obs=after[..., None],
        terminated=number % 5 == 4,
        truncated=number % 7 == 6,
    )
    v = torch.nn.Module()
    v.forward = lambda obs: 5 + obs[..., 0] ** 2 / 10
    data = vpg.estimate(v, batch, gamma=0.9, lam=0.8)
    np.testing.assert_array_equal(data.obs[:, 0], np.arange(12))
    np.testing.assert_array_equal(data.act, np.arange(12))
    val, next_val = 5 + number**2 / 10, 5 + after**2 / 10
    flags = batch.terminated, batch.truncated
    adv = vpg.gae(batch.rew, val, next_val, *flags, 0.9, 0.8).ravel()
    np.testing.assert_allclose(data.ret, adv + val.ravel(), rtol=1e-5)
    np.testing.assert_allclose(data.adv, (adv - adv.mean()) / adv.std(), atol=1e-5)


def random_samples(act, obs_dim=4):
    size = len(act)
    return vpg.Samples(
        torch.randn(size, obs_dim), act, torch.randn(size), torch.randn(size)
    )


def test_a_policy_step_follows_the_estimate():
    torch.manual_seed(1)
    pi = vpg.CategoricalActor(4, 3, (8,))
    data = random_samples(torch.randint(3, (20,)))
    before = parameters_to_vector(pi.parameters()).detach().clone()
    g = torch.zeros_like(before)
    for obs, act, adv in zip(data.obs, data.act, data.adv, strict=True):
        logp = torch.log_softmax(pi.logits(obs), 0)[act]
        score = torch.autograd.grad(logp, list(pi.parameters()))
        g += torch.cat([part.flatten() for part in score]) * adv / len(data.act)
    losses = [-(pi(data.obs).log_prob(data.act) @ data.adv).item() / 20]
    row = vpg.update_policy(pi, torch.optim.SGD(pi.parameters(), lr=0.5), data)
    losses.append(-(pi(data.obs).log_prob(data.act) @ data.adv).item() / 20)
    after = parameters_to_vector(pi.parameters()).detach()
    torch.testing.assert_close(after, before + 0.5 * g, rtol=1e-4, atol=1e-6)
    assert row["LossPi"] == pytest.approx(losses[0], rel=1e-4)
    assert row["DeltaLossPi"] == pytest.approx(losses[1] - losses[0], rel=1e-3)
    assert row["DeltaLossPi"] < 0


def test_reported_divergence_and_entropy():
    torch.manual_seed(2)
    pi = vpg.CategoricalActor(4, 3, (8,))
    torch.nn.init.zeros_(pi.logits[-1].weight)
    torch.nn.init.zeros_(pi.logits[-1].bias)
    states, actions = torch.randn(7, 4), torch.arange(3)
    data = vpg.Samples(
        states.repeat_interleave(3, 0), actions.repeat(7), torch.randn(21), None
    )
    with torch.no_grad():
        old = pi(states)
    row = vpg.update_policy(pi, torch.optim.SGD(pi.parameters(), lr=3.0), data)
    with torch.no_grad():
        exact = torch.distributions.kl_divergence(old, pi(states)).mean()
    assert exact > 0.01
    assert row["KL"] == pytest.approx(exact.item(), rel=1e-4)
    assert row["Entropy"] == pytest.approx(np.log(3), rel=1e-6)


def test_reported_divergence_is_never_negative():
    torch.manual_seed(3)
    pi = vpg.CategoricalActor(4, 3, (8,))
    data = random_samples(torch.zeros(5, dtype=torch.long))._replace(adv=torch.ones(5))
    logp_old = pi(data.obs).log_prob(data.act)
    row = vpg.update_policy(pi, torch.optim.SGD(pi.parameters(), lr=1.0), data)
    assert (pi(data.obs).log_prob(data.act) > logp_old).all()  # the naive mean is < 0
    assert row["KL"] > 0


def test_value_steps_descend_the_squared_error():
    torch.manual_seed(3)
    v = vpg.Critic(obs_dim=4, hidden_sizes=())
    data = random_samples(torch.zeros(10))
    w, b = (p.detach().clone() for p in v.parameters())
    errors = []
    for _ in range(4):  # three steps, and the errors after the last
        errors.append(data.obs @ w[0] + b - data.ret)
        w_after, b_after = w, b
        w = w - 0.2 * (errors[-1] @ data.obs) / 10
        b = b - 0.2 * errors[-1].mean()
    row = vpg.update_value(v, torch.optim.SGD(v.parameters(), lr=0.1), data, iters=3)
    for parameter, expected in zip(v.parameters(), (w_after, b_after), strict=True):
        torch.testing.assert_close(parameter.detach(), expected)
    losses = [(error**2).mean().item() for error in errors]
    assert row["LossV"] == pytest.approx(losses[0], rel=1e-5)
    assert row["DeltaLossV"] == pytest.approx(losses[3] - losses[0], rel=1e-4)


def test_explained_variance():
    ret = torch.tensor([1.0, 2, 3, 6])
    assert vpg.explained_variance(ret + 7, ret) == 1  # a constant offset is no variance
    assert vpg.explained_variance(torch.zeros(4), ret) == 0
    assert vpg.explained_variance(-ret, ret) == pytest.approx(-3)
    assert np.isnan(vpg.explained_variance(ret, torch.ones(4)))


def one_update(module):
    """What this rank makes of its share of a batch: parameters, and what it logs."""
    torch.manual_seed(mpi.proc_id())  # only sync_params makes the ranks agree
    ac = module.ActorCritic(Box(-1, 1, (4,)), Discrete(3), (16,))
    mpi.sync_params(ac)
    data = module.estimate(ac.v, frozen_share(module), 0.99, 0.97)
    row = module.update_policy(ac.pi, SGD(ac.pi.parameters(), 0.1), data)
    row |= module.update_value(ac.v, SGD(ac.v.parameters(), 1e-3), data, 5)
    return parameters_to_vector(ac.parameters()).detach(), row


def test_two_ranks_take_the_step_of_one():
    one, two = one_and_two(lambda: one_update(vpg))
    np.testing.assert_allclose(one, two, rtol=1e-6, atol=1e-6)


def test_ranks_that_drift_apart_are_found(variant):
    wrong = variant("spinup_lit/vpg.py", "vpg:every-rank-for-itself")
    with pytest.raises(AssertionError, match="drifted apart"):
        one_and_two(lambda: one_update(wrong))


def test_ranks_that_normalise_apart_are_found(variant):
    wrong = variant("spinup_lit/vpg.py", "vpg:normalised-apart")
    one, two = one_and_two(lambda: one_update(wrong))
    assert abs(one - two).max() > 1e-3


@pytest.mark.parametrize("goal", [100, pytest.param(475, marks=pytest.mark.long)])
def test_vpg_learns(goal):
    rows_until(goal, vpg.vpg, seed=0)

# tests/book/test_policy_gradients.py: generated from book/start/policy-gradients.md; edit the chapter. sha256:0d5e214d08403305
"""Every theorem about policy gradients in a small world, and the three programs."""

import itertools

import gymnasium as gym
import numpy as np
import pytest
import torch
from gymnasium.spaces import Box, Discrete
from torch.nn.utils import parameters_to_vector

from spinup_lit.exact import tabular
from spinup_lit.first import baseline, reward_to_go, simplest_pg

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


@pytest.mark.parametrize(
    ("pays", "minus", "products"),
    [((1, 0), 0, (0.5, 0)), ((11, 10), 0, (5.5, -5)), ((11, 10), 10.5, (0.25, 0.25))],
)
def test_the_coin_by_hand(pays, minus, products):
    def probabilities(theta):  # of heads and tails
        return np.array([1, np.exp(-theta[0])]) / (1 + np.exp(-theta[0]))

    zero = np.zeros(1)
    score = slope(lambda theta: np.log(probabilities(theta)), zero)[0]
    each = score * (np.array(pays) - minus)
    np.testing.assert_allclose(each, products)
    slope_of_mean = slope(lambda theta: probabilities(theta) @ pays, zero)[0]
    assert probabilities(zero) @ each == pytest.approx(slope_of_mean) == 1 / 4


def test_the_probability_of_a_trajectory_is_a_product():
    for path, act, probability in zip(ALL.state.T, ALL.act.T, ALL.weight):
        product = MDP.start[path[0]]
        for s, a, following in zip(path, act, path[1:]):
            if s < 3:  # place 3 is the end, where nothing is drawn
                product *= PI[s, a] * MDP.P[s, a, following]
        assert probability == pytest.approx(product)
    assert ALL.weight.sum() == pytest.approx(1)
    assert ALL.weight @ RETURN == pytest.approx(objective(THETA))


def test_log_derivative_and_simplest_gradient():
    def probabilities(theta):
        return tabular.all_episodes(MDP, tabular.softmax(theta), horizon=T).weight

    by_scores = ALL.weight[:, None, None] * SCORES.sum(axis=0)
    by_slope = np.moveaxis(slope(probabilities), -1, 0)
    np.testing.assert_allclose(by_scores, by_slope, atol=1e-10)
    whole = np.broadcast_to(RETURN, TO_GO.shape)
    gradient = slope(objective)
    assert abs(gradient).max() > 0.05
    np.testing.assert_allclose(expected_gradient(whole), gradient, atol=1e-9)


def test_the_sample_estimate_is_unbiased(n=4000):
    episodes = tabular.sample_episodes(MDP, PI, T, n, np.random.default_rng(0))
    each = tabular.scores(PI, episodes).sum(axis=0)
    each *= episodes.rew.sum(axis=0)[:, None, None]  # one estimate per episode
    error = each.std(axis=0) / n**0.5
    z = (each.mean(axis=0) - slope(objective)) / error
    assert abs(z).max() < 4
    assert (error < abs(slope(objective)).max() / 3).all()  # it could have failed


def test_the_score_is_zero_on_average_for_an_action_drawn_from_the_policy():
    by_action = slope(lambda theta: np.log(tabular.softmax(theta)))  # (3, 2, s, a)
    for s in range(3):
        score = by_action[:, :, s]
        np.testing.assert_allclose(score @ PI[s], 0, atol=1e-9)
        assert abs(score @ (PI[s] * MDP.R[s, :, 0])).max() > 0.01  # not with the reward


def test_the_score_is_not_zero_on_average_when_the_support_moves():
    theta, u = np.array([4.0]), (np.arange(1000) + 0.5) / 1000  # x = theta u
    score = slope(lambda theta: -np.log(theta[0]), theta)
    assert score == pytest.approx(-1 / 4)  # the same for all x, so its own mean
    assert slope(lambda theta: (theta * u).mean(), theta) == pytest.approx(1 / 2)
    assert (theta * u * score).mean() == pytest.approx(-1 / 2)


def test_the_past_is_uncorrelated_with_the_score():
    past = TO_GO[:1] - TO_GO  # the rewards before step t, and functions of them
    for settled in (past, past**2, np.sin(past + ALL.state[:-1])):
        by_step = np.einsum("n,tn,tnsa->tsa", ALL.weight, settled, SCORES)
        np.testing.assert_allclose(by_step, 0, atol=1e-12)
    np.testing.assert_allclose(expected_gradient(TO_GO), slope(objective), atol=1e-9)


def test_the_past_is_not_independent_of_the_score():
    P = np.zeros((3, 2, 4))
    P[0, 0, 1] = P[0, 1, 2] = P[1, :, 3] = P[2, :, 3] = 1  # toss, then one more step
    R = np.zeros_like(P)
    R[0, 0] = 1
    pi = np.array([[0.5, 0.5], [0.99, 0.01], [0.5, 0.5]])
    episodes = tabular.all_episodes(tabular.MDP(P, R, np.eye(3)[0]), pi, horizon=2)
    score = tabular.scores(pi, episodes)[1, ..., 0].sum(axis=-1)  # second step
    for paid, sizes in ((1, {0.01, 0.99}), (0, {0.5})):
        group = episodes.rew[0] == paid
        assert set(abs(score[group]).round(9)) == sizes
        assert episodes.weight[group] @ score[group] == pytest.approx(0, abs=1e-15)


def test_reward_to_go_may_be_noisier():
    P = np.zeros((3, 2, 4))
    P[0, 0, 1] = P[0, 1, 2] = P[1, :, 3] = P[2, :, 3] = 1
    R = np.zeros_like(P)
    R[0, 0], R[0, 1], R[1], R[2] = 1, -1, -1, 1  # they always add up to 0
    pi = np.full((3, 2), 0.5)
    episodes = tabular.all_episodes(tabular.MDP(P, R, np.eye(3)[0]), pi, horizon=2)
    to_go = episodes.rew[::-1].cumsum(axis=0)[::-1]
    assert not episodes.rew.sum(axis=0).any()
    each = np.einsum("tn,tnsa->nsa", to_go, tabular.scores(pi, episodes))
    np.testing.assert_allclose(episodes.weight @ each.reshape(4, -1), 0, atol=1e-15)
    assert episodes.weight @ (each**2).sum(axis=(1, 2)) == pytest.approx(0.5)


def variances(bonus):
    """Of one episode's estimate with whole return, reward-to-go, and baseline V."""
    mdp = tabular.MDP(MDP.P, MDP.R + bonus, MDP.start)
    episodes = tabular.all_episodes(mdp, PI, horizon=T)
    to_go = episodes.rew[::-1].cumsum(axis=0)[::-1]
    v = np.zeros((T, 4))  # zero at the end
    v[:, :3] = tabular.evaluate_horizon(mdp, PI, T).v
    baseline = v[np.arange(T)[:, None], episodes.state[:-1]]
    gradients = []
    for weights in (np.broadcast_to(to_go[0], to_go.shape), to_go, to_go - baseline):
        each = np.einsum("tn,tnsa->nsa", weights, SCORES)
        gradients.append(np.einsum("n,nsa->sa", episodes.weight, each))
        squares = ((each - gradients[-1]) ** 2).sum(axis=(1, 2))
        yield episodes.weight @ squares
    np.testing.assert_allclose(gradients[1:], [gradients[0]] * 2, atol=1e-12)


@pytest.mark.parametrize(("bonus", "percent"), [(0, (65, 29)), (5, (54, 4))])
def test_the_variances_that_the_text_quotes(bonus, percent):
    whole, *others = variances(bonus)
    assert tuple(round(100 * x / whole) for x in others) == percent


V, Q, A = (lookup(table) for table in tabular.evaluate_horizon(MDP, PI, T))
NEXT_V = np.concatenate([V[1:], np.zeros_like(V[:1])])
ANY = lookup(np.random.default_rng(2).normal(size=(T, 3)))  # a baseline b_t(s_t)
PREVIOUS = np.concatenate([np.zeros_like(ALL.rew[:1]), ALL.rew[:-1]])

RIGHT = {
    "whole return": np.broadcast_to(RETURN, TO_GO.shape),
    "reward-to-go": TO_GO,
    "any baseline": TO_GO - ANY,
    "action value": Q,
    "advantage": A,
    "temporal difference": ALL.rew + NEXT_V - V,
    "last action": TO_GO - PREVIOUS * 7,
}
WRONG = {
    "baseline of the action": TO_GO - lookup(np.ones((T, 3, 1)) * [0.0, 1.0]),
    "baseline of the next state": TO_GO - NEXT_V,
    "one reward": ALL.rew,
    "future only": TO_GO - ALL.rew,
}


@pytest.mark.parametrize("weights", RIGHT)
def test_right_weights(weights):
    gradient = expected_gradient(RIGHT[weights])
    np.testing.assert_allclose(gradient, slope(objective), atol=1e-9)


@pytest.mark.parametrize("weights", WRONG)
def test_wrong_weights(weights):
    error = expected_gradient(WRONG[weights]) - slope(objective)
    assert abs(error).max() > 0.01


def test_score_function_and_pathwise():
    z, weight = np.polynomial.hermite_e.hermegauss(80)  # exact for polynomials
    weight /= weight.sum()
    a = 1 + z
    wave = 5 * np.cos(5) * np.exp(-25 / 2)  # the derivative of the mean of sin(5 a)
    for estimate, mean, variance in (
        (a**2 * z, 2, 30),
        (2 * a, 2, 4),
        (np.sin(5 * a) * z, wave, 0.5),
        (5 * np.cos(5 * a), wave, 12.5),
    ):
        assert weight @ estimate == pytest.approx(mean, abs=1e-9)
        assert weight @ (estimate - mean) ** 2 == pytest.approx(variance)


def test_only_the_score_function_survives_a_jump():
    a = np.linspace(-9, 11, 200_001)
    density = np.exp(-((a - 1) ** 2) / 2) / (2 * np.pi) ** 0.5
    by_score = ((a > 0) * (a - 1) * density).sum() * 1e-4
    slope_of_mean = np.exp(-1 / 2) / (2 * np.pi) ** 0.5  # of the Gaussian tail
    assert by_score == pytest.approx(slope_of_mean, abs=1e-4)


def episodes_of(program):
    """All trajectories of the small world as a program records them."""
    for state, act, rew in zip(ALL.state.T, ALL.act.T, ALL.rew.T):
        n = (state[:-1] < 3).sum()
        yield program.Episode(np.eye(3)[state[:n]], act[:n], rew[:n])


def expected_estimate(program, weigh):
    """The exact expectation of the estimate that a program makes with these weights."""
    policy = torch.nn.Linear(3, 2, bias=False)
    policy.weight.data = torch.tensor(THETA.T, dtype=torch.float32)
    batch = list(episodes_of(program))
    scaled = [p * len(batch) * weigh(e) for p, e in zip(ALL.weight, batch)]
    loss = program.policy_loss(policy, batch, scaled)
    return -torch.autograd.grad(loss, policy.weight)[0].T.numpy()


COEF = np.random.default_rng(3).normal(size=10)


@pytest.mark.parametrize(
    ("program", "weigh"),
    [
        (simplest_pg, lambda e: simplest_pg.step_weights(e)),
        (reward_to_go, lambda e: reward_to_go.step_weights(e)),
        (baseline, lambda e: baseline.centred_weights(e, COEF)),
    ],
)
def test_each_program_estimates_the_gradient(program, weigh):
    estimate = expected_estimate(program, weigh)
    np.testing.assert_allclose(estimate, slope(objective), atol=2e-6)


def test_the_weights_by_hand():
    episode = simplest_pg.Episode(np.zeros((3, 1)), np.zeros(3), np.array([1, 2, 4]))
    assert simplest_pg.step_weights(episode).tolist() == [7, 7, 7]
    assert reward_to_go.step_weights(episode).tolist() == [7, 6, 4]
    guess = np.zeros(6)
    guess[[2, 3]] = 1, 100  # 1 + t
    assert baseline.centred_weights(episode, guess).tolist() == [6, 4, 1]


PROGRAMS = pytest.mark.parametrize("program", [simplest_pg, reward_to_go, baseline])


class Clock(gym.Env):
    """Observes the time; pays action + time; ends after three steps, one way or other."""

    observation_space, action_space = Box(0, 9, (1,)), Discrete(2)

    def __init__(self, truncates=False):
        self.truncates = truncates

    def reset(self, *, seed=None, options=None):
        self.time = 0
        return np.array([0.0], dtype=np.float32), {}

    def step(self, action):
        rew, self.time = float(action + self.time), self.time + 1
        over = self.time == 3
        obs = np.array([self.time], dtype=np.float32)
        return obs, rew, over and not self.truncates, over and self.truncates, {}


@PROGRAMS
@pytest.mark.parametrize("truncates", [False, True])
def test_an_episode_is_recorded_as_it_was_played(program, truncates):
    torch.manual_seed(0)
    policy, acts = torch.nn.Linear(1, 2), set()
    for _ in range(20):
        episode = program.play(policy, Clock(truncates))
        assert episode.obs.tolist() == [[0], [1], [2]]
        assert (episode.rew - episode.act).tolist() == [0, 1, 2]
        acts |= set(episode.act.tolist())
    assert acts == {0, 1}  # drawn, not the most probable


def test_the_baseline_is_fitted_by_least_squares():
    batch = list(episodes_of(baseline))[:50]
    x = np.concatenate([baseline.features(e) for e in batch])
    to_go = [e.rew[::-1].cumsum()[::-1] for e in batch]
    left_over = np.concatenate(to_go) - x @ baseline.fit_baseline(batch)
    np.testing.assert_allclose(x.T @ left_over, 0, atol=1e-8)
    t = [0, 0.01, 0.02]
    long = baseline.Episode(np.full((3, 1), 2.0), np.zeros(3), np.zeros(3))
    np.testing.assert_allclose(
        baseline.features(long), [[2, 4, 1, x, x**2, x**3] for x in t]
    )


def test_a_batch_is_judged_by_the_baseline_of_the_batch_before(monkeypatch):
    seen, loss = [], baseline.policy_loss

    def spy(policy, batch, weights):
        seen.append((batch, weights))
        return loss(policy, batch, weights)

    monkeypatch.setattr(baseline, "policy_loss", spy)
    baseline.train(steps=900, episodes=16)
    assert len(seen) >= 2
    coef = np.zeros(12)
    for batch, weights in seen:
        for episode, given in zip(batch, weights):
            expected = baseline.centred_weights(episode, coef)
            np.testing.assert_array_equal(given, expected)
        coef = baseline.fit_baseline(batch)


@pytest.mark.long
@PROGRAMS
def test_it_learns(program, capsys):
    _, curve = program.train(steps=15_000)
    steps, returns = zip(*curve)
    assert 15_000 <= steps[-1] < 15_000 + 16 * 500
    assert returns[0] < 30
    assert max(returns[-3:]) > 60
    assert np.diff((0, *steps)).tolist() == [round(16 * ret) for ret in returns]
    assert len(capsys.readouterr().out.splitlines()) == len(curve)


@PROGRAMS
def test_each_step_follows_the_gradient_of_its_own_batch(program, monkeypatch):
    seen, loss = [], program.policy_loss

    def spy(policy, batch, weights):
        value, parameters = loss(policy, batch, weights), list(policy.parameters())
        gradient = torch.autograd.grad(value, parameters, retain_graph=True)
        seen.append((parameters_to_vector(parameters).detach().clone(), gradient))
        return value

    monkeypatch.setattr(program, "policy_loss", spy)
    monkeypatch.setattr(torch.optim, "Adam", torch.optim.SGD)
    program.train(steps=1000, lr=1e-3)
    assert len(seen) >= 2
    for (before, gradient), (after, _) in itertools.pairwise(seen):
        expected = before - 1e-3 * parameters_to_vector(gradient)
        torch.testing.assert_close(after, expected)


@PROGRAMS
def test_the_same_seed_gives_the_same_run(program):
    runs = [program.train(seed=seed, steps=700)[1] for seed in (1, 1, 2)]
    assert runs[0] == runs[1] != runs[2] and len(runs[0]) > 1


def test_only_numbered_actions():
    with pytest.raises(TypeError, match=r"Pendulum-v1 acts in Box.*not Discrete"):
        simplest_pg.train("Pendulum-v1")


def test_the_mean_of_the_others_and_the_mean_of_all():
    episodes = tabular.all_episodes(MDP, PI, horizon=2)
    g = tabular.scores(PI, episodes).sum(axis=0)
    ret = episodes.rew.sum(axis=0)
    one, other = np.indices((len(ret), len(ret)))
    p = episodes.weight[one] * episodes.weight[other]
    truth = np.einsum("n,n,nsa->sa", episodes.weight, ret, g)
    for mean, factor in ((ret[other], 1), ((ret[one] + ret[other]) / 2, 1 / 2)):
        both = np.tensordot(p * (ret[one] - mean), g[one], axes=2)
        np.testing.assert_allclose(both, factor * truth, atol=1e-12)


def test_forgetting_the_immediate_reward():
    def forgetful(episode):
        return reward_to_go.step_weights(episode) - episode.rew

    error = expected_estimate(reward_to_go, forgetful) - slope(objective)
    assert abs(error).max() > 0.01

    def forgetful_about_ones(episode):
        return reward_to_go.step_weights(episode) - 1

    estimate = expected_estimate(reward_to_go, forgetful_about_ones)
    np.testing.assert_allclose(estimate, slope(objective), atol=2e-6)


def test_credit_for_the_past_teaches_nothing():
    def past(episode):
        return episode.rew.cumsum() - episode.rew

    estimate = expected_estimate(simplest_pg, past)
    np.testing.assert_allclose(estimate, 0, atol=2e-6)
    batch = list(episodes_of(simplest_pg))
    assert max(abs(past(e)).max() for e in batch) > 1  # the weights are not zero


def test_batches_of_steps():
    mdp, pi = tabular.random_mdp(1, 2, ends=0.5, seed=0), np.array([[0.3, 0.7]])
    one = tabular.all_episodes(mdp, pi, horizon=2)
    g = one.rew.sum(axis=0) * tabular.scores(pi, one).sum(axis=0)[:, 0, 0]
    length = (one.state[:-1] == 0).sum(axis=0)
    total = sum_of_g = number = quotient = 0.0
    unfinished = [(1.0, 0.0, 0, 0)]  # probability, sum of g, steps, episodes
    while unfinished:
        p, s, steps, n = unfinished.pop()
        if steps >= 3:
            total += p
            sum_of_g, number = sum_of_g + p * s, number + p * n
            quotient += p * s / steps
            continue
        for q, g_i, length_i in zip(one.weight, g, length):
            unfinished.append((p * q, s + g_i, steps + length_i, n + 1))
    assert total == pytest.approx(1)
    assert sum_of_g == pytest.approx(number * (one.weight @ g))
    per_step = (one.weight @ g) / (one.weight @ length)
    assert abs(quotient / per_step - 1) > 0.04

# tests/book/test_variance.py: generated from book/depth/variance.md; edit the chapter. sha256:680c7fdf17b93450
"""Variances of policy-gradient estimates, exact and sampled, and the best baselines."""

import itertools
import math

import numpy as np
import pytest

from spinup_lit.exact import tabular, variance

T = 5
WORLD = tabular.random_mdp(states=3, actions=2, ends=0, seed=0)
THETA = np.random.default_rng(1).normal(size=(3, 2))
PI = tabular.softmax(THETA)


def raised(bonus):
    """The world with so much more for every step."""
    return tabular.MDP(WORLD.P, WORLD.R + bonus, WORLD.start)


def to_go(episodes):
    return episodes.rew[::-1].cumsum(axis=0)[::-1]


def whole(episodes):
    return np.broadcast_to(episodes.rew.sum(axis=0), episodes.rew.shape)


ALL = tabular.all_episodes(WORLD, PI, horizon=T)
SCORES = tabular.scores(PI, ALL)


def noise(weights, pi=PI, episodes=ALL):
    """The variance of the estimate from one episode with these weights."""
    return variance.moments(pi, episodes, weights).variance


def slope_of_objective(step=1e-5):
    """The gradient by central differences: no scores, no episodes."""
    gradient = np.zeros_like(THETA)
    for i in np.ndindex(THETA.shape):
        e = np.zeros_like(THETA)
        e[i] = step
        up, down = (
            WORLD.start @ tabular.evaluate_horizon(WORLD, tabular.softmax(x), T).v[0]
            for x in (THETA + e, THETA - e)
        )
        gradient[i] = (up - down) / (2 * step)
    return gradient


def layered_world(seed, positive=False):
    """A world in which no state is visited twice, a policy, and all episodes."""
    rng = np.random.default_rng(seed)
    P = np.zeros((6, 2, 7))
    P[:2, :, 2:4], P[2:4, :, 4:6] = rng.dirichlet(np.ones(2), size=(2, 2, 2))
    P[4:, :, 6] = 1
    R = rng.normal(size=P.shape)
    start = np.array([0.5, 0.5, 0, 0, 0, 0])
    mdp = tabular.MDP(P, abs(R) if positive else R, start)
    pi = tabular.softmax(rng.normal(size=(6, 2)))
    return mdp, pi, tabular.all_episodes(mdp, pi, horizon=3)


@pytest.mark.parametrize("weigh", [whole, to_go])
def test_the_variance_is_the_error_of_batches(weigh, size=20, batches=1000):
    exact, truth = variance.moments(PI, ALL, weigh(ALL)), slope_of_objective()
    np.testing.assert_allclose(exact.mean, truth, atol=1e-9)
    rng = np.random.default_rng(0)
    sample = tabular.sample_episodes(WORLD, PI, T, size * batches, rng)
    each = np.einsum("tn,tnsa->nsa", weigh(sample), tabular.scores(PI, sample))
    estimates = each.reshape(batches, size, 3, 2).mean(axis=1)
    errors = ((estimates - truth) ** 2).sum(axis=(1, 2))
    z = (errors.mean() - exact.variance / size) / (errors.std() / batches**0.5)
    assert abs(z) < 4
    share = (exact.variance / size) ** 0.5 / np.linalg.norm(truth)
    assert exact.episodes(share) == pytest.approx(size)


def test_what_noise_costs_a_step(curvature=3.0):
    each = np.einsum("tn,tnsa->nsa", to_go(ALL), SCORES)  # M = 1
    g, var = variance.moments(PI, ALL, to_go(ALL))
    ratio = var / (g**2).sum()

    def expected_gain(eta):  # where the bound is sharp: a quadratic J
        gain = eta * each * g - curvature / 2 * eta**2 * each**2
        return ALL.weight @ gain.sum(axis=(1, 2))

    best = 1 / curvature / (1 + ratio)
    most = (g**2).sum() / (2 * curvature) / (1 + ratio)
    assert expected_gain(best) == pytest.approx(most)
    assert max(expected_gain(best * 1.01), expected_gain(best * 0.99)) < most


def cells(episodes):
    """Ways to sort histories, from coarse to fine: each is (T, M)."""
    state = episodes.state[:-1]
    time = np.arange(len(state))[:, None] + 0 * state
    return {"all": 0 * time, "time": time, "time and state": 4 * time + state}


@pytest.mark.parametrize("weigh", [whole, to_go])
@pytest.mark.parametrize("name", ["all", "time", "time and state"])
def test_the_best_baseline_is_a_projection(weigh, name):
    episodes = tabular.all_episodes(WORLD, PI, horizon=4)
    cell, weights = cells(episodes)[name], weigh(episodes)
    b = variance.optimal_baseline(PI, episodes, weights, cell)
    score, root = tabular.scores(PI, episodes), episodes.weight[:, None, None] ** 0.5
    control = np.einsum("tnk,tnsa->knsa", np.eye(len(b))[cell], score) * root
    target = np.einsum("tn,tnsa->nsa", weights, score) * root
    x = control.reshape(len(b), -1)
    gram = x @ x.T
    assert abs(gram - np.diag(gram.diagonal())).max() < 1e-12
    solved = np.linalg.lstsq(x.T, target.ravel(), rcond=None)[0]
    np.testing.assert_allclose(b, solved, atol=1e-9)

    other = b + np.random.default_rng(0).normal(size=len(b))
    none, best, worse = (
        noise(weights - v[cell], PI, episodes) for v in (0 * b, b, other)
    )
    assert none - best == pytest.approx(b**2 @ gram.diagonal())
    assert worse - best == pytest.approx((other - b) ** 2 @ gram.diagonal())


def single_step_baseline(pi, q):
    """Eq. (variance-step) for action values (..., S, A)."""
    squared = 1 - 2 * pi + (pi**2).sum(axis=1, keepdims=True)  # |score|^2 of a
    return (pi * squared * q).sum(axis=-1) / (pi * squared).sum(axis=1)


def test_the_numbers_of_the_best_baselines():
    every, _, time_and_state = cells(ALL).values()
    ret, zeta = ALL.rew.sum(axis=0), SCORES.sum(axis=0)
    squared = ALL.weight * (zeta**2).sum(axis=(1, 2))
    constant = variance.optimal_baseline(PI, ALL, whole(ALL), every)
    assert constant == pytest.approx(squared @ ret / squared.sum())
    values = tabular.evaluate_horizon(WORLD, PI, T)
    v, step = (
        variance.lookup(ALL, b) for b in (values.v, single_step_baseline(PI, values.q))
    )
    best = variance.optimal_baseline(PI, ALL, to_go(ALL), time_and_state)
    found = [
        noise(weights)
        for weights in (
            whole(ALL),
            whole(ALL) - ALL.weight @ ret,
            whole(ALL) - constant,
            to_go(ALL),
            to_go(ALL) - v,
            to_go(ALL) - step,
            to_go(ALL) - best[time_and_state],
        )
    ]
    expected = [7.023, 3.527, 3.523, 3.698, 1.774, 1.753, 1.751]
    assert np.round(found, 3).tolist() == expected
    assert (ALL.weight @ ret).round(3) == 1.25
    assert constant.round(3).tolist() == [1.296]


def test_the_single_step_formula_is_exact_for_separate_steps():
    mdp, pi, episodes = layered_world(0)
    q = tabular.evaluate_horizon(mdp, pi, 3).q
    cell = 7 * np.arange(3)[:, None] + episodes.state[:-1]
    best = variance.optimal_baseline(pi, episodes, to_go(episodes), cell)
    step = variance.lookup(episodes, single_step_baseline(pi, q))
    np.testing.assert_allclose(best[cell], step, atol=1e-12)


def test_two_actions_in_closed_form():
    p, q, sigma = 0.99, np.array([1.0, 0.0]), 0.1
    P = np.full((1, 2, 2), 0.5)  # on or over: a coin that decides the noise
    R = q[:, None] + np.array([sigma, -sigma])
    bandit, pi = tabular.MDP(P, R[None], np.ones(1)), np.array([[p, 1 - p]])
    episodes = tabular.all_episodes(bandit, pi, horizon=1)
    best = (1 - p) * q[0] + p * q[1]
    once = 0 * episodes.act
    b = variance.optimal_baseline(pi, episodes, episodes.rew, once)
    assert b == pytest.approx(best)
    found = []
    for b in (best, 0, p * q[0] + (1 - p) * q[1], 3):
        found.append(noise(episodes.rew - b, pi, episodes))
        closed = 2 * p * (1 - p) * (sigma**2 + (b - best) ** 2)
        assert found[-1] == pytest.approx(closed)
    assert (np.array(found[1:3]) / found[0]).round(2).tolist() == [1.01, 97.04]


def test_sampled_rewards_cost_the_variance_of_what_follows():
    v, q, _ = (variance.lookup(ALL, x) for x in tabular.evaluate_horizon(WORLD, PI, T))
    returns, squared = to_go(ALL), (SCORES**2).sum(axis=(2, 3))
    spread = np.zeros_like(q)  # variance given time, state and action, by sorting
    for t, s, a in np.ndindex(T, 3, 2):
        here = (ALL.state[t] == s) & (ALL.act[t] == a)
        p = ALL.weight[here] / ALL.weight[here].sum()
        mean = p @ returns[t, here]
        spread[t, here] = p @ (returns[t, here] - mean) ** 2
    for b in (0 * v, v, np.sin(v)):
        sampled, exact = (squared * (x - b) ** 2 @ ALL.weight for x in (returns, q))
        np.testing.assert_allclose(sampled, exact + squared * spread @ ALL.weight)


@pytest.mark.parametrize("seed", range(5))
def test_with_separate_steps_exact_values_are_quieter(seed):
    mdp, pi, episodes = layered_world(seed)
    q = variance.lookup(episodes, tabular.evaluate_horizon(mdp, pi, 3).q)
    sampled, exact = (noise(x, pi, episodes) for x in (to_go(episodes), q))
    squared = (tabular.scores(pi, episodes) ** 2).sum(axis=(2, 3))
    luck = squared * (to_go(episodes) - q) ** 2
    assert sampled - exact == pytest.approx((luck @ episodes.weight).sum())


def wait_or_stop(wait, stop, p):
    """One state, two steps at most: mdp, policy that waits with p, all episodes."""
    P = np.array([[[1.0, 0], [0, 1]]])
    R = np.array([[[wait, 0.0], [0, stop]]])
    mdp, pi = tabular.MDP(P, R, np.ones(1)), np.array([[p, 1 - p]])
    return mdp, pi, tabular.all_episodes(mdp, pi, horizon=2)


def test_exact_values_may_be_noisier():
    mdp, pi, episodes = wait_or_stop(0, 1, 0.5)
    q = variance.lookup(episodes, tabular.evaluate_horizon(mdp, pi, 2).q)
    sampled, exact = (
        variance.moments(pi, episodes, weights) for weights in (to_go(episodes), q)
    )
    np.testing.assert_allclose(sampled.mean, [[-1 / 4, 1 / 4]])
    np.testing.assert_allclose(exact.mean, [[-1 / 4, 1 / 4]])
    assert sampled.variance / 2 == pytest.approx(1 / 16)  # two equal components
    assert exact.variance / 2 == pytest.approx(3 / 32)


def test_exact_values_are_rarely_noisier():
    ratios = []
    for seed in range(300):
        mdp = tabular.random_mdp(2, 2, ends=0, seed=seed)
        mdp = tabular.MDP(mdp.P, abs(mdp.R), mdp.start)
        theta = 2 * np.random.default_rng(seed + 1000).normal(size=(2, 2))
        pi = tabular.softmax(theta)
        episodes = tabular.all_episodes(mdp, pi, horizon=4)
        q = variance.lookup(episodes, tabular.evaluate_horizon(mdp, pi, 4).q)
        sampled, exact = (noise(x, pi, episodes) for x in (to_go(episodes), q))
        ratios.append(exact / sampled)
    assert (np.array(ratios) > 1 + 1e-9).sum() == 6
    assert max(ratios) < 1.04


@pytest.mark.parametrize("seed", range(5))
def test_reward_to_go_is_better_with_separate_steps_and_one_sign(seed):
    _, pi, episodes = layered_world(seed, positive=True)
    past, future = (noise(weigh(episodes), pi, episodes) for weigh in (whole, to_go))
    squared = (tabular.scores(pi, episodes) ** 2).sum(axis=(2, 3))
    gain = squared * (whole(episodes) ** 2 - to_go(episodes) ** 2)
    assert past - future == pytest.approx((gain @ episodes.weight).sum())
    assert past > future


def test_reward_to_go_may_be_noisier_even_if_all_rewards_are_positive():
    _, pi, episodes = wait_or_stop(1, 10, 0.25)
    past, future = (noise(weigh(episodes), pi, episodes) for weigh in (whole, to_go))
    assert round(past / 2, 2) == 10.49  # two equal components
    assert round(future / 2, 2) == 10.77


@pytest.mark.parametrize("horizon", [1, 2, 6])
def test_reward_to_go_gains_a_factor_of_three_at_most(horizon):
    mdp = tabular.random_mdp(2, 2, ends=0, seed=0)
    mdp = tabular.MDP(mdp.P, np.full_like(mdp.R, 7), mdp.start)
    pi = np.full((2, 2), 0.5)  # scores of the same length at all times
    episodes = tabular.all_episodes(mdp, pi, horizon)
    past, future = (noise(weigh(episodes), pi, episodes) for weigh in (whole, to_go))
    by_time = 7 * np.arange(horizon, 0, -1)[:, None]
    rest = noise(to_go(episodes) - by_time, pi, episodes)
    expected = 6 * horizon**2 / (horizon + 1) / (2 * horizon + 1)
    assert past / future == pytest.approx(expected)
    assert rest == pytest.approx(0, abs=1e-20)
    first = np.arange(horizon)[:, None] == 0 * episodes.act  # only this step pays
    both = (noise(x, pi, episodes) for x in (0 * first + 1, first))
    assert np.divide(*both) == pytest.approx(horizon)


def batches(mdp, pi, n, horizon):
    """All batches of n episodes: probabilities, returns, sums of scores."""
    one = tabular.all_episodes(mdp, pi, horizon)
    index = np.indices((len(one.weight),) * n).reshape(n, -1)
    zeta = tabular.scores(pi, one).sum(axis=0)
    return one.weight[index].prod(axis=0), one.rew.sum(axis=0)[index], zeta[index]


@pytest.mark.parametrize("n", [2, 3])
def test_leave_one_out(n):
    mdp, pi = tabular.random_mdp(1, 2, ends=0.5, seed=0), np.array([[0.3, 0.7]])
    one = tabular.all_episodes(mdp, pi, horizon=2)
    mean = one.weight @ one.rew.sum(axis=0)
    truth = variance.moments(pi, one, to_go(one)).mean
    p, ret, zeta = batches(mdp, pi, n, horizon=2)
    others = (ret.sum(axis=0) - ret) / (n - 1)
    np.testing.assert_allclose(variance.leave_one_out(ret), ret - others, atol=1e-12)

    def expected(weights):
        return np.einsum("b,ib,ibsa->sa", p, weights, zeta) / n

    np.testing.assert_allclose(expected(variance.leave_one_out(ret)), truth)
    shrunk = expected(ret - ret.mean(axis=0))
    np.testing.assert_allclose(shrunk, (1 - 1 / n) * truth)

    each = np.einsum("ib,ibsa->bsa", variance.leave_one_out(ret), zeta) / n
    pairs = sum(
        (zeta[i] - zeta[j]) * (ret[i] - ret[j])[:, None, None]
        for i, j in itertools.combinations(range(n), 2)
    )
    np.testing.assert_allclose(each, pairs / n / (n - 1), atol=1e-12)
    found = p @ ((each - truth) ** 2).sum(axis=(1, 2))
    known = noise(whole(one) - mean, pi, one) / n
    assert found == pytest.approx(known + price(one, pi) / n / (n - 1))


def price(episodes, pi):
    """The numerator of the last term of Eq. (variance-loo)."""
    ret, zeta = episodes.rew.sum(axis=0), tabular.scores(pi, episodes).sum(axis=0)
    p = episodes.weight
    gradient = np.einsum("n,n,nsa->sa", p, ret, zeta)
    spread, length = p @ (ret - p @ ret) ** 2, p @ (zeta**2).sum(axis=(1, 2))
    return spread * length + (gradient**2).sum()


def test_what_it_costs_not_to_know_the_mean():
    ret = ALL.rew.sum(axis=0)
    known = noise(whole(ALL) - ALL.weight @ ret)
    percent = [100 * price(ALL, PI) / known / (n - 1) for n in (2, 8, 64)]
    assert np.round(percent).tolist() == [107, 15, 2]


def expected_estimates(n):
    """Of batches of n: normalised, and only centred. Towards the safe action."""
    p = np.array([0.5, 0.5 * 0.9, 0.5 * 0.1])
    ret, score = np.array([1.0, 2, -10]), np.array([0.5, -0.5, -0.5])
    total = np.zeros(2)
    for i in range(n + 1):
        for j in range(n + 1 - i):
            count = np.array([i, j, n - i - j])
            ways = math.comb(n, i) * math.comb(n - i, j)
            centred = ret - count @ ret / n
            sigma = (count @ centred**2 / n) ** 0.5
            g = count @ (score * centred) / n
            probability = ways * math.prod(p.tolist() ** count)
            total += probability * np.array([g / sigma if sigma else 0, g])
    return total


def test_normalised_estimates_may_point_the_wrong_way():
    sizes = [2, 8, 32, 128]
    normalised, centred = zip(*map(expected_estimates, sizes))
    assert np.round(normalised, 2).tolist() == [-0.2, -0.26, -0.07, 0.01]
    np.testing.assert_allclose(centred, [0.05 * (1 - 1 / n) for n in sizes])
    assert expected_estimates(76)[0] < 0 < expected_estimates(77)[0]
    sigma = (0.5 * 1 + 0.45 * 4 + 0.05 * 100 - 0.9**2) ** 0.5
    assert round(0.05 / sigma, 2) == 0.02


def mean_given_state(table):
    """Of the score times table[t, s, a], by state: (T, 3, 3, 2)."""
    score = np.einsum("sx,axb->saxb", np.eye(3), np.eye(2)[:, None] - PI)
    return np.einsum("sa,tsa,saxb->tsxb", PI, table, score)


def along(table):
    """The vectors of a table [t, s] along all episodes: (T, M, 3, 2)."""
    return table[np.arange(T)[:, None], ALL.state[:-1]]


def test_a_baseline_of_the_action_needs_a_correction():
    b = np.random.default_rng(0).normal(size=(T, 3, 2))
    weights = to_go(ALL) - variance.lookup(ALL, b)
    wrong = variance.moments(PI, ALL, weights).mean
    correction = np.einsum("n,tnsa->sa", ALL.weight, along(mean_given_state(b)))
    np.testing.assert_allclose(wrong + correction, slope_of_objective(), atol=1e-9)
    assert abs(correction).max() > 0.1


def test_where_the_noise_comes_from():
    v, q, _ = tabular.evaluate_horizon(WORLD, PI, T)
    v, drift = variance.lookup(ALL, v), along(mean_given_state(q))
    q = variance.lookup(ALL, q)

    def total(x):  # (T, M, 3, 2)
        return np.einsum("n,tnsa->", ALL.weight, x**2)

    def times_scores(weights):
        return weights[..., None, None] * SCORES

    mean = np.einsum("n,tnsa->tsa", ALL.weight, drift)[:, None]
    follows, state = total(times_scores(to_go(ALL) - q)), total(drift - mean)
    for b, action in ((0, 2.030), (v, 0.027)):
        by_action = total(times_scores(q - b) - drift)
        assert round(by_action, 3) == action
        everything = total(times_scores(to_go(ALL) - b) - mean)
        assert everything == pytest.approx(follows + by_action + state)
    assert (round(follows, 3), round(state, 3)) == (1.739, 0.058)
    assert round(100 * by_action / everything, 1) == 1.5


def test_lookup():
    table = np.arange(1, 13).reshape(2, 3, 2)
    state, act = np.array([[0, 2], [3, 1], [3, 0]]), np.array([[1, 0], [0, 1]])
    episodes = tabular.Episodes(state, act, 0 * act, np.ones(2) / 2)
    assert variance.lookup(episodes, table).tolist() == [[2, 5], [0, 10]]
    assert variance.lookup(episodes, table[..., 1]).tolist() == [[2, 6], [0, 10]]


def test_the_table_says_what_the_text_says():
    table, truth = {}, slope_of_objective()
    for bonus in (0, 1, 2, 5):
        world = raised(bonus)
        episodes = tabular.all_episodes(world, PI, horizon=T)
        for name, weights in variance.estimators(world, PI, episodes).items():
            mean, var = variance.moments(PI, episodes, weights)
            np.testing.assert_allclose(mean, truth, atol=1e-9)
            table.setdefault(name, []).append(var)
    rows = {name: np.array(row) for name, row in table.items()}
    first = [round(row[0], 2) for row in rows.values()]
    assert first == [7.02, 3.70, 2.03, 2.45, 3.52, 2.24, 1.77, 1.75, 0.07]
    centred = rows["whole - constant"]
    assert (centred < rows["to go"]).all()
    assert rows["to go"][1] / centred[1] > 10
    gain = rows["whole"] / rows["to go"]
    assert gain.round(1).tolist() == [1.9, 2.2, 2.3, 2.3]
    assert round(6 * T**2 / (T + 1) / (2 * T + 1), 1) == 2.3
    ratio = rows["whole"] / rows["A"]
    assert ratio.round().tolist() == [97, 1185, 3708, 19879]
    assert round(rows["to go - V"][0] / rows["A"][0]) == 24
    for name in list(rows)[4:]:
        np.testing.assert_allclose(rows[name], rows[name][0])
    assert (rows["to go - constant"] > rows["to go - V"]).all()
    assert (rows["Q"][1:] > 0.9 * rows["to go"][1:]).all()


def test_longer_episodes():
    world, rng = raised(2), np.random.default_rng(0)
    episodes = tabular.sample_episodes(world, PI, 20, 20_000, rng)
    v, _, adv = (
        variance.lookup(episodes, x) for x in tabular.evaluate_horizon(world, PI, 20)
    )
    mean = episodes.rew.sum(axis=0).mean()
    past, *others = (
        noise(weights, PI, episodes)
        for weights in (
            whole(episodes),
            to_go(episodes),
            whole(episodes) - mean,
            to_go(episodes) - v,
            adv,
        )
    )
    gain = past / np.array(others)
    np.testing.assert_allclose(gain, [2.8, 320, 640, 90_000], rtol=0.05)


@pytest.mark.parametrize("n", [2, 3])
def test_a_table_fitted_to_its_own_batch(n):
    one = tabular.all_episodes(WORLD, PI, horizon=1)
    index = np.indices((len(one.weight),) * n).reshape(n, -1)
    p, ret = one.weight[index].prod(axis=0), one.rew[0][index]
    here = np.eye(3)[one.state[0][index]]  # (n, batches, 3)
    visits = here.sum(axis=0)
    fitted = np.einsum("ib,ibs->bs", ret, here) / np.maximum(visits, 1)
    weights = ret - np.einsum("bs,ibs->ib", fitted, here)
    zeta = tabular.scores(PI, one)[0][index]
    expected = np.einsum("b,ib,ibsa->sa", p, weights, zeta) / n
    truth = variance.moments(PI, one, one.rew).mean
    start = WORLD.start[:, None]
    share = 1 - (1 - (1 - start) ** n) / (n * start)
    np.testing.assert_allclose(expected, share * truth, atol=1e-12)
    if n == 2:
        np.testing.assert_allclose(share, start / 2)


def test_where_causality_beats_centring():
    found = []
    for bonus in (0, 1, 2):
        episodes = tabular.all_episodes(raised(bonus), PI, horizon=T)
        found.append(noise(to_go(episodes), PI, episodes))
    quadratic = np.polyfit([0, 1, 2], found, 2)
    assert quadratic.round(2).tolist() == [23.15, 11.53, 3.70]
    constant = variance.optimal_baseline(PI, ALL, whole(ALL), 0 * ALL.act)
    centred = noise(whole(ALL) - constant)
    quadratic[-1] -= centred
    assert sorted(np.roots(quadratic).round(2).tolist()) == [-0.48, -0.02]


def test_finer_cells_are_quieter_and_histories_make_the_past_irrelevant():
    episodes = tabular.all_episodes(WORLD, PI, horizon=2)
    first, second = episodes.state[:2]
    history = np.stack([first, 3 + 6 * first + 3 * episodes.act[0] + second])
    sorts = [*cells(episodes).values(), history]

    def best_weights(weights, cell):
        b = variance.optimal_baseline(PI, episodes, weights, cell)
        return weights - b[cell]

    for weigh in (whole, to_go):
        found = [
            noise(best_weights(weigh(episodes), cell), PI, episodes) for cell in sorts
        ]
        assert (np.diff(found) < 1e-12).all()
    both = (best_weights(weigh(episodes), history) for weigh in (whole, to_go))
    np.testing.assert_allclose(*both, atol=1e-12)


@pytest.mark.parametrize("d", [1, 3])
def test_the_best_baseline_of_a_gaussian(d, q0=1.0, h=0.7):
    node, weight = np.polynomial.hermite_e.hermegauss(8)  # exact for polynomials
    z = np.array(list(itertools.product(node, repeat=d)))
    p = np.array([math.prod(w) for w in itertools.product(weight, repeat=d)])
    p /= p.sum()
    squared = (z**2).sum(axis=1)
    ret = q0 + z @ np.arange(1, d + 1) + h / 2 * squared
    assert p @ ret == pytest.approx(q0 + h * d / 2)
    assert p @ (squared * ret) / (p @ squared) == pytest.approx(q0 + h * d / 2 + h)

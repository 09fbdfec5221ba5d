# tests/book/test_key_concepts.py: generated from book/start/key-concepts.md; edit the chapter. sha256:56ac80150853f525
"""Key concepts: CartPole, log-probabilities, returns, values, Bellman equations."""

from itertools import pairwise, product

import gymnasium as gym
import numpy as np
import pytest
import torch
from torch.distributions import Categorical, Independent, Normal

from spinup_lit.exact import concepts, tabular, td
from spinup_lit.exact.concepts import FALLEN, LEANING, PUSH, TIPPING, UPRIGHT, WAIT
from spinup_lit.first import by_hand

WORLD = concepts.little_pole()
COIN = np.full((3, 2), 0.5)


def cart_pole(seed):
    env = gym.make("CartPole-v1")
    env.reset(seed=seed)
    return env


def test_cart_pole_is_what_the_page_says():
    env = cart_pole(0)
    assert (env.action_space.n, env.observation_space.shape) == (2, (4,))
    world = env.unwrapped
    assert (world.force_mag, world.tau, world.x_threshold) == (10, 1 / 50, 2.4)
    assert (
        world.theta_threshold_radians
        == pytest.approx(np.deg2rad(12))
        == pytest.approx(0.21, abs=0.001)
    )
    assert env.spec.max_episode_steps == 500
    first = np.array([env.reset()[0] for _ in range(300)])
    assert 0.045 < abs(first).max() <= 0.05
    episode = by_hand.play(env, by_hand.coin(0))
    assert all(step.rew == 1 for step in episode)
    assert episode[0].obs is not episode[1].obs
    with pytest.raises(AssertionError, match="invalid"):
        env.step(np.array([1]))


def test_a_push_to_the_right_speeds_the_cart_to_the_right():
    env = cart_pole(0)
    speeds = []
    for act in (0, 1):
        obs, _ = env.reset(seed=0)
        speeds.append(env.step(act)[0][1] - obs[1])
    assert speeds[0] < 0 < speeds[1]


def test_policies_by_hand():
    returns = {
        name: by_hand.returns(cart_pole(0), policy, episodes)
        for name, policy, episodes in (
            ("coin", by_hand.coin(0), 100),
            ("angle", by_hand.where_it_leans, 50),
            ("both", by_hand.where_it_will_lean, 3),
        )
    }
    assert 19 < returns["coin"].mean() < 27
    assert 39 < returns["angle"].mean() < 46
    assert (returns["both"] == 500).all()


def test_log_probabilities_by_hand():
    logits = np.array([[0, np.log(3)]] * 2)
    quarter, rest = np.exp(concepts.categorical_logp(logits, np.array([0, 1])))
    assert (quarter, rest) == (pytest.approx(1 / 4), pytest.approx(3 / 4))
    logits = np.array([[1, 1, 1 + np.log(2)]] * 3)
    p = np.exp(concepts.categorical_logp(logits, np.arange(3)))
    np.testing.assert_allclose(p, [0.25, 0.25, 0.5])
    act, mu = np.array([[1.0, 1]]), np.array([[0.0, 1]])
    logp = concepts.gaussian_logp(act, mu, np.log([1, 0.5]))
    np.testing.assert_allclose(
        logp, -0.5 * (1 + 1.838) - 0.5 * (1.838 - 1.386), atol=1e-3
    )


@pytest.mark.parametrize("shift", [0, 1000, -1000])
def test_categorical_log_probabilities_are_those_of_pytorch(shift):
    rng = np.random.default_rng(0)
    logits, act = rng.normal(size=(50, 4)) + shift, rng.integers(4, size=50)
    dist = Categorical(logits=torch.from_numpy(logits))
    logp = dist.log_prob(torch.from_numpy(act))
    np.testing.assert_allclose(concepts.categorical_logp(logits, act), logp, atol=1e-10)


@pytest.mark.parametrize("d", [1, 3])
def test_gaussian_log_probabilities_are_those_of_pytorch(d):
    rng = np.random.default_rng(0)
    act, mu = rng.normal(size=(2, 50, d))
    log_std = rng.normal(size=d)
    normal = Normal(torch.from_numpy(mu), torch.from_numpy(np.exp(log_std)))
    logp = Independent(normal, 1).log_prob(torch.from_numpy(act))
    np.testing.assert_allclose(concepts.gaussian_logp(act, mu, log_std), logp)


def test_a_density_adds_up_to_one_and_may_be_above_it():
    x = np.linspace(-3, 3, 6001)[:, None]
    logp = concepts.gaussian_logp(x, np.full_like(x, 0.5), np.log([0.1]))
    assert logp.max() == pytest.approx(-np.log(0.1) - 0.5 * np.log(2 * np.pi))
    assert logp.max() > 1
    assert np.exp(logp).sum() * 0.001 == pytest.approx(1)


def test_the_probability_of_a_trajectory_is_a_product():
    episodes = tabular.all_episodes(WORLD, COIN, horizon=5)
    path = [UPRIGHT, LEANING, UPRIGHT, LEANING, TIPPING, FALLEN]
    acts = [WAIT, PUSH, WAIT, WAIT, WAIT]
    here = (path == episodes.state.T).all(axis=1) & (acts == episodes.act.T).all(axis=1)
    assert episodes.weight[here].tolist() == [1 / 128]
    assert episodes.rew[:, here].T.tolist() == [[1, 0, 1, 1, 1]]
    assert episodes.weight.sum() == pytest.approx(1)
    mean_return = episodes.weight @ episodes.rew.sum(axis=0)
    v = tabular.evaluate_horizon(WORLD, COIN, horizon=5).v[0]
    assert mean_return == pytest.approx(WORLD.start @ v)


def test_the_same_four_numbers_lead_to_the_same_four_numbers():
    steps = by_hand.play(cart_pole(1), by_hand.coin(1))
    env = cart_pole(2).unwrapped  # another cart, put where the first one was
    for now, following in pairwise(steps):
        env.reset()
        env.state = now.obs.astype(float)
        np.testing.assert_allclose(env.step(now.act)[0], following.obs, atol=1e-6)


def test_rewards_to_go_by_hand():
    rew = np.array([1.0, 2, 4])
    assert concepts.rewards_to_go(rew, gamma=0.5).tolist() == [3, 4, 4]
    assert concepts.rewards_to_go(rew, gamma=1).tolist() == [7, 6, 4]
    assert concepts.rewards_to_go(rew, gamma=0).tolist() == rew.tolist()
    trajectory = np.array([1.0, 0, 1, 1, 1])
    assert concepts.rewards_to_go(trajectory, 0.8)[0] == pytest.approx(2.5616)


def test_rewards_to_go_are_the_sums_of_the_definition():
    rew, t = np.random.default_rng(0).normal(size=30), np.arange(30)
    for gamma in (0.9, 1.0):
        sums = [gamma ** (t[k:] - k) @ rew[k:] for k in t]
        np.testing.assert_allclose(concepts.rewards_to_go(rew, gamma), sums)


def test_a_reward_for_ever_and_how_far_one_looks():
    long = concepts.rewards_to_go(np.ones(5000), gamma=0.99)[0]
    assert long == pytest.approx(1 / (1 - 0.99))
    for gamma, horizons, share in ((0.8, 1, 0.67), (0.99, 1, 0.634), (0.99, 4, 0.98)):
        steps = round(horizons / (1 - gamma))
        near = concepts.rewards_to_go(np.ones(steps), gamma)[0]
        assert near * (1 - gamma) == pytest.approx(share, abs=0.005)


def test_the_little_pole_by_hand():
    coin = np.full((3, 2), 0.5)
    v, q, adv = tabular.evaluate(WORLD, coin, gamma=0.8)
    x = 0.92 / 0.512
    np.testing.assert_allclose(v, [x, 0.7 + 0.48 * x, 0.5 + 0.2 * x])
    np.testing.assert_allclose(concepts.q_from_v(WORLD, v, 0.8), q)
    np.testing.assert_allclose(concepts.mean_over(coin, q), v)
    # And the advantages of waiting, which come at the end of this section:
    np.testing.assert_allclose(adv[:, concepts.WAIT] * 64, [35, 8, 9])


def test_values_are_means_of_rewards_to_go(n=4000):
    values = tabular.evaluate(WORLD, COIN, gamma=0.8)
    for s in range(3):
        mdp = tabular.MDP(WORLD.P, WORLD.R, np.eye(3)[s])
        rng = np.random.default_rng(s)
        episodes = tabular.sample_episodes(mdp, COIN, 60, n, rng)
        returns = 0.8 ** np.arange(60) @ episodes.rew
        for group, value in [(returns == returns, values.v[s])] + [
            (episodes.act[0] == a, values.q[s, a]) for a in (WAIT, PUSH)
        ]:
            error = returns[group].std() / group.sum() ** 0.5
            assert abs(returns[group].mean() - value) < 4 * error + 1e-9


def test_no_policy_beats_the_greedy_one_in_any_state():
    for mdp in (WORLD, tabular.random_mdp(3, 2, ends=0.0, seed=0)):
        q = td.optimal(mdp, gamma=0.8)
        v = concepts.best_of(q)
        np.testing.assert_allclose(concepts.q_from_v(mdp, v, 0.8), q)
        np.testing.assert_allclose(tabular.evaluate(mdp, tabular.greedy(q), 0.8).v, v)
        sure = [np.eye(2)[list(acts)] for acts in product(range(2), repeat=3)]
        v_of, q_of, _ = zip(*(tabular.evaluate(mdp, pi, 0.8) for pi in sure))
        np.testing.assert_allclose(np.max(v_of, axis=0), v)
        np.testing.assert_allclose(np.max(q_of, axis=0), q)
        dice = np.random.default_rng(0).dirichlet([1, 1], size=(50, 3))
        assert (np.array([tabular.evaluate(mdp, pi, 0.8).v for pi in dice]) < v).all()
    np.testing.assert_allclose(
        td.optimal(WORLD, 0.8) * 7, [[25, 16], [15, 20], [7, 10]]
    )


def test_looking_one_step_ahead_brings_tables_closer():
    rng = np.random.default_rng(0)
    for seed in range(20):
        mdp = tabular.random_mdp(4, 3, ends=0.0, seed=seed)
        one, two = rng.normal(size=(2, 4, 3))
        before = abs(one - two).max()
        ahead = (concepts.q_from_v(mdp, concepts.best_of(q), 0.9) for q in (one, two))
        assert abs(next(ahead) - next(ahead)).max() <= 0.9 * before + 1e-12


def test_a_discount_is_a_chance_to_end(gamma=0.8):
    for mdp in (WORLD, tabular.random_mdp(3, 2, ends=0.1, seed=1)):
        P = gamma * mdp.P
        P[:, :, -1] += 1 - gamma
        paid = (mdp.P * mdp.R).sum(axis=2, keepdims=True)  # whether it then ends or not
        mortal = tabular.MDP(P, np.broadcast_to(paid, P.shape), mdp.start)
        for one, other in zip(
            tabular.evaluate(mortal, COIN), tabular.evaluate(mdp, COIN, gamma)
        ):
            np.testing.assert_allclose(one, other)


def test_the_best_action_depends_on_the_steps_that_are_left():
    v, seen = np.zeros(3), []
    for _ in range(5):
        q = concepts.q_from_v(WORLD, v, gamma=1)
        seen.append(q[LEANING].tolist())
        v = concepts.best_of(q)
    assert seen == [[1, 0], [2, 1], [2, 2], [2, 3], [2.5, 3.5]]


def test_from_the_coin_to_the_best_in_two_rounds():
    rounds, pi = [], COIN
    for _ in range(4):
        v, q, adv = tabular.evaluate(WORLD, pi, gamma=0.8)
        np.testing.assert_allclose((pi * adv).sum(axis=1), 0, atol=1e-12)
        rounds.append(v)
        pi = tabular.greedy(q)
    np.testing.assert_allclose(rounds[1], [43 / 15, 9 / 5, 1])
    np.testing.assert_allclose(rounds[2:], np.array([[25, 20, 10]] * 2) / 7)
    assert (np.diff(rounds[:3], axis=0) > 0).all()


def test_exponentials_overflow_and_the_log_probability_does_not():
    with np.errstate(over="ignore", invalid="ignore"):
        exponentials = np.exp(np.array([1000.0, 1000]))
        assert np.isnan(exponentials / exponentials.sum()).all()
    p = concepts.categorical_logp(np.array([[1000.0, 1000]]), np.array([0]))
    np.testing.assert_allclose(p, np.log(0.5))


def test_the_best_of_a_mean_is_not_the_mean_of_the_best():
    q = np.array([[0.0, 1], [1, 0]])  # two outcomes of a toss, two actions
    assert (q.mean(axis=0).max(), q.max(axis=1).mean()) == (0.5, 1)


def test_from_which_discount_on_it_pays_to_push():
    leaning = max(np.roots([1, 2, 1, -2]), key=lambda x: -abs(x.imag)).real
    assert leaning == pytest.approx(0.6956, abs=1e-4)
    for state, gamma in ((LEANING, leaning), (TIPPING, 3**0.5 - 1)):
        for step, best in ((-1e-4, WAIT), (1e-4, PUSH)):
            assert td.optimal(WORLD, gamma + step)[state].argmax() == best


def remembering():
    """Where it will lean, judged from two angles."""
    last = None

    def policy(obs):
        nonlocal last
        turning = 0.0 if last is None else (obs[2] - last) * 50
        last = obs[2]
        return int(obs[2] + 0.5 * turning > 0)

    return policy


def test_who_remembers_one_angle_can_do_without_the_speeds():
    env = cart_pole(0)
    assert [len(by_hand.play(env, remembering())) for _ in range(5)] == [500] * 5


def test_a_bonus_is_harmless_only_without_an_end(c=-1, gamma=0.8):
    endless = tabular.random_mdp(3, 2, ends=0.0, seed=0)
    for mdp, harmless in ((endless, True), (WORLD, False)):
        other = tabular.MDP(mdp.P, mdp.R + c, mdp.start)
        q, shifted = (td.optimal(world, gamma) for world in (mdp, other))
        same = (tabular.greedy(q) == tabular.greedy(shifted)).all()
        assert same == harmless == np.allclose(shifted, q + c / (1 - gamma))
    assert tabular.greedy(shifted)[:, WAIT].all()
    assert concepts.best_of(shifted).tolist() == [0, 0, 0]


def test_the_entropy_of_a_diagonal_gaussian():
    log_std = np.full(6, -0.5)
    each = 0.5 + 0.5 * np.log(2 * np.pi) + log_std
    right = Independent(Normal(torch.zeros(6), torch.full((6,), np.exp(-0.5))), 1)
    assert each.sum() == pytest.approx(right.entropy().item(), rel=1e-5)
    assert each.sum() == pytest.approx(5.514, abs=0.001)
    assert 0.5 + 0.5 * np.log(2 * np.pi) + log_std.sum() == pytest.approx(
        -1.581, abs=0.001
    )
    act = np.exp(-0.5) * np.random.default_rng(0).normal(size=(20_000, 6))
    logp = concepts.gaussian_logp(act, np.zeros_like(act), log_std)
    assert -logp.mean() == pytest.approx(each.sum(), abs=4 * logp.std() / 20_000**0.5)

# tests/book/test_dqn.py: generated from book/offpolicy/dqn.md; edit the chapter. sha256:ab7327f3da09f923
"""Q-learning, what may run away, DQN, and the test episodes of all that have a buffer."""

from itertools import islice

import gymnasium as gym
import numpy as np
import pytest
import torch
from gymnasium.spaces import Box, Discrete
from learning import rows_until
from ranks import on_ranks, one_and_two
from torch.nn.utils import parameters_to_vector
from torch.optim import SGD

from spinup_lit import dqn
from spinup_lit.exact import tabular, td
from spinup_lit.exact.tabular import MDP, evaluate, random_mdp
from spinup_lit.machinery import mpi, offpolicy
from spinup_lit.machinery.envs import EnvBatch, make
from spinup_lit.machinery.errors import UserError
from spinup_lit.machinery.offpolicy import (
    Examiner,
    Played,
    check_bouts,
    check_replay,
    overestimate,
)


def small_agent(module=dqn):
    """A network for four observed numbers and three actions."""
    return module.DeepQ(Box(-1, 1, (4,)), Discrete(3), (16,))


def random_transitions(size, module=dqn):
    rng = torch.Generator().manual_seed(0)
    return module.Transitions(
        obs=torch.randn(size, 4, generator=rng),
        act=torch.randint(3, (size,), generator=rng),
        next_obs=torch.randn(size, 4, generator=rng),
        rew=torch.randn(size, generator=rng),
        terminated=torch.rand(size, generator=rng) < 0.3,
    )


class FourEnds:
    """Four environments whose only step pays 1: two of them terminate, two truncate."""

    obs, steps, num_envs = np.zeros((4, 4), np.float32), 0, 4

    def step(self, act):
        terminated, truncated = np.array([[0, 0, 1, 1], [0, 1, 0, 1]], dtype=bool)
        return self.obs, np.ones(4), terminated, truncated


@torch.no_grad()
def say(q, values):
    """Let a network say the same everywhere."""
    q[-1].weight.zero_()
    q[-1].bias.copy_(torch.tensor(values))


def random_chain(seed):
    """Four states that may end, two features, updates anywhere."""
    rng = np.random.default_rng(seed)
    P = 0.9 * rng.dirichlet(np.ones(4), size=4)
    x, r = rng.normal(size=(4, 2)), rng.normal(size=4)
    return td.Chain(x, P, r, rng.dirichlet(np.ones(4)))


def test_the_corridor_by_hand():
    A, B, C, END = range(4)
    LEFT, RIGHT = range(2)
    q = np.zeros((4, 2))
    for expected in ([0, 0, 4], [0, 1, 6], [1 / 4, 2, 7]):
        for s, rew in ((A, 0), (B, 0), (C, 8)):
            td.learn(q, s, RIGHT, rew, s + 1, eta=1 / 2, gamma=1 / 2)
        assert q[:END, RIGHT].tolist() == expected
    td.learn(q, B, LEFT, 0, A, eta=1 / 2, gamma=1 / 2)
    assert q[B].tolist() == [1 / 16, 2]


def test_a_grid_and_its_best_values():
    world = tabular.gridworld("..G\n.#.\n...")
    best = td.optimal(world, gamma=0.5).max(axis=1)
    np.testing.assert_allclose(best, [1 / 2, 1, 1 / 4, 1, 1 / 8, 1 / 4, 1 / 2])
    assert world.P[0, 0, 0] == 1  # up, into the wall
    assert world.P[1, 1, -1] == 1  # right, onto the goal


def test_q_learning_finds_them_without_ever_trying_to():
    world = tabular.gridworld("..G\n.#.\n...")
    rng = np.random.default_rng(0)
    *_, q = islice(td.q_learning(world, 0.5, lambda n: 0.5, 1.0, rng), 6000)
    np.testing.assert_allclose(q[:-1], td.optimal(world, 0.5), atol=1e-3)
    assert not q[-1].any()


def test_backups_contract_and_their_limit_is_the_best():
    rng, gamma = np.random.default_rng(0), 0.9
    mdp = random_mdp(4, 3, ends=0.1, seed=0)
    for _ in range(100):
        q, other = rng.normal(size=(2, 4, 3))
        closer = abs(td.backup(mdp, q, gamma) - td.backup(mdp, other, gamma)).max()
        assert closer <= gamma * abs(q - other).max() + 1e-12
    best = td.optimal(mdp, gamma)
    every = [np.eye(3)[list(acts)] for acts in np.ndindex(3, 3, 3, 3)]
    of_all = np.max([evaluate(mdp, pi, gamma).q for pi in every], axis=0)
    np.testing.assert_allclose(best, of_all, atol=1e-11)
    with pytest.raises(UserError, match="value iteration needs one below 1"):
        td.optimal(mdp, 1.0)


def test_without_dice_every_round_shrinks_the_error():
    mdp, gamma, eta = tabular.gridworld("..G\n.#.\n..."), 0.9, 0.5
    truth, rng = td.optimal(mdp, gamma), np.random.default_rng(0)
    q = np.vstack([rng.normal(size=truth.shape), np.zeros(4)])
    for _ in range(30):
        before = abs(q[:-1] - truth).max()
        for entry in rng.permutation(truth.size):
            s, a = np.divmod(entry, 4)
            next_s = mdp.P[s, a].argmax()
            td.learn(q, s, a, mdp.R[s, a, next_s], next_s, eta, gamma)
        assert abs(q[:-1] - truth).max() <= (1 - eta * (1 - gamma)) * before + 1e-15


@pytest.mark.parametrize("epsilon", [1.0, 0.3])
def test_with_dice_small_steps_arrive_and_fixed_ones_do_not(epsilon):
    mdp, gamma, rng = random_mdp(3, 2, 0.1, seed=1), 0.5, np.random.default_rng(0)
    error = {}
    for name, eta in (("small", lambda n: n**-0.7), ("fixed", lambda n: 0.5)):
        learning = td.q_learning(mdp, gamma, eta, epsilon, rng)
        late = np.array([q[:-1].copy() for q in islice(learning, 6000)])[5000:]
        error[name] = (abs(late - td.optimal(mdp, gamma)).max((1, 2))).mean()
    assert error["small"] < 0.3 < 0.6 < error["fixed"]


def test_the_star_runs_away_and_stands_without_any_leg():
    star, first = td.baird()
    A, b = td.mean_step(star, gamma=0.99)
    after = np.linalg.matrix_power(np.eye(8) - 0.01 * A, 1000) @ first
    assert np.linalg.norm(first) == pytest.approx(10.34, abs=0.01)
    assert np.linalg.norm(after) == pytest.approx(436.9, abs=0.1)
    assert not b.any()
    assert np.linalg.eigvals(A).real.min() < -0.2
    rng = np.random.default_rng(0)
    *_, sampled = td.sampled_td(star, first, 0.99, 0.01, 1000, rng)
    assert 350 < np.linalg.norm(sampled) < 520
    for stands in (
        star._replace(x=np.eye(7)),
        star._replace(P=0 * star.P),
        star._replace(share=td.visits(star, stop=0.01)),
    ):
        assert np.linalg.eigvals(td.mean_step(stands, 0.99)[0]).real.min() > -1e-12


def test_the_mean_step_is_the_mean_of_steps():
    chain, gamma, w = random_chain(0), 0.9, np.array([0.3, -1.0])
    A, b = td.mean_step(chain, gamma)
    rng = np.random.default_rng(1)
    moved = [next(td.sampled_td(chain, w, gamma, 1.0, 1, rng)) - w for _ in range(4000)]
    error = np.std(moved, axis=0) / len(moved) ** 0.5
    assert (abs(np.mean(moved, axis=0) - (b - A @ w)) < 4 * error).all()


@pytest.mark.parametrize("gamma", [0.4, 0.6, 0.9])
def test_two_states_run_away_above_a_half(gamma):
    path = list(
        td.sampled_td(
            td.two_states(), np.ones(1), gamma, 0.1, 50, np.random.default_rng(0)
        )
    )
    factor = 1 + 0.1 * (2 * gamma - 1)
    np.testing.assert_allclose(np.ravel(path), factor ** np.arange(1, 51))
    assert (path[-1] > 1) == (gamma > 0.5)


@pytest.mark.parametrize("stop", [0.0, 0.1])
def test_on_policy_the_matrix_is_positive(stop):
    """For whole lives and for cut ones, by the constant of the theorem."""
    gamma, rng = 0.9, np.random.default_rng(0)
    for seed in range(20):
        chain = random_chain(seed)
        P = chain.P / chain.P.sum(axis=1, keepdims=True)  # no end
        if stop:
            share = td.visits(chain._replace(P=P), stop)
        else:
            share = np.linalg.matrix_power(P, 1000)[0]
        D, c = np.diag(share), 1 / (1 - stop)
        assert (share @ P <= c * share + 1e-12).all()
        for v in rng.normal(size=(50, len(P))):
            left = v @ D @ (np.eye(len(P)) - gamma * P) @ v
            assert left >= (1 - gamma * c**0.5) * (share @ v**2)


def test_whole_gradients_find_something_else():
    P = np.array([[0, 0.5, 0.5], [0, 0, 0], [0, 0, 0]])
    chain = td.Chain(np.eye(3), P, np.array([0.0, 1, 0]), np.array([2, 1, 1]) / 4)
    np.testing.assert_allclose(td.residual_fit(chain, 1.0), [1 / 2, 3 / 4, 1 / 4])
    A, b = td.mean_step(chain, 1.0)
    np.testing.assert_allclose(np.linalg.solve(A, b), [1 / 2, 1, 0])


def test_only_the_whole_gradient_is_a_gradient():
    P = np.array([[0, 1.0], [0.5, 0]])
    chain = td.Chain(np.eye(2), P, np.zeros(2), np.full(2, 0.5))
    A, _ = td.mean_step(chain, 0.9)
    assert A[0, 1] == pytest.approx(-0.45)
    assert A[1, 0] == pytest.approx(-0.225)


def test_groups_converge_and_least_squares_need_not():
    mdp, gamma = random_mdp(6, 2, 0.1, seed=2), 0.9
    group = np.array([0, 0, 1, 1, 2, 2])

    def fit(y):
        means = np.array([y[group == g].mean(axis=0) for g in range(3)])
        return means[group]

    q, other = np.random.default_rng(0).normal(size=(2, 6, 2))
    rounds = zip(td.frozen(mdp, q, gamma, fit), td.frozen(mdp, other, gamma, fit))
    apart = [abs(a - b).max() for a, b in islice(rounds, 20)]
    assert (np.divide(apart[1:], apart[:-1]) <= gamma + 1e-12).all()

    P = np.array([[[0, 1, 0]], [[0, 1.0, 0]]])
    loop = MDP(P, np.zeros_like(P), np.array([1.0, 0]))
    x = np.array([[1.0], [2.0]])
    for gamma in (0.8, 0.9):
        rounds = td.frozen(loop, x, gamma, lambda y: x @ np.linalg.lstsq(x, y)[0])
        w = [q[0, 0] for q in islice(rounds, 10)]
        np.testing.assert_allclose(w, (1.2 * gamma) ** np.arange(1, 11))
        assert (w[-1] > 1) == (gamma > 5 / 6)


@pytest.mark.parametrize("kappa", [0.0, 0.9, 0.995])
@pytest.mark.parametrize("eta", [0.01, 0.5])
def test_a_slow_copy_does_not_cure(eta, kappa):
    for gamma in (0.45, 0.55):
        G = np.array([[1 - eta, 2 * gamma * eta]])
        G = np.vstack([G, (1 - kappa) * G[0] + [0, kappa]])
        grows = abs(np.linalg.eigvals(G)).max() > 1
        assert grows == (gamma > 0.5)


@pytest.mark.parametrize("gamma", [0.6, 0.9, 0.99])
def test_how_far_off_policy_is_too_far(gamma):
    border = (2 * gamma - 1) / (3 - 2 * gamma)
    for p, stands in ((border - 0.01, False), (border + 0.01, True)):
        A, _ = td.mean_step(td.two_states(p), gamma)
        assert A[0, 0] == pytest.approx(4 * p * (1 - gamma) - (1 - p) * (2 * gamma - 1))
        assert (A[0, 0] > 0) == stands


def targets_of_four_ends(module):
    agent = small_agent(module)
    say(agent.q_target, [6.0, 2.0, -1.0])  # everywhere
    replay = module.Replay(4, Box(-1, 1, (4,)), Discrete(3))
    # One step of each row of the table:
    module.collect(agent, FourEnds(), replay, steps=1, start_steps=0)
    return module.target(agent, replay.rows, gamma=0.5).tolist()


def test_targets_by_hand():
    assert targets_of_four_ends(dqn) == [4, 4, 1, 1]


def expected_step(agent, data, gamma, lr):
    """Parameters after a step of plain gradient descent, from the equations."""
    params = list(agent.q.parameters())
    total = [torch.zeros_like(p) for p in params]
    for obs, act, next_obs, rew, over in zip(*data):
        y = rew.item()
        if not over:
            y += gamma * max(agent.q_target(next_obs).tolist())
        q = agent.q(obs)[act]
        slope = 2 * (q.item() - y)  # of the square
        for sum_, part in zip(total, torch.autograd.grad(q, params)):
            sum_ += slope * part / len(data.rew)
    return [p.detach() - lr * sum_ for p, sum_ in zip(params, total)]


def step_and_expected(module):
    torch.manual_seed(0)
    agent, data = small_agent(module), random_transitions(20, module)
    agent.q_target.load_state_dict(small_agent(module).q.state_dict())
    slow = [p.clone() for p in agent.q_target.parameters()]
    expected = expected_step(agent, data, 0.9, lr=0.5)
    optimizer = SGD(agent.q.parameters(), lr=0.5)
    row = module.update(agent, optimizer, data, gamma=0.9, polyak=0.8)
    return agent, slow, expected, row


def test_an_update_is_the_step_of_the_equations():
    agent, slow, expected, row = step_and_expected(dqn)
    for p, aim in zip(agent.q.parameters(), expected):
        torch.testing.assert_close(p.detach(), aim)
    for p, old, new in zip(agent.q_target.parameters(), slow, expected):
        assert p.grad is None
        torch.testing.assert_close(p, 0.8 * old + 0.2 * new)
    assert row["QVals"].shape == (20,)
    assert row["LossQ"] > 0
    assert row["GradNormQ"] > 0


@pytest.mark.parametrize(
    "mistakes",
    [
        ["dqn:gradient-through-target", "dqn:target-of-its-own"],
        ["dqn:target-of-its-own"],
        ["dqn:no-end"],
    ],
    ids="+".join,
)
def test_wrong_steps_are_found(variant, mistakes):
    wrong = variant("spinup_lit/dqn.py", *mistakes)
    agent, _, expected, _ = step_and_expected(wrong)
    pairs = zip(agent.q.parameters(), expected)
    assert max(abs(p - aim).max().item() for p, aim in pairs) > 1e-3


@pytest.mark.parametrize(
    ("mistake", "targets"),
    [("dqn:truncation-as-death", [4, 1, 1, 1]), ("dqn:no-end", [4, 4, 4, 4])],
)
def test_wrong_targets_are_found(variant, mistake, targets):
    assert targets_of_four_ends(variant("spinup_lit/dqn.py", mistake)) == targets


def test_two_locks_on_one_door(variant):
    same = variant("spinup_lit/dqn.py", "dqn:gradient-through-target")
    agent, _, expected, _ = step_and_expected(same)
    for p, aim in zip(agent.q.parameters(), expected):
        torch.testing.assert_close(p.detach(), aim)


@pytest.mark.parametrize(
    ("steps", "expected"),
    [(0, 1), (100, 1), (150, 0.55), (200, 0.1), (10**9, 0.1)],
)
def test_epsilon_falls_in_a_straight_line(steps, expected):
    assert dqn.epsilon(steps, 100, 100, 0.1) == pytest.approx(expected)
    assert dqn.epsilon(steps, 0, 1, 1.0) == 1


def test_a_part_of_the_actions_is_random():
    torch.manual_seed(0)
    agent, obs = small_agent(), np.zeros((30_000, 4), np.float32)
    with torch.no_grad():
        agent.q[-1].bias.copy_(torch.tensor([0.0, 1, 0]))
        agent.q[-1].weight.zero_()
    agent.epsilon = 0.3
    counts = np.bincount(agent.act(obs)) / len(obs)
    np.testing.assert_allclose(counts, [0.1, 0.8, 0.1], atol=0.01)
    assert (agent.act(obs, deterministic=True) == 1).all()
    assert agent.value(obs[:2]).tolist() == [1, 1]


@pytest.mark.parametrize(
    ("decay", "expected"),
    [
        (1.0, [0.4, 0.3, 0.2, 0.1]),
        (0.5, [0.4, 0.35, 0.3, 0.25]),
        (0.0, [0.4, 0.4, 0.4, 0.4]),
    ],
)
def test_the_learning_rate_falls_in_a_straight_line(decay, expected, monkeypatch):
    rates, update = [], dqn.update

    def noted(agent, optimizer, *rest):
        rates.append(optimizer.param_groups[0]["lr"])
        return update(agent, optimizer, *rest)

    monkeypatch.setattr(dqn, "update", noted)
    turns = {"steps_per_epoch": 8, "update_every": 8, "update_ratio": 1 / 8}
    sizes = {"batch_size": 4, "num_test_episodes": 1, "hidden_sizes": (8,)}
    dqn.dqn(epochs=4, lr=0.4, lr_decay=decay, update_after=8, **turns, **sizes)
    assert rates == pytest.approx(expected)


def best_answer(module, targets):
    """The number with the smallest loss, among many."""
    grid = torch.linspace(0, 10, 1001)
    losses = [module.q_loss(q.expand(len(targets)), targets) for q in grid]
    return grid[torch.stack(losses).argmin()].item()


def test_the_square_finds_the_mean_and_huber_does_not(variant):
    targets = torch.tensor([10.0] * 9 + [0.0])
    assert best_answer(dqn, targets) == pytest.approx(9)
    huber = variant("spinup_lit/dqn.py", "dqn:huber")
    assert best_answer(huber, targets) == pytest.approx(9.89, abs=0.006)


@pytest.mark.parametrize("polyak", [0.0, 0.75, 1.0])
def test_a_copy_follows(polyak):
    fast, slow = torch.nn.Linear(2, 1), torch.nn.Linear(2, 1)
    before = [p.detach().clone() for p in slow.parameters()]
    dqn.track(slow, fast, polyak)
    for old, new, aim in zip(before, slow.parameters(), fast.parameters()):
        torch.testing.assert_close(new, polyak * old + (1 - polyak) * aim)


def test_a_copy_that_hurries_is_found(variant):
    wrong = variant("spinup_lit/dqn.py", "dqn:hasty-copy")
    fast, slow = torch.nn.Linear(1, 1), torch.nn.Linear(1, 1)
    torch.nn.init.ones_(fast.weight)
    torch.nn.init.zeros_(slow.weight)
    wrong.track(slow, fast, 0.75)
    assert slow.weight.item() == 0.75  # and not 0.25


@pytest.mark.parametrize(("polyak", "updates"), [(0.99, 69), (0.995, 138)])
def test_when_half_of_a_copy_is_replaced(polyak, updates):
    fast, slow = torch.nn.Linear(1, 1), torch.nn.Linear(1, 1)
    torch.nn.init.ones_(fast.weight)
    torch.nn.init.zeros_(slow.weight)
    for _ in range(updates):
        dqn.track(slow, fast, polyak)
    assert slow.weight.item() == pytest.approx(0.5, abs=0.002)


def test_double_targets_by_hand(variant):
    double = variant("spinup_lit/dqn.py", "dqn:double-target")
    data = random_transitions(1)._replace(rew=torch.ones(1))
    data.terminated[:] = False
    for module, expected in ((dqn, 1 + 0.5 * 6), (double, 1 + 0.5 * 2)):
        agent = small_agent(module)
        say(agent.q, [0.0, 5, 4])
        say(agent.q_target, [6.0, 2, 3])
        assert module.target(agent, data, 0.5).tolist() == [expected]


def test_double_targets_are_never_larger(variant):
    double = variant("spinup_lit/dqn.py", "dqn:double-target")
    torch.manual_seed(0)
    agent, data = small_agent(), random_transitions(500)
    agent.q_target = small_agent().q
    excess = dqn.target(agent, data, 0.9) - double.target(agent, data, 0.9)
    assert excess.min() == 0 < excess.mean()


def numbered(replay, first, n):
    """Add rows whose columns all tell their number."""
    i = np.arange(first, first + n)
    obs = np.stack([i, -i], axis=1).astype(np.float32)
    replay.add(obs, i, obs + 0.5, i.astype(np.float64), i % 3 == 0)


@pytest.mark.parametrize("n", [1, 3, 4])
def test_the_newest_rows_replace_the_oldest(n):
    torch.manual_seed(0)
    replay = dqn.Replay(10, Box(-1, 1, (2,)), Discrete(5))
    for first in range(0, 24, n):
        numbered(replay, first, n)
        data, total = replay.sample(500), first + n
        kept = range(max(0, total - 10), total)
        assert set(data.act.tolist()) == set(kept)
        i = data.act.float()
        torch.testing.assert_close(data.obs, torch.stack([i, -i], 1))
        torch.testing.assert_close(data.next_obs, data.obs + 0.5)
        torch.testing.assert_close(data.rew, i)
        assert torch.equal(data.terminated, data.act % 3 == 0)


def test_rows_are_drawn_equally_often():
    torch.manual_seed(0)
    replay = dqn.Replay(10, Box(-1, 1, (2,)), Discrete(5))
    numbered(replay, 0, 4)
    counts = np.bincount(replay.sample(40_000).act, minlength=10)
    np.testing.assert_allclose(counts, [10_000] * 4 + [0] * 6, atol=400)


def test_a_row_is_a_copy():
    replay = dqn.Replay(3, Box(-1, 1, (2,)), Box(-1, 1, (1,)))
    obs, act = np.ones((1, 2), np.float32), np.ones((1, 1), np.float32)
    replay.add(obs, act, obs, np.ones(1), np.ones(1, dtype=bool))
    obs[:], act[:] = 7, 7
    data = replay.sample(1)
    assert data.obs.tolist() == data.next_obs.tolist() == [[1, 1]]
    assert data.act.tolist() == [[1]]


class Hall(gym.Env):
    """Five places in a row; beyond the last one is a door, and beyond it a reward of 1.

    It shows the place, as five numbers, and the episode, in thousandths.
    """

    observation_space, action_space = Box(-np.inf, np.inf, (6,)), Discrete(2)
    episode = 0

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.episode += 1
        self.place = int(self.np_random.integers(5))
        return self.look(), {}

    def step(self, action):
        self.place = max(self.place + (1 if action else -1), 0)
        over = self.place == 5
        return self.look(), float(over), over, False, {}

    def look(self):
        return np.append(np.eye(6)[self.place][:5], self.episode / 1000).astype(
            np.float32
        )


gym.register("Hall-v0", Hall, max_episode_steps=4)


def collected(module):
    """The rows of four hundred steps at random."""
    torch.manual_seed(0)
    envs = EnvBatch("Hall-v0", 2, seed=0)
    replay = module.Replay(400, envs.obs_space, envs.act_space)
    module.collect(None, envs, replay, 200, start_steps=400)
    return replay.rows


def test_rows_are_of_one_episode_and_only_the_door_is_the_end():
    rows = collected(dqn)
    assert torch.equal(rows.obs[:, 5], rows.next_obs[:, 5])
    beyond = (rows.next_obs[:, :5] == 0).all(1)
    assert torch.equal(rows.terminated, beyond)
    assert torch.equal(rows.terminated.float(), rows.rew)
    assert 0 < beyond.sum() < (rows.obs[2:, 5] != rows.obs[:-2, 5]).sum()


@pytest.mark.parametrize(
    ("mistake", "of_one_episode", "marked_right"),
    [("dqn:truncation-as-death", True, False), ("dqn:next-episode", False, True)],
)
def test_wrong_ends_are_found(variant, mistake, of_one_episode, marked_right):
    rows = collected(variant("spinup_lit/dqn.py", mistake))
    assert torch.equal(rows.obs[:, 5], rows.next_obs[:, 5]) == of_one_episode
    assert torch.equal(rows.terminated.float(), rows.rew) == marked_right


def test_first_actions_are_random_and_later_ones_the_agents():
    class Right:
        def act(self, obs):
            return np.ones(len(obs), dtype=np.int64)

    torch.manual_seed(0)
    envs = EnvBatch("Hall-v0", 2, seed=0)
    replay = dqn.Replay(200, envs.obs_space, envs.act_space)
    dqn.collect(Right(), envs, replay, 100, start_steps=100)
    act = replay.rows.act
    assert 20 < act[:100].sum() < 80
    assert act[100:].all()


def test_a_bout_becomes_one_row():
    rows = [
        {"QVals": [1.0, 2], "LossQ": 1.0, "Rare": np.nan, "Never": np.nan},
        {"QVals": [3.0, 4], "LossQ": 2.0, "Rare": 5.0, "Never": np.nan},
    ]
    found = [{name: torch.tensor(x) for name, x in row.items()} for row in rows]
    row = dqn.over_updates(found)
    assert row["QVals"].tolist() == [1, 2, 3, 4]
    assert (row["Updates"], row["LossQ"], row["Rare"]) == (2, 1.5, 5)
    assert np.isnan(row["Never"])


def one_update(module):
    """What this rank makes of its share of a batch: parameters, and what it logs."""
    torch.manual_seed(mpi.proc_id())  # only sync_params makes the ranks agree
    agent = small_agent(module)
    mpi.sync_params(agent)
    size = 64 // mpi.num_procs()
    mine = slice(size * mpi.proc_id(), size * (mpi.proc_id() + 1))
    data = module.Transitions(*(x[mine] for x in random_transitions(64)))
    row = module.update(agent, SGD(agent.q.parameters(), 0.1), data, 0.99, 0.5)
    vector = parameters_to_vector(agent.parameters()).detach()
    return vector, module.over_updates([row])


def test_two_ranks_take_the_step_of_one():
    one, two = one_and_two(lambda: one_update(dqn))
    np.testing.assert_allclose(one, two, rtol=1e-5, atol=1e-6)


def test_ranks_that_drift_apart_are_found(variant):
    wrong = variant("spinup_lit/dqn.py", "dqn:every-rank-for-itself")
    with pytest.raises(AssertionError, match="drifted apart"):
        one_and_two(lambda: one_update(wrong))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"replay_size": 1001}, "replay_size is 1001, which 2 ranks .*; 1002 would do"),
        ({"batch_size": 7}, "batch_size is 7, which 2 ranks cannot .*; 8 would do"),
        ({"replay_size": 2}, "replay_size is 2; 4 environments make 4 transitions"),
        ({"replay_size": 10**15}, "many transitions of CartPole-v1 need 45000000.0 GB"),
    ],
)
def test_buffers_that_do_not_fit_are_refused(arguments, message):
    right = {"replay_size": 1000, "batch_size": 8, "num_envs": 4, "ranks": 2}
    right["env"] = "CartPole-v1"
    check_replay(**right)
    with pytest.raises(UserError, match=message):
        check_replay(**(right | arguments))


def test_the_advice_on_the_size_of_a_buffer_fits(monkeypatch):
    pages = {"SC_PAGE_SIZE": 4500, "SC_PHYS_PAGES": 1_000_000}
    monkeypatch.setattr("spinup_lit.machinery.offpolicy.os.sysconf", pages.get)
    with pytest.raises(UserError, match=r"has 4\.5 GB; 50,000,000 would take half"):
        check_replay("CartPole-v1", 1, 100_000_001, 1, 1)
    check_replay("CartPole-v1", 1, 100_000_000, 1, 1)
    for env, row in (("CartPole-v1", 45), ("Pendulum-v1", 33)):
        with make(env) as made:
            columns = dqn.Replay(1, made.observation_space, made.action_space).rows
        assert sum(column.nbytes for column in columns) == row


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"update_every": 6}, "is 6; 4 environments take 4 steps .* 8 would do"),
        ({"update_every": 12}, "steps_per_epoch is 100; .* so 108 would do"),
        (
            {"update_after": 101},
            "is 101; updates must begin in the first epoch, .* 100",
        ),
        (
            {"update_ratio": 0.33},
            "is 0.33; 20 steps .* would make 6.6 updates, .* whole",
        ),
        ({"update_ratio": 0.01}, "is 0.01; 20 steps at a time would make 0.2 updates"),
        ({"num_test_episodes": 1}, "is 1; each of 2 ranks plays one or more"),
    ],
)
def test_turns_that_do_not_come_out_even_are_refused(arguments, message):
    right = {
        "num_envs": 4,
        "steps_per_epoch": 100,
        "update_after": 100,
        "update_every": 20,
        "update_ratio": 0.25,
        "num_test_episodes": 2,
        "ranks": 2,
    }
    check_bouts(**right)
    check_bouts(**(right | {"update_ratio": 1}))
    check_bouts(**(right | {"update_every": 100, "update_ratio": 0.29}))  # 28.999…
    with pytest.raises(UserError, match=message):
        check_bouts(**(right | arguments))


class Hopeful:
    """Expects the same everywhere, and always pushes to one side."""

    def act(self, obs, deterministic=False):
        return np.zeros(len(obs), dtype=np.int64)

    def value(self, obs):
        return np.full(len(obs), 10.0)


class Balancing(Hopeful):
    """Pushes to the side to which the pole falls."""

    def act(self, obs, deterministic=False):
        return (obs[:, 2] + obs[:, 3] > 0).astype(np.int64)


def test_bias_by_hand(variant):
    played = Played(
        obs=np.zeros((2, 2, 1)),
        rew=np.array([[4.0, 4], [2, 0]]),
        length=np.array([2, 1]),
        last_obs=np.zeros((2, 1)),
        terminated=np.array([True, False]),
    )
    assert overestimate(Hopeful(), played, 0.5).tolist() == [5, 1]
    wrong = variant("spinup_lit/machinery/offpolicy.py", "dqn:limit-as-end")
    assert wrong.overestimate(Hopeful(), played, 0.5).tolist() == [5, 6]


def test_episodes_are_played_to_their_ends():
    played = Examiner("CartPole-v1", 3, seed=0).play(Hopeful(), epoch=0)
    assert played.terminated.all()
    np.testing.assert_array_equal(played.rew.sum(0), played.length)
    assert len(played.rew) == played.length.max()
    for i, length in enumerate(played.length):
        assert abs(played.obs[length - 1, i, 2]) <= 0.2095 < abs(played.last_obs[i, 2])
    again = Examiner("CartPole-v1", 3, seed=0).play(Hopeful(), epoch=0)
    other = Examiner("CartPole-v1", 3, seed=0).play(Hopeful(), epoch=1)
    np.testing.assert_array_equal(again.obs, played.obs)
    assert (other.obs[0] != played.obs[0]).all()


def test_an_episode_that_never_ends_is_cut(monkeypatch):
    monkeypatch.setattr(offpolicy, "LONGEST", 12)
    played = Examiner("CartPole-v1", 2, seed=0).play(Balancing(), epoch=0)
    assert played.length.tolist() == [12, 12] and played.rew.shape == (12, 2)
    assert not played.terminated.any()


def test_episodes_are_the_same_on_any_number_of_ranks():
    def returns():
        examiner = Examiner("CartPole-v1", 5, seed=0)
        row = examiner.test(Hopeful(), epoch=3, gamma=0.9)
        return row["TestEpRet"], row["TestEpLen"], row["QBias"]

    (whole,), parts = on_ranks(1, returns), on_ranks(2, returns)
    for i in (0, 2):
        joined = np.concatenate([part[i] for part in parts])
        np.testing.assert_allclose(np.sort(joined), np.sort(whole[i]))
    assert {part[1] for part in parts} == {whole[1]}


HALL = 0.8 ** np.array([[5, 4], [5, 3], [4, 2], [3, 1], [2, 0]])


def hall_values(module):
    """What a network has learned about the hall, (5, 2)."""
    sizes = {"hidden_sizes": (32,), "batch_size": 32, "num_test_episodes": 1}
    turns = {"start_steps": 600, "update_after": 100, "update_every": 1}
    agent = module.dqn(
        "Hall-v0",
        epochs=2,
        steps_per_epoch=300,
        gamma=0.8,
        polyak=0.9,
        lr=1e-2,
        update_ratio=1.0,
        **sizes,
        **turns,
    )
    obs = np.append(np.eye(5), np.full((5, 1), 0.1), axis=1)
    with torch.no_grad():
        return agent.q(torch.from_numpy(obs).float()).numpy()


def test_dqn_finds_the_values_of_the_hall():
    np.testing.assert_allclose(hall_values(dqn), HALL, atol=0.02)


def test_with_truncation_as_death_it_does_not(variant):
    wrong = variant("spinup_lit/dqn.py", "dqn:truncation-as-death")
    assert (HALL - hall_values(wrong)).max() > 0.15


@pytest.mark.long
def test_dqn_learns_cartpole():
    rows_until(400, dqn.dqn, "AverageTestEpRet", seed=0)

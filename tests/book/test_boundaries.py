# tests/book/test_boundaries.py: generated from book/depth/boundaries.md; edit the chapter. sha256:142e8397cc94af49
"""Boundaries of episodes: theorems on exact expectations, and every algorithm."""

from functools import partial
from types import SimpleNamespace

import gymnasium as gym
import numpy as np
import pytest
import torch
from gymnasium.spaces import Box, Discrete
from gymnasium.vector import SyncVectorEnv
from torch.distributions import Categorical

from spinup_lit import ppo, trpo, vpg
from spinup_lit.exact.tabular import (
    MDP,
    all_episodes,
    evaluate,
    evaluate_horizon,
    random_mdp,
)
from spinup_lit.machinery.envs import EnvBatch, make


class Steady(gym.Env):
    """Nothing changes, and every step is worth 1."""

    observation_space, action_space = Box(-1, 1, (1,)), Discrete(2)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return np.zeros(1, dtype=np.float32), {}

    def step(self, action):
        return np.zeros(1, dtype=np.float32), 1.0, False, False, {}


gym.register("Steady-v0", Steady, max_episode_steps=10)


class Fork(gym.Env):
    """The fork: left pays 1 and then 1 per step, right costs 6 and then pays 2."""

    observation_space, action_space = Box(0, 1, (3,)), Discrete(2)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.place = 0
        return self.look(), {}

    def step(self, action):
        rew = [-6.0 if action else 1.0, 1.0, 2.0][self.place]
        self.place = self.place or 1 + int(action)
        return self.look(), rew, False, False, {}

    def look(self):
        return np.eye(3, dtype=np.float32)[self.place]


gym.register("Fork-v0", Fork, max_episode_steps=10)


class Tally(gym.Env):
    """Observes the number of the episode and of the step."""

    observation_space, action_space = Box(0, 99, (2,)), Discrete(2)
    episode = -1

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.episode, self.t = self.episode + 1, 0
        return np.float32([self.episode, self.t]), {}

    def step(self, action):
        self.t += 1
        return np.float32([self.episode, self.t]), 1.0, False, False, {}


gym.register("Tally-v0", Tally, max_episode_steps=12)


MODULES = [vpg, trpo, ppo]
TRAIN = [vpg.vpg, trpo.trpo, partial(ppo.ppo, minibatch_size=10)]


def balance(obs):
    """Actions that keep the poles of CartPole up."""
    return (obs[:, 2] + obs[:, 3] / 2 > 0).astype(int)


def draw_uniformly(obs):
    return Categorical(logits=torch.zeros(len(obs), 2)).sample().numpy()


UNIFORM = SimpleNamespace(act=draw_uniformly)  # for a rollout, as good as any agent


def mistaken(variant, module, mistake):
    """The module of an algorithm with a mistake in it."""
    return variant(f"spinup_lit/{module.__name__.split('.')[1]}.py", mistake)


@pytest.mark.parametrize(
    ("env", "limit", "policy"),
    [
        ("CartPole-v1", 500, balance),
        ("Pendulum-v1", 200, lambda obs: np.zeros((1, 1), dtype=np.float32)),
        ("HalfCheetah-v5", 1000, lambda obs: np.zeros((1, 6), dtype=np.float32)),
    ],
)
def test_a_clock_truncates_after_so_many_steps(env, limit, policy):
    envs = EnvBatch(env, num_envs=1, seed=0)
    steps = [envs.step(policy(envs.obs)) for _ in range(limit)]
    assert not any(step.terminated[0] for step in steps)
    assert [step.truncated[0] for step in steps] == [False] * (limit - 1) + [True]


CLOCKS = {  # state is (T + 1, N); place 3 is the end
    "limit": lambda state: np.arange(4)[:, None] + 0 * state[1:] == 2,
    "place": lambda state: state[1:] == 1,
    "foresight": lambda state: np.pad(state[2:] == 3, ((0, 1), (0, 0))),
}


def all_estimates(gae, v, episodes, truncated, gamma, lam):
    """Estimates for all steps (T, N) of a list of episodes, cut where the mask says."""
    state, end = episodes.state, len(v)
    val = np.append(v, 0.0)[state]
    terminated = (state[1:] == end) & (state[:-1] < end)
    return gae(episodes.rew, val[:-1], val[1:], terminated, truncated, gamma, lam)


def mean_by_first_step(x, episodes, shape):
    """The exact expectation of x (N,) given the first state and action."""
    first = episodes.state[0], episodes.act[0]
    total, weight = np.zeros((2, *shape))
    np.add.at(total, first, episodes.weight * x)
    np.add.at(weight, first, episodes.weight)
    return total / weight


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("clock", CLOCKS)
@pytest.mark.parametrize("lam", [0.0, 0.6, 1.0])
def test_no_clock_biases_the_estimate_unless_it_knows_the_future(module, clock, lam):
    mdp, pi = random_mdp(3, 2, ends=0.2, seed=0), np.array([[0.3, 0.7]] * 3)
    mdp.R[:, :, -1] = -5
    truth, episodes = evaluate(mdp, pi, 0.9), all_episodes(mdp, pi, horizon=4)
    cut = CLOCKS[clock](episodes.state)
    adv = all_estimates(module.gae, truth.v, episodes, cut, 0.9, lam)
    error = mean_by_first_step(adv[0], episodes, (3, 2)) - truth.adv
    if clock == "foresight" and lam > 0:
        assert error.min() > 0.05  # too good, everywhere
    else:
        np.testing.assert_allclose(error, 0, atol=1e-12)


def test_one_step_is_the_bellman_equation_of_the_task_for_any_values():
    mdp, pi = random_mdp(3, 2, ends=0.2, seed=1), np.array([[0.3, 0.7]] * 3)
    episodes, v = all_episodes(mdp, pi, horizon=2), np.array([3.0, -1.0, 2.0])
    expected = (mdp.P * (mdp.R + 0.9 * np.append(v, 0.0))).sum(axis=2)
    for cut in (False, True):
        truncated = np.full(episodes.rew.shape, cut)
        adv = all_estimates(vpg.gae, v, episodes, truncated, 0.9, 0.0)
        target = mean_by_first_step(adv[0], episodes, (3, 2)) + v[:, None]
        np.testing.assert_allclose(target, expected, rtol=1e-12)


def clock_rate(mdp, pi, limit):
    """Part of the steps in each state that are the last by the clock, (S,)."""
    P = np.einsum("sa,sak->sk", pi, mdp.P)[:, :-1]
    visits = [mdp.start]
    for _ in range(limit - 1):
        visits.append(visits[-1] @ P)
    return visits[-1] / np.sum(visits, axis=0)


def with_death(mdp, rate):
    """The world in which each step from s is the last with probability rate[s], too."""
    P = (1 - rate[:, None, None]) * mdp.P
    P[:, :, -1] += rate[:, None]
    r = (mdp.P * mdp.R).sum(axis=2, keepdims=True)
    return MDP(P, np.broadcast_to(r, P.shape), mdp.start)


@pytest.mark.parametrize("right", MODULES)
def test_death_by_the_clock_is_the_value_of_another_world(variant, right):
    mdp, pi = random_mdp(3, 2, ends=0.2, seed=2), np.array([[0.3, 0.7]] * 3)
    wrong = mistaken(variant, right, "advantages:truncation-as-death")
    episodes, truth = all_episodes(mdp, pi, horizon=4), evaluate(mdp, pi, 0.9).v
    other = evaluate(with_death(mdp, clock_rate(mdp, pi, 4)), pi, 0.9).v
    assert abs(other - truth).max() > 0.05
    limit = np.zeros(episodes.rew.shape, dtype=bool)
    limit[-1] = True
    here = np.eye(4)[episodes.state[:-1], :3] * episodes.weight[:, None]  # (T, N, S)
    for gae, v, lam in [
        (wrong.gae, other, 0.0),
        (right.gae, truth, 0.0),
        (right.gae, truth, 0.9),
    ]:
        adv = all_estimates(gae, v, episodes, limit, 0.9, lam)
        np.testing.assert_allclose(np.einsum("tn,tns", adv, here), 0, atol=1e-12)


class Constant(torch.nn.Module):
    """A value function that is one number."""

    number = 0.0

    def forward(self, obs):
        return torch.full(obs.shape[:-1], self.number)


def learned_value(module, gamma, lam):
    """Fit one number to its own targets, on ten steps of ten, until it stands still."""
    batch = module.rollout(UNIFORM, EnvBatch("Steady-v0", 1, seed=0), 100)
    v = Constant()
    for _ in range(300):
        v.number = module.estimate(v, batch, gamma, lam).ret.mean().item()
    return v.number


def mistaken_value(gamma, lam, limit):
    """The learned value of reward 1 per step if the limit counts as death."""
    x = gamma * lam
    kappa = (1 - x**limit) / (limit - x * (1 - x**limit) / (1 - x))
    return 1 / (1 - gamma + gamma * kappa)


@pytest.mark.parametrize("right", MODULES)
@pytest.mark.parametrize("lam", [0.0, 0.5, 1.0])
def test_the_learned_value_is_the_predicted_one(variant, right, lam):
    wrong = mistaken(variant, right, "advantages:truncation-as-death")
    assert learned_value(right, 0.9, lam) == pytest.approx(10, rel=1e-5)
    expected = mistaken_value(0.9, lam, 10)
    assert learned_value(wrong, 0.9, lam) == pytest.approx(expected, rel=1e-5)


def test_the_table_of_the_text():
    parts = [
        [(1 - gamma) * mistaken_value(gamma, lam, limit) for lam in (0, 0.97, 1)]
        for gamma, limit in [(0.99, 100), (0.99, 1000), (0.999, 1000)]
    ]
    expected = [[0.50, 0.44, 0.37], [0.91, 0.91, 0.90], [0.50, 0.49, 0.37]]
    np.testing.assert_allclose(parts, expected, atol=0.005)


def fork():
    """State 0: left (action 0) to a field that pays 1, right to one that pays 2."""
    P, R = np.zeros((2, 3, 2, 4))
    P[0, 0, 1] = P[0, 1, 2] = P[1, :, 1] = P[2, :, 2] = 1
    R[0, 0], R[0, 1], R[1], R[2] = 1, -6, 1, 2
    return MDP(P, R, np.eye(3)[0])


def test_the_mistake_changes_the_best_action():
    mdp, pi = fork(), np.full((3, 2), 0.5)
    truth = evaluate(mdp, pi, 0.9)
    np.testing.assert_allclose(truth.v[1:], [10, 20])
    np.testing.assert_allclose(truth.q[0], [10, 12])
    rate = clock_rate(mdp, pi, 10)
    np.testing.assert_allclose(rate, [0, 1 / 9, 1 / 9])
    death = evaluate(with_death(mdp, rate), pi, 0.9)
    np.testing.assert_allclose(death.v[1:], [5, 10])
    np.testing.assert_allclose(death.q[0], [5.5, 3])


@pytest.mark.long
@pytest.mark.parametrize(
    ("mistake", "way", "values"), [(False, 1, [10, 20]), (True, 0, [3.95, 7.91])]
)
def test_the_mistake_changes_what_is_learned(variant, mistake, way, values):
    wrong = mistaken(variant, vpg, "advantages:truncation-as-death")
    ac = (wrong if mistake else vpg).vpg(
        "Fork-v0",
        hidden_sizes=(),
        steps_per_epoch=160,
        epochs=60,
        gamma=0.9,
        pi_lr=2e-2,
        vf_lr=0.1,
    )
    with torch.no_grad():
        places = torch.eye(3)
        assert ac.pi(places).probs[0, way] > 0.9
        np.testing.assert_allclose(ac.v(places)[1:], values, rtol=0.02)


def with_time(mdp, limit):
    """The world whose states are pairs of time and state, number t S + s."""
    S, A = mdp.P.shape[:2]
    P, R = np.zeros((2, limit * S, A, limit * S + 1))
    for t in range(limit):
        rows, following = slice(t * S, (t + 1) * S), slice((t + 1) * S, (t + 2) * S)
        if t + 1 < limit:
            P[rows, :, following] = mdp.P[:, :, :-1]
        P[rows, :, -1] += 1 - P[rows, :, :-1].sum(axis=2)
        R[rows] = (mdp.P * mdp.R).sum(axis=2, keepdims=True)
    return MDP(P, R, np.eye(limit)[0].repeat(S) * np.tile(mdp.start, limit))


def test_a_deadline_is_a_termination_in_a_larger_world():
    mdp, pi = random_mdp(3, 2, ends=0.1, seed=4), np.array([[0.3, 0.7]] * 3)
    larger = evaluate(with_time(mdp, 5), np.tile(pi, (5, 1)), 0.9)
    by_time = evaluate_horizon(mdp, pi, 5, 0.9)
    np.testing.assert_allclose(larger.v, by_time.v.ravel(), rtol=1e-12)
    np.testing.assert_allclose(larger.q, by_time.q.reshape(-1, 2), rtol=1e-12)


def test_a_deadline_shows_the_time_and_terminates():
    envs = EnvBatch("deadline:CartPoleDeadline-v0", num_envs=1, seed=0)
    assert envs.obs_space.shape == (5,)
    for t in range(500):
        assert envs.obs[0, 4] == pytest.approx(t / 500)
        step = envs.step(balance(envs.obs))
        assert step.next_obs[0, 4] == pytest.approx((t + 1) / 500)
        assert (step.terminated[0], step.truncated[0]) == (t == 499, False)
    assert envs.obs[0, 4] == 0


@pytest.mark.parametrize("train", TRAIN)
def test_every_algorithm_accepts_it(train):
    ac = train("deadline:CartPoleDeadline-v0", epochs=1, steps_per_epoch=240)
    assert ac.v(torch.zeros(5)).isfinite()


RETURNED = {
    "NextStep": ["0:1 +1", "0:2 +1", "0:3 +1 truncated", "1:0 +0", "1:1 +1"],
    "SameStep": ["0:1 +1", "0:2 +1", "1:0 +1 truncated, final 0:3", "1:1 +1", "1:2 +1"],
    "Disabled": ["0:1 +1", "0:2 +1", "0:3 +1 truncated", "1:1 +1", "1:2 +1"],
}


@pytest.mark.parametrize("mode", RETURNED)
def test_what_the_modes_return(mode):
    envs = SyncVectorEnv(
        [lambda: make("Tally-v0", max_episode_steps=3)], autoreset_mode=mode
    )
    envs.reset()
    lines = []
    for _ in range(5):
        obs, rew, _, truncated, info = envs.step(np.zeros(1, dtype=int))
        lines.append("{:.0f}:{:.0f} +{:.0f}".format(*obs[0], rew[0]))
        if truncated[0]:
            lines[-1] += " truncated"
            if mode == "Disabled":
                envs.reset(options={"reset_mask": truncated})
        if "final_obs" in info:
            lines[-1] += ", final {:.0f}:{:.0f}".format(*info["final_obs"][0])
    assert lines == RETURNED[mode]


RIGHT = {  # what happens at step 0 and at step 1: the estimates for both
    ("goes on", "goes on"): (5.5, 2),  # the epoch cuts a running episode
    ("terminated", "goes on"): (2, 2),
    ("truncated", "goes on"): (6, 2),
    ("both", "goes on"): (2, 2),
    ("goes on", "terminated"): (4.25, -3),
    ("goes on", "truncated"): (5.5, 2),
    ("goes on", "both"): (4.25, -3),
}
WRONG = {  # by mistake: the entries of the table above that it changes
    "advantages:truncation-as-death": {
        ("truncated", "goes on"): (2, 2),
        ("goes on", "truncated"): (4.25, -3),
    },
    "advantages:credit-across-episodes": {("truncated", "goes on"): (6.5, 2)},
    "advantages:value-after-the-restart": {("truncated", "goes on"): (5, 2)},
    "boundaries:present-value": {
        ("truncated", "goes on"): (3, 2),
        ("goes on", "truncated"): (5, 0),
    },
    "boundaries:clock-before-death": {
        ("both", "goes on"): (6, 2),
        ("goes on", "both"): (5.5, 2),
    },
    "boundaries:batch-before-death": {
        ("goes on", "terminated"): (5.5, 2),
        ("goes on", "both"): (5.5, 2),
    },
    "boundaries:batch-as-death": {
        ("goes on", "goes on"): (4.25, -3),
        ("terminated", "goes on"): (2, -3),
        ("truncated", "goes on"): (6, -3),
        ("both", "goes on"): (2, -3),
        ("goes on", "truncated"): (4.25, -3),
    },
}


EVENTS = {  # (terminated, truncated)
    "goes on": (False, False),
    "terminated": (True, False),
    "truncated": (False, True),
    "both": (True, True),
}


def all_cases(module):
    """The estimates of a module for the cases of the matrix, (7, 2)."""
    flags = np.array([[EVENTS[event] for event in case] for case in RIGHT])
    ends = flags[:, 0].any(axis=1)
    values = [[[2, 6], [8 if end else 6, 10]] for end in ends]
    obs, next_obs = np.float32(values).transpose(1, 2, 0)[..., None]
    batch = module.Batch(
        obs=obs,
        act=np.zeros(obs.shape[:2], dtype=np.int64),
        rew=np.outer([4.0, 3.0], np.ones(len(RIGHT))),
        next_obs=next_obs,
        terminated=flags[:, :, 0].T,
        truncated=flags[:, :, 1].T,
    )
    v = torch.nn.Flatten(-2)  # the value of an observation is its component
    v.forward = lambda obs: obs[..., 0]
    data = module.estimate(v, batch, gamma=0.5, lam=0.5)
    adv = data.ret - data.obs[:, 0]
    expected = (adv - adv.mean()) / adv.std(correction=0)
    torch.testing.assert_close(data.adv, expected)
    return adv.numpy().reshape(2, -1).T


@pytest.mark.parametrize("module", MODULES)
def test_every_boundary_in_every_algorithm(module):
    np.testing.assert_array_equal(all_cases(module), list(RIGHT.values()))


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("mistake", WRONG)
def test_every_mistake_is_found(variant, module, mistake):
    wrong = all_cases(mistaken(variant, module, mistake))
    expected = list((RIGHT | WRONG[mistake]).values())
    np.testing.assert_array_equal(wrong, expected)


def test_the_next_observation_is_of_the_same_episode(variant):
    wrong = variant("spinup_lit/machinery/envs.py", "boundaries:reset-observation")
    for envs, right in ((EnvBatch, True), (wrong.EnvBatch, False)):
        batch = vpg.rollout(UNIFORM, envs("Tally-v0", 2, seed=0), 30)
        same = batch.next_obs[..., 0] == batch.obs[..., 0]
        assert same.all() == right
        assert batch.truncated.sum() == 4


class Wavy(torch.nn.Module):
    """A value function that depends on the episode and its step."""

    def forward(self, obs):
        return torch.cos(obs[..., 0] + 2 * obs[..., 1])


def estimates_of(module, envs, lengths, lam):
    """Estimates (T, N) of consecutive rollouts of these lengths, each on its own."""
    parts = []
    for steps in lengths:
        batch = module.rollout(UNIFORM, envs, steps)
        v = Wavy()
        ret = module.estimate(v, batch, 0.9, lam).ret.numpy().reshape(steps, -1)
        parts.append(ret - v(torch.from_numpy(batch.obs)).numpy())
    return np.concatenate(parts)


@pytest.mark.parametrize("module", MODULES)
def test_an_episode_longer_than_an_epoch_gives_the_same_estimates(module):
    whole, cut, td, td_cut = (
        estimates_of(module, EnvBatch("Tally-v0", 2, seed=0), lengths, lam)
        for lam in (0.8, 0.0)
        for lengths in ([12], [5, 5, 2])
    )
    np.testing.assert_allclose(td_cut, td, atol=1e-6)
    for t, end in enumerate([5] * 5 + [10] * 5):
        expected = cut[t] + 0.72 ** (end - t) * whole[end]
        np.testing.assert_allclose(whole[t], expected, atol=1e-6)
    np.testing.assert_allclose(whole[10:], cut[10:], atol=1e-6)


@pytest.mark.parametrize("module", MODULES)
def test_a_program_that_starts_afresh_never_sees_the_rest(variant, module):
    wrong = mistaken(variant, module, "boundaries:fresh-start")
    for program, steps in ((module, range(15)), (wrong, [0, 1, 2, 3, 4] * 3)):
        envs = EnvBatch("Tally-v0", 2, seed=0)
        batches = [program.rollout(UNIFORM, envs, 5) for _ in range(3)]
        seen = np.concatenate([batch.obs[:, 0, 1] for batch in batches])
        np.testing.assert_array_equal(seen, np.array(steps) % 12)


@pytest.mark.parametrize("train", TRAIN)
def test_epochs_without_a_finished_episode(train, tmp_path):
    sizes = {"num_envs": 2, "steps_per_epoch": 10, "epochs": 4}
    train("Tally-v0", **sizes, output_dir=tmp_path)
    table = np.genfromtxt(tmp_path / "progress.txt", delimiter="\t", names=True)
    nan = np.nan
    np.testing.assert_array_equal(table["EpLen"], [nan, nan, 12, 12])
    np.testing.assert_array_equal(table["AverageEpRet"], [nan, nan, 12, 12])
    assert np.isfinite(table["LossV"]).all()
    assert np.isfinite(table["KL"]).all()


def test_it_is_too_late_with_four_steps_left():
    P, R = np.zeros((2, 2, 2, 3))
    P[0, 0, 0] = P[0, 1, 1] = P[1, :, 1] = 1
    R[0, 0], R[0, 1], R[1] = 1, -2, 2
    v, moves = np.zeros(3), []
    for _ in range(10):  # one step left, two, ...
        q = (P * (R + 0.9 * v)).sum(axis=2)
        moves.append(bool(q[0, 1] > q[0, 0]))
        v[:-1] = q.max(axis=1)
    assert moves == [False] * 4 + [True] * 6

# tests/book/test_environments.py: generated from book/machinery/environments.md; edit the chapter. sha256:deab63cac116dcea
"""Batches of environments against one environment in one loop."""

import json
from unittest.mock import Mock

import gymnasium as gym
import numpy as np
import pytest
import torch
from gymnasium.spaces import Box, Dict, Discrete, MultiDiscrete
from torch.distributions import Categorical, Normal

from spinup_lit.machinery import envs, mpi
from spinup_lit.machinery.envs import (
    EnvBatch,
    check_answers,
    check_batch,
    check_bounded,
    check_discrete,
    check_reach,
    make,
    random_actions,
)
from spinup_lit.machinery.errors import UserError
from spinup_lit.machinery.training import Agent
from spinup_lit.vpg import Batch, rollout


class Echo(gym.Env):
    """An environment with these spaces that observes the last action."""

    def __init__(self, obs=None, act=None):
        self.observation_space = obs or Box(-9, 9, (2,))
        self.action_space = act or Discrete(2)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return np.zeros(2, dtype=np.float32), {}

    def step(self, action):
        return np.array(action, dtype=np.float32), 0.0, False, False, {}


gym.register("Echo-v0", Echo)
bounded = {"act": Box(np.float32([-1, -2]), np.float32([1, 0.5]))}
gym.register("EchoBounded-v0", Echo, kwargs=bounded)
coarse = {"act": Box(-1, 1, (2,), dtype=np.float16)}
gym.register("EchoCoarse-v0", Echo, kwargs=coarse)


class Scaling(Echo):
    """Changes its action in place, and remembers what that gave."""

    def step(self, action):
        action *= 0.5
        return super().step(action)


gym.register("EchoScaling-v0", Scaling, kwargs=bounded)


class Walk(gym.Env):
    """Terminates at place 6, is truncated after 5 steps; the action is added."""

    observation_space = Box(-np.inf, np.inf, (2,))
    action_space = Discrete(3)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.steps, self.place, self.name = 0, 0, self.np_random.random()
        return self.look(), {}

    def step(self, action):
        self.steps, self.place = self.steps + 1, self.place + action
        rew = self.np_random.random()
        return self.look(), rew, self.place >= 6, self.steps >= 5, {}

    def look(self):
        return np.array([self.name, self.place], dtype=np.float32)


gym.register("Walk-v0", Walk)


class Restless(Walk):
    """Begins each episode where the last one ended, counted round and round."""

    place = 0

    def reset(self, *, seed=None, options=None):
        start = self.place % 6
        super().reset(seed=seed)
        self.place = start
        return self.look(), {}


gym.register("Restless-v0", Restless)


def some_actions(envs, steps):
    """Actions for so many steps, (steps, N, ...), some of them out of bounds."""
    rng = np.random.default_rng(0)
    if isinstance(envs.act_space, Discrete):
        return rng.integers(envs.act_space.n, size=(steps, envs.num_envs))
    shape = (steps, envs.num_envs, *envs.act_space.shape)
    return rng.normal(size=shape).astype(np.float32)


def shares_of_two_ranks(monkeypatch, seed):
    """The batches that two ranks would make of four environments."""
    monkeypatch.setattr(mpi, "num_procs", lambda: 2)
    for rank in (0, 1):
        monkeypatch.setattr(mpi, "proc_id", lambda rank=rank: rank)
        yield EnvBatch("Walk-v0", 4, seed)


@pytest.mark.parametrize("env", ["CartPole-v1", "Pendulum-v1"])
def test_make(env):
    assert make(env).spec.id == env


def test_an_unknown_name_is_answered_with_a_near_one():
    with pytest.raises(UserError, match=r"'CartPol-v1'.*Did you mean: `CartPole`"):
        make("CartPol-v1")
    with pytest.raises(UserError, match="nowhere"):
        make("nowhere:CartPole-v1")
    with pytest.raises(UserError, match="cannot make the environment ':'"):
        make(":")
    with pytest.raises(UserError, match="unexpected keyword argument 'size'"):
        make("Echo-v0", size=3)


@pytest.mark.parametrize("kind", [TypeError, ValueError, KeyError])
def test_an_environment_that_cannot_be_made_keeps_its_own_error(kind, monkeypatch):
    error = kind("of its own")
    monkeypatch.setattr(Echo, "__init__", Mock(side_effect=error))
    with pytest.raises(kind) as raised:
        make("Echo-v0")
    assert raised.value is error


@pytest.mark.parametrize(
    "space",
    [
        {"obs": Discrete(4)},
        {"obs": Box(0, 1, (8, 8))},
        {"obs": Dict(x=Box(0, 1, (2,)))},
        {"act": Discrete(3, start=1)},
        {"act": MultiDiscrete([2, 2])},
        {"act": Box(-1, 1, (2, 2))},
        {"act": Box(0, 9, (2,), dtype=np.int64)},
    ],
)
def test_other_spaces_are_refused(space):
    with pytest.raises(UserError, match=r"Echo-v0 (acts|observes)"):
        make("Echo-v0", **space)


SEEN = np.zeros(2, dtype=np.float32)
PAIR = r"reset must return a pair, an observation and a dictionary"
FIVE = r"step must return five things"
SEES = r"an observation of shape \(2,\) and type float32"
TAKES = r"reset of \w+ must take two arguments by name"


def answering(reset=(SEEN, {}), step=(SEEN, 1.0, False, False, {}), obs=None):
    """An environment with these answers."""
    env = Echo(obs)
    env.reset = lambda *, seed=None, options=None: reset
    env.step = lambda action: step
    return env


def old(reset):
    """An environment with this `reset`, inside a wrapper."""
    env = Echo()
    env.reset = reset
    return gym.Wrapper(env)


gym.register("Answering-v0", answering, max_episode_steps=9)
gym.register("Old-v0", old)


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        (
            {"reset": SEEN},
            PAIR + r"; it returned array\(\[0\., 0\.\], dtype=float32\)$",
        ),
        ({"reset": (SEEN,)}, PAIR),
        ({"reset": (SEEN, None)}, PAIR),
        ({"reset": (SEEN[:1], {})}, "reset must return " + SEES),
        ({"reset": ([0.0, [1.0]], {})}, SEES),
        ({"reset": ("ab", {})}, SEES),
        ({"reset": (None, {})}, SEES + r", as .*; it returned None$"),
        ({"obs": Box(0, 255, (2,), np.uint8)}, r"\(2,\) and type uint8"),
        ({"step": (SEEN, 1.0, False, {})}, FIVE + r": .*, 1\.0, False, \{\}\)$"),
        ({"step": [SEEN, 1.0, False, False, {}]}, FIVE),
        ({"step": (SEEN, 1.0, False, False, ())}, FIVE),
        ({"step": (np.zeros(3), 1.0, False, False, {})}, "step must return " + SEES),
        ({"step": (SEEN, np.ones(1), False, False, {})}, "one number as reward"),
        ({"step": (SEEN, np.ones(2), False, False, {})}, "one number as reward"),
        ({"step": (SEEN, "one", False, False, {})}, "one number as reward; .* 'one'$"),
        ({"step": (SEEN, 1.0, None, False, {})}, "True or False as terminated"),
        ({"step": (SEEN, 1.0, False, [False], {})}, "True or False as truncated"),
    ],
)
def test_an_answer_of_the_wrong_form_is_found(answers, message, monkeypatch):
    monkeypatch.setattr(envs, "make", lambda name: make(name, **answers))
    with pytest.raises(UserError, match="^Answering-v0: .*" + message):
        check_batch("Answering-v0", num_envs=2, steps_per_epoch=4, ranks=1)


@pytest.mark.parametrize("reset", [lambda: None, lambda seed=None: None])
def test_a_reset_of_old_is_found(reset, monkeypatch):
    monkeypatch.setattr(envs, "make", lambda name: make(name, reset=reset))
    with pytest.raises(UserError, match=r"^Old-v0: reset of Echo must take two"):
        check_batch("Old-v0", num_envs=2, steps_per_epoch=4, ranks=1)


@pytest.mark.parametrize(
    "answers",
    [
        {},
        {"reset": (np.zeros(2), {}), "step": ([0, 1], 1, 0, np.True_, {"x": 1})},
        {"step": (SEEN, np.float32(1), np.bool(0), np.array(False), {})},
    ],
)
def test_a_good_answer_passes_and_an_error_of_its_own_does_too(answers, monkeypatch):
    monkeypatch.setattr(envs, "make", lambda name: make(name, **answers))
    check_answers("Answering-v0")
    monkeypatch.setattr(Echo, "step", Mock(side_effect=KeyError("of its own")))
    monkeypatch.setattr(envs, "make", make)
    with pytest.raises(KeyError, match="of its own"):
        check_answers("Echo-v0")


@pytest.mark.parametrize(
    ("check", "env", "space"),
    [
        (check_discrete, "CartPole-v1", None),
        (check_bounded, "Pendulum-v1", None),
        (check_discrete, "Echo-v0", Box(-1, 1, (2,))),
        (check_bounded, "Echo-v0", Discrete(2)),
        (check_bounded, "Echo-v0", Box(-np.inf, np.inf, (2,))),
        (check_bounded, "Echo-v0", Box(np.float32([-1, 0]), np.float32([1, np.inf]))),
        (check_bounded, "Echo-v0", Box(np.float32([-1, 3]), np.float32([1, 3]))),
    ],
)
def test_actions_of_the_wrong_kind_are_refused(check, env, space, monkeypatch):
    if space is None:
        return check(env)
    monkeypatch.setattr(envs, "make", lambda name: make(name, act=space))
    with pytest.raises(UserError, match=r"Echo-v0 acts in .*; this algorithm"):
        check(env)


def test_random_actions_fill_their_space_evenly():
    torch.manual_seed(0)
    low, high = np.float32([-2, 0, 5]), np.float32([1, 2000, 5.5])
    act = random_actions(Box(low, high), 20_000)
    assert act.dtype == np.float32 and act.shape == (20_000, 3)
    assert (act >= low).all() and (act <= high).all()
    part = np.sort((act - low) / (high - low), axis=0)
    even = (np.arange(20_000) + 0.5) / 20_000
    assert np.abs(part - even[:, None]).max() < 0.02  # more: one chance in a million
    numbered = random_actions(Discrete(3), 9_000)
    assert np.bincount(numbered).min() > 2_800 and len(np.bincount(numbered)) == 3


def one_by_one(seed, actions):
    """Yield the transitions of a single environment, and what is seen after each."""
    env = make("Walk-v0")
    env.reset(seed=seed)
    obs, _ = env.reset()
    for action in actions:
        next_obs, rew, terminated, truncated, _ = env.step(action)
        seen = env.reset()[0] if terminated or truncated else next_obs
        yield obs, next_obs, rew, terminated, truncated, seen
        obs = seen


def test_no_transition_is_lost_or_invented():
    envs = EnvBatch("Walk-v0", num_envs=4, seed=7)
    act = some_actions(envs, 300)
    steps = [(envs.obs, *envs.step(a), envs.obs) for a in act]
    ends = set()
    for i, seed in enumerate(np.random.SeedSequence(7).generate_state(4).tolist()):
        for got, expected in zip(steps, one_by_one(seed, act[:, i]), strict=True):
            for x, y in zip(got, expected, strict=True):
                np.testing.assert_array_equal(x[i], y)
            ends.add(expected[3:5])
    assert len(ends) == 4  # neither flag, each alone, both


def test_the_same_seed_gives_the_same_run_and_neighbours_share_nothing():
    first = [EnvBatch("Walk-v0", 8, seed).obs[:, 0] for seed in (*range(10), 0)]
    np.testing.assert_array_equal(first[0], first[10])
    assert len(set(np.concatenate(first[:10]))) == 80
    again = EnvBatch("Walk-v0", 8, seed=0)
    names = np.concatenate([again.step(a).next_obs[:, 0] for a in [[1] * 8] * 50])
    assert len(set(names)) == 80  # 10 episodes each, and all of them different


def test_ranks_share_one_list_of_environments(monkeypatch):
    whole = EnvBatch("Walk-v0", 4, seed=3)
    shares = [share.obs for share in shares_of_two_ranks(monkeypatch, seed=3)]
    np.testing.assert_array_equal(np.concatenate(shares), whole.obs)


def test_each_dimension_is_clipped_to_its_own_bounds():
    envs = EnvBatch("EchoBounded-v0", num_envs=3, seed=0)
    act = np.array([[0.3, 0.4], [7.0, 7.0], [-7.0, -7.0]], dtype=np.float32)
    before = act.copy()
    felt = envs.step(act).next_obs
    np.testing.assert_array_equal(felt, np.float32([[0.3, 0.4], [1, 0.5], [-1, -2]]))
    np.testing.assert_array_equal(act, before)  # the caller's is left alone


@pytest.mark.parametrize(
    ("low", "high", "warns"),
    [
        ([0], [2000], True),
        ([-1, 0], [1, 2000], True),
        ([5], [5.5], True),
        ([0], [0.001], True),
        ([-1], [1], False),
        ([0, -3], [1, 3], False),
        ([-0.4], [0.4], False),
        ([0], [np.inf], False),
        ([-np.inf], [np.inf], False),
        (None, None, False),
    ],
)
@pytest.mark.filterwarnings("error:.*RescaleAction")
def test_actions_out_of_reach_of_a_gaussian_are_warned_of(
    low, high, warns, monkeypatch
):
    space = Box(np.float32(low), np.float32(high)) if low else Discrete(2)
    monkeypatch.setattr(envs, "make", lambda name: make(name, act=space))
    if warns:
        with pytest.warns(UserWarning, match="^Echo-v0 acts in .*RescaleAction"):
            check_reach("Echo-v0")
    else:
        check_reach("Echo-v0")


class Breaks(Echo):
    """After three steps, something is not a number; or at once, after the reset."""

    def __init__(self, what):
        super().__init__()
        self.what = what

    def reset(self, *, seed=None, options=None):
        obs, info = super().reset(seed=seed)
        self.steps = 0
        return obs + (np.inf if self.what == "reset" else 0), info

    def step(self, action):
        self.steps += 1
        bad = np.nan if self.steps == 3 else 0.0
        obs = np.full(2, bad if self.what == "observation" else 1, dtype=np.float32)
        return obs, bad if self.what == "reward" else 1.0, False, False, {}


for what in ("reset", "observation", "reward"):
    gym.register(f"Breaks-{what}-v0", Breaks, kwargs={"what": what})


@pytest.mark.parametrize("what", ["observation", "reward"])
@pytest.mark.filterwarnings("ignore:.*NaN")
def test_a_number_that_is_none_is_reported(what):
    envs = EnvBatch(f"Breaks-{what}-v0", num_envs=2, seed=0)
    for _ in range(2):
        envs.step(np.array([0, 1]))
    message = f"returned nan in its {what}, in copy 0 .* at step 6 of the run"
    with pytest.raises(UserError, match=message):
        envs.step(np.array([0, 1]))


@pytest.mark.filterwarnings("ignore:.*not within")
def test_a_first_observation_that_is_infinite_is_reported():
    with pytest.raises(UserError, match="returned inf in its observation"):
        EnvBatch("Breaks-reset-v0", num_envs=2, seed=0)


def test_recent_episodes_are_the_last_100_and_none_is_lost():
    envs = EnvBatch("Walk-v0", num_envs=4, seed=7)
    assert [x.shape for x in envs.recent_episodes()] == [(0,), (0,)]
    total, length, finished = np.zeros(4), np.zeros(4, dtype=int), []
    for t, act in enumerate(some_actions(envs, 350)):
        _, rew, terminated, truncated = envs.step(act)
        total, length = total + rew, length + 1
        done = terminated | truncated
        finished += [(total[i], length[i]) for i in range(4) if done[i]]
        total, length = np.where(done, 0, total), np.where(done, 0, length)
        if t % 7 == 6:
            got = np.transpose(envs.recent_episodes())
            np.testing.assert_allclose(got, finished[-100:], rtol=1e-12)
    assert len(finished) > 200


def test_two_ranks_report_what_one_would(monkeypatch):
    whole = EnvBatch("Walk-v0", 4, seed=7)
    first, second = shares_of_two_ranks(monkeypatch, seed=7)
    for act in some_actions(whole, 200):
        whole.step(act)
        first.step(act[:2])
        second.step(act[2:])
    expected = whole.recent_episodes()
    monkeypatch.setattr(mpi, "gather_objects", lambda mine: [mine, second._finished])
    np.testing.assert_array_equal(first.recent_episodes(), expected)


STANDARD = ["CartPole-v1", "LunarLander-v3", "HalfCheetah-v5"]


@pytest.mark.parametrize(
    "env", ["Walk-v0", "EchoCoarse-v0", "EchoScaling-v0", *STANDARD]
)
@pytest.mark.filterwarnings("error:the environments")
def test_a_loaded_batch_continues_exactly(env):
    one, other = EnvBatch(env, 3, seed=1), EnvBatch(env, 3, seed=2)
    act = some_actions(one, 300)
    for a in act[:100]:
        one.step(a)
        other.step(a)
    one.recent_episodes(), other.recent_episodes()
    for a in act[100:133]:
        one.step(a)
    state = one.state_dict()
    text = json.dumps(state)
    for a in act[133:200]:
        one.step(a)
    assert json.dumps(state) == text  # what was saved stays as it was
    other.load_state_dict(json.loads(text))
    for a in act[133:200]:
        other.step(a)
    for a in act[200:]:
        np.testing.assert_array_equal(one.obs, other.obs)
        for x, y in zip(one.step(a), other.step(a), strict=True):
            np.testing.assert_array_equal(x, y)
    np.testing.assert_array_equal(one.recent_episodes(), other.recent_episodes())
    assert json.dumps(one.state_dict()) == json.dumps(other.state_dict())


def test_an_environment_that_remembers_is_reported():
    one, other = EnvBatch("Restless-v0", 2, seed=1), EnvBatch("Restless-v0", 2, seed=1)
    for a in some_actions(one, 20):
        one.step(a)
    with pytest.warns(UserWarning, match="did not return to where they were"):
        other.load_state_dict(one.state_dict())


class Acting(Agent):
    """An agent that draws its actions from what a function makes of observations."""

    def __init__(self, pi):
        super().__init__()
        self.pi = pi

    def act(self, obs, deterministic=False):
        return self.pi(obs).sample().numpy()


def test_rollout_stores_what_was_seen_drawn_and_returned():
    torch.manual_seed(0)
    envs = EnvBatch("Walk-v0", num_envs=4, seed=7)

    agent = Acting(lambda obs: Categorical(logits=torch.zeros(len(obs), 3)))
    first, second = rollout(agent, envs, 13), rollout(agent, envs, 8)
    assert first.obs.shape == first.next_obs.shape == (13, 4, 2)
    assert first.obs.dtype == first.next_obs.dtype == np.float32
    batch = Batch(*(np.concatenate(pair) for pair in zip(first, second, strict=True)))
    for i, seed in enumerate(np.random.SeedSequence(7).generate_state(4).tolist()):
        expected = one_by_one(seed, batch.act[:, i])
        for t, (obs, next_obs, rew, terminated, truncated, _) in enumerate(expected):
            np.testing.assert_array_equal(batch.obs[t, i], obs)
            np.testing.assert_array_equal(batch.next_obs[t, i], next_obs)
            assert batch.rew[t, i] == rew
            assert batch.terminated[t, i] == terminated
            assert batch.truncated[t, i] == truncated


def test_rollout_keeps_the_action_that_was_drawn():
    envs = EnvBatch("EchoBounded-v0", num_envs=3, seed=0)

    batch = rollout(Acting(lambda obs: Normal(torch.zeros(len(obs), 2), 5.0)), envs, 20)
    assert np.abs(batch.act).max() > 2
    low, high = envs.act_space.low, envs.act_space.high
    np.testing.assert_array_equal(batch.next_obs, np.clip(batch.act, low, high))


def test_the_log_probability_belongs_to_the_action_that_was_drawn():
    u, du = np.linspace(-9, 9, 180_001, retstep=True)
    density = np.exp(-(u**2) / 2) / np.sqrt(2 * np.pi)
    clipped = np.clip(u, -1, 1)
    assert round((density * clipped * u).sum() * du, 3) == 0.683
    assert round((density * clipped * clipped).sum() * du, 3) == 0.516
    assert round((density * (abs(u) < 1)).sum() * du, 3) == 0.683

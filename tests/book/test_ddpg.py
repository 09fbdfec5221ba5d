# tests/book/test_ddpg.py: generated from book/offpolicy/ddpg.md; edit the chapter. sha256:f433f6c9de48218e
"""DDPG: targets, gradients and where they stop, bounds, and that it learns."""

from copy import deepcopy
from types import SimpleNamespace

import gymnasium as gym
import numpy as np
import pytest
import torch
from gymnasium.spaces import Box
from ranks import one_and_two
from torch.nn.utils import parameters_to_vector
from torch.optim import SGD

from spinup_lit import ddpg
from spinup_lit.exact import lqr
from spinup_lit.machinery import mpi
from spinup_lit.machinery.envs import EnvBatch


class Number(torch.nn.Module):
    def __init__(self, number):
        super().__init__()
        self.number = torch.nn.Parameter(torch.tensor(number))


class Line(Number):
    """A policy: its parameter times the observation."""

    def forward(self, obs):
        return self.number * obs


class Hill(Number):
    """A critic: its parameter times the action, minus the action's square."""

    def forward(self, obs, act):
        return (self.number * act - act**2)[:, 0]


def toy():
    pi, q = Line(0.5), Hill(2.0)
    return SimpleNamespace(pi=pi, q=q, pi_target=deepcopy(pi), q_target=deepcopy(q))


def one_step(terminated):
    two = torch.tensor([[2.0]])
    return ddpg.Transitions(two, two, two, two[0], torch.tensor([terminated]))


def toy_update(ac, data):
    optimizers = SGD(ac.pi.parameters(), 0.1), SGD(ac.q.parameters(), 0.1)
    return ddpg.update(ac, *optimizers, data, gamma=0.5, polyak=0.9)


def agent(module, act_space=None):
    """Small networks, always the same."""
    torch.manual_seed(0)
    space = act_space or Box(-1, 1, (2,))
    return module.ActorCritic(Box(-1, 1, (3,)), space, (16,), act_noise=0.1)


def steps(module, n):
    """A batch of random steps, some of which end the task."""
    rng = torch.Generator().manual_seed(1)
    obs, next_obs = torch.randn(2, n, 3, generator=rng)
    act = 2 * torch.rand(n, 2, generator=rng) - 1
    rew, dice = torch.randn(2, n, generator=rng)
    return module.Transitions(obs, act, next_obs, rew, dice > 1)


def test_one_step_by_hand():
    ac, data = toy(), one_step(terminated=False)
    assert ddpg.target(ac, data, gamma=0.5).tolist() == [2.5]
    row = toy_update(ac, data)
    assert (row["LossQ"], row["GradNormQ"]) == (6.25, 10)
    assert ac.q.number.item() == pytest.approx(3)
    assert (row["LossPi"], row["GradNormPi"]) == (pytest.approx(-2), pytest.approx(2))
    assert ac.pi.number.item() == pytest.approx(0.7)
    assert ac.q_target.number.item() == pytest.approx(2.1)
    assert ac.pi_target.number.item() == pytest.approx(0.52)


def test_one_step_by_hand_that_ends_the_task():
    ac, data = toy(), one_step(terminated=True)
    assert ddpg.target(ac, data, gamma=0.5).tolist() == [2]
    row = toy_update(ac, data)
    assert (row["LossQ"], row["GradNormQ"]) == (4, 8)
    numbers = [x.number.item() for x in (ac.q, ac.pi, ac.q_target, ac.pi_target)]
    assert numbers == pytest.approx([2.8, 0.66, 2.08, 0.516])


class FourEnds(gym.Env):
    """Observes how many steps there have been so far; each of four ends in its own way."""

    observation_space, action_space = Box(0, 100, (1,)), Box(-1, 1, (1,))
    ends = ((False, False), (False, True), (True, False), (True, True))
    count = 0

    def reset(self, seed=None, options=None):
        return np.float32([50 + self.count]), {}

    def step(self, action):
        terminated, truncated = self.ends[self.count]
        self.count += 1
        return np.float32([self.count]), 10.0 * self.count, terminated, truncated, {}


gym.register("FourEnds-v0", FourEnds)


def four_targets(module):
    """The targets of the four steps, if an action is twice, its value once what is seen."""
    envs = EnvBatch("FourEnds-v0", num_envs=1, seed=0)
    replay = module.Replay(4, envs.obs_space, envs.act_space)
    module.collect(None, envs, replay, steps=4, start_steps=4)
    np.testing.assert_array_equal(replay.rows.next_obs[:, 0], [1, 2, 3, 4])
    ac = SimpleNamespace(
        pi_target=lambda obs: 2 * obs, q_target=lambda obs, act: (obs + 100 * act)[:, 0]
    )
    return module.target(ac, replay.rows, gamma=0.5).tolist()


def test_only_a_termination_silences_the_future():
    assert four_targets(ddpg) == [10 + 0.5 * 201, 20 + 0.5 * 402, 30, 40]


def test_a_time_limit_taken_for_the_end_is_noticed(variant):
    wrong = four_targets(variant("spinup_lit/ddpg.py", "ddpg:stored-as-death"))
    assert wrong == [10 + 0.5 * 201, 20, 30, 40]


class Ones(gym.Env):
    """One state, and a reward of 1 for ever."""

    observation_space, action_space = Box(0, 1, (1,)), Box(-1, 1, (1,))

    def reset(self, seed=None, options=None):
        return np.zeros(1, np.float32), {}

    def step(self, action):
        return np.zeros(1, np.float32), 1.0, False, False, {}


gym.register("Ones-v0", Ones, max_episode_steps=200)


def value_of_ones(module, gamma):
    """What a critic that says one number ends up saying, with the targets as its guide."""
    envs = EnvBatch("Ones-v0", num_envs=1, seed=0)
    replay = module.Replay(400, envs.obs_space, envs.act_space)
    module.collect(None, envs, replay, steps=400, start_steps=400)
    value = torch.tensor(0.0, dtype=torch.float64)
    ac = SimpleNamespace(pi_target=lambda obs: None, q_target=lambda obs, act: value)
    for _ in range(3000):
        value = module.target(ac, replay.rows, gamma).mean()
    return value.item()


def test_what_a_time_limit_taken_for_the_end_costs(variant):
    wrong = variant("spinup_lit/ddpg.py", "ddpg:stored-as-death")
    assert value_of_ones(ddpg, 0.99) == pytest.approx(100)
    assert value_of_ones(wrong, 0.99) == pytest.approx(1 / (1 - 0.99 * (1 - 1 / 200)))


def test_a_column_against_a_row_pulls_every_value_to_the_mean():
    torch.manual_seed(0)
    q, y = torch.randn(6, 1, requires_grad=True), torch.randn(6)
    (slope,) = torch.autograd.grad(ddpg.critic_loss(q, y), q)
    np.testing.assert_allclose(
        slope[:, 0], 2 / 6 * (q[:, 0] - y.mean()).detach(), rtol=1e-5
    )
    column = q[:, 0]
    (slope,) = torch.autograd.grad(ddpg.critic_loss(column, y), column)
    np.testing.assert_allclose(slope, 2 / 6 * (column - y).detach(), rtol=1e-5)


def test_without_the_squeeze_the_target_is_a_table_as_well(variant):
    wrong = variant("spinup_lit/ddpg.py", "ddpg:unsqueezed")
    ac, data = agent(wrong), steps(wrong, 6)
    y = wrong.target(ac, data, 0.9)
    assert y.shape == (6, 6)
    next_val = ac.q_target(data.next_obs, ac.pi_target(data.next_obs))[:, 0]
    mean = data.rew.mean() + 0.9 * (~data.terminated).float().mean() * next_val
    np.testing.assert_allclose(y.mean(1), mean.detach(), rtol=1e-5, atol=1e-6)
    alone = steps(wrong, 1)  # a batch of one is safe
    right = agent(ddpg)
    np.testing.assert_allclose(
        wrong.target(ac, alone, 0.9)[0], ddpg.target(right, alone, 0.9), rtol=1e-6
    )


def critics_after_an_update(module, shared=False):
    """The critic as its own loss wants it, and as an update leaves it."""
    ac, data = agent(module), steps(module, 8)
    pi_params, q_params = [*ac.pi.parameters()], [*ac.q.parameters()]
    with torch.no_grad():
        next_act = ac.pi_target(data.next_obs)
        next_val = ac.q_target(data.next_obs, next_act)
        y = data.rew + 0.9 * torch.where(data.terminated, 0.0, next_val)
    loss = ((ac.q(data.obs, data.act) - y) ** 2).mean()
    slopes = torch.autograd.grad(loss, q_params)
    wanted = [p.detach() - 0.1 * slope for p, slope in zip(q_params, slopes)]
    pi_optimizer = SGD(pi_params + q_params if shared else pi_params, 0.1)
    module.update(ac, pi_optimizer, SGD(q_params, 0.1), data, 0.9, 0.995)
    return parameters_to_vector(wanted), parameters_to_vector(q_params).detach()


def test_the_critic_follows_its_own_loss_only():
    torch.testing.assert_close(*critics_after_an_update(ddpg))


def test_nothing_flows_into_targets():
    ac, data = agent(ddpg), steps(ddpg, 8)
    assert not ddpg.target(ac, data, 0.9).requires_grad
    slow = [*ac.pi_target.parameters(), *ac.q_target.parameters()]
    assert not any(p.requires_grad for p in slow)
    ddpg.update(
        ac, SGD(ac.pi.parameters(), 0.1), SGD(ac.q.parameters(), 0.1), data, 1, 1
    )
    assert all(p.grad is None for p in slow)


def test_gradients_that_do_not_stop_are_noticed(variant):
    wanted, got = critics_after_an_update(ddpg, shared=True)
    assert abs(wanted - got).max() > 1e-3
    moving = variant("spinup_lit/ddpg.py", "ddpg:moving-target")
    wanted, got = critics_after_an_update(moving)
    assert abs(wanted - got).max() > 1e-3


def test_a_critic_that_pleases_promises_the_impossible(variant, learnt):
    """More than even the best policy earns."""
    pleasing = variant("spinup_lit/ddpg.py", "ddpg:pleasing-critic")
    pleased = pleasing.ddpg("Line-v0", **FEW | {"epochs": 2})
    states, _, value = regulator()
    right, wrong = (ac.value(states) for ac in (learnt, pleased))
    assert right.mean() < value.mean() < wrong.mean()


def test_the_policy_follows_the_chain_rule():
    ac, data = agent(ddpg).double(), steps(ddpg, 5)
    obs, params = data.obs.double(), [*ac.pi.parameters()]
    expected = 0.0
    for one in obs.split(1):
        act = ac.pi(one)
        for j, part in enumerate(act[0]):
            step = torch.zeros_like(act)
            step[0, j] = 1e-6
            rise = ac.q(one, act + step) - ac.q(one, act - step)
            moved = parameters_to_vector(
                torch.autograd.grad(part, params, retain_graph=True)
            )
            expected = expected + moved * rise.item() / 2e-6 / len(obs)
    loss = ddpg.actor_loss(ac.q(obs, ac.pi(obs)))
    direction = -parameters_to_vector(torch.autograd.grad(loss, params))
    torch.testing.assert_close(direction, expected, rtol=1e-5, atol=1e-8)


VALVE = Box(np.float32([0, -1]), np.float32([2000, 3]))


def undecided(module):
    """An agent whose network says 0 everywhere."""
    ac = agent(module, VALVE)
    for p in ac.pi.u[-1].parameters():
        torch.nn.init.zeros_(p)
    return ac


def test_each_part_of_an_action_has_its_own_bounds():
    bounds = ddpg.Bounds(VALVE)
    low, middle, high = bounds(torch.tensor([[-1.0, -1], [0, 0], [1, 1]])).tolist()
    assert (low, middle, high) == ([0, -1], [1000, 1], [2000, 3])
    act = torch.tensor([[500.0, 2], [2000, -1]])
    assert bounds.unit(act).tolist() == [[-0.5, 0.5], [1, -1]]
    torch.testing.assert_close(bounds(bounds.unit(act)), act)


def test_noise_is_measured_in_half_ranges_and_stays_in_bounds():
    ac, obs = undecided(ddpg), np.zeros((4000, 3), np.float32)
    assert (ac.act(obs, deterministic=True) == [1000, 1]).all()
    assert ac.act(obs).std(axis=0) == pytest.approx([100, 0.2], rel=0.05)
    ac.act_noise = 5.0
    wild = ac.act(obs)
    assert (wild.min(axis=0), wild.max(axis=0)) == (
        pytest.approx([0, -1]),
        pytest.approx([2000, 3]),
    )


def test_the_critic_sees_wide_and_narrow_parts_alike():
    ac, data = agent(ddpg, VALVE), steps(ddpg, 4)
    plain = agent(ddpg)  # the same parameters, with bounds of -1 and 1
    wide = ac.bounds(data.act)
    torch.testing.assert_close(ac.q(data.obs, wide), plain.q(data.obs, data.act))


def test_wrong_bounds_and_wrong_noise_are_noticed(variant):
    obs = np.zeros((4000, 3), np.float32)
    symmetric = undecided(variant("spinup_lit/ddpg.py", "ddpg:symmetric-bounds"))
    assert (symmetric.act(obs, deterministic=True) == [0, 0]).all()
    unscaled = undecided(variant("spinup_lit/ddpg.py", "ddpg:unscaled-noise"))
    assert unscaled.act(obs).std(axis=0) == pytest.approx([0.1, 0.1], rel=0.05)


def test_half_of_the_slow_copy_is_gone_after_138_updates():
    slow, fast = torch.nn.Linear(1, 1).double(), torch.nn.Linear(1, 1).double()
    torch.nn.init.ones_(slow.weight)
    torch.nn.init.zeros_(fast.weight)
    left = []
    for _ in range(139):
        ddpg.track(slow, fast, 0.995)
        left.append(slow.weight.item())
    assert left[137] > 0.5 > left[138]  # after 138 updates, and after 139
    assert np.log(0.5) / np.log(0.995) == pytest.approx(138.3, abs=0.05)


def test_the_slow_copy_is_a_mean_of_the_past():
    rng, kappa = np.random.default_rng(0), 0.9
    past = rng.normal(size=20)
    slow, fast = (torch.nn.Linear(1, 1, bias=False).double() for _ in range(2))
    torch.nn.init.constant_(slow.weight, past[0])
    for x in past[1:]:
        torch.nn.init.constant_(fast.weight, x)
        ddpg.track(slow, fast, kappa)
    mean = (1 - kappa) * kappa ** np.arange(19) @ past[:0:-1] + kappa**19 * past[0]
    assert slow.weight.item() == pytest.approx(mean)


def one_update(module):
    """What this rank makes of its share of a batch: parameters, and what it logs."""
    torch.manual_seed(mpi.proc_id())  # only sync_params makes the ranks agree
    ac = module.ActorCritic(Box(-1, 1, (3,)), Box(-1, 1, (2,)), (16,), 0.1)
    mpi.sync_params(ac)
    size = 16 // mpi.num_procs()
    mine = slice(size * mpi.proc_id(), size * (mpi.proc_id() + 1))
    data = module.Transitions(*(column[mine] for column in steps(module, 16)))
    optimizers = SGD(ac.pi.parameters(), 0.1), SGD(ac.q.parameters(), 0.1)
    row = module.update(ac, *optimizers, data, 0.9, 0.5)
    vector = parameters_to_vector(ac.parameters()).detach()
    return vector, module.over_updates([row])


def test_two_ranks_take_the_step_of_one():
    one, two = one_and_two(lambda: one_update(ddpg))
    np.testing.assert_allclose(one, two, rtol=1e-5, atol=1e-6)


def test_ranks_that_drift_apart_are_found(variant):
    wrong = variant("spinup_lit/ddpg.py", "ddpg:every-rank-for-itself")
    with pytest.raises(AssertionError, match="drifted apart"):
        one_and_two(lambda: one_update(wrong))


class OneDimension(gym.Env):
    """s' = s + a, and a reward of -(s^2 + a^2)."""

    observation_space = Box(-2, 2, (1,))
    action_space = Box(np.float32([-1]), np.float32([0.8]))

    def reset(self, seed=None, options=None):
        super().reset(seed=seed)
        self.s = self.np_random.uniform(-1, 1, 1).astype(np.float32)
        return self.s, {}

    def step(self, action):
        rew = -float(self.s[0] ** 2 + action[0] ** 2)
        self.s = np.clip(self.s + action, -2, 2).astype(np.float32)
        return self.s, rew, False, False, {}


gym.register("Line-v0", OneDimension, max_episode_steps=10)
FEW = {
    "gamma": 0.8,
    "hidden_sizes": (32, 32),
    "epochs": 3,
    "steps_per_epoch": 300,
    "start_steps": 300,
    "update_after": 300,
    "batch_size": 64,
    "polyak": 0.95,
    "pi_lr": 2e-3,
    "q_lr": 3e-3,
    "act_noise": 0.3,
    "num_test_episodes": 1,
}


def regulator():
    """Some states, the best action and the exact value of each."""
    one, states = np.ones((1, 1)), np.linspace(-1, 1, 9, dtype=np.float32)[:, None]
    world = lqr.LQR(one, one, one, one, one, 0.8)
    best = lqr.best(world)
    value = lqr.action_value(world, best, states, states @ best)
    return states, states @ best, value


def off_by(ac):
    """How far what was learnt is from the best actions and their exact values."""
    states, act, value = regulator()
    found = ac.value(states).reshape(value.shape)
    return abs(ac.act(states, True) - act).mean(), abs(found - value).mean()


@pytest.fixture(scope="module")
def learnt():
    """The agent that DDPG trains as a regulator."""
    return ddpg.ddpg("Line-v0", **FEW)


def test_ddpg_finds_the_best_policy_and_its_values(learnt):
    act, value = off_by(learnt)
    assert act < 0.15
    assert value < 0.25


@pytest.mark.long
def test_without_the_squeeze_it_finds_no_values(variant):
    unsqueezed = variant("spinup_lit/ddpg.py", "ddpg:unsqueezed")
    _, value = off_by(unsqueezed.ddpg("Line-v0", **FEW))
    assert value > 1

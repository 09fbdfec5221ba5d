# tests/book/test_td3.py: generated from book/offpolicy/td3.md; edit the chapter. sha256:ae4a224344d727dd
"""Twin delayed DDPG: its targets, its delay, and what each of its details is worth."""

from functools import partial
from itertools import product

import numpy as np
import pytest
import torch
from gymnasium.spaces import Box
from learning import rows_until
from ranks import one_and_two
from scipy import stats
from scipy.integrate import quad
from torch.nn.utils import parameters_to_vector
from torch.optim import SGD

from spinup_lit import ddpg, td3
from spinup_lit.machinery import mpi


class FourActions:
    """Two critics who read their estimates of n actions from the observation."""

    def __init__(self, n=4):
        self.n, self.bounds = n, td3.Bounds(Box(0, n - 1, (1,)))

    def pi_target(self, obs):
        return obs[:, : self.n].argmax(1, keepdim=True).float()

    def q_target(self, obs, act):
        chosen = act.round().long()
        first, second = obs[:, : self.n], obs[:, self.n :]
        return torch.stack([q.gather(1, chosen)[:, 0] for q in (first, second)])


def after(next_obs):
    """Transitions without reward that lead to these observations."""
    zero = torch.zeros(len(next_obs))
    return td3.Transitions(next_obs, zero, next_obs, zero, zero.bool())


@pytest.mark.parametrize(
    ("names", "mean"),
    [((), -1 / 16), (("td3:one-critic",), 7 / 8), (("td3:mean-of-two",), 7 / 16)],
)
def test_four_actions_by_hand(variant, names, mean):
    module = variant("spinup_lit/td3.py", *names) if names else td3
    coins = torch.tensor(list(product((-1.0, 1.0), repeat=8)))  # (256, 8)
    y = module.target(
        FourActions(), after(coins), gamma=1, target_noise=0, noise_clip=0
    )
    assert y.mean().item() == pytest.approx(mean)


@pytest.mark.parametrize(("n", "mean"), [(1, -1 / 2), (2, -1 / 4), (4, -1 / 16)])
def test_fewer_actions_by_hand(n, mean):
    coins = torch.tensor(list(product((-1.0, 1.0), repeat=2 * n)))
    few = FourActions(n)
    few.bounds = td3.Bounds(Box(0, 9, (1,)))
    assert td3.target(few, after(coins), 1, 0, 0).mean().item() == mean


def at_the_top(f, n):
    """The mean of f(X), X the largest of n standard normal numbers."""

    def weighted(x):
        return f(x) * n * stats.norm.pdf(x) * stats.norm.cdf(x) ** (n - 1)

    return quad(weighted, -9, 9, limit=200)[0]


def test_the_largest_of_n():
    largest = [at_the_top(lambda x: x, n) for n in (2, 4, 10, 100)]
    np.testing.assert_allclose(largest, [0.564, 1.029, 1.539, 2.508], atol=5e-4)
    assert largest[0] == pytest.approx(np.pi**-0.5)
    rng = np.random.default_rng(0)
    for n in (2, 10):
        uniform = 3 * rng.uniform(-1, 1, (100_000, n)).max(1).mean()
        assert uniform == pytest.approx(3 * (n - 1) / (n + 1), abs=0.02)


def test_estimates_that_never_change_places_have_no_excess():
    noise = np.random.default_rng(0).uniform(-0.4, 0.4, (10_000, 2))
    noise -= noise.mean(0)
    safe, close = ((noise + np.array([0, gap])).max(1).mean() for gap in (1, 0.5))
    assert safe == pytest.approx(1)
    assert close > 0.5 + 0.003


def smaller(x, c):
    """The mean of the smaller of x and an estimate correlated with it."""
    m, s = (1 - c) * x, (1 - c**2) ** 0.5
    distance = m * (1 - 2 * stats.norm.cdf(-m / s)) + 2 * s * stats.norm.pdf(m / s)
    return (1 + c) / 2 * x - distance / 2


def test_a_second_opinion():
    least = [at_the_top(lambda x: smaller(x, 0), n) for n in (1, 2, 4, 10, 100)]
    expected = [-(np.pi**-0.5), -0.282, -0.134, -0.048, -0.004]
    np.testing.assert_allclose(least, expected, atol=5e-4)
    rng = np.random.default_rng(0)
    for c in (0, 0.5, 0.9):
        x, z = rng.normal(size=(2, 100_000, 10))
        y, top = c * x + (1 - c**2) ** 0.5 * z, x.argmax(1)[:, None]
        x, y = (np.take_along_axis(q, top, 1)[:, 0] for q in (x, y))
        e = at_the_top(lambda x: x, 10)
        assert (x + y).mean() / 2 == pytest.approx((1 + c) / 2 * e, abs=0.01)
        exact = at_the_top(partial(smaller, c=c), 10)
        assert np.minimum(x, y).mean() == pytest.approx(exact, abs=0.01)
    x, z = rng.normal(size=(2, 100_000))
    for c in (0, 0.6):
        low = np.minimum(x, c * x + (1 - c**2) ** 0.5 * z).mean()
        assert low == pytest.approx(-(((1 - c) / np.pi) ** 0.5), abs=0.01)


def smooth_many(centre, noise, clip, low=-1.0, high=1.0):
    box = Box(np.float32(low), np.float32(high), (len(centre),))
    ac = td3.ActorCritic(Box(-1, 1, (1,)), box, (4,), 0.1)
    act = torch.tensor(centre).expand(200_000, -1)
    return td3.smooth(ac, act, noise, clip).double()


def test_smooth_adds_the_curvature():
    torch.manual_seed(0)
    H = torch.tensor([[-3.0, 1], [1, -8]]).double()
    centre = [0.1, -0.2]
    d = smooth_many(centre, 0.1, 10.0) - torch.tensor(centre).double()
    added = (d @ torch.tensor([1.0, 2.0]).double() + (d @ H * d).sum(1) / 2).mean()
    assert added.item() == pytest.approx(0.1**2 / 2 * -11, rel=0.03)


def test_smooth_lowers_narrow_peaks():
    torch.manual_seed(0)
    d = smooth_many([0.0], 0.2, 10.0)
    for h in (0.1, 1.0):
        top = (-(d**2) / (2 * h**2)).exp().mean().item()
        assert top == pytest.approx(h / (h**2 + 0.2**2) ** 0.5, abs=0.005)


def test_smooth_is_clipped_scaled_and_within_the_bounds():
    torch.manual_seed(0)
    act = smooth_many([3.0, 9.9], 0.2, 0.5, low=0.0, high=10.0)  # centre and reach 5
    first = act[:, 0] - 3
    assert first.abs().max().item() == pytest.approx(0.5 * 5, rel=1e-5)
    assert (first.std() / 5).item() == pytest.approx(0.2 * 0.9776**0.5, rel=0.01)
    assert act.max() <= 10
    assert (act[:, 1] >= 10 - 1e-5).double().mean().item() == pytest.approx(
        0.46, abs=0.01
    )
    assert (smooth_many([3.0], 0.0, 0.5) <= 1).all()  # whatever the policy says


@pytest.mark.parametrize(("delay", "lag"), [(1, 9.0), (2, 4.263), (10, 0.535)])
def test_the_lag_of_a_critic(delay, lag):
    error, before = 0.0, []
    for update in range(1, 1001):
        error *= 0.9
        if update % delay == 0:
            before.append(error)
            error += 1
    assert before[-1] == pytest.approx(lag, abs=1e-3)
    assert lag == pytest.approx(0.9**delay / (1 - 0.9**delay), abs=1e-3)


def agent(module=td3, low=-2.0, high=2.0):
    space = Box(np.float32(low), np.float32(high), (2,))
    return module.ActorCritic(Box(-1, 1, (3,)), space, (16,), 0.1)


def a_batch(size=32, seed=0):
    rng = np.random.default_rng(seed)

    def draw(*shape):
        return torch.from_numpy(rng.normal(size=shape).astype(np.float32))

    act = draw(size, 2).clamp(-2, 2)
    over = torch.from_numpy(rng.random(size) < 0.2)
    return td3.Transitions(draw(size, 3), act, draw(size, 3), draw(size), over)


def optimisers(ac, rate=0.1):
    return SGD(ac.pi.parameters(), rate), SGD(ac.q.parameters(), rate)


def step(module, ac, data, delay=2, noise=0.2):
    turn = (ac.updates + 1) % delay == 0
    return module.update(ac, *optimisers(ac), data, 0.9, 0.99, noise, 0.5, turn)


class Fixed(FourActions):
    """Critics that say 3 and 5, whatever they are asked."""

    def q_target(self, obs, act):
        return torch.tensor([3.0, 5.0])[:, None].expand(2, len(obs))


@pytest.mark.parametrize("truncated", [False, True])
@pytest.mark.parametrize(("terminated", "expected"), [(False, 1 + 0.5 * 3), (True, 1)])
def test_target_by_hand(terminated, truncated, expected):
    space = Box(-1, 1, (8,))
    replay = td3.Replay(1, space, space)
    obs, one = np.zeros((1, 8), np.float32), np.ones(1)
    replay.add(obs, obs, obs, one, np.array([terminated]))
    y = td3.target(Fixed(), replay.sample(6), 0.5, 0.2, 0.5)
    assert y.tolist() == [expected] * 6


def test_target_asks_the_slow_copies_about_smoothed_actions():
    torch.manual_seed(0)
    ac, data = agent(), a_batch()
    ac.q_target, ac.pi_target = agent().q, agent().pi
    torch.manual_seed(1)
    y = td3.target(ac, data, 0.9, 0.2, 0.3)
    torch.manual_seed(1)
    noise = (0.2 * torch.randn(32, 2)).clamp(-0.3, 0.3)
    act = (ac.pi_target(data.next_obs) + 2 * noise).clamp(-2, 2)
    q = [ac.q_target.q1(data.next_obs, act), ac.q_target.q2(data.next_obs, act)]
    by_hand = data.rew + 0.9 * torch.min(*q) * (1 - data.terminated.float())
    torch.testing.assert_close(y, by_hand)
    assert not y.requires_grad


def test_critic_loss_by_hand():
    q = torch.tensor([[1.0, 2], [3, 5]])
    y = torch.tensor([0.0, 4])
    assert td3.critic_loss(q, y).item() == (1 + 4) / 2 + (9 + 1) / 2


def test_critic_loss_teaches_each_critic_as_if_alone():
    ac, data, y = agent(), a_batch(), torch.randn(32)
    together = td3.critic_loss(ac.q(data.obs, data.act), y)
    for q in (ac.q.q1, ac.q.q2):
        alone = ((q(data.obs, data.act) - y) ** 2).mean()
        for a, b in zip(
            torch.autograd.grad(together, q.parameters(), retain_graph=True),
            torch.autograd.grad(alone, q.parameters()),
            strict=True,
        ):
            torch.testing.assert_close(a, b)


def test_policy_and_critics_each_follow_their_own_loss():
    torch.manual_seed(0)
    ac, data = agent(), a_batch()
    old_q = parameters_to_vector(ac.q.parameters()).detach()
    old_pi = parameters_to_vector(ac.pi.parameters()).detach()
    torch.manual_seed(1)
    y = td3.target(ac, data, 0.9, 0.2, 0.5)
    loss = ((ac.q.q1(data.obs, data.act) - y) ** 2).mean()
    loss = loss + ((ac.q.q2(data.obs, data.act) - y) ** 2).mean()
    down = torch.autograd.grad(loss, list(ac.q.parameters()))
    torch.manual_seed(1)
    step(td3, ac, data, delay=1)
    new_q = parameters_to_vector(ac.q.parameters()).detach()
    down = torch.cat([g.flatten() for g in down])
    torch.testing.assert_close(new_q, old_q - 0.1 * down)
    new_pi = parameters_to_vector(ac.pi.parameters()).detach()
    torch.nn.utils.vector_to_parameters(old_pi.clone(), ac.pi.parameters())
    height = ac.q.q1(data.obs, ac.pi(data.obs)).mean()
    up = torch.autograd.grad(height, list(ac.pi.parameters()))
    up = torch.cat([g.flatten() for g in up])
    torch.testing.assert_close(new_pi, old_pi + 0.1 * up)
    for slow in (ac.q_target, ac.pi_target):
        assert all(p.grad is None for p in slow.parameters())


def policy_steps(module, update_every):
    """Of 24 updates in a run, how many moved the policy."""
    moved, update = [], module.update

    def watch(*args):
        row = update(*args)
        moved.append(not row["LossPi"].isnan())
        return row

    module.update = watch
    try:
        sizes = {"hidden_sizes": (4,), "batch_size": 4, "num_test_episodes": 1}
        steps = {"steps_per_epoch": 24, "start_steps": 24, "update_after": 0}
        module.td3(**sizes, **steps, epochs=1, update_every=update_every)
    finally:
        module.update = update
    assert len(moved) == 24
    return sum(moved)


@pytest.mark.parametrize(("update_every", "wrong"), [(1, 24), (3, 16), (4, 12)])
def test_policy_waits_whatever_the_bouts(variant, update_every, wrong):
    assert policy_steps(td3, update_every) == 12
    restarted = variant("spinup_lit/td3.py", "td3:restarted-delay")
    assert policy_steps(restarted, update_every) == wrong


def parts(ac):
    """All parameters, one vector for each network."""
    nets = (ac.pi, ac.pi_target, ac.q, ac.q_target)
    return [parameters_to_vector(net.parameters()).detach() for net in nets]


def test_policy_and_slow_copies_move_at_every_second_update():
    ac, data = agent(), a_batch()
    for moves in (False, True, False, True):
        before = parts(ac)
        row = step(td3, ac, data)
        pi, pi_slow, q, q_slow = (
            not torch.equal(x, y) for x, y in zip(before, parts(ac), strict=True)
        )
        assert q and (pi, pi_slow, q_slow) == (moves,) * 3
        assert row["LossPi"].isnan() == row["GradNormPi"].isnan() == (not moves)


def test_independent_targets_bring_the_excess_back(variant):
    wrong = variant("spinup_lit/td3.py", "td3:independent-targets")
    coins = torch.tensor(list(product((-1.0, 1.0), repeat=8)))
    y = wrong.target(FourActions(), after(coins), 1, 0, 0)
    assert y.shape == (2, 256)  # and nothing fails: the loss takes it
    assert y.mean(1).tolist() == [7 / 8, 0]


def test_noise_in_the_units_of_the_action_is_found(variant):
    wrong = variant("spinup_lit/td3.py", "td3:unscaled-noise")
    for module, reach in ((td3, 5.0), (wrong, 1.0)):
        torch.manual_seed(0)
        ac = agent(module, low=0.0, high=10.0)
        noise = module.smooth(ac, torch.full((20_000, 2), 5.0), 0.2, 0.5) - 5
        assert noise.std().item() == pytest.approx(reach * 0.2 * 0.9776**0.5, rel=0.02)


def test_noise_that_is_not_clipped_is_found(variant):
    wrong = variant("spinup_lit/td3.py", "td3:unclipped-noise")
    torch.manual_seed(0)
    act = torch.zeros(20_000, 2)
    assert td3.smooth(agent(), act, 0.2, 0.3).abs().max() <= 0.3 * 2 + 1e-6
    assert wrong.smooth(agent(wrong), act, 0.2, 0.3).abs().max() > 0.3 * 2 + 0.1


def test_twins_that_begin_alike_stay_alike():
    for alike in (False, True):
        ac = agent()
        if alike:
            ac.q.q2.load_state_dict(ac.q.q1.state_dict())
            ac.q_target.load_state_dict(ac.q.state_dict())
        for seed in range(4):
            step(td3, ac, a_batch(seed=seed))
        first, second = ac.q(a_batch().obs, a_batch().act)
        assert torch.equal(first, second) == alike


def test_critics_that_wait_as_well_are_found(variant):
    wrong = variant("spinup_lit/td3.py", "td3:delayed-critics")
    for module, expected in ((td3, [True] * 4), (wrong, [False, True] * 2)):
        ac, moved = agent(module), []
        for _ in range(4):
            before = parts(ac)[2]
            step(module, ac, a_batch())
            moved.append(not torch.equal(before, parts(ac)[2]))
        assert moved == expected


ABLATION = ("td3:one-critic", "td3:no-delay", "td3:no-smoothing")


@pytest.mark.parametrize("names", [*((name,) for name in ABLATION), ABLATION])
def test_the_variants_of_the_ablation_run(variant, names):
    without = variant("spinup_lit/td3.py", *names)
    small = {"hidden_sizes": (4,), "num_test_episodes": 1, "epochs": 1}
    steps = {"steps_per_epoch": 20, "update_after": 10, "batch_size": 4}
    without.td3(**small, **steps, start_steps=10)


def test_without_all_three_it_takes_the_step_of_ddpg(variant):
    torch.manual_seed(0)
    without = variant("spinup_lit/td3.py", *ABLATION)
    twin, single, data = agent(without), agent(ddpg), a_batch()
    for mine, theirs in (("pi", "pi"), ("pi_target", "pi_target")):
        getattr(single, theirs).load_state_dict(getattr(twin, mine).state_dict())
    single.q.load_state_dict(twin.q.q1.state_dict())
    single.q_target.load_state_dict(twin.q_target.q1.state_dict())
    step(without, twin, data)
    ddpg.update(single, *optimisers(single), data, 0.9, 0.99)
    pairs = ((twin.pi, single.pi), (twin.q.q1, single.q))
    slow = ((twin.pi_target, single.pi_target), (twin.q_target.q1, single.q_target))
    for mine, theirs in (*pairs, *slow):
        for x, y in zip(mine.parameters(), theirs.parameters(), strict=True):
            torch.testing.assert_close(x, y)


def test_the_smallest_of_m_is_minus_the_largest():
    x = np.random.default_rng(0).normal(size=(200_000, 10))
    for m in (2, 10):
        largest = at_the_top(lambda x: x, m)
        assert x[:, :m].min(1).mean() == pytest.approx(-largest, abs=0.01)


def test_more_than_two_critics():
    z = np.random.default_rng(0).normal(size=(100_000, 19))
    top, others = z[:, :10].max(1), z[:, 10:]
    kinds = {"mean": np.mean, "median": np.median, "smallest": np.min}
    found = {name: [] for name in kinds}
    for m in (2, 3, 5, 10):
        q = np.column_stack([top, others[:, : m - 1]])
        for name, f in kinds.items():
            found[name].append(f(q, axis=1).mean())
    np.testing.assert_allclose(found["mean"], [0.77, 0.51, 0.31, 0.15], atol=0.015)
    np.testing.assert_allclose(found["median"], [0.77, 0.48, 0.28, 0.13], atol=0.015)
    low = [-0.05, -0.57, -1.03, -1.48]
    np.testing.assert_allclose(found["smallest"], low, atol=0.015)


def two_updates(module):
    torch.manual_seed(mpi.proc_id())  # only sync_params makes the ranks agree
    ac = agent(module)
    mpi.sync_params(ac)
    mine = slice(mpi.proc_id(), None, mpi.num_procs())
    data = td3.Transitions(*(column[mine] for column in a_batch()))
    step(module, ac, data, noise=0.0)
    row = step(module, ac, data, noise=0.0)
    vector = parameters_to_vector(ac.parameters()).detach()
    return vector, module.over_updates([row])


def test_two_ranks_take_the_steps_of_one():
    one, two = one_and_two(lambda: two_updates(td3))
    np.testing.assert_allclose(one, two, rtol=1e-5, atol=1e-6)


def test_ranks_that_keep_their_gradients_are_found(monkeypatch):
    monkeypatch.setattr(mpi, "avg_grads", lambda params: None)
    with pytest.raises(AssertionError, match="drifted apart"):
        one_and_two(lambda: two_updates(td3))


def test_it_finds_the_best_action():
    torch.manual_seed(0)
    spaces = Box(-1, 1, (3,)), Box(-2, 2, (2,))
    ac = td3.ActorCritic(*spaces, hidden_sizes=(32, 32), act_noise=0.1)
    nets = ((ac.pi, 3e-3), (ac.q, 1e-2))
    adam = [torch.optim.Adam(net.parameters(), rate) for net, rate in nets]
    act = torch.rand(500, 2) * 4 - 2
    rew = -((act / 2 - 0.5) ** 2).sum(1)
    none = torch.zeros(500, 3)
    for number in range(500):
        i = torch.randint(500, (64,))
        data = td3.Transitions(none[i], act[i], none[i], rew[i], none[i, 0].bool())
        td3.update(ac, *adam, data, 0.0, 0.995, 0.2, 0.5, number % 2 == 1)
    best = ac.act(np.zeros((1, 3), np.float32), deterministic=True)
    assert ((best / 2 - 0.5) ** 2).sum() < 0.05  # at first 0.5


@pytest.mark.long
def test_td3_swings_the_pendulum_up():
    few = {"epochs": 10, "hidden_sizes": (64, 64)}
    first, *_ = rows_until(-250, td3.td3, "AverageTestEpRet", seed=0, **few)
    assert first["AverageTestEpRet"] < -1000

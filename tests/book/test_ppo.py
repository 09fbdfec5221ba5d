# tests/book/test_ppo.py: generated from book/onpolicy/ppo.md; edit the chapter. sha256:8eecbf1353bac1c1
"""Proximal policy optimisation: its objective, its details, and that it learns."""

import copy
import math
from math import inf

import gymnasium as gym
import numpy as np
import pytest
import torch
from gymnasium.spaces import Box, Discrete
from learning import rows_until
from ranks import frozen_share, one_and_two
from torch.distributions import Categorical, Normal, kl_divergence
from torch.optim import SGD

from spinup_lit import ppo, vpg
from spinup_lit.exact import tabular
from spinup_lit.machinery import mpi
from spinup_lit.machinery.errors import UserError

torch.set_num_threads(1)  # small tensors: more threads only wait for each other


def gradients(loss, ratio, adv, eps=0.2):
    """The objective of each sample, and its derivative in the ratio."""
    ratio = torch.tensor(ratio, requires_grad=True)
    objective = [-loss(r.log()[None], a[None], eps) for r, a in zip(ratio, adv)]
    (gradient,) = torch.autograd.grad(sum(objective), ratio)
    return torch.stack(objective).detach(), gradient


def test_both_forms_agree_and_are_pessimistic():
    rng = np.random.default_rng(0)
    ratio, adv = rng.lognormal(sigma=0.4, size=500), torch.tensor(rng.normal(size=500))
    objective, _ = gradients(ppo.clipped_loss, ratio, adv)
    ceiling = np.where(adv >= 0, 1.2 * adv, 0.8 * adv)
    np.testing.assert_allclose(objective, np.minimum(ratio * adv.numpy(), ceiling))
    assert (objective <= torch.tensor(ratio) * adv + 1e-12).all()


SIX_CASES = [0.7, 1.1, 1.3] * 2, torch.tensor([3.0] * 3 + [-3.0] * 3)


def test_the_six_cases():
    objective, gradient = gradients(ppo.clipped_loss, *SIX_CASES)
    assert objective.tolist() == pytest.approx([2.1, 3.3, 3.6, -2.4, -3.3, -3.9])
    assert gradient.tolist() == pytest.approx([3, 3, 0, 0, -3, -3], rel=1e-5)


@pytest.mark.parametrize("seed", range(10))
def test_ratios_near_one_mean_policies_close_to_each_other(seed):
    gamma, rng = 0.9, np.random.default_rng(seed)
    mdp = tabular.random_mdp(states=4, actions=3, ends=0.05, seed=seed)
    theta, move = rng.normal(size=(2, 4, 3))
    old, new = tabular.softmax(theta), tabular.softmax(theta + 0.2 * move)
    eps, adv = abs(new / old - 1).max(), tabular.evaluate(mdp, old, gamma).adv
    assert abs(new - old).sum(axis=1).max() / 2 <= eps / 2
    kl = (old * np.log(old / new)).sum(axis=1).max()
    assert kl <= -math.log(1 - eps) - eps
    gain = tabular.objective(mdp, new, gamma) - tabular.objective(mdp, old, gamma)
    surrogate = tabular.visitation(mdp, old, gamma) @ (new * adv).sum(axis=1)
    bound = gamma * eps**2 / (1 - gamma) ** 2 * abs(adv).max()
    assert 0 < abs(gain - surrogate) <= bound


def ascend(x, optimizer, lr, steps):
    """The ratio of each sample at observations x, before each step; all have A = 1."""
    x, theta = torch.tensor(x), torch.zeros(1, requires_grad=True)
    optimizer, ratios = optimizer([theta], lr=lr), []
    for _ in range(steps):
        log_ratio = torch.nn.functional.logsigmoid(theta * x) - math.log(0.5)
        ratios.append(log_ratio.detach().exp())
        optimizer.zero_grad()
        ppo.clipped_loss(log_ratio, torch.ones(len(x)), 0.2).backward()
        optimizer.step()
    return torch.stack(ratios)


def test_other_samples_move_a_clipped_ratio():
    first, second = ascend([1.0, 0.2], SGD, lr=0.4, steps=130)[-1]
    assert second == pytest.approx(1.2, abs=0.01)
    assert first == pytest.approx(486 / 275, abs=0.01)


def test_momentum_moves_a_clipped_ratio():
    ratio = ascend([1.0], torch.optim.Adam, lr=0.1, steps=200)[:, 0]
    assert ratio[4] < 1.2 < ratio[5] and round(ratio[5].item(), 3) == 1.245
    assert round(ratio[-1].item(), 2) == 1.59


@pytest.mark.parametrize("mu", [0.1, 1.0])
def test_estimators_of_the_divergence(mu):
    a, da = torch.linspace(-12, 14, 200_001, dtype=torch.float64), 26 / 200_000
    density = Normal(0.0, 1.0).log_prob(a).exp() * da
    log_ratio = mu * a - mu**2 / 2
    estimators = -log_ratio, log_ratio**2 / 2, log_ratio.expm1() - log_ratio
    kl = kl_divergence(Normal(0.0, 1.0), Normal(mu, 1.0)).item()
    means = [(density @ k).item() for k in estimators]
    variances = [(density @ (k - m) ** 2).item() for k, m in zip(estimators, means)]
    assert means == pytest.approx([kl, kl + kl**2 / 2, kl], rel=1e-5)
    closed = [mu**2, mu**4 / 2 + mu**6 / 4, math.expm1(mu**2) - mu**2]
    assert variances == pytest.approx(closed, rel=1e-5)
    if mu == 0.1:
        assert density[log_ratio > 0].sum().item() == pytest.approx(0.48, abs=0.001)
    torch.manual_seed(0)
    sampled = ppo.divergence(mu * torch.randn(200_000) - mu**2 / 2)
    assert sampled == pytest.approx(kl, rel=0.02)


def penalised_loss(log_ratio, adv, beta):
    k3 = log_ratio.expm1() - log_ratio
    return -(log_ratio.exp() * adv - beta * k3).mean()


def adapted(beta, kl, target_kl):
    if kl > 1.5 * target_kl:
        return 2 * beta
    return beta / 2 if kl < target_kl / 1.5 else beta


def climb(old, act, adv, beta):
    """The logits that maximise the penalised objective on this batch of actions."""
    new = old.clone().requires_grad_()
    optimizer = SGD([new], lr=0.5 / (1 + beta / 10))
    for _ in range(100):
        log_ratio = (new.log_softmax(0) - old.log_softmax(0))[act]
        optimizer.zero_grad()
        penalised_loss(log_ratio, adv[act], beta).backward()
        optimizer.step()
    return new.detach()


def test_the_penalty_finds_its_weight():
    torch.manual_seed(0)
    logits, beta, target, moved = torch.zeros(5), 100.0, 0.02, []
    adv = torch.tensor([2.0, 1.0, 0.0, -1.0, -2.0])
    for _ in range(8):
        old = Categorical(logits=logits)
        logits = climb(logits, old.sample((5000,)), adv, beta)
        moved.append(kl_divergence(old, Categorical(logits=logits)).item())
        beta = adapted(beta, moved[-1], target)
    assert moved[0] < target / 50
    assert all(target / 2 < kl < 2 * target for kl in moved[-4:])


def test_a_penalty_pulls_back_where_the_clip_does_not():
    log_ratio = torch.tensor([1.3, 3.0]).log().requires_grad_()
    adv = torch.ones(2)
    (clip,) = torch.autograd.grad(ppo.clipped_loss(log_ratio, adv, 0.2), log_ratio)
    (pull,) = torch.autograd.grad(penalised_loss(log_ratio, 0 * adv, 2.0), log_ratio)
    assert clip.tolist() == [0, 0]
    assert pull.tolist() == pytest.approx([0.3, 2.0], rel=1e-5)


def agent(discrete=True, hidden_sizes=(8,)):
    """Two networks for 4 observed numbers and 3 actions, or 3 components of one."""
    torch.manual_seed(0)
    act_space = Discrete(3) if discrete else Box(-1, 1, (3,))
    return ppo.ActorCritic(Box(-1, 1, (4,)), act_space, hidden_sizes)


def samples(discrete=True, size=24):
    act = torch.randint(3, (size,)) if discrete else torch.randn(size, 3)
    return ppo.Samples(torch.randn(size, 4), act, torch.randn(size), torch.randn(size))


def flat(net):
    return torch.nn.utils.parameters_to_vector(net.parameters()).detach()


@pytest.fixture
def in_order(monkeypatch):
    monkeypatch.setattr(torch, "randperm", torch.arange)


def first_steps(module, discrete):
    """Where one minibatch of PPO leads the policy, and where VPG's step on its samples."""
    ac, data = agent(discrete), samples(discrete)
    twin, first = copy.deepcopy(ac.pi), ppo.Samples(*(column[:8] for column in data))
    size, passes, clip_ratio, target_kl = 8, 1, 0.2, 1e-8
    sgd = SGD(ac.parameters(), 0.1)
    row = module.update(ac, sgd, data, size, passes, clip_ratio, target_kl, inf)
    vpg.update_policy(twin, SGD(twin.parameters(), 0.1), first)
    assert row["StopIter"] == 1 and row["KL"] > target_kl
    return flat(ac.pi), flat(twin)


@pytest.mark.parametrize("discrete", [True, False])
def test_the_first_step_is_the_policy_gradient_step(in_order, discrete):
    torch.testing.assert_close(*first_steps(ppo, discrete))


SHORT = {
    "hidden_sizes": (16,),
    "num_envs": 4,
    "steps_per_epoch": 256,
    "minibatch_size": 64,
    "epochs": 4,
}


def observe(module, name, look, monkeypatch):
    """What `look` makes of the arguments of each call of a function, while it works."""
    seen, function = [], getattr(module, name)

    def observed(*args, **others):
        seen.append(look(*args))
        return function(*args, **others)

    monkeypatch.setattr(module, name, observed)
    return seen


@pytest.mark.parametrize("discrete", [True, False])
def test_one_step_on_the_whole_batch_is_the_update_of_vpg(discrete):
    ac, data = agent(discrete), samples(discrete)
    twin = copy.deepcopy(ac)
    loss = ppo.value_loss(twin.v(data.obs), data.ret)
    of_values = flat_gradient(loss, twin.v).norm().item()
    row = ppo.update(ac, SGD(ac.parameters(), 0.1), data, 24, 1, 0.2, inf, inf)
    expected = vpg.update_policy(twin.pi, SGD(twin.pi.parameters(), 0.1), data)
    expected |= vpg.update_value(twin.v, SGD(twin.v.parameters(), 0.1), data, 1)
    expected["GradNorm"] = math.hypot(expected["GradNorm"], of_values)
    for name in expected.keys() - {"LossPi", "DeltaLossPi"}:
        np.testing.assert_allclose(row[name], expected[name], rtol=1e-3, err_msg=name)
    torch.testing.assert_close(flat(ac), flat(twin))


def flat_gradient(loss, net):
    return torch.cat([g.flatten() for g in torch.autograd.grad(loss, net.parameters())])


def test_the_report_of_four_samples():
    ratio, adv = torch.tensor([0.7, 1.1, 1.3, 1.0]), torch.tensor([2.0, 1.0, 1.0, -2.0])
    old = Categorical(logits=torch.zeros(4, 3))
    row = ppo.describe_policy(old, ratio.log(), adv, clip_ratio=0.2)
    assert row["ClipFrac"] == 0.5  # the first and the third
    assert row["LossPi"] == pytest.approx(-0.5)
    assert row["DeltaLossPi"] == pytest.approx(-(1.4 + 1.1 + 1.2 - 2.0) / 4 + 0.5)
    assert row["KL"] == pytest.approx((ratio - 1 - ratio.log()).mean().item(), rel=1e-4)
    assert row["Entropy"] == pytest.approx(math.log(3))


def moves_before_learning(module, monkeypatch):
    """The largest change of a log-probability between acting and learning."""

    def change(ac, optimizer, data, *rest):
        now, then = (net(data.obs).log_prob(data.act) for net in (ac.pi, acted[-1]))
        return (now - then).abs().max().item()

    acted = observe(
        module, "rollout", lambda ac, *rest: copy.deepcopy(ac.pi), monkeypatch
    )
    changes = observe(module, "update", change, monkeypatch)
    module.ppo(**SHORT, pi_lr=0.01, normalise_obs=True)
    return max(changes)


def test_the_policy_that_learns_is_the_one_that_acted(monkeypatch):
    assert moves_before_learning(ppo, monkeypatch) < 1e-5


def test_minibatches_are_a_partition_in_each_pass():
    columns = torch.arange(12), 10 * torch.arange(12)
    parts = list(ppo.minibatches(columns, size=4, passes=2))
    assert len(parts) == 6
    for one_pass in (parts[:3], parts[3:]):
        assert sorted(torch.cat([a for a, _ in one_pass]).tolist()) == list(range(12))
    assert all((10 * a == b).all() for a, b in parts)
    assert parts[0][0].tolist() != parts[3][0].tolist()


def test_the_normaliser_knows_mean_and_variance_of_all_rows():
    rows = torch.randn(100, 3, dtype=torch.float64) * torch.tensor([1, 5, 0]) + 1e3
    norm = ppo.Normaliser(3)
    assert torch.equal(norm(rows), rows.float())
    for piece in rows.split([1, 30, 7, 62]):
        norm.update(piece)
    np.testing.assert_allclose(norm.mean, rows.mean(0), rtol=1e-12)
    np.testing.assert_allclose(norm.var, rows.var(0, correction=0), atol=1e-9)
    scaled = norm(rows)
    np.testing.assert_allclose(scaled.mean(0), 0, atol=1e-6)
    np.testing.assert_allclose(scaled.std(0, correction=0), [1, 1, 0], atol=1e-5)
    torch.testing.assert_close(norm.undo(scaled), rows.float())


def test_a_saved_policy_carries_its_normalisers():
    shape = Box(-1, 1, (3,)), Discrete(2), (8,)
    ac, other = ppo.ActorCritic(*shape), ppo.ActorCritic(*shape)
    ac.obs_norm.update(5 + 2 * torch.randn(50, 3))
    ac.ret_norm.update(100 + torch.randn(50))
    other.load_state_dict(ac.state_dict())
    obs = 5 + torch.randn(4, 3)
    assert torch.equal(other.pi(obs).probs, ac.pi(obs).probs)
    assert torch.equal(other.v(obs), ac.v(obs))
    assert (ac.v(obs) - 100).abs().max() < 10
    ac.obs_norm.update(torch.randn(50, 3))
    assert not torch.equal(other.pi(obs).probs, ac.pi(obs).probs)


def test_orthogonal_weights_and_a_policy_without_prejudice(variant):
    module = variant("spinup_lit/ppo.py", "ppo:orthogonal-weights")
    torch.manual_seed(0)
    ac = module.ActorCritic(Box(-1, 1, (4,)), Discrete(3), (16,))
    first, last = ac.actor.logits[0], ac.actor.logits[-1]
    torch.testing.assert_close(first.weight.T @ first.weight, 2 * torch.eye(4))
    torch.testing.assert_close(last.weight @ last.weight.T, 1e-4 * torch.eye(3))
    assert ac.critic.v[-1].weight.norm().item() == pytest.approx(1)
    assert (ac.pi(torch.randn(9, 4)).probs - 1 / 3).abs().max() < 0.02


def test_adam_after_an_outlier():
    x, lengths = torch.zeros(1, dtype=torch.float64, requires_grad=True), []
    adam = torch.optim.Adam([x], lr=1.0)
    one = torch.ones_like(x)  # both means, after a million gradients of 1
    adam.state[x] = {
        "step": torch.tensor(1e6),
        "exp_avg": one,
        "exp_avg_sq": one.clone(),
    }
    for k in range(1300):
        before = x.item()
        x.grad = torch.full_like(x, 100.0 if k == 0 else 1.0)
        adam.step()
        lengths.append(before - x.item())
    after, k = np.array(lengths), np.arange(1300)
    expected = (1 + 9.9 * 0.9**k) / np.sqrt(1 + 9.999 * 0.999**k)
    np.testing.assert_allclose(after, expected, rtol=1e-6)
    assert ((after > 1) == (k <= 13)).all()
    assert after[[0, 40, 1200]] == pytest.approx([3.3, 0.35, 0.5], abs=0.02)


def test_the_value_step_is_in_units_of_the_returns():
    ac, data = agent(hidden_sizes=()), samples()
    ac.ret_norm.update(50 + 10 * torch.randn(1000))
    data = data._replace(ret=50 + 10 * torch.randn(24))
    layer, unit = ac.critic.v[0], ac.ret_norm
    w = layer.weight.detach().clone()
    error = unit(ac.v(data.obs).detach()) - unit(data.ret)  # what the network is off by
    row = ppo.update(ac, SGD(ac.parameters(), 0.1), data, 24, 1, 0.2, inf, inf)
    expected = w - 0.1 * 2 * (error @ data.obs) / 24
    torch.testing.assert_close(layer.weight.detach(), expected, rtol=1e-4, atol=1e-5)
    assert row["DeltaLossV"] < 0


def step_beside_another_rank(module, monkeypatch):
    """Our gradient is (30, 40), the mean over ranks (0.3, 0.4); clipped to 1."""

    def avg_grads(params):
        for p in params:
            p.grad *= 0.01

    monkeypatch.setattr(mpi, "avg_grads", avg_grads)
    x = torch.zeros(2, requires_grad=True)
    norm = module.take_step(SGD([x], lr=1.0), x @ torch.tensor([30.0, 40.0]), 1.0)
    return norm, x.detach()


def test_gradients_are_clipped_after_averaging(monkeypatch):
    norm, x = step_beside_another_rank(ppo, monkeypatch)
    assert norm == pytest.approx(0.5)
    np.testing.assert_allclose(x, [-0.3, -0.4], rtol=1e-5)
    x = torch.zeros(2, requires_grad=True)
    ppo.take_step(SGD([x], lr=1.0), x @ torch.tensor([300.0, 400.0]), 1.0)
    np.testing.assert_allclose(x.detach(), [-0.6, -0.8], rtol=1e-4)


def test_without_the_minimum_a_wrong_move_is_not_undone(variant):
    wrong = variant("spinup_lit/ppo.py", "ppo:no-minimum")
    _, gradient = gradients(wrong.clipped_loss, *SIX_CASES)
    assert gradient.tolist() == pytest.approx([0, 3, 0, 0, -3, 0], rel=1e-5)


@pytest.mark.parametrize("discrete", [True, False])
def test_normalising_again_is_noticed(variant, in_order, discrete):
    wrong = variant("spinup_lit/ppo.py", "ppo:normalised-again")
    taken, policy_gradient = first_steps(wrong, discrete)
    assert (taken - policy_gradient).abs().max() > 0.001


def test_statistics_too_early_are_noticed(variant, monkeypatch):
    wrong = variant("spinup_lit/ppo.py", "ppo:statistics-too-early")
    assert moves_before_learning(wrong, monkeypatch) > 0.01


def long_update(module):
    """Many steps on one batch, with a step size far too large for so many."""
    ac, data = agent(), samples()
    optimizer = torch.optim.Adam(ac.parameters(), 0.02)
    return module.update(ac, optimizer, data, 8, 30, 0.2, 0.05, inf)


def test_an_update_ends_near_the_old_policy(variant):
    right = long_update(ppo)
    wrong = long_update(variant("spinup_lit/ppo.py", "ppo:always-new"))
    assert right["KL"] < 0.1 and right["StopIter"] < 90
    assert wrong["KL"] > 1 and wrong["StopIter"] == 90


def test_a_rank_stops_when_the_mean_of_all_says_so(variant, monkeypatch):
    monkeypatch.setattr(mpi, "avg", lambda x: 0.06)  # the others have moved far
    assert divergence_seen(ppo) == 0.06
    assert divergence_seen(variant("spinup_lit/ppo.py", "ppo:stop-alone")) == 0


def divergence_seen(module):
    return module.divergence(torch.zeros(5))


def test_clipping_too_early_is_noticed(variant, monkeypatch):
    wrong = variant("spinup_lit/ppo.py", "ppo:clip-too-early")
    norm, x = step_beside_another_rank(wrong, monkeypatch)
    assert norm == pytest.approx(50)
    np.testing.assert_allclose(x, [-0.006, -0.008], rtol=1e-4)


def test_damped_advantages_are_never_magnified(variant):
    damped = variant("spinup_lit/ppo.py", "ppo:damped").normalise
    small, large = 0.1 * np.arange(5.0), 7 * np.arange(5.0)
    np.testing.assert_allclose(damped(small), small - small.mean())
    np.testing.assert_allclose(damped(large), ppo.normalise(large))


def two_updates():
    """What this rank makes of its share of a batch: parameters, and what it logs."""
    torch.manual_seed(mpi.proc_id())  # only sync_params makes the ranks agree
    ac = ppo.ActorCritic(Box(-1, 1, (4,)), Discrete(3), (16,))
    mpi.sync_params(ac)
    size, passes = 64 // mpi.num_procs(), 10
    for _ in range(2):
        data = ppo.estimate(ac.v, frozen_share(ppo), 0.99, 0.95)
        ac.ret_norm.update(data.ret)
        sgd = SGD(ac.parameters(), 0.5)
        row = ppo.update(ac, sgd, data, size, passes, 0.2, 0.01, 0.5)
        ac.obs_norm.update(data.obs)
    assert 1 < row["StopIter"] < 40, row
    return torch.cat([x.flatten().double() for x in ac.state_dict().values()]), row


def test_two_ranks_do_what_one_does(in_order):
    one, two = one_and_two(two_updates)
    np.testing.assert_allclose(one, two, rtol=1e-4, atol=1e-5)


def test_every_argument_arrives(monkeypatch):
    seen = observe(ppo, "update", lambda ac, optimizer, data, *rest: rest, monkeypatch)
    others = {"clip_ratio": 0.3, "target_kl": 0.7, "max_grad_norm": 0.9}
    ppo.ppo(**SHORT | {"epochs": 1}, train_passes=3, **others)
    assert seen == [(64, 3, 0.3, 0.7, 0.9)]


def test_learning_rates_fall_in_a_straight_line(monkeypatch):
    def rates(ac, optimizer, *rest):
        of_pi, of_v = optimizer.param_groups
        assert [*map(id, of_pi["params"])] == [*map(id, ac.pi.parameters())]
        assert [*map(id, of_v["params"])] == [*map(id, ac.v.parameters())]
        return of_pi["lr"], of_v["lr"]

    seen = observe(ppo, "update", rates, monkeypatch)
    ppo.ppo(**SHORT, pi_lr=0.4, vf_lr=0.2, lr_decay=1.0)
    ppo.ppo(**SHORT, pi_lr=0.4, vf_lr=0.2, lr_decay=0.5)
    of_pi, of_v = zip(*seen)
    assert of_pi == pytest.approx([0.4, 0.3, 0.2, 0.1, 0.4, 0.35, 0.3, 0.25])
    assert of_v == pytest.approx([rate / 2 for rate in of_pi])


def test_returns_are_counted_before_learning_and_observations_after_it(monkeypatch):
    def counts(ac, *rest):
        return ac.obs_norm.count.item(), ac.ret_norm.count.item()

    seen = observe(ppo, "update", counts, monkeypatch)
    ppo.ppo(**SHORT, normalise_obs=True, normalise_ret=True)
    assert seen == [(0, 256), (256, 512), (512, 768), (768, 1024)]


def test_larger_adam_eps_is_that(variant, monkeypatch):
    module = variant("spinup_lit/ppo.py", "ppo:larger-adam-eps")
    seen = observe(
        module, "update", lambda ac, optimizer, *rest: optimizer.defaults, monkeypatch
    )
    module.ppo(**SHORT | {"epochs": 1})
    assert seen[0]["eps"] == 1e-5


@pytest.mark.parametrize("off", ["normalise_obs", "normalise_ret"])
def test_statistics_that_are_off_stay_empty(off):
    ac = ppo.ppo(**SHORT, **{off: False})
    seen = {"normalise_obs": ac.obs_norm.count, "normalise_ret": ac.ret_norm.count}
    assert seen.pop(off) == 0
    assert list(seen.values()) == [4 * 256]


class Seven(gym.Env):
    observation_space, action_space = Box(-1, 1, (2,)), Discrete(2)

    def reset(self, seed=None, options=None):
        return np.zeros(2, np.float32), {}

    def step(self, action):
        return np.zeros(2, np.float32), 7.0, True, False, {}


gym.register("Seven-v0", Seven)


def test_equal_returns_are_learnt():
    ac = ppo.ppo("Seven-v0", **SHORT)
    assert ac.v(torch.zeros(2)).item() == pytest.approx(7, abs=0.01)


@pytest.mark.parametrize(
    ("size", "ranks", "message"),
    [
        (300, 1, "minibatch_size is 300; .* such as 256"),
        (4096, 1, "minibatch_size is 4096; .* such as 2048"),
        (1, 2, "such as 2"),
    ],
)
def test_a_minibatch_that_does_not_fit_is_refused(size, ranks, message):
    ppo.check_minibatches(2048, 256, ranks)
    with pytest.raises(UserError, match=message):
        ppo.check_minibatches(2048, size, ranks)
    with pytest.raises(UserError, match="such as 256"):
        ppo.ppo(minibatch_size=300)


SOLUTION_ENTROPY = (
    "ppo:solution-entropy-argument",
    "ppo:solution-entropy-meaning",
    "ppo:solution-entropy-update",
    "ppo:solution-entropy-train",
)


@pytest.mark.long
def test_solution_of_the_entropy_bonus(variant, monkeypatch):
    module = variant("spinup_lit/ppo.py", *SOLUTION_ENTROPY)
    assert torch.equal(flat(module.ppo(**SHORT)), flat(ppo.ppo(**SHORT)))
    obs = torch.randn(50, 4)
    plain, random = (
        module.ppo(**SHORT, entropy_weight=c).pi(obs).entropy().mean().item()
        for c in (0.0, 10.0)
    )
    assert plain < random == pytest.approx(math.log(2), abs=0.01)
    with pytest.raises(UserError, match="entropy_weight is"):
        module.ppo(entropy_weight=-1.0)
    assert "entropy_weight: weight" in module.ppo.__doc__


def test_solution_of_the_changed_unit():
    unit, obs = ppo.Normaliser(), torch.randn(20, 3)
    critic, returns = ppo.Critic(3, (8,), unit), 50 + 10 * torch.randn(100)
    before, mean, std = critic(obs), unit.mean.clone(), unit.scale()
    unit.update(returns)
    assert (critic(obs) - before).abs().min() > 20
    last = critic.v[-1]
    with torch.no_grad():
        last.weight *= std / unit.scale()
        last.bias.copy_((std * last.bias + mean - unit.mean) / unit.scale())
    torch.testing.assert_close(critic(obs), before, rtol=1e-4, atol=1e-4)


@pytest.mark.long
def test_ppo_learns():
    rows = rows_until(475, ppo.ppo, epochs=40)
    assert max(row["ExplainedVariance"] for row in rows) > 0.5

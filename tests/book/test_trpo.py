# tests/book/test_trpo.py: generated from book/onpolicy/trpo.md; edit the chapter. sha256:771c292dc08c580e
"""Natural gradients and TRPO: the theory in numbers, the update, and that it learns."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from gymnasium.spaces import Box, Discrete
from learning import rows_until
from ranks import frozen_share, one_and_two
from scipy import linalg
from scipy.sparse.linalg import LinearOperator, eigsh
from torch.autograd.functional import hessian, jacobian
from torch.distributions import Categorical, kl_divergence
from torch.func import functional_call

from spinup_lit import trpo, vpg
from spinup_lit.machinery import mpi
from spinup_lit.machinery.envs import EnvBatch

torch.set_num_threads(1)  # for small arrays, more threads only wait for each other
BOTH = pytest.mark.parametrize("kind", [trpo.CategoricalActor, trpo.GaussianActor])


def small_policy(kind, seed=0):
    torch.manual_seed(seed)
    pi = kind(3, 2, (4,)).double()
    for p in pi.parameters():
        torch.nn.init.normal_(p, std=0.5)
    return pi


def random_samples(pi, size=20, seed=0):
    torch.manual_seed(seed)
    obs = torch.randn(size, 3).to(next(pi.parameters()).dtype)
    adv = torch.randn(size).to(obs)
    with torch.no_grad():
        return trpo.Samples(obs, pi(obs).sample(), adv, adv)


def step_of(pi, data, delta, damping, cg_iters, module=trpo):
    g = module.policy_gradient(pi, data)
    return module.natural_step(pi, data.obs, g, delta, damping, cg_iters)


def theta_of(pi):
    return trpo.flatten(pi.parameters()).detach()


def matrix(product, n):
    """The matrix behind a function that multiplies by it."""
    return torch.stack([product(row) for row in torch.eye(n, dtype=torch.float64)])


def fisher_matrix(pi, obs, module=trpo):
    return matrix(module.fisher_product(pi, obs), len(theta_of(pi)))


class ThreeActions(torch.nn.Module):
    """One state, and the logits theta_1, theta_2 and 0."""

    def __init__(self):
        super().__init__()
        self.theta = torch.nn.Parameter(torch.tensor([8.0, 1.0]).double().log())

    def forward(self, obs):
        logits = torch.cat([self.theta, torch.zeros(1)])
        return Categorical(logits=logits.expand(len(obs), 3))


def test_three_actions_by_hand():
    pi, act = ThreeActions(), torch.tensor([0] * 8 + [1, 2])  # as often as expected
    adv = torch.tensor([0.0] * 8 + [1, -1]).double()
    data = trpo.Samples(torch.zeros(10, 1), act, adv, None)
    g = trpo.policy_gradient(pi, data)
    step = trpo.natural_step(pi, data.obs, g, 0.025, damping=0, cg_iters=2)
    assert g.tolist() == pytest.approx([0, 0.1])
    assert step.tolist() == pytest.approx([0.5, 1])
    row = trpo.line_search(pi, data, step, 0.025, 0.8, 10)
    assert row["BacktrackIters"] == 1
    assert row["KL"] == pytest.approx(0.0161, abs=5e-5)
    assert -row["DeltaLossPi"] == pytest.approx(0.081, abs=5e-4)


def policy_at(theta, pi, obs):
    """The distributions of actions as a function of all parameters, a vector."""
    names, params = zip(*pi.named_parameters())
    parts = theta.split([p.numel() for p in params])
    values = {n: x.view_as(p) for n, x, p in zip(names, parts, params)}
    return functional_call(pi, values, obs)


def mean_outer_product(pi, obs):
    """The mean of score times score, over all actions or by the formula for Gaussians."""

    def slopes(f):
        return jacobian(lambda th: f(policy_at(th, pi, obs)).flatten(), theta_of(pi))

    if isinstance(pi, trpo.CategoricalActor):
        rows = slopes(lambda dist: dist.logits)  # log-probabilities, of each action
        factors = pi(obs).probs.flatten().detach()
    else:
        of_mean = slopes(lambda dist: dist.base_dist.loc)
        of_log_std = slopes(lambda dist: dist.base_dist.scale.log())
        rows = torch.cat([of_mean, of_log_std])
        sigma = pi(obs).base_dist.scale.flatten().detach()
        factors = torch.cat([sigma**-2, torch.full_like(sigma, 2)])
    return rows.T @ (factors[:, None] * rows) / len(obs)


@BOTH
def test_products_are_those_of_the_outer_product_matrix(kind):
    pi = small_policy(kind)
    obs = random_samples(pi).obs
    F = fisher_matrix(pi, obs)
    torch.testing.assert_close(F, mean_outer_product(pi, obs))
    eigenvalues = torch.linalg.eigvalsh(F)
    assert eigenvalues.min() > -1e-12
    assert eigenvalues.max() > 0.1


@BOTH
def test_products_are_those_of_the_second_derivatives(kind, module=trpo):
    pi = small_policy(kind)
    obs, theta = random_samples(pi).obs, theta_of(pi)
    old = policy_at(theta, pi, obs)
    F = fisher_matrix(pi, obs, module)

    def forth(theta):
        return kl_divergence(old, policy_at(theta, pi, obs)).mean()

    def back(theta):
        return kl_divergence(policy_at(theta, pi, obs), old).mean()

    torch.testing.assert_close(hessian(forth, theta), F)
    torch.testing.assert_close(hessian(back, theta), F)


def test_minus_the_expected_second_derivative_of_the_log_probability():
    pi = small_policy(trpo.CategoricalActor)
    obs, theta = random_samples(pi).obs, theta_of(pi)
    probs = pi(obs).probs.detach()
    H = hessian(lambda th: (probs * policy_at(th, pi, obs).logits).sum(1).mean(), theta)
    torch.testing.assert_close(-H, fisher_matrix(pi, obs))


@BOTH
@torch.no_grad()
def test_the_divergence_is_quadratic_near_by(kind):
    pi = small_policy(kind)
    data, theta = random_samples(pi), theta_of(pi)
    d = torch.randn_like(theta)
    with torch.enable_grad():
        quadratic = d @ trpo.fisher_product(pi, data.obs)(d) / 2
    old, errors = pi(data.obs), []
    for t in (1e-2, 1e-3):
        trpo.set_params(pi, theta + t * d)
        _, kl = trpo.compare(old, pi(data.obs), data)
        errors.append((kl - t**2 * quadratic).item())
    assert abs(errors[0]) < 0.1 * 1e-4 * quadratic
    assert errors[0] / errors[1] == pytest.approx(1000, rel=0.1)


def matrix_with(eigenvalues, seed=0):
    rng = np.random.default_rng(seed)
    Q, _ = np.linalg.qr(rng.normal(size=(len(eigenvalues),) * 2))
    A = torch.from_numpy(Q * eigenvalues @ Q.T)
    return A, torch.from_numpy(rng.normal(size=len(A)))


def test_conjugate_gradients_arrive_in_n_rounds(module=trpo):
    A, b = matrix_with(np.linspace(1, 30, 12))
    exact = torch.from_numpy(linalg.solve(A.numpy(), b.numpy()))
    x = module.conjugate_gradient(lambda v: A @ v, b, iters=12)
    torch.testing.assert_close(x, exact, rtol=1e-9, atol=0)
    assert not torch.allclose(trpo.conjugate_gradient(lambda v: A @ v, b, 11), exact)


def test_after_k_rounds_no_point_of_their_space_is_better():
    A, b = matrix_with(np.linspace(1, 30, 12))
    for k in range(1, 6):
        powers = [torch.linalg.matrix_power(A, j) @ b for j in range(k)]
        Q, _ = torch.linalg.qr(torch.stack(powers, 1))  # spans K_k
        best = Q @ torch.linalg.solve(Q.T @ A @ Q, Q.T @ b)
        torch.testing.assert_close(trpo.conjugate_gradient(lambda v: A @ v, b, k), best)


def test_they_need_a_round_for_each_eigenvalue():
    A, b = matrix_with(np.repeat([1.0, 5.0, 100.0], 4))
    calls = []
    x = trpo.conjugate_gradient(lambda v: calls.append(v) or A @ v, b, iters=3)
    torch.testing.assert_close(A @ x, b)
    assert len(calls) == 3
    nothing = trpo.conjugate_gradient(lambda v: calls.append(v), 0 * b, iters=9)
    assert not nothing.any()
    assert len(calls) == 3


@pytest.mark.parametrize("condition", [2, 30, 1000])
def test_they_keep_within_the_bound(condition):
    A, b = matrix_with(np.geomspace(1, condition, 40))
    exact = torch.linalg.solve(A, b)
    rate = (condition**0.5 - 1) / (condition**0.5 + 1)
    for k in range(1, 15):
        error = trpo.conjugate_gradient(lambda v: A @ v, b, k) - exact
        ratio = (error @ A @ error / (exact @ A @ exact)) ** 0.5
        assert ratio <= 2 * rate**k


PRINTED = {  # damping: limit of residuals
    torch.float64: {0.0: 1, 0.001: 2e-3, 0.01: 1e-6, 0.1: 1e-11},
    torch.float32: {0.0: 1, 0.001: 5e-3, 0.01: 2e-5, 0.1: 1e-6},
}


def new_policy_on_cartpole(seed, dtype):
    """A gradient for random advantages, and the product with the Fisher matrix."""
    torch.manual_seed(seed)
    envs = EnvBatch("CartPole-v1", 8, seed)
    pi = trpo.CategoricalActor(4, 2, (64, 64)).double()
    acting = SimpleNamespace(
        act=lambda obs: pi(torch.from_numpy(obs).double()).sample().numpy()
    )
    batch = trpo.rollout(acting, envs, 128)
    obs, act = (torch.from_numpy(x).flatten(0, 1) for x in (batch.obs, batch.act))
    adv = torch.randn(len(obs)).to(dtype)
    data, pi = trpo.Samples(obs.to(dtype), act, adv, None), pi.to(dtype)
    return trpo.policy_gradient(pi, data), trpo.fisher_product(pi, data.obs)


def residual_after_ten_rounds(g, fisher, damping):
    x = trpo.conjugate_gradient(lambda v: fisher(v) + damping * v, g, iters=10)
    return ((g - fisher(x) - damping * x).norm() / g.norm()).item()


def largest_eigenvalues(fisher, start):
    n, multiply = len(start), lambda v: fisher(torch.from_numpy(v)).numpy()
    F = LinearOperator((n, n), multiply, dtype=start.numpy().dtype)
    return eigsh(F, 3, v0=start.numpy(), tol=1e-3, return_eigenvectors=False)


@pytest.mark.parametrize("dtype", PRINTED)
def test_what_damping_does(dtype):
    policies = [new_policy_on_cartpole(seed, dtype) for seed in range(4)]
    for damping, printed in PRINTED[dtype].items():
        worst = max(residual_after_ten_rounds(*pi, damping) for pi in policies)
        assert 1e-4 * printed < worst < printed
    for g, fisher in policies:
        third, second, first = largest_eigenvalues(fisher, start=g)
        assert 2.0 < first < 2.25
        assert third < 0.1 < second


@BOTH
def test_the_step_promises_most_within_the_limit(kind):
    pi = small_policy(kind)
    data = random_samples(pi)
    A = fisher_matrix(pi, data.obs) + 0.1 * torch.eye(len(theta_of(pi)))
    loss = vpg.policy_loss(pi(data.obs).log_prob(data.act), data.adv)
    g = -trpo.flat_grad(loss, list(pi.parameters()))
    x = torch.from_numpy(linalg.solve(A.numpy(), g.numpy()))
    best = (2 * 0.01 / (g @ x)) ** 0.5 * x
    d = step_of(pi, data, delta=0.01, damping=0.1, cg_iters=len(g))
    torch.testing.assert_close(d, best)
    assert (g @ d).item() == pytest.approx((2 * 0.01 * g @ x).item() ** 0.5)
    for _ in range(1000):
        other = d + 0.3 * d.norm() * torch.randn_like(d) / len(d) ** 0.5
        other *= (2 * 0.01 / (other @ A @ other)) ** 0.5
        assert g @ other < g @ d


@BOTH
def test_an_unfinished_step_still_meets_the_limit_and_goes_up(kind, module=trpo):
    pi = small_policy(kind)
    data = random_samples(pi)
    A = fisher_matrix(pi, data.obs) + 0.1 * torch.eye(len(theta_of(pi)))
    loss = vpg.policy_loss(pi(data.obs).log_prob(data.act), data.adv)
    g = -trpo.flat_grad(loss, list(pi.parameters()))
    d = step_of(pi, data, delta=0.01, damping=0.1, cg_iters=3, module=module)
    assert (d @ A @ d).item() / 2 == pytest.approx(0.01)
    assert g @ d > 0
    x = trpo.conjugate_gradient(lambda v: A @ v, g, 3)
    assert (g @ x).item() == pytest.approx((x @ A @ x).item())


class Table(torch.nn.Module):
    """A policy over three actions in five states; its logits are h(psi), and zero."""

    def __init__(self, psi, h):
        super().__init__()
        self.psi, self.h = torch.nn.Parameter(psi), h

    def forward(self, state):
        logits = self.h(self.psi).view(5, 2)[state]
        return Categorical(logits=torch.cat([logits, torch.zeros(len(state), 1)], 1))


def test_the_natural_step_does_not_depend_on_the_parametrisation():
    rng = np.random.default_rng(0)
    W, psi = (torch.from_numpy(rng.normal(size=size)) for size in ((10, 10), 10))
    state, act = (torch.from_numpy(rng.integers(n, size=100)) for n in (5, 3))
    data = trpo.Samples(state, act, torch.from_numpy(rng.normal(size=100)), None)
    H = W * psi.cosh()  # derivatives of W sinh(psi)
    steps, gradients = [], []
    for pi in (
        Table(W @ psi.sinh(), lambda theta: theta),
        Table(psi, lambda psi: W @ psi.sinh()),
    ):
        steps.append(step_of(pi, data, 0.01, damping=0, cg_iters=30))
        loss = vpg.policy_loss(pi(state).log_prob(act), data.adv)
        gradients.append(-trpo.flat_grad(loss, [pi.psi]))
    torch.testing.assert_close(H @ steps[1], steps[0])
    torch.testing.assert_close(gradients[1], H.T @ gradients[0])
    moved = H @ gradients[1]
    assert torch.cosine_similarity(moved, gradients[0], dim=0) < 0.8


@BOTH
def test_the_gradient_of_the_surrogate_is_the_policy_gradient(kind):
    pi = small_policy(kind)
    data, params = random_samples(pi), list(pi.parameters())
    logp = pi(data.obs).log_prob(data.act)
    gain = trpo.surrogate(logp, logp.detach(), data.adv)
    assert gain.item() == pytest.approx(data.adv.mean().item())
    expected = -trpo.flat_grad(vpg.policy_loss(logp, data.adv), params)
    torch.testing.assert_close(trpo.flat_grad(gain, params), expected)
    ratios = torch.tensor([0.5, 2.0, 3.0])
    gain = trpo.surrogate(ratios.log(), torch.zeros(3), torch.tensor([4.0, -1.0, 2.0]))
    assert gain.item() == pytest.approx((2 - 2 + 6) / 3)


def divergence_by_hand(old, new):
    if isinstance(old, Categorical):
        return (old.probs * (old.probs / new.probs).log()).sum(1).mean().item()
    (m0, s0), (m1, s1) = ((d.base_dist.loc, d.base_dist.scale) for d in (old, new))
    terms = (s1 / s0).log() + (s0**2 + (m0 - m1) ** 2) / (2 * s1**2) - 0.5
    return terms.sum(1).mean().item()


@torch.no_grad()
def judge_by_hand(pi, theta, theta_old, data):
    """Surrogate and divergence of the policy with parameters theta."""
    trpo.set_params(pi, theta_old)
    old = pi(data.obs)
    trpo.set_params(pi, theta)
    new = pi(data.obs)
    ratio = new.log_prob(data.act).exp() / old.log_prob(data.act).exp()
    return (ratio * data.adv).mean().item(), divergence_by_hand(old, new)


def search(pi, data, delta, module=trpo):
    """The old parameters, the step, and what the line search says."""
    theta = theta_of(pi)
    step = step_of(pi, data, delta, damping=0.01, cg_iters=10)
    return theta, step, module.line_search(pi, data, step, delta, 0.8, 10)


@BOTH
@pytest.mark.parametrize("delta", [0.01, 0.3])
def test_the_line_search_takes_the_first_step_that_passes(kind, delta, module=trpo):
    for seed in range(8):
        pi = small_policy(kind, seed)
        data = random_samples(pi, seed=seed)
        theta, step, row = search(pi, data, delta, module)
        taken = theta_of(pi)
        before, _ = judge_by_hand(pi, theta, theta, data)
        entropy = pi(data.obs).entropy().mean().item()
        for j in range(10):
            after, kl = judge_by_hand(pi, theta + 0.8**j * step, theta, data)
            if after > before and kl <= delta:
                break
        assert row["BacktrackIters"] == j
        torch.testing.assert_close(taken, theta + 0.8**j * step)
        assert row["KL"] == pytest.approx(kl)
        assert row["KL"] <= delta
        assert row["Entropy"] == pytest.approx(entropy)
        assert row["LossPi"] == pytest.approx(-before)
        assert row["DeltaLossPi"] == pytest.approx(before - after)
        assert row["DeltaLossPi"] < 0


def failed_search(kind, factor, module=trpo):
    """What the line search leaves behind of parameters in single precision."""
    pi = small_policy(kind).float()
    data = random_samples(pi)
    before = [p.detach().clone() for p in pi.parameters()]
    step = factor * step_of(pi, data, 0.01, damping=0.1, cg_iters=10)
    row = module.line_search(pi, data, step, 0.01, 0.8, iters=5)
    assert row["BacktrackIters"] == 5
    assert row["KL"] == row["DeltaLossPi"] == 0
    return all(torch.equal(a, b) for a, b in zip(before, pi.parameters(), strict=True))


@BOTH
@pytest.mark.parametrize("factor", [-1.0, 1e3, float("nan")])
def test_a_failed_line_search_puts_everything_back(kind, factor):
    assert failed_search(kind, factor)


@BOTH
def test_where_nothing_can_be_learned_nothing_moves(kind):
    pi = small_policy(kind)
    data = random_samples(pi)
    data = data._replace(adv=torch.zeros_like(data.adv))
    theta, step, row = search(pi, data, 0.01)
    assert not step.any()
    assert torch.equal(theta_of(pi), theta)
    assert row["BacktrackIters"] == 10


@BOTH
def test_the_old_policy_must_be_held_constant(kind, variant):
    wrong = variant("spinup_lit/trpo.py", "trpo:old-policy-moves-along")
    with pytest.raises(AssertionError, match="not close"):
        test_products_are_those_of_the_second_derivatives(kind, wrong)
    pi = small_policy(kind)
    F = fisher_matrix(pi, random_samples(pi).obs, wrong)
    assert abs(F).max() < 1e-12  # there seems to be no curvature at all


def test_steepest_descent_does_not_arrive(variant):
    wrong = variant("spinup_lit/trpo.py", "trpo:steepest-descent")
    with pytest.raises(AssertionError, match="not close"):
        test_conjugate_gradients_arrive_in_n_rounds(wrong)


@BOTH
def test_the_length_belongs_to_the_damped_matrix(kind, variant):
    wrong = variant("spinup_lit/trpo.py", "trpo:length-without-damping")
    with pytest.raises(AssertionError):
        test_an_unfinished_step_still_meets_the_limit_and_goes_up(kind, wrong)


@BOTH
def test_the_direction_of_the_divergence_matters(kind, variant):
    wrong = variant("spinup_lit/trpo.py", "trpo:divergence-backwards")
    with pytest.raises(AssertionError):
        test_the_line_search_takes_the_first_step_that_passes(kind, 0.3, wrong)


@BOTH
def test_a_search_that_does_not_put_back_is_found(kind, variant):
    wrong = variant("spinup_lit/trpo.py", "trpo:not-put-back")
    assert not failed_search(kind, -1.0, wrong)


@BOTH
def test_the_natural_policy_gradient_takes_the_whole_step(kind, variant):
    natural = variant("spinup_lit/trpo.py", "trpo:natural-policy-gradient")
    kl = []
    for seed in range(8):
        pi = small_policy(kind, seed)
        theta, step, row = search(pi, random_samples(pi, seed=seed), 0.3, natural)
        torch.testing.assert_close(theta_of(pi), theta + step)
        assert row["BacktrackIters"] == 0
        kl.append(row["KL"])
    assert max(kl) > 0.3


@BOTH
def test_solution_of_one_product_less(kind, variant):
    less = variant("spinup_lit/trpo.py", "trpo:solution-one-product-less")
    pi = small_policy(kind)
    data = random_samples(pi)
    g = trpo.policy_gradient(pi, data)
    steps = [m.natural_step(pi, data.obs, g, 0.01, 0.1, 5) for m in (trpo, less)]
    torch.testing.assert_close(*steps)


def test_solution_of_a_plain_step_to_the_same_limit(variant):
    plain = variant("spinup_lit/trpo.py", "trpo:solution-plain-step")
    pi, g = ThreeActions(), torch.tensor([0, 0.1]).double()
    step = plain.natural_step(pi, torch.zeros(10, 1), g, 0.025, damping=0, cg_iters=2)
    assert step.tolist() == pytest.approx([0, 0.05**0.5 / 0.3])


def one_update():
    """What this rank makes of its share of a batch: parameters, and what it logs."""
    torch.manual_seed(mpi.proc_id())  # only sync_params makes the ranks agree
    ac = trpo.ActorCritic(Box(-1, 1, (4,)), Discrete(3), (16,)).double()
    mpi.sync_params(ac)
    batch = frozen_share(trpo)
    batch = batch._replace(
        obs=batch.obs.astype(float), next_obs=batch.next_obs.astype(float)
    )
    data = trpo.estimate(ac.v, batch, 0.99, 0.97)
    data = trpo.Samples(*(x.double() if x.is_floating_point() else x for x in data))
    g = trpo.policy_gradient(ac.pi, data)
    step = trpo.natural_step(ac.pi, data.obs, g, 0.5, 0.01, 10)
    row = trpo.line_search(ac.pi, data, step, 0.5, 0.8, 10)
    assert row["BacktrackIters"] > 0 and row["KL"] > 0.1
    row |= trpo.update_value(ac.v, torch.optim.SGD(ac.v.parameters(), 1e-3), data, 5)
    return trpo.flatten(ac.parameters()).detach(), row


def test_two_ranks_take_the_step_of_one():
    one, two = one_and_two(one_update)
    np.testing.assert_allclose(one, two, rtol=1e-6, atol=1e-6)


def test_every_argument_arrives(tmp_path, monkeypatch):
    calls = {}

    def record(name):
        function = getattr(trpo, name)

        def recorded(*args):
            calls[name] = args
            return function(*args)

        monkeypatch.setattr(trpo, name, recorded)

    for name in ("estimate", "natural_step", "line_search", "update_value"):
        record(name)
    sizes = {"hidden_sizes": (16,), "num_envs": 4, "steps_per_epoch": 256, "epochs": 1}
    values = {"gamma": 0.9, "lam": 0.8, "damping": 0.3, "cg_iters": 2, "delta": 0.02}
    search = {"backtrack_coeff": 0.7, "backtrack_iters": 3, "train_v_iters": 4}
    trpo.trpo(**sizes, **values, **search, output_dir=tmp_path)
    assert calls["estimate"][2:] == (0.9, 0.8)
    assert calls["natural_step"][3:] == (0.02, 0.3, 2)
    assert calls["line_search"][3:] == (0.02, 0.7, 3)
    assert calls["update_value"][3:] == (4,)
    table = np.genfromtxt(tmp_path / "progress.txt", delimiter="\t", names=True)
    assert table["GradNorm"] == pytest.approx(calls["natural_step"][2].norm().item())


@pytest.mark.long
def test_trpo_learns():
    rows = rows_until(475, trpo.trpo, seed=0, epochs=100)
    assert max(row["KL"] for row in rows) <= 0.005
    assert max(row["DeltaLossPi"] for row in rows) <= 0

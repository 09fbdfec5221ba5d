# tests/book/test_advantages.py: generated from book/machinery/advantages.md; edit the chapter. sha256:30209fa194ee638d
"""Advantage estimates against hand computation, definition and exact expectation."""

import numpy as np
import pytest

from spinup_lit import mpi
from spinup_lit.vpg import gae, normalise


def random_batch(seed):
    """Rewards, values, next values and both flags, with ends in random places."""
    rng = np.random.default_rng(seed)
    T, N = rng.integers(1, 8, size=2)
    rew, val, last_val = rng.normal(size=(3, T, N))
    terminated, truncated = rng.random((2, T, N)) < 0.2
    goes_on = ~(terminated | truncated)[:-1]
    next_val = last_val.copy()
    next_val[:-1][goes_on] = val[1:][goes_on]
    return rew, val, next_val, terminated, truncated


def three_steps(gae):
    columns = np.ones(4)  # goes on, terminates, is truncated, both
    return gae(
        rew=np.outer([1, 2, 3], columns),
        val=np.outer([4, 3, 10], columns),
        next_val=np.array([[3, 3, 3, 3], [10, 6, 6, 6], [8, 8, 8, 8]]),
        terminated=np.array([[0, 0, 0, 0], [0, 1, 0, 1], [0, 0, 0, 0]], dtype=bool),
        truncated=np.array([[0, 0, 0, 0], [0, 0, 1, 1], [0, 0, 0, 0]], dtype=bool),
        gamma=0.5,
        lam=0.5,
    )


def test_three_steps_by_hand():
    expected = [[-0.6875, -1.75, -1, -1.75], [3.25, -1, 2, -1], [-3, -3, -3, -3]]
    np.testing.assert_array_equal(three_steps(gae), expected)


@pytest.mark.parametrize(
    ("mistake", "truncated"),
    [
        ("advantages:truncation-as-death", [-1.75, -1, -3]),
        ("advantages:credit-across-episodes", [-1.1875, 1.25, -3]),
    ],
)
def test_the_test_by_hand_finds_mistakes(variant, mistake, truncated):
    wrong = three_steps(variant("spinup_lit/vpg.py", mistake).gae)
    right = three_steps(gae)
    np.testing.assert_array_equal(wrong[:, 2], truncated)
    np.testing.assert_array_equal(wrong[:, [0, 1, 3]], right[:, [0, 1, 3]])


def by_definition(rew, val, next_val, terminated, truncated, gamma, lam, t):
    """The mixture of n-step advantages at step t, for one environment."""
    ends = np.flatnonzero((terminated | truncated)[t:])
    longest = ends[0] + 1 if len(ends) else len(rew) - t
    total = 0.0
    for n in range(1, longest + 1):
        weight = lam ** (n - 1) * (1 - lam if n < longest else 1)
        rewards = sum(gamma**k * rew[t + k] for k in range(n))
        rest = 0 if terminated[t + n - 1] else next_val[t + n - 1]
        total += weight * (rewards + gamma**n * rest - val[t])
    return total


@pytest.mark.parametrize("seed", range(50))
def test_gae_is_the_mixture_of_its_definition(seed):
    batch = random_batch(seed)
    for gamma, lam in [(0.9, 0.8), (1, 0.5), (0.7, 1), (1, 1), (0.9, 0), (0, 0.5)]:
        adv = gae(*batch, gamma, lam)
        for t, i in np.ndindex(adv.shape):
            alone = [x[:, i] for x in batch]
            expected = by_definition(*alone, gamma, lam, t)
            assert adv[t, i] == pytest.approx(expected, rel=1e-12, abs=1e-12)


def test_lambda_zero_is_the_temporal_difference_error():
    rew, val, next_val, terminated, _ = batch = random_batch(3)
    expected = rew + 0.9 * np.where(terminated, 0, next_val) - val
    np.testing.assert_allclose(gae(*batch, 0.9, 0.0), expected, rtol=1e-12)


@pytest.mark.parametrize("end, rest", [("terminated", 0), ("truncated", 7), (None, 7)])
def test_lambda_one_is_the_discounted_return_minus_the_value(end, rest):
    rew = np.array([[1.0], [2], [3]])
    val = np.array([[50.0], [60], [70]])
    last = np.array([[False], [False], [True]])
    flags = [last & (end == name) for name in ("terminated", "truncated")]
    adv = gae(rew, val, np.array([[60.0], [70], [7]]), *flags, 0.5, 1.0)
    returns = [1 + 2 / 2 + 3 / 4 + rest / 8, 2 + 3 / 2 + rest / 4, 3 + rest / 2]
    np.testing.assert_array_equal(adv[:, 0] + val[:, 0], returns)


class Chain:
    """A random decision process in which every step leads forward."""

    def __init__(self, size=6, gamma=0.9, seed=3):
        rng = np.random.default_rng(seed)
        self.size, self.gamma = size, gamma
        stride = rng.uniform(0.2, 0.8, size=(size, 2))
        self.move = np.stack([1 - stride, stride], axis=2)  # (s, a, one place or two)
        self.rew = rng.normal(size=(size, 2, 2))  # likewise
        policy = rng.uniform(0.2, 0.8, size=size)
        self.pi = np.stack([1 - policy, policy], axis=1)  # (s, a)
        self.error = rng.normal(size=size)
        P = np.zeros((size, 2, size + 2))
        for s, a, far in np.ndindex(size, 2, 2):
            P[s, a, s + 1 + far] = self.move[s, a, far]
        self.P = P[:, :, :size]  # leaving the chain terminates the episode
        self.P_pi = np.einsum("sa,sak->sk", self.pi, self.P)
        rew = (self.move * self.rew).sum(axis=2)
        here = np.eye(size)
        v = np.linalg.solve(here - gamma * self.P_pi, (self.pi * rew).sum(axis=1))
        self.advantage = rew + gamma * self.P @ v - v[:, None]
        self.v = v + self.error


def episodes(chain, s, a):
    """All episodes that begin like this: probability, states and rewards."""
    for far in (0, 1):
        p, rew, following = chain.move[s, a, far], chain.rew[s, a, far], s + 1 + far
        if following >= chain.size:
            yield p, [s], [rew]
            continue
        for b in (0, 1):
            for q, states, rewards in episodes(chain, following, b):
                yield p * chain.pi[following, b] * q, [s, *states], [rew, *rewards]


def mean_and_std(chain, s, a, lam):
    """Of the estimate for the first step: exact mean and standard deviation."""
    probabilities, states, rewards = zip(*episodes(chain, s, a))
    rew, val, next_val = np.zeros((3, chain.size, len(states)))
    terminated = np.zeros(rew.shape, dtype=bool)
    for i, path in enumerate(states):
        rew[: len(path), i] = rewards[i]
        val[: len(path), i] = chain.v[path]
        next_val[: len(path) - 1, i] = chain.v[path[1:]]
        terminated[len(path) - 1, i] = True
    flags = terminated, np.zeros_like(terminated)
    adv = gae(rew, val, next_val, *flags, chain.gamma, lam)[0]
    mean = np.dot(probabilities, adv)
    return mean, np.dot(probabilities, (adv - mean) ** 2) ** 0.5


PRINTED = {0: (0.56, 0.51), 0.5: (0.32, 0.55), 0.8: (0.15, 0.68), 0.95: (0.04, 0.78)}


@pytest.mark.parametrize("lam", [*PRINTED, 1])
def test_the_bias_is_what_the_theorem_says(lam):
    chain = Chain()
    gamma, e = chain.gamma, chain.error
    series = np.linalg.inv(np.eye(chain.size) - gamma * lam * chain.P_pi)
    bias = gamma * (1 - lam) * chain.P @ series @ e
    assert abs(bias).max() <= gamma * (1 - lam) / (1 - gamma * lam) * abs(e).max()
    std = np.zeros_like(bias)
    for s, a in np.ndindex(bias.shape):
        mean, std[s, a] = mean_and_std(chain, s, a, lam)
        expected = chain.advantage[s, a] - e[s] + bias[s, a]
        assert mean == pytest.approx(expected, rel=1e-12, abs=1e-12)
    sizes = [np.mean(x**2) ** 0.5 for x in (bias, std)]
    assert sizes == pytest.approx(PRINTED.get(lam, (0, 0.82)), abs=0.005)


def test_normalisation_is_over_all_ranks(monkeypatch):
    shares = np.array([[-1.0, 1.0], [-10.0, 10.0]])
    mean, std = shares.mean(), shares.std()
    monkeypatch.setattr(mpi, "mean_and_std", lambda adv: (mean, std))
    together = np.concatenate([normalise(share) for share in shares])
    assert together.mean() == pytest.approx(0, abs=1e-12)
    assert together.std() == pytest.approx(1, rel=1e-7)
    assert together[2] == pytest.approx(10 * together[0])


def test_normalisation_ignores_the_unit_of_rewards_and_survives_their_absence():
    adv = np.random.default_rng(0).normal(size=(5, 4))
    np.testing.assert_allclose(normalise(3 * adv + 2), normalise(adv), rtol=1e-6)
    np.testing.assert_array_equal(normalise(np.full((5, 4), 7.0)), np.zeros((5, 4)))

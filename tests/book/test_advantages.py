# tests/book/test_advantages.py: generated from book/onpolicy/advantages.md; edit the chapter. sha256:6578374fc7a6d66f
"""Advantage estimates against hand computation and definition, and mistakes found."""

from functools import cache
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

import spinup_lit
from spinup_lit import vpg
from spinup_lit.machinery import mpi


def modules_with(function):
    """The modules of the package in which this function is defined."""
    for path in sorted(Path(spinup_lit.__file__).parent.glob("*.py")):
        if f"\ndef {function}(" in path.read_text(encoding="utf-8"):
            yield path.stem


@pytest.fixture(params=modules_with("gae"))
def gae(request):
    return import_module(f"spinup_lit.{request.param}").gae


def test_the_modules_are_found():
    for function in ("gae", "normalise"):
        assert {"vpg", "trpo", "ppo"} <= set(modules_with(function))


@pytest.fixture(params=modules_with("normalise"))
def normalise(request):
    return import_module(f"spinup_lit.{request.param}").normalise


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


def test_three_steps_by_hand(gae):
    expected = [[-0.6875, -1.75, -1, -1.75], [3.25, -1, 2, -1], [-3, -3, -3, -3]]
    np.testing.assert_array_equal(three_steps(gae), expected)


def test_the_example_of_the_text(gae):
    rew, val, next_val = np.array([[1.0, 0, 2], [10, 12, 9], [12, 9, 11]])[..., None]
    never = np.zeros((3, 1), dtype=bool)
    for n, expected in enumerate([1.8, -1.71, 0.639], start=1):  # n steps are K = n
        batch = (x[:n] for x in (rew, val, next_val, never, never))
        assert gae(*batch, 0.9, 1.0)[0, 0] == pytest.approx(expected)
    adv = gae(rew, val, next_val, never, never, 0.9, 0.5)
    assert adv[0, 0] == pytest.approx(0.63225)


def by_definition(rew, val, next_val, terminated, truncated, gamma, lam, t):
    """The mixture of n-step advantages at step t, for one environment."""
    ends = np.flatnonzero((terminated | truncated)[t:])
    longest = ends[0] + 1 if len(ends) else len(rew) - t
    total = 0.0
    for n in range(1, longest + 1):
        share = lam ** (n - 1) * (1 - lam if n < longest else 1)
        rewards = sum(gamma**k * rew[t + k] for k in range(n))
        rest = 0 if terminated[t + n - 1] else next_val[t + n - 1]
        total += share * (rewards + gamma**n * rest - val[t])
    return total


@cache
def mixture(seed, gamma, lam):
    """The definition, at every step of a random batch: (T, N)."""
    batch = random_batch(seed)
    adv = np.empty_like(batch[0])
    for t, i in np.ndindex(adv.shape):
        adv[t, i] = by_definition(*(x[:, i] for x in batch), gamma, lam, t)
    return adv


KNOBS = [(0.9, 0.8), (1, 0.5), (0.7, 1), (1, 1), (0.9, 0), (0, 0.5)]


def is_the_mixture(gae, seed):
    """Is this function right about a random batch, for all these gammas and lambdas?"""
    batch = random_batch(seed)
    return all(
        np.allclose(gae(*batch, *knobs), mixture(seed, *knobs), rtol=1e-12, atol=1e-12)
        for knobs in KNOBS
    )


@pytest.mark.parametrize("seed", range(50))
def test_gae_is_the_mixture_of_its_definition(gae, seed):
    assert is_the_mixture(gae, seed)


@pytest.fixture(params=modules_with("gae"))
def mistaken(request, variant):
    """Gives the function of each module with a mistake in it."""
    path = f"spinup_lit/{request.param}.py"
    return lambda mistake: variant(path, mistake).gae


@pytest.mark.parametrize(
    ("mistake", "truncated"),
    [
        ("advantages:truncation-as-death", [-1.75, -1, -3]),
        ("advantages:credit-across-episodes", [-1.1875, 1.25, -3]),
        ("advantages:value-after-the-restart", [-0.5, 4, -3]),
    ],
)
def test_the_test_by_hand_finds_mistakes(mistaken, mistake, truncated):
    wrong, right = three_steps(mistaken(mistake)), three_steps(vpg.gae)
    np.testing.assert_array_equal(wrong[:, 2], truncated)
    np.testing.assert_array_equal(wrong[:, [0, 1, 3]], right[:, [0, 1, 3]])


MISTAKES = [
    "advantages:truncation-as-death",
    "advantages:credit-across-episodes",
    "advantages:value-after-the-restart",
    "advantages:flags-one-late",
    "advantages:lambda-for-gamma",
]


@pytest.mark.parametrize("mistake", MISTAKES)
def test_random_batches_find_mistakes(mistaken, mistake):
    wrong = mistaken(mistake)
    assert sum(not is_the_mixture(wrong, seed) for seed in range(50)) >= 36


def test_the_example_by_hand_is_blind_to_the_last_mistake(mistaken):
    wrong = mistaken("advantages:lambda-for-gamma")
    np.testing.assert_array_equal(three_steps(wrong), three_steps(vpg.gae))


@pytest.mark.parametrize("end, rest", [("terminated", 0), ("truncated", 7), (None, 7)])
def test_lambda_one_is_the_discounted_return_minus_the_value(gae, end, rest):
    rew = np.array([[1.0], [2], [3]])
    val = np.array([[50.0], [60], [70]])
    last = np.array([[False], [False], [True]])
    flags = [last & (end == name) for name in ("terminated", "truncated")]
    adv = gae(rew, val, np.array([[60.0], [70], [7]]), *flags, 0.5, 1.0)
    returns = [1 + 2 / 2 + 3 / 4 + rest / 8, 2 + 3 / 2 + rest / 4, 3 + rest / 2]
    np.testing.assert_array_equal(adv[:, 0] + val[:, 0], returns)


@pytest.mark.parametrize("lam", [0, 0.6, 1])
def test_two_witnesses_of_the_rest(gae, lam):
    rew, val, next_val, terminated, truncated = batch = random_batch(5)
    v = np.where(terminated, 0, next_val)
    ret, later = np.empty_like(rew), v[-1]  # after the batch, only one witness
    for t in reversed(range(len(rew))):
        record = np.where(terminated[t] | truncated[t], v[t], later)
        ret[t] = later = rew[t] + 0.9 * ((1 - lam) * v[t] + lam * record)
    np.testing.assert_allclose(gae(*batch, 0.9, lam) + val, ret, rtol=1e-12)


def test_normalisation_is_over_all_ranks(normalise, monkeypatch):
    shares = np.array([[-1.0, 1.0], [-10.0, 10.0]])
    mean, std = shares.mean(), shares.std()
    monkeypatch.setattr(mpi, "mean_and_std", lambda adv: (mean, std))
    together = np.concatenate([normalise(share) for share in shares])
    assert together.mean() == pytest.approx(0, abs=1e-12)
    assert together.std() == pytest.approx(1, rel=1e-7)
    assert together[2] == pytest.approx(10 * together[0])


def test_normalisation_ignores_the_unit_and_survives_equal_numbers(normalise):
    adv = np.random.default_rng(0).normal(size=(5, 4))
    np.testing.assert_allclose(normalise(3 * adv + 2), normalise(adv), rtol=1e-6)
    np.testing.assert_array_equal(normalise(np.full((5, 4), 7.0)), np.zeros((5, 4)))


def my_gae(rew, val, next_val, terminated, truncated, gamma, lam):
    adv, later = np.zeros_like(rew), np.zeros_like(rew[0])
    for t in reversed(range(len(rew))):
        delta = rew[t] + gamma * next_val[t] * ~terminated[t] - val[t]
        later = delta + gamma * lam * ~(terminated[t] | truncated[t]) * later
        adv[t] = later
    return adv


@pytest.mark.parametrize("seed", range(10))
def test_the_solution_with_two_lines(seed):
    assert is_the_mixture(my_gae, seed)

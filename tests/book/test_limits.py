# tests/book/test_limits.py: generated from book/research/limits.md; edit the chapter. sha256:b730f0fe0b50cb97
"""Limits and frontiers: every failure that the page claims happens."""

from dataclasses import replace
from itertools import islice

import numpy as np
import pytest

from spinup_lit.exact import limits, td
from spinup_lit.exact.tabular import gridworld, objective
from spinup_lit.experiments import limits as trained


def greedy(world, gamma):
    """The best policy, as a table of probabilities."""
    best = td.optimal(world, gamma)
    return np.eye(best.shape[1])[best.argmax(axis=1)]


def test_a_bonus_moves_the_optimum_and_a_potential_does_not():
    ring, gamma = gridworld(limits.RING), 0.95
    best = objective(ring, greedy(ring, gamma), gamma)
    nearer = limits.for_coming_nearer(ring, 0.2)
    assert objective(ring, greedy(nearer, gamma), gamma) == 0
    shaped = limits.by_potential(ring, 0.2, gamma)
    assert objective(ring, greedy(shaped, gamma), gamma) == pytest.approx(best)


def test_what_was_meant_rises_and_falls_while_what_was_written_rises():
    ring, gamma = gridworld(limits.RING), 0.95
    written = limits.for_coming_nearer(ring, 0.2)
    policies = list(islice(limits.climb(written, gamma), 401))
    proxy = [objective(written, pi, gamma) for pi in policies]
    meant = [objective(ring, pi, gamma) for pi in policies]
    assert (np.diff(proxy) > 0).all()
    peak = int(np.argmax(meant))
    assert 10 < peak < 100
    assert meant[peak] > 2 * meant[0] and meant[-1] < 0.05 * meant[peak]
    best = objective(ring, greedy(ring, gamma), gamma)
    assert np.round([meant[0], meant[30], best], 2).tolist() == [0.24, 0.54, 0.85]
    from_each_cell = td.optimal(written, gamma).max(axis=1)
    assert from_each_cell.min() == pytest.approx(0.2 * gamma / (1 - gamma**2))  # 1.95


def test_shaping_by_a_potential_adds_the_same_to_every_policy():
    ring, gamma = gridworld(limits.RING), 0.95
    shaped = limits.by_potential(ring, 0.2, gamma)
    rng = np.random.default_rng(0)
    potential = -0.2 * limits.distances(ring)[1][:-1]
    for _ in range(5):
        pi = rng.dirichlet(np.ones(4), size=len(ring.start))
        gain = objective(shaped, pi, gamma) - objective(ring, pi, gamma)
        assert gain == pytest.approx(-ring.start @ potential)


def test_who_keeps_more_needs_fewer_steps():
    maze = limits.slippery(gridworld(limits.MAZE), 0.2)
    for i in range(4):
        rng = np.random.default_rng(i)
        found = limits.three_learners(maze, 0.9, [200, 400, 800, 1600, 3200], rng)
        once, replay, counting = found.mean(axis=1)
        assert once < replay < counting
        assert found.max() <= 1 + 1e-9


def test_more_events_fewer_agents_that_learn():
    taken = [
        limits.umbrella(k, 1000, 400, np.random.default_rng(0)) for k in (1, 100, 1000)
    ]
    learned = [(p[-1] > 0.9).mean() for p in taken]
    wrong = [(p[-1] < 0.1).mean() for p in taken]
    assert learned[0] > 0.98 > 0.95 > learned[1] > 0.8 > 0.65 > learned[2]
    assert wrong[0] == 0 and wrong[2] > 0.25


def test_a_random_agent_needs_twice_the_time_for_each_dial():
    for n in range(1, 9):
        lock = limits.lock(n)
        counts = replace(lock, R=np.ones_like(lock.R))
        steps = objective(counts, np.full((n, 2), 0.5))
        assert steps == pytest.approx(2 ** (n + 1) - 2)


def test_optimism_opens_the_lock():
    blind, hopes = (
        [limits.steps_to_open(8, cost, np.random.default_rng(i)) for i in range(9)]
        for cost in (0, 0.5)
    )
    assert np.median(blind) > 3 * np.median(hopes)
    assert max(hopes) < np.median(blind)


@pytest.mark.long
def test_what_is_hidden_is_missed_and_a_memory_brings_it_back():
    short = {"epochs": 25, "pi_lr": 0.01, "vf_lr": 0.01}
    found = {
        env: trained.mean_return(trained.agent("vpg", env, seed=0, **short), env)
        for env in ("CartPole-v1", "Positions-v0", "Remembered-v0")
    }
    assert found["Positions-v0"] < 100
    assert min(found["CartPole-v1"], found["Remembered-v0"]) > 300


@pytest.mark.long
def test_one_place_is_learned_and_the_coin_is_not():
    brief = {"epochs": 6, "train_passes": 5, "normalise_obs": False}
    one, many = (
        trained.agent("ppo", env, seed=0, **brief) for env in ("Coin1-v0", "Coin16-v0")
    )
    assert trained.mean_return(one, "Coin1-v0", 60) > 0.95
    assert trained.mean_return(one, "CoinElsewhere-v0", 60) < 0.4
    assert trained.mean_return(many, "CoinElsewhere-v0", 60) > 0.9


def test_a_larger_penalty_saves_no_fall_and_a_ban_saves_all():
    for seed in range(2):
        falls = {}
        for penalty in (1, 100):
            world, fell = limits.cliff(penalty)
            rng = np.random.default_rng(seed)
            q, falls[penalty] = limits.practise(world, fell, ~fell | fell, 200, rng)
            best = q[:-1].argmax(axis=1)
            s = 16
            for _ in range(20):
                assert not fell[s, best[s]]
                s = int(world.P[s, best[s]].argmax())
                if s == 17:
                    break
            assert s == 17  # at the goal
        assert (falls[1] == falls[100]).all() and falls[1].sum() > 30
        rng = np.random.default_rng(seed)
        _, none = limits.practise(world, fell, ~fell, 200, rng)
        assert not none.any()

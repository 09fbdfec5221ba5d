# tests/book/test_results.py: generated from book/practice/results.md; edit the chapter. sha256:075c3c9febbb4ac6
"""Results: evaluation, digests, runs that are killed, stale results, tables."""

import json
import math
import multiprocessing
import os
import re
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from inspect import signature
from pathlib import Path
from typing import Any

import gymnasium as gym
import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from gymnasium.spaces import Box
from scipy.stats import ttest_ind, ttest_rel

from spinup_lit import ppo, trpo, vpg
from spinup_lit.experiments import (
    digests,
    figures,
    play,
    plot,
    results,
    runner,
    runs,
    settings,
    statistics,
)
from spinup_lit.experiments.confirm import Judge, Settled, confirmations
from spinup_lit.experiments.digests import digest
from spinup_lit.experiments.runs import Run, curve_of
from spinup_lit.experiments.settings import Program, Setting
from spinup_lit.experiments.spectator import Spectator
from spinup_lit.first import baseline, reward_to_go, simplest_pg
from spinup_lit.machinery import launch, training
from spinup_lit.machinery.checkpoint import read_checkpoint
from spinup_lit.machinery.envs import make
from spinup_lit.machinery.errors import UserError
from spinup_lit.machinery.evaluation import Evaluator, evaluate, fingerprint
from spinup_lit.machinery.logger import versions
from spinup_lit.machinery.training import Agent
from spinup_lit.run import main

TINY = {"num_envs": 2, "steps_per_epoch": 64, "epochs": 3, "hidden_sizes": (8,)}


@pytest.mark.parametrize("env", ["CartPole-v1", "Pendulum-v1"])
@pytest.mark.parametrize("train", [vpg.vpg, trpo.trpo, ppo.ppo])
def test_evaluation_leaves_training_as_it_is(train, env):
    options = {**TINY, "env": env, "save_freq": 2, "seed": 3}
    options |= {"minibatch_size": 32} if train is ppo.ppo else {}
    plain, watcher = train(**options), Evaluator(env, 3)
    with training.watched(watcher):
        evaluated = train(**options)
    for name, tensor in plain.state_dict().items():
        assert torch.equal(tensor, evaluated.state_dict()[name]), name
    assert [row["steps"] for row in watcher.rows] == [128, 192]
    assert watcher.rows[-1]["agent"] == fingerprint(plain)
    assert watcher.rows[0]["agent"] != fingerprint(plain)


class Stopped(Exception):
    pass


def test_a_resumed_run_has_the_evaluations_of_its_past(tmp_path):
    def stop(rows, agent):
        if len(rows) == 3:
            raise Stopped

    options = {**TINY, "epochs": 5, "save_freq": 1, "output_dir": tmp_path}
    with pytest.raises(Stopped), training.watched(Evaluator("CartPole-v1", 0, stop)):
        vpg.vpg(**options)
    first, second = Evaluator("CartPole-v1", 0), Evaluator("CartPole-v1", 0)
    with training.watched(first):
        vpg.vpg(**options, resume=True)
    with training.watched(second):
        vpg.vpg(**options | {"output_dir": None})
    for row in first.rows + second.rows:
        assert row.pop("took") > 0
    assert first.rows == second.rows and len(first.rows) == 5


@pytest.mark.parametrize("env", ["CartPole-v1", "InvertedPendulum-v5"])
def test_episodes_side_by_side_are_episodes_one_by_one(env):
    torch.manual_seed(4)
    envs, one = [make(env) for _ in range(10)], make(env)
    agent = vpg.ActorCritic(one.observation_space, one.action_space, (16,))
    expected = [play.run_episode(agent, one, True, seed=seed)[0] for seed in range(10)]
    assert len(set(expected)) > 3  # short ones and long ones
    assert evaluate(agent, envs, range(10)) == expected
    assert evaluate(agent, envs, range(10)) == expected  # nothing is left from before


class Payday(gym.Env):
    """Pays the action in each of as many steps as the seed says."""

    observation_space, action_space = Box(-1, 1, (3,)), Box(-2, 2, (1,))

    def reset(self, seed=None, options=None):
        self.left = seed
        return np.zeros(3), {}

    def step(self, action):
        self.left -= 1
        return np.zeros(3), float(action[0]), False, self.left == 0, {}


class Greedy(Agent):
    """Wants 7, which counts as 2; and -1 when it may play at random."""

    def act(self, obs, deterministic=False):
        return np.full((len(obs), 1), 7.0 if deterministic else -1.0)


def test_an_evaluation_by_hand():
    assert evaluate(Greedy(), [Payday() for _ in range(3)], [3, 1, 2]) == [6, 2, 4]


def test_a_fingerprint_is_that_of_the_numbers():
    class Two(Greedy):
        def __init__(self, **numbers):
            super().__init__()
            for name, x in numbers.items():
                setattr(self, name, torch.nn.Parameter(torch.tensor(x)))

    assert fingerprint(Two(a=1.5, b=2.0)) == fingerprint(Two(first=2.0, second=1.5))
    six = Two(**{f"x{i}": float(i) for i in range(6)})
    assert fingerprint(six) == "f438c04651ce"  # in every process
    smallest = np.nextafter(np.float32(2), np.float32(3))
    assert fingerprint(Two(a=1.5, b=2.0)) != fingerprint(Two(a=1.5, b=smallest))


@pytest.mark.parametrize(
    "program",
    [
        simplest_pg,
        pytest.param(reward_to_go, marks=pytest.mark.long),
        pytest.param(baseline, marks=pytest.mark.long),
    ],
)
def test_a_spectator_leaves_training_as_it_is(program, monkeypatch):
    plain, plain_curve = program.train(steps=2000)
    watcher = Spectator(program.play, "CartPole-v1", seed=0, every=450)
    monkeypatch.setattr(program, "play", watcher)
    watched, curve = program.train(steps=2000)
    assert curve == plain_curve
    for after, expected in zip(watched.parameters(), plain.parameters()):
        assert torch.equal(after, expected)
    late = [row["steps"] - 450 * k for k, row in enumerate(watcher.rows, start=1)]
    assert len(late) >= 4 and min(late) >= 0 and max(late) < 200  # within an episode
    assert len({row["agent"] for row in watcher.rows}) == len(late)


def test_a_spectator_sees_the_mode():
    torch.manual_seed(4)
    policy, env = torch.nn.Linear(4, 2), make("CartPole-v1")
    watcher = Spectator(simplest_pg.play, "CartPole-v1", seed=5, every=1)
    for k in range(2):
        returns = []
        for seed in np.random.SeedSequence(5, spawn_key=(k,)).generate_state(10):
            obs, ret, over = env.reset(seed=int(seed))[0], 0.0, False
            while not over:
                act = int(policy(torch.as_tensor(obs)).argmax())
                obs, rew, terminated, truncated, _ = env.step(act)
                ret, over = ret + rew, terminated or truncated
            returns.append(ret)
        assert len(set(returns)) > 3
        watcher.evaluate(policy)
        assert watcher.rows[-1]["returns"] == returns


def test_the_rows_of_the_ablation_say_all_that_they_depend_on():
    rows = {tag: settings.SETTINGS[f"ppo_Hopper-v5_{tag}"] for tag in settings.CHANGES}
    of_ppo = signature(ppo.ppo).parameters
    for row in rows.values():
        assert row.options.keys() == {n for n in settings.CUSTOMARY if ":" not in n}
        assert row.options.keys() <= of_ppo.keys()
        assert (row.seeds, row.options["epochs"]) == (5, 97)
    both = ("ppo:orthogonal-weights", "ppo:larger-adam-eps")
    without = {"no-orthogonal": both[1:], "small-adam-eps": both[:1]}
    without |= dict.fromkeys(["none-of-these", "norms-only", *settings.DEFAULTS], ())
    assert {tag: row.variants for tag, row in rows.items()} == {
        tag: without.get(tag, both) for tag in rows
    }
    plain = rows["norms-only"].options
    assert (plain["normalise_ret"], plain["target_kl"]) == (True, math.inf)
    low = rows["default-low-rate"].options
    assert {n for n in low if low[n] != plain[n]} == {"pi_lr", "vf_lr"}


def test_without_the_chapters_there_are_no_variants(tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "ROOT", tmp_path)
    for clear in (settings.variant_source, settings.code):
        clear.cache_clear()
    with pytest.raises(UserError, match="variants ppo:a, ppo:b stand in the chapters"):
        settings.variant_source("spinup_lit.ppo", ("ppo:a", "ppo:b"))
    (tmp_path / "tangle").mkdir()
    with pytest.raises(UserError, match=r"ppo\.py cannot be made with ppo:a: .*tangle"):
        settings.variant_source("spinup_lit.ppo", ("ppo:a",))
    odd = Setting(ppo.ppo, "CartPole-v1", {}, variants=("ppo:a",))
    assert odd.config(0)["code"] == "its variants do not fit"
    settings.code.cache_clear()


def test_a_variant_is_the_file_with_its_lines(variant):
    for names in (["larger-adam-eps"], ["orthogonal-weights", "larger-adam-eps"]):
        names = tuple(f"ppo:{name}" for name in names)
        source = settings.variant_source("spinup_lit.ppo", names)
        assert "Adam(groups, eps=1e-5, fused=True)" in source
        assert ("nn.init.orthogonal_" in source) == (len(names) == 2)
    module = variant("spinup_lit/ppo.py", "ppo:larger-adam-eps")
    own = settings.code(ppo.ppo, Evaluator, ("ppo:larger-adam-eps",))
    assert own == digest(module.ppo, Evaluator) != settings.code(ppo.ppo, Evaluator, ())


CODE = '''
import math
from pathlib import Path

import numpy as np

from spinup_lit.machinery import mpi
from spinup_lit.machinery.mpi import avg as mean_over_ranks

LIMIT, OTHER = 3, 4
SIZE: int = 5


class Pair:
    """Two numbers."""

    a: int
    b: float = 2.0


def twice(x: float) -> float:
    """Twice x."""
    y: float = x + x  # the sum
    return y


def unused(x):
    return np.exp(x)


def train(lr: float = 1e-3, *, n: int = 5, seed: int):
    global SIZE
    text = f"# {lr}" """

    a text"""
    return twice(x=mpi.avg(n)) * math.pi, Pair(1), text


if __name__ == "__main__":
    train(seed=3)
'''


@pytest.fixture
def digest_of(tmp_path):
    """The digest of `train` in such a module, and of what it reaches."""

    def load_and_digest(source):
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.py"
        path.write_text(source)
        return digest(launch.load_file(path).train)

    return load_and_digest


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"""Twice x."""', '"""The double."""\n    "And more."'),
        ("  # the sum", ""),
        ("    y: float =", "\n    # two\n    y ="),
        ("(x: float) -> float:", "(x):"),
        ("a: int\n", "a: complex\n"),
        ("x + x", "(x\n        + x)"),
        ("import math\n", "import math, random\n"),
        ("np.exp(x)", "np.exp(-x)"),
        ("OTHER = 3, 4", "OTHER = 3, 4\nNEW = 7"),
        ("train(seed=3)", "train(seed=4)"),
        ("lr: float = 1e-3", "lr: float = 1e-4"),
        ("n: int = 5", "n: float = 77"),
        ("mpi.avg(n)", "cast('float', mpi.avg(cast(int, n)))"),
        ("def train", "@checked(twice, unused)\ndef train"),
    ],
)
def test_words_defaults_and_what_is_not_reached_leave_the_digest_alone(
    old, new, digest_of
):
    assert CODE.count(old) == 1
    changed = CODE.replace(old, new).replace(
        "LIMIT", "checked = lambda *_: lambda f: f\nLIMIT"
    )
    assert digest_of(changed) == digest_of(CODE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("x + x", "x * x"),
        ("    b: float = 2.0", "    b: float = 2.5"),
        ("    a: int\n", ""),
        ("    a: int\n", "    a: int = 0\n"),
        ("SIZE: int = 5", "SIZE: int = 6"),
        ("import math\n", "import cmath as math\n"),
        ("mpi.avg(n)", "mpi.gather(n)"),
        ("mpi.avg(n)", "mpi.avg(n + 0)"),
        ("lr: float = 1e-3", "rate: float = 1e-3"),
        ("*, n", "*, m: int = 3, n"),
        ("n: int = 5", "n: int"),
        ("def train", "@staticmethod\ndef train"),
        ("# {lr}", "#{lr}"),
        ("a text", "a  text"),
        ('"""\n\n    a text', '"""\n    a text'),
        ("OTHER = 3, 4", "OTHER = 3, 4\nnp.geterr()"),
    ],
)
def test_code_changes_the_digest(old, new, digest_of):
    assert CODE.count(old) == 1
    assert digest_of(CODE.replace(old, new)) != digest_of(CODE)


def test_the_digest_is_the_same_everywhere(digest_of):
    assert digest_of(CODE.replace("mpi.avg(n)", "n")) == "494e88dbb9fb"


def digest_with(module: str, old: str, new: str) -> str:
    """The digest of PPO if a line of the package were another."""
    module = f"spinup_lit.{module}".rstrip(".")
    text = digests.source(module)
    assert text.count(old) == 1
    return digest(ppo.ppo, Evaluator, instead={module: text.replace(old, new)})


@pytest.mark.parametrize(
    ("module", "old", "new"),
    [
        ("ppo", "delta[t] + carry[t] * later", "delta[t] + later"),
        ("ppo", '"LossPi": before', '"Loss": before'),
        ("machinery.mpi", "mean = float(total / count)", "mean = float(total)"),
        ("machinery.envs", "self.steps += self.num_envs *", "self.steps += 2 *"),
        ("machinery.envs", "np.clip(act, space.low, space.high)", "act"),
        ("machinery.training", "[seed, 1 + mpi", "[seed, 2 + mpi"),
        ("machinery.evaluation", "EPISODES = 10", "EPISODES = 11"),
        ("machinery.evaluation", "deterministic=True", "deterministic=False"),
        ("machinery.checkpoint", "torch.set_rng_state(mine", "print(mine"),
    ],
)
def test_what_ppo_reaches_changes_its_digest(module, old, new):
    assert digest_with(module, old, new) != digest(ppo.ppo, Evaluator)


@pytest.mark.parametrize(
    ("module", "old", "new"),
    [
        ("ppo", "= 1e-3,\n    vf_lr", "= 3e-4,\n    vf_lr"),
        ("ppo", "between(0, 1)] = 0.99", "between(0, 9)] = 0.5"),
        ("ppo", "@checked(check_batch, check_reach,", "@checked(check_batch,"),
        ("ppo", "Subtracts the mean and divides by", "Takes the mean and scales by"),
        ("machinery.mpi", "def launch(ranks: int", "def launch(ranks: float"),
        ("machinery.mpi", "status if status >= 0", "status if status > 0"),
        ("machinery.mpi", "def proc_id", "# a line\n\n\ndef proc_id"),
        ("machinery.logger", '"spinup_lit": __version__', '"ours": __version__'),
        ("machinery.display", '0.05 * row["Time"]', "0.06"),
        ("", '__version__ = "', '__version__ = "9.'),
    ],
)
def test_what_it_does_not_reach_leaves_its_digest_alone(module, old, new):
    assert digest_with(module, old, new) == digest(ppo.ppo, Evaluator)


def test_a_copy_of_the_file_has_the_digest_of_the_original(tmp_path):
    for number, change in enumerate(("", "unheard_of = 1\n", "ActorCritic = id\n")):
        path = tmp_path / f"mine{number}.py"
        path.write_text(Path(ppo.__file__).read_text() + change)
        copy = launch.training_function(str(path))
        same = digest(copy, Evaluator) == digest(ppo.ppo, Evaluator)
        assert same is ("Actor" not in change)


def heard(result, rows, agents):
    """What a judge says to these evaluations, one after the other; and at the end."""
    judge = Judge(result)
    try:
        for n in range(1, len(rows) + 1):
            judge.hear(rows[:n], agents[n - 1])
        hashes = [row["agent"] for row in rows]
        judge.end({"evaluations": curve_of(rows), "parameters": hashes})
    except Settled as settled:
        return str(settled)


def agent_of(*numbers):
    agent = torch.nn.Linear(1, 1)
    for x, number in zip(agent.parameters(), numbers, strict=True):
        torch.nn.init.constant_(x, number)
    return agent


def rows_of(hashes, returns=None):
    returns = returns or [500.0] * len(hashes)
    pairs = enumerate(zip(hashes, returns))
    return [{"steps": 9 * n, "returns": [r], "agent": h} for n, (h, r) in pairs]


def result_of(rows, hashed=True):
    extra = {"parameters": [row["agent"] for row in rows]} if hashed else {}
    return {"evaluations": curve_of(rows), **extra}


MOVING = [agent_of(n, -n) for n in range(8)]


def test_three_fingerprints_are_enough_once_every_parameter_has_moved():
    rows = rows_of("abcdefgh")
    assert heard(result_of(rows), rows, MOVING) == "confirmed after 3 evaluations"
    late = [agent_of(n, max(n - 4, 0)) for n in range(8)]  # its bias waits
    assert heard(result_of(rows), rows, late) == "confirmed after 6 evaluations"
    rows = rows_of("aabbbcde")
    assert heard(result_of(rows), rows, MOVING) == "confirmed after 6 evaluations"
    never = [agent_of(n, 0) for n in range(8)]
    assert heard(result_of(rows), rows, never) == "confirmed after all 8 evaluations"


def test_without_fingerprints_five_different_means_are_needed():
    cases = {
        "7": [0.11, 0.12, 0.12, 0.13, 0.11, -0.12, 0.15, 0.16],
        "all 8": [12.3, 9.4, 500.0, 16.1, -81.7, 0.7, 8.2, 8.3],  # of whole numbers
    }
    for number, returns in cases.items():
        rows = rows_of("abcdefgh", returns)
        old = result_of(rows, hashed=False)
        assert heard(old, rows, MOVING) == f"confirmed after {number} evaluations"


def test_what_differs_is_stale_and_said():
    rows = rows_of("abcd")
    old = result_of(rows_of("abxd"))
    words = (
        "stale: evaluation 3 differs: it was (18, 500.0, 'x'), it is (18, 500.0, 'c')"
    )
    assert heard(old, rows, MOVING) == words
    old = result_of(rows_of("abcd", [500.0, 499.9999, 500.0, 500.0]), hashed=False)
    assert heard(old, rows, MOVING) == "confirmed after all 4 evaluations"  # 6 digits
    old = result_of(rows_of("abcd", [500.0, 499.99, 500.0, 500.0]), hashed=False)
    assert "evaluation 2 differs: it was (9, 499.99)" in heard(old, rows, MOVING)
    short, still = result_of(rows_of("ab")), [MOVING[0]] * 4
    assert "evaluation 3 differs: it was None" in heard(short, rows, still)
    long = result_of(rows_of("abcde"))
    assert heard(long, rows, still) == "stale: 4 evaluations, which were 5"


def kill(run: Run, name: str) -> None:
    """Start a runner, and kill it as soon as the run has written into this file."""
    file = run.folder() / name
    before = run.state()
    fork = multiprocessing.get_context("fork")
    killed = fork.Process(target=runner.train_all, args=([run],))
    killed.start()
    while killed.is_alive() and not (file.exists() and file.stat().st_size):
        time.sleep(0.01)
    assert run.state() == "running"
    killed.kill()
    killed.join()
    while runs.locked(run.folder()):
        time.sleep(0.01)
    assert run.state() == before


@pytest.mark.long
def test_a_killed_runner_goes_on_to_the_same_result(tmp_path):
    options = {**TINY, "epochs": 80}
    run = Run(Setting(vpg.vpg, "CartPole-v1", options), 3, tmp_path)
    kill(run, "checkpoint.pt")
    checkpoint = read_checkpoint(run.folder())
    assert 1 <= len(checkpoint["watchers"]["Evaluator"]["rows"]) < 40

    bad = Run(Setting(vpg.vpg, "NoSuchTask-v0", {}), 0, tmp_path)
    assert runner.train_all([bad, run]) == [bad]
    assert "NoSuchTask" in (bad.folder() / "log.txt").read_text()
    assert (run.state(), bad.state()) == ("done", "missing")

    undisturbed = replace(run, root=tmp_path / "undisturbed")
    undisturbed.folder().mkdir(parents=True)
    expected = json.loads(runs.as_text(runs.train(undisturbed)))
    result = results.read_result(run.result)
    assert len(result["evaluations"]) == len(set(result["parameters"])) == 40
    assert result.keys() == expected.keys()
    assert [key for key in result if result[key] != expected[key]] == ["seconds"]


@pytest.mark.long
def test_a_killed_program_starts_anew_to_the_same_result(tmp_path):
    options = {"steps": 6000, "episodes": 4}
    run = Run(Program(simplest_pg.train, "CartPole-v1", options), 3, tmp_path)
    kill(run, "log.txt")
    assert runner.train_all([run]) == []
    assert run.state() == "done"
    result = results.read_result(run.result)
    assert result["config"].keys() >= {"lr", "hidden", "versions", "code"}
    assert result["seconds"].keys() == {"training", "evaluation"}

    watcher = Spectator(simplest_pg.play, "CartPole-v1", seed=3, every=150)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(simplest_pg, "play", watcher)
        policy, curve = simplest_pg.train(seed=3, **options)
    watcher.evaluate(policy)
    assert result["parameters"] == [row["agent"] for row in watcher.rows]
    for of, expected in (
        ("evaluations", [(x["steps"], np.mean(x["returns"])) for x in watcher.rows]),
        ("training", curve),
    ):
        np.testing.assert_allclose(result[of], expected, rtol=1e-5)


VARIANT = Setting(
    ppo.ppo,
    "CartPole-v1",
    {**TINY, "minibatch_size": 32},
    variants=("ppo:larger-adam-eps",),
)


def test_a_variant_is_trained_like_a_file_of_the_readers(tmp_path):
    run, plain = (Run(s, 0, tmp_path) for s in (VARIANT, replace(VARIANT, variants=())))
    for one in (run, plain):
        one.folder().mkdir(parents=True)
    result, unchanged = runs.train(run), runs.train(plain)
    assert result["config"]["algorithm"] == "ppo"
    assert result["config"]["variants"] == ["ppo:larger-adam-eps"]
    assert results.changes(VARIANT, result) == []
    assert results.changes(plain.setting, result) == ["variants", "code"]
    assert result["parameters"][0] != unchanged["parameters"][0]
    assert fingerprint(launch.load_agent(run.folder())) == result["parameters"][-1]
    source = (run.folder() / "ppo.py").read_text()
    assert source == settings.variant_source("spinup_lit.ppo", VARIANT.variants)


VPG = Setting(vpg.vpg, "CartPole-v1", {"epochs": 3}, seeds=2, tag="test")


@pytest.fixture
def run(tmp_path, monkeypatch) -> Run:
    """A run with a result, among the settings of the book."""
    monkeypatch.setitem(settings.SETTINGS, VPG.name, VPG)
    run = Run(VPG, 0, tmp_path)
    write(run, [[1, 30.0]] * 3 + [[7, 490.0]] + [[9, 500.0]] * 9)
    return run


def write(run: Run, evaluations: list[list[float]]) -> None:
    run.result.parent.mkdir(parents=True, exist_ok=True)
    config = {**run.setting.config(run.seed), "versions": {"numpy": "1"}}
    result = {
        "config": config,
        "machine": {"processor": "abacus", "cores": 10},
        "seconds": {"training": 60, "evaluation": 30},
        "evaluations": evaluations,
        "training": [[2, 10.0], [4, 20.0], [9, 60.0]],
    }
    run.result.write_text(runs.as_text(result))


def test_a_result_is_stale_when_code_or_options_change(run, monkeypatch):
    assert run.state() == "done"
    other = replace(run, setting=replace(run.setting, options={"epochs": 4}))
    assert other.state() == "stale" and other.folder() != run.folder()
    assert results.changes(other.setting, results.read_result(run.result)) == ["epochs"]

    folder = run.folder()
    monkeypatch.setattr(runs, "versions", lambda: {"torch": "99.0"})
    assert run.state() == "done" and run.folder() != folder
    monkeypatch.setattr(settings, "code", lambda *of: "other")
    assert run.state() == "stale"
    assert results.changes(run.setting, results.read_result(run.result)) == ["code"]


@pytest.mark.parametrize("measure", [Evaluator, Spectator])
def test_what_measures_counts_as_code(measure):
    setting = next(s for s in settings.MATRIX if s.measured_by is measure)
    expected = digest(setting.train, measure)
    assert setting.config(0)["code"] == expected != digest(setting.train)


def test_a_run_under_way_is_left_to_its_process(run, monkeypatch, capsys):
    monkeypatch.setattr(runner, "carry_out", None)  # would fail
    second = replace(run, seed=1)
    second.folder().mkdir(parents=True)
    with runs.lock(second.folder()):
        main(["results", "--only=*_test", "--root", str(run.root)])
        assert capsys.readouterr().out == "2 runs: 1 done, 1 running\n"
        assert runner.train_all([second, run]) == []
    main(["results", "--list", "--only=vpg_*_test", "--root", str(run.root)])
    line = " ".join(capsys.readouterr().out.split())
    assert line == f"{run.setting.name} 1 done, 1 missing"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--only=a2c*"], "no setting is called 'a2c\\*'; there are simplest_pg_"),
        (["--root=nowhere"], "results belong beside the book: no folder nowhere/book"),
    ],
)
def test_a_mistake_gets_one_message(options, message):
    with pytest.raises(SystemExit, match=message):
        main(["results", "--list", *options])


def leave(setting: Setting, root: Path, change: Callable[[dict], Any]) -> Setting:
    """Leave results of two seeds as if other code had made them, and change them."""
    run = Run(setting, 1, root)
    run.folder().mkdir(parents=True)
    result = json.loads(runs.as_text(runs.train(run)))
    result["config"] |= {"code": "old", "versions": versions() | {"abacus": "1"}}
    change(result)
    run.result.parent.mkdir(parents=True)
    for seed in (1, 2):
        result["config"]["seed"] = seed
        replace(run, seed=seed).result.write_text(runs.as_text(result))
    return setting


def states(setting: Setting, root: Path) -> list[str]:
    return [run.state() for run in runner.runs_of(setting, root)]


SHORT = Setting(vpg.vpg, "CartPole-v1", {**TINY, "epochs": 4}, seeds=3)


@pytest.mark.parametrize(
    ("setting", "change", "verdict"),
    [
        (SHORT, lambda old: None, "confirmed after 3 evaluations"),
        (
            SHORT,
            lambda old: old["parameters"].insert(1, old["parameters"].pop()),
            r"stale: evaluation 2 differs: it was \(128, .* \(made with abacus 1\)",
        ),
        pytest.param(
            Program(simplest_pg.train, "CartPole-v1", {"steps": 4000}, seeds=3),
            lambda old: None,
            r"confirmed after [4-9]\d* evaluations",
            marks=pytest.mark.long,
        ),
    ],
)
def test_old_results_are_confirmed_or_called_stale(setting, change, verdict, tmp_path):
    leave(setting, tmp_path, change)
    (again,) = confirmations(setting, tmp_path)
    again.folder().mkdir(parents=True)
    assert (again.seed, again.state()) == (1, "stale")
    stale = "stale" in verdict
    with pytest.raises(SystemExit, match="1") if stale else nullcontext():
        again.work()
    fate = "stale" if stale else "done"
    assert again.state() == fate
    assert states(setting, tmp_path) == ["missing", fate, fate]
    assert re.fullmatch(verdict, again.outcome(stale))
    assert list((tmp_path / "data/confirm").iterdir()) == []


@pytest.mark.long
def test_a_killed_confirmation_goes_on(tmp_path, monkeypatch, capsys):
    acrobot = {"env": "Acrobot-v1", "options": {**TINY, "epochs": 12}}
    plain, other = replace(SHORT, tag="plain", **acrobot), replace(SHORT, tag="other")
    leave(plain, tmp_path, lambda old: old.pop("parameters"))
    leave(other, tmp_path, lambda old: old["config"].update(gamma=0.9))
    monkeypatch.setattr(runner, "SETTINGS", {s.name: s for s in (plain, other)})
    (again,) = confirmations(plain, tmp_path)
    kill(again, "checkpoint.pt")
    capsys.readouterr()
    with pytest.raises(SystemExit, match=f"to be trained again: {other.name}$"):
        main(["results", "--confirm", "--root", str(tmp_path)])
    count, confirmed, stale = capsys.readouterr().out.splitlines()
    assert count == "settings that differ only in code: 1"
    words = "confirmed after all 12 evaluations; 0 to go"
    assert confirmed == f"{plain.name}: {words}"
    assert stale == f"{other.name}: stale: code, gamma"
    assert states(plain, tmp_path) == ["missing", "done", "done"]
    assert states(other, tmp_path) == ["missing", "stale", "stale"]


def test_the_load_of_others_is_told_from_ours(monkeypatch):
    now, load = 0.0, 0.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    monkeypatch.setattr(os, "getloadavg", lambda: (load, 0, 0))
    others = runner.Others()
    for seconds, ours in [(600, 0), (7, 40), (90, 30), (1, 0), (200, 80)]:
        for _ in range(100 * seconds):
            load += (ours + 20 - load) * 0.01 / 60
        now += seconds
        assert others.cores(ours) == 20


def test_the_mean_return_is_that_of_the_last_ten_evaluations(run):
    assert results.mean_return(results.read_result(run.result)) == 499


def test_tables_and_figures_show_what_is_there_and_what_is_wrong(run, monkeypatch):
    folder, second = run.result.parent, replace(run, seed=1)
    head, _, row, *_, origin, _, _ = figures.table([folder]).split("\n")
    assert head.startswith("| CartPole-v1 | steps | mean return |")
    assert row == "| VPG, test (1 of 2 seeds) | 0k | 499 | 499 | 0k | 1.5 |"
    assert origin == "Made on: abacus, 10 cores; numpy 1."
    write(second, [[9, 480.0]])
    row = plain(figures.table([folder])).splitlines()[2]
    assert row == "| VPG, test | 0k | 489.5 ± 120.7 | 499, 480 | 0k | 1.5 |"
    write(second, [[9, 470.0]])
    assert "| 0k to never |" in figures.table([folder])

    _, ax = plt.subplots()
    figures.learning_curves([folder], ax)
    assert [text.get_text() for text in ax.texts] == ["test", "solved"]
    assert {line.get_linestyle() for line in ax.lines[:-1]} == {"-"}
    monkeypatch.setattr(settings, "code", lambda *of: "other")
    assert "| VPG, test (stale: code) |" in figures.table([folder])
    _, ax = plt.subplots()
    figures.learning_curves([folder], ax)
    assert [text.get_text() for text in ax.texts] == ["test, stale", "solved"]
    assert {line.get_linestyle() for line in ax.lines[:-1]} == {"--"}
    plt.close("all")


def plain(text: str) -> str:
    """A table with ordinary blanks and minus signs; they must be the others before."""
    assert " ±" not in text and not re.search(r"-\d", text)
    return text.replace("\N{NO-BREAK SPACE}", " ").replace("−", "-")


def test_what_rows_have_in_common_is_the_head_of_their_table(run, monkeypatch):
    pole = run.result.parent
    acrobot = replace(VPG, env="Acrobot-v1")
    other = replace(VPG, tag="more")
    for setting in (acrobot, other):
        monkeypatch.setitem(settings.SETTINGS, setting.name, setting)
    swing, more = (pole.with_name(setting.name) for setting in (acrobot, other))

    def first_column(text):
        rows = (line for line in text.splitlines() if line.startswith("| "))
        return [row.split(" | ")[0][2:] for row in rows]

    left = " (1 of 2 seeds)"
    assert first_column(figures.table([pole, more])) == [
        "CartPole-v1",
        f"VPG, test{left}",
        "VPG, more",
    ]
    assert first_column(figures.table([swing, pole])) == [
        "VPG, test",
        "Acrobot-v1",
        f"CartPole-v1{left}",
    ]
    assert first_column(figures.table([swing, more])) == [
        "setting",
        "VPG, test on Acrobot-v1",
        "VPG, more on CartPole-v1",
    ]
    each = figures.tables([pole, swing, more])
    names = ["CartPole-v1", f"VPG, test{left}", "VPG, more", "Acrobot-v1", "VPG, test"]
    assert first_column(each) == names
    assert each.count("Made on") == 1


def test_numbers_as_a_reader_wants_them():
    assert figures.number(-1234.5, 1) == "−1,234.5"
    assert figures.number(-0.4, sign="+") == "0" == figures.number(0.4, sign="+")
    assert figures.number(3, sign="+") == "+3"
    assert figures.around(np.full(5, 500.0)) == "all 500"  # a ceiling is no interval
    assert figures.around(np.array([7.25]), 1) == "7.2"
    assert plain(figures.around(np.array([-184.0, -186.0]))) == "-185 ± 13"


def test_returns_in_training_can_be_shown_too(run, monkeypatch):
    folder = run.result.parent
    _, ax = plt.subplots()
    figures.learning_curves([folder], ax, of="training", smooth=2)
    assert ax.lines[0].get_xydata().tolist() == [[2, 10], [4, 15], [9, 40]]
    labelled = replace(VPG, label="some words")
    monkeypatch.setitem(settings.SETTINGS, VPG.name, labelled)
    figures.learning_curves([folder], ax, of="training")
    assert "some words: 1 of 2 seeds" in [text.get_text() for text in ax.texts]
    assert ax.lines[-2].get_ydata().tolist() == [10, 20, 60]
    plt.close("all")


def test_results_that_are_missing_or_damaged_are_called_so(run):
    run.result.write_text("{")
    with pytest.raises(UserError, match=r"s0.json is damaged: .*; delete it"):
        results.curves(run.result.parent)
    run.result.unlink()
    assert "| none yet |" in figures.table([run.result.parent])
    _, ax = plt.subplots()
    figures.learning_curves([run.result.parent], ax)
    assert [text.get_text() for text in ax.texts] == ["test: 0 of 2 seeds", "solved"]
    plt.close("all")
    with pytest.raises(UserError, match="no setting is called 'unheard-of'"):
        figures.table(["unheard-of"])


@pytest.fixture
def grid(run, monkeypatch):
    """Folders of three settings; of the first, one seed of two is there."""
    folders = [run.result.parent]
    for tag, returns in {"alike": (490, 470), "worse": (50, 30)}.items():
        setting = replace(run.setting, tag=tag)
        monkeypatch.setitem(settings.SETTINGS, setting.name, setting)
        for seed, x in enumerate(returns):
            other = Run(setting, seed, run.root)
            write(other, [[9, x]])
        folders.append(other.result.parent)
    return [[folder] for folder in folders]


def test_differences_that_chance_does_not_explain_are_marked(run, grid, monkeypatch):
    assert "| test | none yet (1 of 2 seeds) |" in figures.differences(grid)
    assert "\n\nNo comparisons yet.\n" in figures.differences(grid)
    write(replace(run, seed=1), [[9, 481.0]])
    text = plain(figures.differences(grid)).split("\n")
    head, align, test, alike, worse, *notes = text
    assert (head, align) == ("| setting | CartPole-v1 |", "| :--- | ---: |")
    assert test == "| test | 490 ± 114 |"
    assert alike == "| alike | -10 ± 13 |"
    assert worse == "| worse | **-450 ± 13** |"
    assert notes[1].startswith('<div class="table-notes">')
    assert notes[3].startswith("2 comparisons with the first row")
    assert "a hint (0 here; luck alone makes about 0.1)" in notes[3]
    assert "**Bold**: the interval at 1 - 0.05/2 = 97.50 % leaves" in notes[3]
    assert "a finding (1 here)" in notes[3]
    loss = "23 on CartPole-v1 (5 % of the first row)."
    assert (
        notes[5] == f"Where there is no mark, losses are not excluded of up to {loss}"
    )
    assert notes[7] == "Made on: abacus, 10 cores; numpy 1."
    monkeypatch.setattr(settings, "code", lambda *of: "other")
    assert "| worse | **-450 ± 13** (stale) |" in plain(figures.differences(grid))


def test_differences_are_taken_seed_by_seed(run, grid):
    assert "| alike | none yet |" in figures.differences(grid)  # one pair is not enough
    write(replace(run, seed=1), [[9, 479.0]])
    _, _, test, alike, worse, *notes = plain(figures.differences(grid)).split("\n")
    assert test == "| test | 489 ± 127 |"
    assert alike == "| alike | all -9 |"  # no spread, no interval, no comparison
    assert worse == "| worse | all -449 |"
    assert notes[3] == "No comparisons yet."
    write(replace(run, seed=1), [[9, 481.0]])
    _, _, _, alike, worse, *_ = plain(figures.differences(grid)).split("\n")
    assert alike == "| alike | -10 ± 13 |"
    assert worse == "| worse | **-450 ± 13** |"
    write(Run(settings.SETTINGS["vpg_CartPole-v1_alike"], 1, run.root), [[9, 500.0]])
    assert "| alike | +5 ± 178 |" in plain(figures.differences(grid))


def test_a_hint_has_a_star_until_there_are_too_many_comparisons(run, grid):
    write(replace(run, seed=1), [[9, 481.0]])
    for seed, x in enumerate((482.0, 462.0)):  # differences of -17 and -19
        write(Run(settings.SETTINGS["vpg_CartPole-v1_alike"], seed, run.root), [[9, x]])
    assert "| alike | -18 ± 13\\* |" in plain(figures.differences(grid))
    assert "| alike | **-18 ± 13** |" in plain(figures.differences(grid[:2]))


def test_the_same_run_is_recognised(run, grid):
    alike = Run(settings.SETTINGS["vpg_CartPole-v1_alike"], 0, run.root)
    write(replace(run, seed=1), [[9, 481.0]])
    result = results.read_result(run.result)
    write(alike, result["evaluations"])
    text = plain(figures.differences(grid))
    assert "| alike | -6 ± 70 (1 same) |" in text
    assert "*n* same: on *n* seeds" in text
    for change in (
        {"parameters": ["a"]},  # of one of them only: nothing to compare
        {"training": [[2, 10.0], [4, 20.0], [9, 60.001]]},
    ):
        other = results.read_result(alike.result) | change
        alike.result.write_text(runs.as_text(other))
        text = plain(figures.differences(grid))
        assert ("(1 same)" in text) is ("parameters" in change)


def test_without_a_shared_seed_groups_are_compared(run, grid):
    first, alike = (Path(folder) for (folder,) in grid[:2])
    write(replace(run, seed=1), [[9, 481.0]])
    setting = settings.SETTINGS[alike.name]
    mine = [results.read_result(file) for file in sorted(alike.iterdir())]
    for result, seed in zip(mine, (7, 8)):
        result["config"]["seed"] = seed
    theirs = [results.read_result(file) for file in sorted(first.iterdir())]
    x = figures.Compared(setting, mine, theirs)
    expected = ttest_ind([490, 470], [499, 481], equal_var=False)
    interval = expected.confidence_interval(0.95)
    assert x.interval() == pytest.approx((-10, interval.low, interval.high))
    assert figures.remark(x) == " (other seeds)"


def test_a_forest_shows_every_pair(run, grid):
    write(replace(run, seed=1), [[9, 481.0]])
    _, ax = plt.subplots()
    figures.forest([folder for (folder,) in grid], ax)
    dots = [line for line in ax.lines if line.get_marker() == "o"]
    assert [line.get_xydata().tolist() for line in dots] == [
        [[-9, 0]],
        [[-11, 0]],
        [[-449, 1]],
        [[-451, 1]],
    ]
    assert [line.get_color() for line in dots] == ["C0", "C0", "C1", "C1"]
    assert [text.get_text() for text in ax.get_yticklabels()] == ["alike", "worse"]
    ends = [line.get_xdata() for line in ax.lines if len(line.get_xdata()) == 2]
    assert ends[0] == pytest.approx([-22.706, 2.706], abs=1e-3)
    plt.close("all")


def test_three_pairs_by_hand():
    x, y = np.array([11.0, 22.0, 33.0]), np.array([10.0, 20.0, 30.0])
    mean, low, high = statistics.paired(x, y)  # differences 1, 2, 3
    assert mean == 2
    assert high - mean == mean - low == pytest.approx(4.302653 * 1 / 3**0.5)
    _, low, high = statistics.paired(x, x)  # no difference, and no doubt
    assert (low, high) == (0, 0)


@pytest.mark.parametrize("seed", range(20))
def test_the_interval_of_pairs_is_that_of_scipy(seed):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(0, 1, 5), rng.normal(2, 3, 5)
    test = ttest_rel(x, y)
    interval = test.confidence_interval(0.95)
    mean, low, high = statistics.paired(x, y)
    assert mean == pytest.approx((x - y).mean())
    assert (low, high) == pytest.approx((interval.low, interval.high))
    assert (low > 0 or high < 0) is bool(test.pvalue < 0.05)


@pytest.mark.parametrize("seed", range(20))
def test_the_test_of_welch_is_that_of_scipy(seed):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(0, 1, 5), rng.normal(2, 3, 4)
    test = ttest_ind(x, y, equal_var=False)
    interval = test.confidence_interval(0.95)
    mean, low, high = statistics.unpaired(x, y)
    assert mean == pytest.approx(x.mean() - y.mean())
    assert (low, high) == pytest.approx((interval.low, interval.high))
    assert (low > 0 or high < 0) is bool(test.pvalue < 0.05)


def test_returns_without_any_spread_differ_if_they_are_not_equal():
    assert statistics.unpaired(np.full(5, 500.0), np.full(5, 500.0)) == (0, 0, 0)
    assert statistics.unpaired(np.full(5, 500.0), np.full(5, 499.0)) == (1, 1, 1)


def test_the_strict_level_keeps_a_table_from_marks_by_chance():
    rng = np.random.default_rng(0)
    first, rows = rng.normal(size=(5, 1, 8000)), rng.normal(size=(5, 9, 8000))
    marked = {}
    for level in (0.95, statistics.level_of_each(9)):
        _, low, high = plot.mean_interval(rows - first, level)
        marked[level] = ((low > 0) | (high < 0)).any(axis=0).mean()
    plain, strict = marked.values()
    assert plain == pytest.approx(0.28, abs=0.02)  # of tables in which nothing differs
    assert 0.03 < strict < 0.05


@pytest.mark.parametrize("m", [1, 2, 9, 36])
def test_the_strict_level_is_that_of_a_p_value_times_the_number(m):
    rng = np.random.default_rng(m)
    verdicts = set()
    for _ in range(200):
        x, y = rng.normal(3, 1, 5), rng.normal(0, 1, 5)
        _, low, high = statistics.paired(x, y, statistics.level_of_each(m))
        adjusted = ttest_rel(x, y).pvalue * m
        assert (low > 0 or high < 0) is bool(adjusted < 0.05)
        verdicts.add(low > 0 or high < 0)
    assert verdicts == {True, False}  # both were seen


def test_the_first_ten_to_finish_are_the_short_ones():
    rng = np.random.default_rng(0)

    def episodes(n):
        return rng.choice([1, 9], n)

    averages = []
    for _ in range(3000):
        length = episodes(10)
        left, finished = length.copy(), []
        while len(finished) < 10:
            left -= 1
            over = left == 0
            finished += length[over].tolist()
            length[over] = left[over] = episodes(over.sum())
        averages.append(np.mean(finished[:10]))
    longs = [(10 - k) * math.comb(k + 9, k) / 2 ** (10 + k) for k in range(10)]
    assert 1 + 0.8 * sum(longs) == pytest.approx(2.41, abs=0.005)
    assert np.mean(averages) == pytest.approx(2.41, abs=0.1)
    assert np.mean(np.array(averages) == 1) == pytest.approx(0.5, abs=0.03)


def returns_of(task: str, tag: str) -> np.ndarray:
    folder = settings.ROOT / "book/results" / f"ppo_{task}_{tag}"
    return np.array([results.mean_return(r) for r in results.load(folder)[1]])


def reach(d: np.ndarray, level: float = 0.95) -> float:
    mean, _, high = statistics.paired(d, np.zeros(len(d)), level)
    return high - mean


def test_the_numbers_in_the_text_are_those_of_the_results():
    x, y = (returns_of("HalfCheetah-v5", t) for t in ("no-grad-limit", "customary"))
    assert x[[3, 1]].round().tolist() == [3682, 2003]
    assert y[[3, 1]].round().tolist() == [1664, 3721]
    x, y = (returns_of("Pendulum-v1", t) for t in ("no-obs-norm", "customary"))
    assert x.round(1).tolist() == [-160.8, -165.4, -163.5, -156.4, -166.2]
    assert y.round(1).tolist() == [-169.4, -188.2, -205.1, -177.4, -182.1]
    assert (x - y).round(1).tolist() == [8.6, 22.8, 41.6, 21.0, 15.9]
    assert round(reach(x - y, statistics.level_of_each(36))) == 43
    x, y = (returns_of("LunarLander-v3", t) for t in ("no-grad-limit", "customary"))
    assert (x - y).round(1).tolist() == [-93.4, -1.5, -2.7, 28.8, 44.6]
    assert (round((x - y).mean()), round(reach(x - y)), round(y.mean())) == (
        -5,
        66,
        165,
    )


def test_what_pairs_gain_is_as_the_text_says():
    correlations, shorter = [], 0
    for task in settings.LABORATORY:
        y, *others = (returns_of(task, tag) for tag in settings.DETAILS)
        for x in others:
            correlations.append(np.corrcoef(x, y)[0, 1])
            mean, _, high = statistics.unpaired(x, y)
            shorter += reach(x - y) < high - mean
    assert (len(correlations), shorter) == (36, 14)
    assert np.mean(correlations) == pytest.approx(0.11, abs=0.005)
    normalised = [
        tag for tag, x in settings.DETAILS.items() if "normalise_obs" not in x
    ]
    normalised = [returns_of("HalfCheetah-v5", t) for t in (*normalised, "norms-only")]
    assert np.size(normalised) == 40 and np.min(normalised) > 1270
    assert returns_of("HalfCheetah-v5", "no-obs-norm").max() < 1044

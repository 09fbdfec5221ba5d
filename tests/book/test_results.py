# tests/book/test_results.py: generated from book/practice/results.md; edit the chapter. sha256:143220e6f12167ed
"""Results: evaluation, digests, runs that are killed, stale results, tables."""

import json
import multiprocessing
import os
import time
from dataclasses import replace
from pathlib import Path

import gymnasium as gym
import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from gymnasium.spaces import Box
from scipy.stats import ttest_ind
from torch.distributions import Normal

from spinup_lit import ppo, trpo, vpg
from spinup_lit.experiments import play, results, runner, spectator
from spinup_lit.experiments.results import Program, Setting
from spinup_lit.experiments.runner import Run
from spinup_lit.experiments.spectator import Spectator
from spinup_lit.first import baseline, reward_to_go, simplest_pg
from spinup_lit.machinery import launch
from spinup_lit.machinery.envs import make
from spinup_lit.machinery.errors import UserError
from spinup_lit.machinery.evaluation import EvaluatingCheckpoint, evaluate
from spinup_lit.machinery.logger import read_checkpoint, save_config
from spinup_lit.run import main

TINY = {"num_envs": 2, "steps_per_epoch": 64, "epochs": 3, "hidden_sizes": (8,)}


def of_the_run(checkpoint: Path) -> dict[str, torch.Tensor]:
    return read_checkpoint(checkpoint)["ac"]


@pytest.mark.parametrize("env", ["CartPole-v1", "Pendulum-v1"])
@pytest.mark.parametrize("algorithm", [vpg, trpo, ppo])
def test_evaluation_leaves_training_as_it_is(algorithm, env, tmp_path, monkeypatch):
    name = algorithm.__name__.rsplit(".", 1)[-1]
    options = {**TINY, "env": env, "save_freq": 1}
    options |= {"minibatch_size": 32} if algorithm is ppo else {}
    launch.start(name, data_dir=tmp_path, exp_name="plain", **options)
    monkeypatch.setattr(algorithm, "Checkpoint", EvaluatingCheckpoint)
    launch.start(name, data_dir=tmp_path, exp_name="watched", **options)
    plain, watched = (of_the_run(p) for p in sorted(tmp_path.rglob("checkpoint.pt")))
    assert plain.keys() == watched.keys()
    assert all(torch.equal(plain[key], watched[key]) for key in plain)


@pytest.mark.parametrize("env", ["CartPole-v1", "InvertedPendulum-v5"])
def test_episodes_side_by_side_are_episodes_one_by_one(env):
    torch.manual_seed(4)
    envs, one = [make(env) for _ in range(10)], make(env)
    pi = vpg.ActorCritic(one.observation_space, one.action_space, (16,)).pi
    expected = [play.run_episode(pi, one, True, seed=seed)[0] for seed in range(10)]
    assert len(set(expected)) > 3  # short ones and long ones
    assert evaluate(pi, envs, range(10)) == expected
    assert evaluate(pi, envs, range(10)) == expected  # nothing is left from before


class Payday(gym.Env):
    """Pays the action in each of as many steps as the seed says."""

    observation_space, action_space = Box(-1, 1, (3,)), Box(-2, 2, (1,))

    def reset(self, seed=None, options=None):
        self.left = seed
        return np.zeros(3), {}

    def step(self, action):
        self.left -= 1
        return np.zeros(3), float(action[0]), False, self.left == 0, {}


def test_an_evaluation_by_hand():
    def pi(obs: torch.Tensor) -> Normal:
        return Normal(torch.full((len(obs), 1), 7.0), 1.0)  # 7 counts as 2

    assert evaluate(pi, [Payday() for _ in range(3)], [3, 1, 2]) == [6, 2, 4]


@pytest.mark.parametrize("program", [simplest_pg, reward_to_go, baseline])
def test_a_spectator_leaves_training_as_it_is(program, monkeypatch):
    plain, plain_curve = program.train(steps=3000)
    watcher = Spectator(program.play, "CartPole-v1", seed=0, every=700)
    monkeypatch.setattr(program, "play", watcher)
    watched, curve = program.train(steps=3000)
    assert curve == plain_curve
    for after, expected in zip(watched.parameters(), plain.parameters()):
        assert torch.equal(after, expected)
    late = [steps - 700 * k for k, (steps, _) in enumerate(watcher.rows, start=1)]
    assert len(late) >= 4 and min(late) >= 0 and max(late) < 200  # within an episode


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
        assert watcher.rows[-1][1] == np.mean(returns)


CODE = '''
def f(x):
    """Twice x."""
    # the sum
    y = f"# {x}" """

    a text"""
    return f(
        x + x,
        len(y),
    )
'''


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Twice x.", 'The double.\n\n    """\n    "And more"\n    """'),
        ("    # the sum\n", ""),
        ("x + x,", "x + x,  # quick"),
        ("def f", "# generated from a chapter\n\n\ndef f"),
        ("    return", "\n    # two\n\n    # lines\n    return"),
    ],
)
def test_words_leave_the_digest_alone(old, new):
    assert CODE.count(old) == 1
    assert results.digest(CODE.replace(old, new)) == results.digest(CODE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("x + x", "x * x"),
        ("len(y)", "len(x)"),
        ("# {x}", "#{x}"),
        ("a text", "a  text"),
        ('"""\n\n    a', '"""\n    a'),
        ("    return", "return"),
        ("def f(x)", "def f(x, y=1)"),
    ],
)
def test_code_changes_the_digest(old, new):
    assert CODE.count(old) == 1
    assert results.digest(CODE.replace(old, new)) != results.digest(CODE)


DEFAULTS = """
def train(lr: float = 1e-3, *, n: int = 5, seed: int):
    play(n=5)
"""


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("1e-3", "1e-4", True),
        ("int = 5", "int = 77", True),
        ("play(n=5)", "play(n=6)", False),
        ("1e-3", "1e-3, m: int = 3", False),
        ("lr", "rate", False),
    ],
)
def test_what_was_the_default_does_not_matter(old, new, same):
    changed = DEFAULTS.replace(old, new)
    then, now = (results.digest(source, "train") for source in (DEFAULTS, changed))
    assert (then == now) is same
    assert results.digest(changed) != results.digest(DEFAULTS)


def test_the_digest_is_the_same_everywhere():
    assert results.digest(CODE) == "4065b204793a"


def kill(run: Run, name: str) -> None:
    """Start a runner, and kill it as soon as the run has written into this file."""
    file = run.folder() / name
    fork = multiprocessing.get_context("fork")
    killed = fork.Process(target=runner.train_all, args=([run],))
    killed.start()
    while killed.is_alive() and not (file.exists() and file.stat().st_size):
        time.sleep(0.01)
    assert run.state() == "running"
    killed.kill()
    killed.join()
    while runner.locked(run.folder()):
        time.sleep(0.01)
    assert run.state() == "missing"


def test_a_killed_runner_goes_on_to_the_same_result(tmp_path, monkeypatch):
    options = {**TINY, "epochs": 80}
    run = Run(Setting(vpg.vpg, "CartPole-v1", options), 3, tmp_path)
    kill(run, "checkpoint.pt")
    checkpoint = read_checkpoint(run.folder() / "checkpoint.pt")
    assert 1 <= len(checkpoint["evaluations"]["rows"]) < 40

    bad = Run(Setting(vpg.vpg, "NoSuchTask-v0", {}), 0, tmp_path)
    assert runner.train_all([bad, run]) == [bad]
    assert "NoSuchTask" in (bad.folder() / "log.txt").read_text()
    assert (run.state(), bad.state()) == ("done", "missing")

    monkeypatch.setattr(vpg, "Checkpoint", EvaluatingCheckpoint)
    undisturbed = tmp_path / "undisturbed"
    undisturbed.mkdir()
    save_config(undisturbed, run.setting.config(3))
    launch.resume(undisturbed)
    expected = json.loads(runner.as_text(runner.report(undisturbed)))
    result = results.read_result(run.result)
    assert len(result["evaluations"]) == 40
    assert result.keys() == expected.keys()
    assert [key for key in result if result[key] != expected[key]] == ["seconds"]


def test_a_killed_program_starts_anew_to_the_same_result(tmp_path):
    options = {"steps": 6000, "episodes": 4}
    run = Run(Program(simplest_pg.train, "CartPole-v1", options), 3, tmp_path)
    kill(run, "log.txt")
    assert runner.train_all([run]) == []
    assert run.state() == "done"
    result = results.read_result(run.result)
    assert result["config"].keys() >= {"lr", "hidden", "versions", "simplest_pg.py"}
    assert result["seconds"].keys() == {"training", "evaluation"}

    watcher = Spectator(simplest_pg.play, "CartPole-v1", seed=3, every=150)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(simplest_pg, "play", watcher)
        policy, curve = simplest_pg.train(seed=3, **options)
    watcher.evaluate(policy)
    for of, expected in (("evaluations", watcher.rows), ("training", curve)):
        np.testing.assert_allclose(result[of], expected, rtol=1e-5)


VPG = Setting(vpg.vpg, "CartPole-v1", {"epochs": 3}, seeds=2, variant="test")
SIMPLEST = Program(simplest_pg.train, "CartPole-v1", {})


@pytest.fixture
def run(tmp_path, monkeypatch) -> Run:
    """A run with a result, among the settings of the book."""
    monkeypatch.setitem(results.SETTINGS, VPG.name, VPG)
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
    run.result.write_text(runner.as_text(result))


def test_a_result_is_stale_when_code_or_options_change(run, monkeypatch):
    assert run.state() == "done"
    other = replace(run, setting=replace(run.setting, options={"epochs": 4}))
    assert other.state() == "stale" and other.folder() != run.folder()
    assert results.changes(other.setting, results.read_result(run.result)) == ["epochs"]

    folder = run.folder()
    monkeypatch.setattr(runner, "versions", lambda: {"torch": "99.0"})
    assert run.state() == "done" and run.folder() != folder


@pytest.mark.parametrize(
    ("setting", "name"),
    [
        *((VPG, name) for name in ("vpg.py", "envs.py", "evaluation.py")),
        *((SIMPLEST, name) for name in ("simplest_pg.py", "envs.py")),
        *((SIMPLEST, name) for name in ("evaluation.py", "spectator.py")),
    ],
)
def test_each_file_of_code_counts(setting, name, tmp_path, monkeypatch):
    def copy(file: str | Path) -> Path:
        path = tmp_path / Path(file).name
        path.write_bytes(Path(file).read_bytes())
        return path

    for module in (setting.module, spectator):
        monkeypatch.setattr(module, "__file__", str(copy(module.__file__)))
    monkeypatch.setattr(results, "MEASURING", [copy(f) for f in results.MEASURING])
    run = Run(setting, 0, tmp_path)
    write(run, [])
    folder, code = run.folder(), (tmp_path / name).read_text()
    (tmp_path / name).write_text("# A remark.\n" + code)
    assert run.state() == "done" and run.folder() == folder
    (tmp_path / name).write_text(code + "\nnew = 1\n")
    assert run.state() == "stale" and run.folder() != folder
    assert results.changes(run.setting, results.read_result(run.result)) == [name]


def test_a_run_under_way_is_left_to_its_process(run, monkeypatch, capsys):
    monkeypatch.setattr(runner, "carry_out", None)  # would fail
    second = replace(run, seed=1)
    second.folder().mkdir(parents=True)
    with runner.lock(second.folder()):
        main(["results", "--only=*_test", "--root", str(run.root)])
        assert capsys.readouterr().out == "2 runs: 1 done, 1 running\n"
        assert runner.train_all([second, run]) == []
    main(["results", "--list", "--only=vpg_*_test", "--root", str(run.root)])
    line = " ".join(capsys.readouterr().out.split())
    assert line == f"{run.setting.name} 1 done, 1 missing"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--only=dqn*"], "no setting is called 'dqn\\*'; there are simplest_pg_"),
        (["--root=nowhere"], "results belong beside the book: no folder nowhere/book"),
    ],
)
def test_a_mistake_gets_one_message(options, message):
    with pytest.raises(SystemExit, match=message):
        main(["results", "--list", *options])


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


def test_the_score_is_the_mean_of_the_last_ten(run):
    assert results.score(results.read_result(run.result)) == 499


def test_tables_and_figures_show_what_is_there_and_what_is_wrong(run, monkeypatch):
    folder, second = run.result.parent, replace(run, seed=1)
    name = "vpg_CartPole-v1_test"
    row, _, origin = results.table([folder]).splitlines()[2:]
    assert row == f"| {name} (1 of 2 seeds) | 9 | 499.0 | 499 | 0k | 1.5 |"
    assert origin == "Made on: abacus, 10 cores; numpy 1."
    write(second, [[9, 480.0]])
    row, _, origin = results.table([folder]).splitlines()[2:]
    assert row == f"| {name} | 9 | 489.5 ± 120.7 | 499, 480 | 0k | 1.5 |"
    write(second, [[9, 470.0]])
    assert "| 0k to never |" in results.table([folder])

    _, ax = plt.subplots()
    results.learning_curves([folder], ax)
    assert [text.get_text() for text in ax.texts] == ["test", "solved"]
    assert {line.get_linestyle() for line in ax.lines[:-1]} == {"-"}
    monkeypatch.setattr(results, "digest", lambda *source: "other")
    row, _, origin = results.table([folder]).splitlines()[2:]
    assert f"| {name} (stale: envs.py, evaluation.py, vpg.py) |" in row
    _, ax = plt.subplots()
    results.learning_curves([folder], ax)
    assert [text.get_text() for text in ax.texts] == ["test, stale", "solved"]
    assert {line.get_linestyle() for line in ax.lines[:-1]} == {"--"}
    plt.close("all")


def test_returns_in_training_can_be_shown_too(run, monkeypatch):
    folder = run.result.parent
    _, ax = plt.subplots()
    results.learning_curves([folder], ax, of="training", smooth=2)
    assert ax.lines[0].get_xydata().tolist() == [[2, 10], [4, 15], [9, 40]]
    labelled = replace(VPG, label="some words")
    monkeypatch.setitem(results.SETTINGS, VPG.name, labelled)
    results.learning_curves([folder], ax, of="training")
    assert "some words: 1 of 2 seeds" in [text.get_text() for text in ax.texts]
    assert ax.lines[-2].get_ydata().tolist() == [10, 20, 60]
    plt.close("all")


def test_results_that_are_missing_or_damaged_are_called_so(run):
    run.result.write_text("{")
    with pytest.raises(UserError, match=r"s0.json is damaged: .*; delete it"):
        results.curves(run.result.parent)
    run.result.unlink()
    assert "| none yet |" in results.table([run.result.parent])
    _, ax = plt.subplots()
    results.learning_curves([run.result.parent], ax)
    assert [text.get_text() for text in ax.texts] == ["test: 0 of 2 seeds", "solved"]
    plt.close("all")
    with pytest.raises(UserError, match="no setting is called 'unheard-of'"):
        results.table(["unheard-of"])


@pytest.mark.parametrize("seed", range(20))
def test_the_test_of_welch_is_that_of_scipy(seed):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(0, 1, 5), rng.normal(2, 3, 4)
    p = ttest_ind(x, y, equal_var=False).pvalue
    assert results.differ(x, y) is results.differ(y, x) is bool(p < 0.05)


def test_scores_without_any_spread_differ_if_they_are_not_equal():
    assert not results.differ(np.full(5, 500.0), np.full(5, 500.0))
    assert results.differ(np.full(5, 500.0), np.full(5, 499.0))


def test_effects_are_bold_where_chance_does_not_explain_them(run, monkeypatch):
    folders = [run.result.parent]
    for variant, scores in {"alike": (480, 510), "worse": (50, 30)}.items():
        setting = replace(run.setting, variant=variant)
        monkeypatch.setitem(results.SETTINGS, setting.name, setting)
        for seed, x in enumerate(scores):
            other = Run(setting, seed, run.root)
            write(other, [[9, x]])
            folders.append(other.result.parent)
    grid = [[folder] for folder in dict.fromkeys(folders)]
    assert "| test | 1 of 2 seeds |" in results.effects(grid)
    write(replace(run, seed=1), [[9, 480.0]])
    head, _, test, alike, worse, _, origin = results.effects(grid).splitlines()
    assert head == "| variant | CartPole-v1 |"
    assert test == "| test | 490 ± 121 |"
    assert alike == "| alike | 495 ± 191 |"
    assert worse == "| worse | **40 ± 127** |"
    assert origin == "Made on: abacus, 10 cores; numpy 1."
    monkeypatch.setattr(results, "digest", lambda *source: "other")
    assert "| worse | 40 ± 127 (stale) |" in results.effects(grid)

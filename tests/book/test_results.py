# tests/book/test_results.py: generated from book/practice/results.md; edit the chapter. sha256:c78a7a032386eb75
"""Results: evaluation, digests, runs that are killed, stale results, tables."""

from pathlib import Path

import pytest
import torch

from spinup_lit import launch, play, ppo, results, trpo, vpg
from spinup_lit.envs import make
from spinup_lit.evaluation import EvaluatingCheckpoint, evaluate
from spinup_lit.logger import read_checkpoint

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
def test_ten_episodes_at_once_are_ten_episodes_one_by_one(env):
    torch.manual_seed(4)
    envs, one = [make(env) for _ in range(10)], make(env)
    pi = vpg.ActorCritic(one.observation_space, one.action_space, (16,)).pi
    expected = [play.run_episode(pi, one, True, seed=seed)[0] for seed in range(10)]
    assert len(set(expected)) > 3  # short ones and long ones
    assert evaluate(pi, envs, range(10)) == expected
    assert evaluate(pi, envs, range(10)) == expected  # nothing is left from before


CODE = '''
def f(x):
    """Twice x."""
    # the sum
    y = f"# {x}" """

    a text"""
    return x + x
'''


def digest_of(tmp_path: Path, code: str) -> str:
    (tmp_path / "code.py").write_text(code)
    return results.digest(tmp_path / "code.py")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Twice x.", 'The double.\n\n    """\n    "And more"\n    """'),
        ("    # the sum\n", ""),
        ("x + x", "x + x  # quick"),
        ("def f", "# generated from a chapter\n\n\ndef f"),
        ("    return", "\n    # two\n\n    # lines\n    return"),
    ],
)
def test_words_leave_the_digest_alone(old, new, tmp_path):
    assert CODE.count(old) == 1
    changed = CODE.replace(old, new)
    assert digest_of(tmp_path, changed) == digest_of(tmp_path, CODE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("x + x", "x * x"),
        ("# {x}", "#{x}"),
        ("a text", "a  text"),
        ('"""\n\n    a', '"""\n    a'),
        ("    return x + x", "return x + x"),
        ("def f(x)", "def f(x, y=1)"),
    ],
)
def test_code_changes_the_digest(old, new, tmp_path):
    assert CODE.count(old) == 1
    changed = CODE.replace(old, new)
    assert digest_of(tmp_path, changed) != digest_of(tmp_path, CODE)


def test_the_digest_is_the_same_everywhere(tmp_path):
    assert digest_of(tmp_path, CODE) == "fde47b6762ba"

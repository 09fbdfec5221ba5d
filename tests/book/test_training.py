# tests/book/test_training.py: generated from book/machinery/training.md; edit the chapter. sha256:106643b63a636fb1
"""What holds for every run of every algorithm."""

import errno
import os
import subprocess
import sys
from functools import partial
from inspect import getdoc, signature
from pathlib import Path
from types import SimpleNamespace
from typing import Annotated, get_args
from unittest.mock import Mock

import gymnasium as gym
import numpy as np
import pytest
import torch
from ranks import on_ranks

import spinup_lit
from spinup_lit import run
from spinup_lit.machinery import launch, mpi, training
from spinup_lit.machinery.arguments import (
    LIMIT,
    POSITIVE,
    Range,
    at_least,
    between,
    check_arguments,
    checked,
    inside,
)
from spinup_lit.machinery.envs import check_bounded, check_discrete
from spinup_lit.machinery.errors import UserError, require


@pytest.mark.parametrize(
    ("wanted", "good", "bad"),
    [
        (between(0, 1), [0, 0.5, 1], [-1e-9, 1 + 1e-9]),
        (inside(0, 1), [1e-9, 0.5], [0, 1]),
        (at_least(2), [2, 1e300], [1.99, np.inf]),
        (POSITIVE, [1e-300, 7], [0, np.inf]),
        (LIMIT, [1e-300, np.inf], [0, -1]),
    ],
)
def test_a_range_holds_what_it_says(wanted, good, bad):
    assert all(map(wanted.holds, good))
    assert not any(map(wanted.holds, [*bad, np.nan]))


def no_more_than(count: int, most: int, ranks: int) -> None:
    require(count * ranks <= most, f"{count} times {ranks} ranks are more than {most}")


@checked(no_more_than)
def work(
    env: str,
    *,
    share: Annotated[float, between(0, 1)] = 0.5,
    widths: Annotated[tuple[int, ...], at_least(1)] = (4, 4),
    count: Annotated[int, at_least(1)] = 2,
    limit: Annotated[int | None, at_least(1)] = None,
    quick: bool = False,
    most: int = 6,
) -> str:
    """A function to be checked."""
    return f"{env}: {count}"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"share": 1.5}, "share is 1.5; it must lie between 0 and 1"),
        ({"share": "much"}, "share is 'much'; it must be a number"),
        (
            {"widths": (4, 0)},
            r"widths is \(4, 0\); each of them must be a number, at le",
        ),
        ({"widths": 4}, "widths is 4; it must be several values"),
        ({"widths": (4, 0.5)}, "it must be a whole number"),
        ({"count": 0}, "count is 0; it must be a number, at least 1"),
        ({"count": 1.5}, "count is 1.5; it must be a whole number"),
        ({"count": 7}, "7 times 1 ranks are more than 6"),
        ({"limit": 0}, "limit is 0; it must be a number, at least 1"),
        ({"quick": "no"}, "quick is 'no'; it must be True or False"),
    ],
)
def test_bad_arguments_are_refused_before_anything_happens(arguments, message):
    with pytest.raises(UserError, match=message):
        work("here", **arguments)


def test_good_arguments_pass_and_nothing_else_changes():
    assert work("here", count=6) == "here: 6"
    assert work("here", widths=[8], share=np.float32(0.25)) == "here: 2"
    assert work.__doc__ == "A function to be checked."
    with pytest.raises(UserError, match="3 times 4 ranks"):
        check_arguments(work, {"count": 3, "most": 6}, ranks=4)
    assert str(signature(work).parameters["share"]).endswith("[0, 1]] = 0.5")


HOLD = """
import sys, time
from pathlib import Path
from spinup_lit.machinery import mpi, training

mpi.proc_id = lambda: 1
with training.writing(Path(sys.argv[1])):
    print("locked", flush=True)
    time.sleep(100)
"""


def test_a_run_has_one_writer_until_that_is_dead(tmp_path, monkeypatch):
    training.check_unused(tmp_path)
    with training.writing(tmp_path):  # as rank 0
        holder = subprocess.Popen(
            [sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE
        )
        assert holder.stdout.readline() == b"locked\n"  # another slot
    refusal = f"another process, number {holder.pid}, is training the run in"
    with pytest.raises(UserError, match=refusal):
        training.check_unused(tmp_path)
    monkeypatch.setattr(mpi, "proc_id", lambda: 1)
    with pytest.raises(UserError, match=refusal), training.writing(tmp_path):
        raise AssertionError
    holder.kill()
    holder.communicate()
    with monkeypatch.context() as patch:
        none = OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))
        patch.setattr(training.fcntl, "lockf", Mock(side_effect=none))
        with pytest.raises(UserError, match=r"cannot write .*lock: No locks available"):
            training.writing(tmp_path).__enter__()
    training.check_unused(tmp_path)
    with training.writing(tmp_path):
        assert (tmp_path / "lock").stat().st_size == 32


ALGORITHMS = [launch.training_function(name) for name in run.algorithms()]
every_algorithm = pytest.mark.parametrize(
    "train", ALGORITHMS, ids=lambda train: train.__name__
)


SMALL = {
    "hidden_sizes": (16,),
    "num_envs": 4,
    "steps_per_epoch": 128,
    "minibatch_size": 64,
    "start_steps": 64,
    "update_after": 64,
    "update_every": 16,
    "update_ratio": 1 / 16,
    "batch_size": 16,
    "replay_size": 300,
    "num_test_episodes": 2,
    "lr_decay": 0.0,
}
PENDULUM = "gymnasium.envs.classic_control:PendulumEnv"
gym.register("ShortPendulum-v0", PENDULUM, max_episode_steps=50)
VECTORS = ["ShortPendulum-v0", "LunarLanderContinuous-v3", "InvertedPendulum-v5"]
NUMBERED = ["CartPole-v1", "LunarLander-v3"]
BOTH = [*NUMBERED, "InvertedPendulum-v5"]


def worlds(train):
    """Environments that an algorithm can act in."""
    if check_discrete in train.checks:
        return NUMBERED
    return VECTORS if check_bounded in train.checks else BOTH


def takes(train, name):
    """Whether a training function has this argument."""
    return name in signature(train).parameters


def small(train):
    """Arguments of a run that takes a moment."""
    sizes = {name: x for name, x in SMALL.items() if takes(train, name)}
    return {"env": worlds(train)[0], **sizes}


def progress(output_dir):
    """The table of a run without its last column, the time."""
    rows = (output_dir / "progress.txt").read_text().splitlines()
    return [row.rsplit("\t", 1)[0] for row in rows]


@every_algorithm
def test_same_seed_same_run(tmp_path, train):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        train(seed=seed, epochs=3, output_dir=tmp_path / name, **small(train))
    a, b, c = (progress(tmp_path / name) for name in "abc")
    assert a == b
    assert a != c


class Stopped(Exception):
    pass


class StopInThird(training.Watcher):
    """Ends a run in its third epoch."""

    def look(self, run):
        if run.epoch == 2:
            raise Stopped


def all_worlds():
    """Every algorithm in each of its environments; all but the first are for later."""
    for train in ALGORITHMS:
        first, *others = worlds(train)
        yield train, first
        for env in others:
            yield pytest.param(train, env, marks=pytest.mark.long)


@pytest.mark.parametrize(("train", "env"), list(all_worlds()))
def test_a_resumed_run_is_the_uninterrupted_run(tmp_path, train, env):
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    options = {**small(train), "env": env, "epochs": 5, "save_freq": 2}
    a = train(output_dir=whole, **options)
    with pytest.raises(Stopped), training.watched(StopInThird()):
        train(output_dir=parts, **options)
    assert len(progress(parts)) == 4
    b = train(output_dir=parts, resume=True, **options)
    assert progress(whole) == progress(parts)
    for name, tensor in a.state_dict().items():
        assert torch.equal(tensor, b.state_dict()[name]), name


@every_algorithm
def test_two_ranks_go_on_as_if_they_had_never_stopped(tmp_path, train):
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    options = {**small(train), "save_freq": 1}
    on_ranks(2, lambda: train(epochs=4, output_dir=whole, **options))
    on_ranks(2, lambda: train(epochs=2, output_dir=parts, **options))
    on_ranks(2, lambda: train(epochs=4, output_dir=parts, resume=True, **options))
    assert len(progress(whole)) == 5
    assert progress(whole) == progress(parts)
    a, b = (
        torch.load(folder / "checkpoint.pt", weights_only=True)
        for folder in (whole, parts)
    )
    for name, tensor in a["agent"].items():
        assert torch.equal(tensor, b["agent"][name]), name
    for one, other in zip(a["ranks"], b["ranks"], strict=True):
        assert torch.equal(one["torch"], other["torch"])


@every_algorithm
def test_the_last_checkpoint_holds_the_agent_that_is_returned(tmp_path, train):
    agent = train(**small(train), epochs=3, save_freq=2, output_dir=tmp_path)
    saved = torch.load(tmp_path / "checkpoint.pt", weights_only=True)
    assert saved["epochs"] == 3
    for name, tensor in agent.state_dict().items():
        assert torch.equal(tensor, saved["agent"][name]), name


class BreaksLater(gym.RewardWrapper):
    """Its 75th reward, counted over all episodes, is NaN."""

    steps = 0

    def reward(self, reward):
        self.steps += 1
        return np.nan if self.steps == 75 else reward


def breaking(env, **kwargs):
    return BreaksLater(gym.make(env, **kwargs))


for env in ("CartPole-v1", "ShortPendulum-v0"):
    gym.register(f"BreaksLater-{env}", partial(breaking, env))

# An infinite length makes nonsense of all gradients: PPO's critic takes the actor along.
# Off-policy, a policy that has become NaN acts before the epoch is over.
DIVERGED = r"parameters (v|actor|q|pi)\S* are not finite any more after 128|chose nan"


def rate_of_values(train):
    """The name of the learning rate of a critic."""
    return next(name for name in ("vf_lr", "q_lr", "lr") if takes(train, name))


@every_algorithm
@pytest.mark.parametrize(
    ("cause", "message", "epochs"),
    [
        (lambda train: {}, "returned nan in its reward.* step 300 of", 2),
        (lambda train: {rate_of_values(train): 1e30}, DIVERGED, 0),
    ],
    ids=["environment", "rate"],
)
@pytest.mark.filterwarnings("ignore:.*NaN")
def test_a_number_that_is_none_stops_the_run(tmp_path, train, cause, message, epochs):
    arguments = {**small(train), "epochs": 5, "save_freq": 1}
    arguments |= cause(train) or {"env": f"BreaksLater-{arguments['env']}"}
    with pytest.raises(UserError, match=message):
        train(**arguments, output_dir=tmp_path)
    assert len(progress(tmp_path)[1:]) == epochs
    assert (tmp_path / "checkpoint.pt").exists() == (epochs > 0)
    if epochs:
        saved = torch.load(tmp_path / "checkpoint.pt", weights_only=True)
        assert saved["epochs"] == epochs
        assert all(tensor.isfinite().all() for tensor in saved["agent"].values())


@every_algorithm
def test_every_number_has_a_range_and_is_refused_outside_it(tmp_path, train):
    checked = 0
    for name, parameter in signature(train).parameters.items():
        kind, *extras = get_args(parameter.annotation) or [parameter.annotation]
        if kind not in (int, float, tuple[int, ...]):
            continue
        (wanted,) = (extra for extra in extras if isinstance(extra, Range))
        below = wanted.low if wanted.ends[0] == "(" else wanted.low - 1
        bad = [below, np.nan, *([wanted.high + 1] if wanted.high < np.inf else [])]
        for value in bad:
            if kind == tuple[int, ...]:
                value = (value,)
            with pytest.raises(UserError, match=f"^{name} is "):
                train(**{name: value}, output_dir=tmp_path / "run")
        checked += 1
    assert checked >= 8
    assert list(tmp_path.iterdir()) == []


@every_algorithm
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"steps_per_epoch": 1000, "num_envs": 3}, "1002 would do"),
        ({"env": "CartPol-v1"}, "CartPole"),
        ({"resume": True}, "no checkpoint to resume from: there is no file"),
    ],
)
def test_arguments_that_do_not_fit_together_are_refused(
    tmp_path, train, arguments, message
):
    with pytest.raises(UserError, match=message):
        train(**arguments, output_dir=tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


@every_algorithm
def test_every_argument_is_documented(train):
    for name in signature(train).parameters:
        assert f"\n    {name}: " in getdoc(train), name


class Meddler(training.Watcher):
    """Draws random numbers, and counts how often it looked."""

    def __init__(self):
        self.looks = 0

    def look(self, run):
        self.looks += 1
        torch.manual_seed(self.looks)
        torch.rand(7)

    def state_dict(self):
        return {"looks": self.looks}

    def load_state_dict(self, state):
        self.looks = state["looks"]


@every_algorithm
def test_a_run_that_is_watched_is_the_same_run(tmp_path, train):
    alone, seen = tmp_path / "alone", tmp_path / "seen"
    train(**small(train), epochs=4, output_dir=alone)
    for epochs in (2, 4):
        with training.watched(Meddler()):
            train(**small(train), epochs=epochs, output_dir=seen, resume=epochs == 4)
    assert progress(alone) == progress(seen)
    saved = torch.load(seen / "checkpoint.pt", weights_only=True)
    assert saved["watchers"] == {"Meddler": {"looks": 4}}


def test_the_clock_of_a_run_stands_still_while_somebody_looks(tmp_path, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(training, "time", SimpleNamespace(monotonic=lambda: now[0]))

    class Slow(training.Watcher):
        def look(self, run):
            now[0] += 100

    with training.watched(Slow()):
        ALGORITHMS[0](**small(ALGORITHMS[0]), epochs=3, output_dir=tmp_path)
    rows = (tmp_path / "progress.txt").read_text().splitlines()
    assert now == [300]
    assert [row.rsplit("\t", 1)[1] for row in rows] == ["Time", "0", "0", "0"]


def train_all(folder):
    """Train by every algorithm, one after the other, on as many ranks as there are."""
    for train in ALGORITHMS:
        train(**small(train), epochs=2, output_dir=folder / train.__name__)


@pytest.mark.long
@pytest.mark.skipif(mpi.cores() < 2, reason="two ranks need two cores")
def test_two_ranks_under_mpi_are_two_that_take_turns(tmp_path, monkeypatch):
    folders = [Path(spinup_lit.__file__).parents[1], Path(__file__).parent]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(map(str, folders)))
    here = f"pathlib.Path({str(tmp_path / 'mpi')!r})"
    code = f"import pathlib, test_training; test_training.train_all({here})"
    assert mpi.launch(2, ["-c", code]) == 0
    on_ranks(2, lambda: train_all(tmp_path / "turns"))
    for name in (train.__name__ for train in ALGORITHMS):
        assert progress(tmp_path / "mpi" / name) == progress(tmp_path / "turns" / name)
        saved = torch.load(
            tmp_path / "turns" / name / "checkpoint.pt", weights_only=True
        )
        one, other = (rank["torch"] for rank in saved["ranks"])
        assert not torch.equal(one, other)


def test_what_is_logged_is_taken_over_all_ranks(monkeypatch):
    other = {"Loss": 5.0, "VVals": np.array([6.0])}
    monkeypatch.setattr(mpi, "gather_objects", lambda mine: [mine, other])
    row = training.over_ranks({"Loss": 2.0, "VVals": np.array([1.0, 2.0])})
    assert row.pop("Loss") == 3.5
    assert list(row) == ["AverageVVals", "StdVVals", "MaxVVals", "MinVVals"]
    assert row["AverageVVals"] == 3 and row["MaxVVals"] == 6 and row["MinVVals"] == 1

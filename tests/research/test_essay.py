"""What the essay says of single runs: the logs that it shows are those of the code of today."""

import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from spinup_lit import ppo, vpg
from spinup_lit.experiments import plot
from spinup_lit.machinery import envs
from spinup_lit.machinery.evaluation import evaluate

ROOT = Path(__file__).parents[2]
LOGS = ROOT / "book/results/essay"
ESSAY = (ROOT / "book/research/essay.md").read_text()
MISTAKES = ["flags-one-late", "lambda-for-gamma", "truncation-as-death"]
PENDULUM = {"env": "Pendulum-v1", "normalise_ret": True}
WITH_PPO = {
    "with": PENDULUM,
    "without": PENDULUM | {"normalise_ret": False},
    "car": {"env": "MountainCarContinuous-v0"},
}


def log(name: str) -> dict[str, np.ndarray]:
    return plot.read_progress(LOGS / f"{name}.txt")


def test_every_log_is_shown_and_has_all_its_epochs():
    epochs = dict.fromkeys(["right", *MISTAKES], 100) | {"with": 50, "without": 50}
    found = {path.stem: len(log(path.stem)["Epoch"]) for path in LOGS.iterdir()}
    assert found == epochs | {"car": 40}


def test_what_the_text_says_of_the_three_mistakes():
    first, half, end = (
        {name: log(name)["AverageEpRet"][i] for name in ["right", *MISTAKES]}
        for i in (0, 49, 99)
    )
    assert {round(x) for x in first.values()} == {19}
    assert all(x > 300 for x in end.values())
    ahead = {name for name in MISTAKES if half[name] > half["right"]}
    assert ahead == {"lambda-for-gamma", "truncation-as-death"}
    values = {name: log(name)["AverageVVals"][99] for name in ["right", *MISTAKES]}
    assert round(values["right"]) == round(1 / (1 - 0.99))
    assert round(values["lambda-for-gamma"]) == 33 == round(1 / (1 - 0.97))


def test_a_limit_taken_for_the_end_is_no_mistake_before_it_is_reached():
    right, wrong = log("right"), log("truncation-as-death")
    reached = int(np.argmax(right["MaxEpRet"] == 500))
    differ = right["AverageVVals"] != wrong["AverageVVals"]
    assert not differ[:reached].any() and differ[reached:].all()


def test_what_the_text_says_of_the_car_and_of_the_normalisation():
    car = log("car")
    mean = car["AverageEpRet"][~np.isnan(car["AverageEpRet"])]
    assert (np.diff(mean) >= 0).all() and mean[-1] - mean[0] > 15
    assert np.nanmax(car["MaxEpRet"]) < 0
    ends = {name: log(name)["AverageEpRet"][-1] for name in ("with", "without")}
    assert ends["with"] > -300 and ends["without"] < -1000


@pytest.mark.long
@pytest.mark.parametrize("name", ["right", *MISTAKES, *WITH_PPO])
def test_the_code_of_today_begins_as_the_log_does(
    name: str, variant: Callable[..., ModuleType], tmp_path: Path
):
    epochs = 6  # every task has ended an episode by then
    if name in WITH_PPO:
        ppo.ppo(**WITH_PPO[name], epochs=epochs, output_dir=tmp_path)
    else:
        names = [f"advantages:{name}"] if name in MISTAKES else []
        module = variant("spinup_lit/vpg.py", *names) if names else vpg
        module.vpg(epochs=epochs, output_dir=tmp_path)
    new, old = plot.read_progress(tmp_path / "progress.txt"), log(name)
    assert len(old) == 4
    for column, values in old.items():
        np.testing.assert_allclose(new[column], values[:epochs], rtol=0.02, atol=0.01)


@pytest.mark.long
def test_the_car_learns_to_stand_still():
    env = "MountainCarContinuous-v0"
    agent = ppo.ppo(env, epochs=40)
    returns = evaluate(agent, [envs.make(env) for _ in range(10)], range(10))
    told = re.search(r"Its mode, in the ten episodes .*?, earned −([0-9.]+):", ESSAY)
    assert told
    assert float(np.mean(returns)) == pytest.approx(-float(told[1]), abs=0.05)

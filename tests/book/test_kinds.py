# tests/book/test_kinds.py: generated from book/start/kinds.md; edit the chapter. sha256:e42d064fdba97e6a
"""The page on kinds of algorithms: does it say what the programs and the results say?"""

import importlib
import inspect
import re
from pathlib import Path

import numpy as np
import pytest
from gymnasium.spaces import Box, Discrete

from spinup_lit import run
from spinup_lit.experiments import results
from spinup_lit.machinery.errors import UserError

BOOK = Path(__file__).parents[2] / "book"
PAGE = (BOOK / "start/kinds.md").read_text()

HEAD, *LINES = re.findall(
    r"^\| (?:|\[.*?)\|.*\|$", PAGE.split("on a few axes")[1], re.M
)
COLUMNS = [cell.strip() for cell in HEAD.strip("|").split("|")][1:]
ROWS = {}
for text in LINES:
    first, *cells = [cell.strip() for cell in text.strip("|").split("|")]
    ROWS[re.search(r"\[(.*?)\]", first)[1].lower()] = dict(zip(COLUMNS, cells))
ALGORITHMS = sorted(run.algorithms())


def test_every_algorithm_has_a_row_and_a_leaf():
    assert set(ALGORITHMS) <= set(ROWS)
    for name in ALGORITHMS:
        assert re.search(rf'\("{name.upper()}", "\.\./o\w+/{name}", \w+\)', PAGE)


def accepts(name, env):
    """Whether the algorithm trains for some steps in this environment."""
    train = getattr(importlib.import_module(f"spinup_lit.{name}"), name)
    short = {"epochs": 1, "steps_per_epoch": 16, "hidden_sizes": (4,)}
    short |= {"minibatch_size": 16, "update_after": 8, "replay_size": 100}
    known = inspect.signature(train).parameters
    try:
        train(env, **{key: x for key, x in short.items() if key in known})
    except UserError as error:
        assert f"{env} acts in" in str(error)
        return False
    return True


@pytest.mark.parametrize("name", ALGORITHMS)
def test_a_row_says_what_the_program_does(name, capfd, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    row, module = ROWS[name], importlib.import_module(f"spinup_lit.{name}")
    default = {
        key: x.default
        for key, x in inspect.signature(getattr(module, name)).parameters.items()
    }
    assert row["data"] == ("off-policy" if hasattr(module, "Replay") else "on-policy")
    numbered, vectors = accepts(name, "CartPole-v1"), accepts(name, "Pendulum-v1")
    spaces = {(1, 1): "any", (1, 0): "numbered", (0, 1): "vectors"}
    assert row["actions"] == spaces[numbered, vectors]
    times = row["a step is used"]
    if "batch_size" in default:  # each step is drawn so often, on average
        drawn = default["batch_size"] * default["update_ratio"]
        assert times == f"about {drawn:.0f} times"
    elif "train_passes" in default:
        assert times == f"{default['train_passes']} times"
    else:
        assert times == f"once; critic {default['train_v_iters']} times"


@pytest.mark.parametrize("name", ALGORITHMS)
def test_a_random_policy_draws_its_actions(name):
    module = importlib.import_module(f"spinup_lit.{name}")
    if name == "dqn":
        agent = module.DeepQ(Box(-1, 1, (3,)), Discrete(3), (4,))
    else:
        quiet = {"ddpg": (0,), "td3": (0,), "sac": (1,)}.get(name, ())
        agent = module.ActorCritic(Box(-1, 1, (3,)), Box(-1, 1, (2,)), (4,), *quiet)
    agent.epsilon = 0  # of DQN, like the noise of the others: it belongs to exploration
    obs = np.zeros((64, 3), np.float32)
    drawn = len(np.unique(agent.act(obs).round(6), axis=0))
    assert (drawn > 1) == (ROWS[name]["policy"] == "random")
    assert len(np.unique(agent.act(obs, deterministic=True).round(6), axis=0)) == 1


def of_seeds(name, goal):
    """Steps to the goal and milliseconds per step, for each seed."""
    steps, each = [], []
    for found in results.load(BOOK / "results" / name)[1]:
        times, returns = np.array(found["evaluations"]).T
        steps.append(times[np.argmax(returns >= goal)])
        each.append(1000 * found["seconds"]["training"] / times[-1])
    return np.array(steps), np.array(each)


def test_fewer_steps_and_more_time_for_each():
    steps, each = of_seeds("ppo_Pendulum-v1_customary", -200)
    for name in ("ddpg", "td3", "sac"):
        fewer, longer = of_seeds(f"{name}_Pendulum-v1", -200)
        assert fewer.max() * 10 < steps.min()
        assert 85 < longer.min() / each.min() < 175


def test_who_ends_at_the_largest_return():
    for name, at_500 in (("vpg", 5), ("ppo", 5), ("dqn", 2)):
        found = results.load(BOOK / f"results/{name}_CartPole-v1")[1]
        assert sum(results.mean_return(x) == 500 for x in found) == at_500


def test_leaves_lead_to_chapters_and_to_headings():
    headings = re.findall(r"^#+ (.*)$", PAGE, re.M)
    here = {re.sub(r"[^a-z0-9]+", "-", x.lower()).strip("-") for x in headings}
    leaves = re.findall(r'\("[^"]+", "([^"]+)", (?:FRESH|KEPT|FIXED|None)\)', PAGE)
    assert len(leaves) > 12
    for target in leaves:
        if target.startswith("#"):
            assert target[1:] in here
        else:
            assert (BOOK / "start" / f"{target}.md").exists()

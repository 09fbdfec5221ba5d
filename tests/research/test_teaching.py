"""Reading times of the page for teachers are those of the chapters; commands exist."""

import re
import shlex
from collections.abc import Callable, Iterator
from functools import cache, wraps
from importlib import import_module
from pathlib import Path

import pytest

from spinup_lit import run
from spinup_lit.experiments import results
from spinup_lit.machinery import launch
from tangle import load, with_variants

ROOT = Path(__file__).parents[2]
RESEARCH = ROOT / "book/research"
BACK = ":::{admonition} The back of this chapter"
NO_PROSE = re.compile(
    r"^(`{3,}|~{3,}).*?^\1\s*$|\$\$.*?\$\$|^:.*?$|^#.*?$|\A---\n.*?^---$",
    re.DOTALL | re.M,
)
UNIT = re.compile(r"^\*\*Read\*\* (.+?): (\d+)\s+minutes", re.M | re.S)
BASH = re.compile(r"^```bash\n(.*?)^```", re.M | re.S)


@cache
def minutes(path: Path) -> float:
    """To read the prose of a chapter's front, at 230 words a minute."""
    front = path.read_text().split(BACK)[0]
    return len(NO_PROSE.sub("", front).split()) / 230


@pytest.mark.parametrize(
    "what, told", UNIT.findall((RESEARCH / "teaching.md").read_text())
)
def test_reading_takes_as_long_as_the_page_says(what, told):
    chapters = [RESEARCH / link for link in re.findall(r"\]\((.+?\.md)\)", what)]
    read = sum(map(minutes, chapters))
    assert read == pytest.approx(int(told), rel=0.1, abs=1.5)  # chapters are edited


def test_every_unit_says_how_long_it_takes():
    assert len(UNIT.findall((RESEARCH / "teaching.md").read_text())) == 14


IN_WORDS = {
    "a quarter of a minute": 15,
    "half a minute": 30,
    "some two minutes": 120,
    "three minutes": 180,
    "five minutes": 300,
}
TIMED = re.compile(
    rf"python -m spinup_lit\.(?:run|first)[ .](\S+?)( --env \S+)?(?: --epochs \d+)?(?:`,| +#) ({'|'.join(IN_WORDS)})"
)


def seconds(algorithm: str, env: str) -> list[float]:
    """What each run in book/results took to train, for the defaults of an algorithm."""
    (folder,) = (ROOT / "book/results").glob(f"{algorithm}_{env or '*'}-v?")
    return [run["seconds"]["training"] for run in results.load(folder)[1]]


def test_runs_take_as_long_as_the_page_says():
    """On a core that has nothing else to do: as the quickest of the seeds, about."""
    told = TIMED.findall((RESEARCH / "teaching.md").read_text())
    assert len(told) == 9
    standard = {"vpg": "CartPole", "dqn": "CartPole"} | dict.fromkeys(
        ("td3", "sac"), "Pendulum"
    )
    for algorithm, env, words in told:
        task = env.removeprefix(" --env ").split("-")[0] or standard.get(algorithm, "")
        took = seconds(algorithm, task)
        assert IN_WORDS[words] / 2 < min(took) < 2 * IN_WORDS[words], algorithm
        if algorithm in ("dqn", "td3"):  # "took up to four times as long"
            assert max(took) < 4.5 * IN_WORDS[words]


def typed() -> Iterator[tuple[str, str]]:
    """What the pages of this part tell to type, one command at a time."""
    for page in ("essay", "differs", "teaching"):
        for block in BASH.findall((RESEARCH / f"{page}.md").read_text()):
            for line in block.splitlines():
                yield page, line.partition("  #")[0].strip()


TRAIN = "python -m spinup_lit.run "
MISTAKES = re.compile(r"(?:for bug in |choice\(')([\w -]+)")
RUNS = sorted({line.removeprefix(TRAIN) for _, line in typed() if TRAIN in line})


@pytest.fixture
def obeyed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of commands that are understood; nothing is done about them."""
    names: list[str] = []

    def record(real: Callable[..., None]) -> Callable[..., None]:
        return wraps(real)(lambda *_, **__: names.append(real.__name__))

    monkeypatch.setattr(launch, "start", record(launch.start))
    for tool, (name, _) in run.TOOLS.items():
        module = import_module(f"spinup_lit.{name}")
        monkeypatch.setattr(module, tool, record(getattr(module, tool)))
    return names


@pytest.mark.parametrize("line", RUNS)
def test_each_command_is_understood(line, obeyed):
    command, *options = shlex.split(line.replace("$seed", "0"))
    own = command.endswith(".py")  # a file that the reader makes
    run.obey(str(ROOT / "spinup_lit/vpg.py") if own else command, options)
    assert obeyed == ["start" if own or command in run.algorithms() else command]


def test_a_command_with_a_mistake_is_not(obeyed):
    with pytest.raises(SystemExit):
        run.obey("vpg", ["--epoch", "3"])
    assert obeyed == []


def test_the_pages_have_commands_and_their_mistakes_exist():
    assert len(RUNS) > 20
    found = [MISTAKES.search(line) for _, line in typed()]
    lists = [match[1].split() for match in found if match]
    assert [len(names) for names in lists] == [3, 3, 2]
    book = load(ROOT)
    for name in {name for names in lists for name in names}:
        assert with_variants(book, "spinup_lit/vpg.py", f"advantages:{name}")

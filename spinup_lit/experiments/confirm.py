# spinup_lit/experiments/confirm.py: generated from book/practice/results.md; edit the chapter. sha256:756d3a186d726724
"""Do old results still hold after a change of code? Train a little, and compare."""

import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path
from shutil import rmtree
from typing import Any

import torch
from torch import nn

from spinup_lit.experiments.results import changes, read_result
from spinup_lit.experiments.runs import Run, as_text, curve_of, train
from spinup_lit.experiments.settings import Setting
from spinup_lit.machinery.evaluation import EPISODES, Evaluation
from spinup_lit.machinery.logger import versions, write_atomically


class Settled(Exception):
    """Ends a run that was trained again: the old result holds, or it does not."""

    def __init__(self, holds: bool, words: str) -> None:
        super().__init__(words)
        self.holds = holds


class Judge:
    """Compares a run with an old result of the same run.

    Args:
        result: the old result.
    """

    def __init__(self, result: Mapping[str, Any]) -> None:
        self._hashed = "parameters" in result
        self._then = self._facts(result["evaluations"], result.get("parameters", []))
        self._first: dict[str, torch.Tensor] = {}

    def _facts(
        self, curve: Sequence[Sequence[float]], hashes: Sequence[str]
    ) -> list[tuple[Any, ...]]:
        if self._hashed:
            return [(*point, x) for point, x in zip(curve, hashes, strict=True)]
        return [tuple(point) for point in curve]

    def hear(self, rows: Sequence[Evaluation], agent: nn.Module) -> None:
        """Compare the evaluations so far; raise `Settled` when they are enough."""
        now = {name: x.detach() for name, x in agent.named_parameters()}
        if not self._first:
            self._first = {name: x.clone() for name, x in now.items()}
        facts = self._facts(curve_of(rows), [row["agent"] for row in rows])
        self._compare(facts)
        all_moved = not any(torch.equal(x, self._first[k]) for k, x in now.items())
        kinds = {fact[-1] for fact in facts}  # different fingerprints, or means
        if not self._hashed:
            kinds = {mean for mean in kinds if not of_whole_numbers(mean)}
        if all_moved and len(kinds) >= (3 if self._hashed else 5):
            raise Settled(True, f"confirmed after {len(facts)} evaluations")

    def end(self, result: Mapping[str, Any]) -> None:
        """Compare the run as a whole, and raise `Settled`."""
        facts = self._facts(result["evaluations"], result["parameters"])
        self._compare(facts)
        number, then = len(facts), len(self._then)
        if number < then:
            raise Settled(False, f"stale: {number} evaluations, which were {then}")
        raise Settled(True, f"confirmed after all {number} evaluations")

    def _compare(self, facts: Sequence[tuple[Any, ...]]) -> None:
        for number, (now, then) in enumerate(zip_longest(facts, self._then), start=1):
            if number <= len(facts) and now != then:
                words = f"evaluation {number} differs: it was {then}, it is {now}"
                raise Settled(False, f"stale: {words}")


def of_whole_numbers(mean: float) -> bool:
    """Whether this may be the mean of whole numbers, one from each episode."""
    return round(mean * EPISODES, 6).is_integer()


@dataclass(frozen=True)
class Confirmation(Run):
    """A run that is trained again, to see whether results of its setting still hold.

    Attributes:
        code: the digest that these results have.
    """

    code: str

    @property
    def title(self) -> str:
        """What messages call it."""
        return self.setting.name

    @property
    def verdict(self) -> Path:
        """The file in which its process leaves the verdict."""
        return self.root / "data/confirm" / f"{self.setting.name}-s{self.seed}.txt"

    def folder(self) -> Path:
        """Where it trains."""
        return self.verdict.with_name(f"{self.verdict.stem}-{self.key()}")

    def state_of_result(self) -> str:
        """Whether there is anything to confirm."""
        return "stale" if self.results() else "done"

    def results(self) -> list[Path]:
        """The files of the results in question."""
        seeds = by_code(self.setting, self.root).get(self.code, [])
        return [replace(self, seed=seed).result for seed in seeds]

    def work(self) -> None:
        """Train until the verdict is clear, and carry it out."""
        self.verdict.unlink(missing_ok=True)
        files, result = self.results(), read_result(self.result)
        judge = Judge(result)
        try:
            judge.end(train(self, judge.hear))
        except Settled as settled:
            verdict = settled
        for file in files if verdict.holds else []:
            again = read_result(file)
            config = self.setting.config(again["config"]["seed"])
            again["config"] = {**config, "versions": again["config"]["versions"]}
            write_atomically(file, as_text(again).encode())
        other = "" if verdict.holds else other_versions(result)
        write_atomically(self.verdict, f"{verdict}{other}".encode())
        rmtree(self.folder())
        if not verdict.holds:
            sys.exit(1)

    def outcome(self, failed: bool) -> str:
        """What to say when the process has ended."""
        if not self.verdict.exists():
            return super().outcome(failed) if failed else "nothing is left to confirm"
        words = self.verdict.read_text()
        self.verdict.unlink()
        return words


def by_code(setting: Setting, root: Path) -> dict[str, list[int]]:
    """The seeds whose results differ from today in nothing but code, by their code."""
    found: dict[str, list[int]] = defaultdict(list)
    for seed in range(setting.seeds):
        file = Run(setting, seed, root).result
        if file.exists():
            result = read_result(file)
            if changes(setting, result) == ["code"]:
                found[result["config"]["code"]].append(seed)
    return found


def confirmations(setting: Setting, root: Path) -> list[Confirmation]:
    """What to train again to confirm results: one seed for each code there was."""
    found = by_code(setting, root).items()
    return [Confirmation(setting, seeds[0], root, code) for code, seeds in found]


def other_versions(result: Mapping[str, Any]) -> str:
    """With which other versions of software than today's a result was made."""
    now = versions()
    then = [
        f"{k} {x}" for k, x in result["config"]["versions"].items() if x != now.get(k)
    ]
    return f" (made with {', '.join(then)})" if then else ""

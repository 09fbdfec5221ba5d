"""Times tangle beside Entangled on generated books: `make bench`, on Linux or macOS.

Each book is written for both, in the syntax of each, with the same text. They run in
turn as whole processes, and must make the same Python of it. Entangled is set to its
fastest: no annotations, no hooks, no files to watch but the chapters.
"""

from __future__ import annotations

import os
import platform
import random
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

REPOSITORY = Path(__file__).parents[1]
BOOKS = REPOSITORY / "_build/bench/books"
# What is run, and Entangled's command for it. Its `sync` compares digests of all files
# with those of the last run before it does anything; tangle has but one command.
RUNS = {"cold": "tangle", "unchanged": "tangle", "edited": "tangle", "in sync": "sync"}
TOML = 'version = "2.0"\nwatch_list = ["book/*.md"]\nannotation = "naked"\nhooks = []\n'
TOC = "format: jb-book\nroot: c000\nchapters:\n- url: https://example.org\n"
WORDS = ["the", "a", "agent", "state", "reward", "acts", "sees", "learns", "and", "not"]


@dataclass
class Tool:
    """A command, where it is run, where its book is, and what was measured."""

    command: list[str]
    start: Path
    root: Path
    samples: dict[str, list[tuple[float, float]]] = field(default_factory=dict)

    def time(self, run: str, *arguments: str) -> None:
        command, null = [*self.command, *arguments], subprocess.DEVNULL
        begin = time.perf_counter()
        child = subprocess.Popen(command, cwd=self.start, stdout=null, stderr=null)
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - begin
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            sys.exit(f"this failed in {self.start}: {' '.join(command)}")
        peak = usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
        self.samples.setdefault(run, []).append((seconds, peak))

    def median(self, run: str) -> tuple[float, float]:
        """Seconds, and megabytes at the peak."""
        seconds, peaks = zip(*self.samples[run])
        return median(seconds), median(peaks)

    def clear(self) -> None:
        for made in ("src", ".entangled"):
            shutil.rmtree(self.root / made, ignore_errors=True)

    def edit(self, value: int) -> None:
        """Change one line of code in a chapter in the middle."""
        files = sorted((self.root / "book").glob("*.md"))
        file = files[len(files) // 2]
        text = re.sub(r"total = \d+", f"total = {value}", file.read_text(), count=1)
        file.write_text(text)

    def outputs(self) -> dict[str, str]:
        """The generated files without our header and the final newline."""
        texts = {p.name: p.read_text().rstrip("\n") for p in self.root.glob("src/*")}
        header = re.compile(r"# src/.*: generated from .*\n")
        return {name: header.sub("", text, 1) for name, text in texts.items()}


def section(words: random.Random, attributes: str, code: str) -> str:
    """Two lines of prose and a block."""
    prose = "\n".join(" ".join(words.choices(WORDS, k=12)) for _ in range(2))
    return f"{prose}.\n\n```python {{{attributes}}}\n{code}\n```\n\n"


def chapter(number: int, chunks: int) -> str:
    """A file of classes; each has a method, which has a part; one part is borrowed."""
    words, me, before = random.Random(number), f"c{number:03}", f"c{number - 1:03}"
    numbers = range((chunks - 1) // 3)
    parts = [f'"""Chapter {number}."""\n\ntotal = 1']
    parts += [f"<<{before}:{before}-part-0>>"] if number else []
    parts += [f"\n\n<<{me}-class-{n}>>" for n in numbers]
    text = f"# Chapter {number}\n\n"
    text += section(words, f"file=src/{me}.py", "\n".join(parts))
    for n in numbers:
        head = f'class Agent{n}:\n    """The agent."""\n\n    <<{me}-step-{n}>>'
        docstring = f'"""Act.\n\n    Number {n}.\n    """'
        step = f"def step(self, total):\n    {docstring}\n    if total > {n}:\n"
        part = "total *= 3\ntotal += 1  # a remark\n\nif total > 9:\n    total = 9"
        text += section(words, f"#{me}-class-{n}", head)
        text += section(words, f"#{me}-step-{n}", f"{step}        <<{me}-part-{n}>>")
        text += section(words, f"#{me}-part-{n}", part)
    return text


def extended(chunks: int) -> str:
    """A chapter with one chunk, written in many places."""
    words = random.Random(0)
    text = section(words, "file=src/c000.py", "<<list>>")
    text += section(words, "#list", "total = 1")
    sums = (f"total += {n}" for n in range(chunks))
    return text + "".join(section(words, "#list .extend", line) for line in sums)


def for_entangled(text: str) -> str:
    """The same in its syntax, where the names of chunks are global."""
    fence = re.compile(r"^```python \{(.*?)( \.extend)?\}$", re.M)
    return re.sub(r"<<c\d+:", "<<", fence.sub(r"``` {.python \1}", text))


def write(chapters: Iterable[str], ours: Path, theirs: Path) -> int:
    """Write a book for both; the number of its lines."""
    shutil.rmtree(BOOKS, ignore_errors=True)
    for root in (ours, theirs):
        (root / "book").mkdir(parents=True)
    lines, toc = 0, TOC
    for number, text in enumerate(chapters):
        name = f"c{number:03}"
        (ours / f"book/{name}.md").write_text(text)
        (theirs / f"book/{name}.md").write_text(for_entangled(text))
        lines += text.count("\n")
        toc += f"- file: {name}\n" if number else ""
    (ours / "book/_toc.yml").write_text(toc)
    (ours / "_config.yml").write_text("title: Generated\n")
    (theirs / "entangled.toml").write_text(TOML)
    return lines


def measure(name: str, chapters: Iterable[str], repeat: int, entangled: str) -> float:
    """Print the figures for one book; the seconds of our cold run."""
    command = [sys.executable, "-m", "tangle", "--root", str(BOOKS / "tangle")]
    ours = Tool(command, REPOSITORY, BOOKS / "tangle")
    theirs = Tool([entangled], BOOKS / "entangled", BOOKS / "entangled")
    lines = write(chapters, ours.root, theirs.root)
    for repetition in range(repeat):
        for run, theirs_for_it in RUNS.items():
            for tool in (ours, theirs):
                if run == "cold":
                    tool.clear()
                elif run == "edited":
                    tool.edit(1000 + repetition)
                tool.time(run, *([theirs_for_it] if tool is theirs else []))
        if ours.outputs() != theirs.outputs():
            sys.exit(f"the outputs differ: diff -r {ours.root}/src {theirs.root}/src")
    for run in RUNS:
        (a, our_peak), (b, their_peak) = ours.median(run), theirs.median(run)
        print(f"{name:18}{lines:8,} {run:10}{a:6.2f} s {b:8.2f} s ", end="")
        print(f"{a / b:7.2f} {our_peak:7.0f} {their_peak:9.0f}", flush=True)
    return ours.median("cold")[0]


def main(entangled: str) -> None:
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python", end=" ")
    print(f"{platform.python_version()}; medians of whole processes, taken in turn\n")
    print(f"{'':38}seconds{'':18}megabytes\nbook{'':17}lines run        tangle", end="")
    print("  Entangled   ratio  tangle Entangled")
    start = measure("10 chunks", [chapter(0, 10)], 9, entangled)
    small, large = ((chapter(n, 100) for n in range(size)) for size in (10, 100))
    cold = {
        1_000: measure("1,000 chunks", small, 5, entangled),
        10_000: measure("10,000 chunks", large, 3, entangled),
        10_001: measure("10,000 extensions", [extended(10_000)], 3, entangled),
    }
    each = (f"{1e6 * (cold[n] - start) / n:.0f}" for n in cold)
    print(
        "\ntangle, cold, in microseconds for each chunk, less the time for 10 chunks:"
    )
    print("{} of 1,000, {} of 10,000, {} of 10,000 extensions".format(*each))


if __name__ == "__main__":
    main(sys.argv[1])

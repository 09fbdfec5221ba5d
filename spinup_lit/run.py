# spinup_lit/run.py: generated from book/practice/running.md; edit the chapter. sha256:5c24b51aaaebd4ef
"""The command line: `python -m spinup_lit.run COMMAND [OPTIONS]`."""

import ast
import io
import os
import re
import signal
import subprocess
import sys
import traceback
import warnings
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, cast

import tyro

from spinup_lit.machinery.errors import PROGRAM, UserError, require
from spinup_lit.machinery.words import call

TOOLS = {
    "resume": ("machinery.launch", "continue an interrupted run: resume DIR"),
    "plot": ("experiments.plot", "draw learning curves: plot DIR [DIR ...]"),
    "test_policy": ("experiments.play", "watch a trained agent: test_policy DIR"),
    "results": ("experiments.runner", "train what the book's learning curves lack"),
    "completion": ("run", "let a shell complete what you type: completion SHELL"),
}
TRAIN = ("experiments.commands", "train")  # every algorithm
EXAMPLES = (
    "vpg                                        learn CartPole, in less than a minute",
    "ppo --env LunarLander-v3 --seed 0 1 2      three runs",
    "ppo --gamma 0.9 0.99 --seed 0 1 --dry_run  what a grid of four would be",
    "plot data                                  all learning curves",
)


def algorithms() -> dict[str, str]:
    """The algorithms of this package, and what the first line of each says."""
    found = {}
    for path in sorted(Path(__file__).parent.glob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name == path.stem:
                says = (ast.get_docstring(node) or "").split("\n")[0].rstrip(".")
                found[path.stem] = says[:1].lower() + says[1:]
    return found


def function_of(command: str) -> Callable[..., Any]:
    """The function behind a command; imports the modules that it needs."""
    place, name = (TOOLS[command][0], command) if command in TOOLS else TRAIN
    module = import_module(f"spinup_lit.{place}")
    return cast(Callable[..., Any], getattr(module, name))


def explanation() -> str:
    """What can be done, in a page."""
    tools = {name: does for name, (_, does) in TOOLS.items()}
    lines = [f"usage: {PROGRAM} COMMAND [OPTIONS]", "", "To train an agent:"]
    lines += [f"  {name:<12} {does}" for name, does in algorithms().items()]
    lines += ["  FILE.py      train an agent by an algorithm in a file of your own"]
    lines += ["", "With what has been trained, and the rest:"]
    lines += [f"  {name:<12} {does}" for name, does in tools.items()]
    lines += ["", "For example:"]
    lines += [f"  {PROGRAM} {example}" for example in EXAMPLES]
    return "\n".join([*lines, "", f"`{PROGRAM} COMMAND --help` lists its options."])


def completion(shell: Literal["bash", "zsh"], /) -> None:
    """Print a script with which a shell completes what follows `spinup_lit`.

    Args:
        shell: bash or zsh.
    """
    asker = import_module("spinup_lit.experiments.commands").asker
    functions = {name: asker(name) for name in algorithms()}
    functions |= {name: function_of(name) for name in TOOLS}
    tyro.extras.subcommand_cli_from_dict(
        functions,
        prog="spinup_lit",
        args=["--tyro-print-completion", shell],
        use_underscores=True,
        config=(tyro.conf.FlagCreatePairsOff,),
    )


def obey(command: str, options: Sequence[str]) -> None:
    """Do what the command says."""
    known = algorithms() | {name: does for name, (_, does) in TOOLS.items()}
    if command in ("help", "-h", "--help"):
        print(explanation())
        return
    parts = command.lower(), command.partition("_")[0]  # PPO, ppo_pytorch
    near = [x for part in parts for x in get_close_matches(part, known, n=1)]
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
    good = command in known or command.endswith(".py")
    require(good, f"unknown command {command!r}; {hint}")
    function = function_of(command)
    if command in TOOLS:
        call(function, options, command)
    else:
        function(command, options)


def main(args: Sequence[str] | None = None) -> None:
    """Obey a command line, by default the one that started the program."""
    command, *options = (sys.argv[1:] if args is None else args) or ["help"]
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        try:
            obey(command, options)
        finally:
            sys.stdout.flush()
    except UserError as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


def fold(stack: list[traceback.FrameSummary]) -> int:
    """Leave out the calls that led to the code of an environment, if an error arose there.

    Returns:
        How many calls were left out.
    """
    plumbing = [
        bool(re.search(r"[/\\]gymnasium[/\\](?!envs[/\\](?!registration))", x.filename))
        for x in stack
    ]
    if True not in plumbing or plumbing[-1]:
        return 0
    first, whole = plumbing.index(True), len(stack)
    pairs = list(zip(stack, plumbing))[first:]
    stack[:] = [frame for frame, gymnasiums in pairs if not gymnasiums]
    return whole - len(stack)


def print_traceback(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Print an unexpected error, in a checkout of the book with its lines."""
    told = traceback.TracebackException(kind, error, trace)
    left_out = fold(told.stack)
    text = "".join(told.format())
    if left_out:
        text += f"(left out above: {left_out} calls of spinup_lit and Gymnasium)\n"
    checkout = Path(__file__).resolve().parents[1]
    if (checkout / "tangle").is_dir():
        translate = [sys.executable, "-m", "tangle", "map"]
        mapped = subprocess.run(
            translate, cwd=checkout, input=text, capture_output=True, text=True
        )
        text = mapped.stdout or text
    print(text, end="", file=sys.stderr)


def one_line(message: Warning | str, *place: object, **line: object) -> str:
    """A warning as a line."""
    return f"warning: {message}\n"


def program() -> None:
    """Obey the command line that started this process, and be its program."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.excepthook = print_traceback
    warnings.formatwarning = one_line
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())  # as with `python -m`
    main()


if __name__ == "__main__":
    program()

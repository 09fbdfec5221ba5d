# spinup_lit/machinery/words.py: generated from book/practice/running.md; edit the chapter. sha256:aa3ee3a9c04d8b69
"""From the words of a command line to the values of arguments."""

import ast
import json
import re
from collections.abc import Callable, Sequence
from inspect import Parameter, getdoc
from typing import Annotated, Any, NamedTuple, TypeVar, get_args, get_origin

import tyro

from spinup_lit.machinery.errors import PROGRAM, require

T = TypeVar("T")

ALIASES = {
    "hid": "hidden_sizes",
    "cpu": "num_cpu",
    "dt": "datestamp",
    "env_name": "env",
    "ac_kwargs:hidden_sizes": "hidden_sizes",
}
ACTIVATION = (
    "is no argument here: the activation is a word of the program, nn.Tanh or nn.ReLU. "
    "Change it in a copy of the algorithm's file and run ./COPY.py; in the book it "
    "stands in the chunk `mlp` of the chapter vpg"
)
ELSEWHERE = {
    "act": ACTIVATION,
    "ac_kwargs:activation": ACTIVATION,
    "max_ep_len": "belongs to the environment: --env_kwargs:max_episode_steps N",
    "logger_kwargs": "is made of --exp_name and --data_dir",
    "env_fn": "is --env here: an id, or module:Name for a class or function",
}


class Option(NamedTuple):
    """An option as somebody has typed it."""

    name: str  # as we call it; empty for words before the first option
    short: str | None  # what stands in brackets behind the name
    values: list[str]


FORM = re.compile(r"--([a-zA-Z][\w:-]*)(?:\[(\w*)\])?(?:=(.*))?", re.DOTALL)


def options_of(words: Sequence[str]) -> list[Option]:
    """The options among the words of a command line, in order.

    Raises:
        UserError: an option comes twice, or exists in Spinning Up and not here.
    """
    found: list[Option] = []
    for word in words:
        if match := FORM.fullmatch(word):
            name, short, value = match.groups()
            first, colon, key = name.partition(":")
            name = first.replace("-", "_") + colon + key
            require(name not in ELSEWHERE, f"--{name} {ELSEWHERE.get(name)}")
            name = ALIASES.get(name, name)
            twice = any(option.name == name for option in found)
            require(not twice, f"--{name} is given twice; several values go behind one")
            found.append(Option(name, short, [] if value is None else [value]))
        elif found:
            found[-1].values.append(word)
        else:
            found.append(Option("", None, [word]))
    return found


LIST = re.compile(r"[\[(][^\])]*[\])]|\S+")


def choices(option: Option, parameter: Parameter) -> list[list[str]]:
    """For each value of an option, the words that say it to tyro."""
    name, flag, values = option.name, f"--{option.name}", option.values
    kind = parameter.annotation
    kind = get_args(kind)[0] if get_origin(kind) is Annotated else kind
    if kind is bool:
        for text in values:
            true_or_false = text in ("True", "False")
            require(true_or_false, f"{name} is {text!r}; it must be True or False")
        other = f"--no_{name}" if parameter.default else flag
        default = str(parameter.default)
        return [[] if text == default else [other] for text in values or ["True"]]
    if get_origin(kind) is tuple:
        lists = LIST.findall(" ".join(values))
        require(bool(lists), f"--{name} needs a value; an empty list is []")
        bare = [text for text in lists if text[0] not in "[(" or text[-1] not in ")]"]
        if len(bare) == len(lists):
            return [[flag, *bare]]
        require(
            not bare,
            f"{name} is {' '.join(lists)}; of several lists, each stands in brackets",
        )
        return [[flag, *re.findall(r"[^\s,]+", text[1:-1])] for text in lists]
    return [[flag, value] for value in values] or [[flag]]


def literal(text: str) -> Any:
    """A number, True, None, or a list or dictionary of these; else the text itself."""
    for read in (ast.literal_eval, json.loads):
        try:
            return read(text)
        except (ValueError, SyntaxError):
            continue
    return text


def call(function: Callable[..., T], words: Sequence[str], command: str) -> T:
    """Call a function with what these words say, by its signature and docstring."""
    further = r"\n {8,}(?=\S)"  # a line that continues the description of an argument
    function.__doc__ = re.sub(further, " ", getdoc(function) or "")
    return tyro.cli(
        function,
        args=words,
        prog=f"{PROGRAM} {command}",
        use_underscores=True,
        config=(tyro.conf.FlagCreatePairsOff,),
    )

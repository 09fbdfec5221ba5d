# spinup_lit/machinery/errors.py: generated from book/practice/running.md; edit the chapter. sha256:01566bc88e1885be
"""Mistakes in what was asked for, and how they are reported."""

PROGRAM = "python -m spinup_lit.run"  # how our messages name the program


class UserError(ValueError):
    """A mistake in what was asked for. The message says what is wrong and what to do."""


def require(condition: bool, message: str) -> None:
    """Raise `UserError` with this message unless the condition holds."""
    if not condition:
        raise UserError(message)

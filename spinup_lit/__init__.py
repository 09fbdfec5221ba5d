# spinup_lit/__init__.py: generated from book/machinery/running.md; edit the chapter. sha256:a7f269a15a98f8c8
"""Deep reinforcement learning as a literate program: the package of the book."""

__version__ = "0.1.0"
PROGRAM = "python -m spinup_lit.run"  # how our messages name the program


class UserError(ValueError):
    """A mistake in what was asked for. The message says what is wrong and what to do."""


def require(condition: bool, message: str) -> None:
    """Raise `UserError` with this message unless the condition holds."""
    if not condition:
        raise UserError(message)

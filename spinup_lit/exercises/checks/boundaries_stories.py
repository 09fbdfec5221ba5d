# spinup_lit/exercises/checks/boundaries_stories.py: generated from book/depth/boundaries.md; edit the chapter. sha256:42d341918bbd9f13
"""Checks of the exercise `boundaries-stories`."""

from spinup_lit.exercises.form import Answer, Case, Cases, Exercise

EXERCISE = Exercise(
    title="Eight stories",
    chapter="depth/boundaries",
    kind="predict",
    difficulty=2,
    minutes=15,
    hints=(
        "Ask: after this step, could anything still be earned in the task?",
        "A limit that is no part of the task truncates. A whistle that *is* the end of "
        "the task terminates, seen or not.",
        "The end of a batch is no end of an episode: it sets no flag.",
    ),
)

ENDS = {"a": "terminated", "b": "truncated", "c": "both", "d": "neither"}
RIGHT = {
    **ENDS,
    "e": "truncated",
    "f": "truncated",
    "g": "terminated",
    "h": "terminated",
}


def claim(answer: Answer) -> Cases:
    """Story by story."""
    for story, flags in RIGHT.items():
        got = dict(answer.FLAGS).get(story)
        yield Case(f"FLAGS of story {story}", got, flags)
    for story, flags in RIGHT.items():
        over = flags in ("terminated", "both")
        got = dict(answer.FUTURE).get(story)
        yield Case(f"FUTURE of story {story}", got, "nothing" if over else "value")

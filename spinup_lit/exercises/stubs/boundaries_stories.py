# spinup_lit/exercises/stubs/boundaries_stories.py: generated from book/depth/boundaries.md; edit the chapter. sha256:555b7fc5240c35d6
"""Eight stories.

FLAGS says of each story whether the last step is "terminated", "truncated", "both" or
"neither". FUTURE says what a target looks ahead to: "nothing", the "value" of the last
observation, or the value of the first observation after the "reset".

    a  The pole falls at step 37.
    b  The pole stands at step 500, the limit.
    c  The pole falls at step 500, the limit.
    d  The batch is full; the pole stands, and the episode goes on in the next batch.
    e  The batch is full, and its last row is story b.
    f  The robot walks out of the camera's field of view, and the laboratory stops the
       episode; walking there was no mistake.
    g  The final whistle of a match; the time left is on a scoreboard, which the agent sees.
    h  The same match, and the agent does not see the scoreboard.

In g and h the task is to win this match.
"""

FLAGS: dict[str, str] | None = None  # such as {"a": ..., "b": ..., ...}
FUTURE: dict[str, str] | None = None

"""`python -m tangle`."""

import io
import sys

from tangle.cli import main

if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # whatever the locale can show
            stream.reconfigure(errors="backslashreplace")
    raise SystemExit(main())

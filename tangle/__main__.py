"""`python -m tangle`."""

import gc
import io
import signal
import sys

from tangle.cli import main

if __name__ == "__main__":
    gc.disable()  # nothing here becomes garbage before the end
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # whatever the locale can show
            stream.reconfigure(errors="backslashreplace", newline="\n")
    if hasattr(signal, "SIGPIPE"):  # end quietly when piped into `head`
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    try:
        raise SystemExit(main())
    except KeyboardInterrupt:
        raise SystemExit(130) from None

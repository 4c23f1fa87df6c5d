"""The operator's commands: ``python3 machines up | test | openapi | bench``.

This file reads the version before anything else is imported: an old Python gets a sentence.
"""

import sys
from pathlib import Path
from shutil import which

OLDEST = (3, 11)

if sys.version_info < OLDEST:
    names = (f"python3.{minor}" for minor in range(20, OLDEST[1] - 1, -1))
    newer = next((name for name in names if which(name)), None)
    way = (
        f"run `{newer} machines …`" if newer else "install a newer one, with your system's packages"
    )
    sys.exit(f"KeyArc needs Python 3.11 or newer, and this is {sys.version.split()[0]}: {way}.")

# Started as a folder, Python has that folder on its path and not the one above.
sys.path[0] = str(Path(__file__).resolve().parents[1])

from machines import commands  # noqa: E402 # after the path and the version are right

if __name__ == "__main__":
    sys.exit(commands.main(sys.argv[1:]))

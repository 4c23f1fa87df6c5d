"""``python -m handlers.jobs NAME``."""

import sys

from handlers.jobs import run

if __name__ == "__main__":
    sys.exit(run.main(sys.argv[1:]))

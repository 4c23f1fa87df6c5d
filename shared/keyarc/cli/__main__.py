"""``python -m keyarc.cli``: the same command without an installed script."""

import sys

from .main import main

sys.exit(main())

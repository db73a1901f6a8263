"""`python -m riskbounds` is the command `riskbounds`."""

from __future__ import annotations

import sys

from riskbounds.cli import main

if __name__ == "__main__":
    sys.exit(main())

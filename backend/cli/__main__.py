"""``python -m backend.cli``: the same as the command ``infantnet``."""

import sys

from backend.cli.main import main

sys.exit(main())

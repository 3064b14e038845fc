"""All tests; what stands here comes before any of their plugins."""

import os
import sys

# The tests start the product many times. Where Python keeps no compiled modules, each of these
# processes compiles the project and its libraries anew, which takes longer than most tests.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# Several processes share the machine's cores. The threads with which each of them would compute
# small matrices mostly wait for one another, and waiting they use up the cores.
for _library in ("OMP", "OPENBLAS", "MKL"):
    os.environ.setdefault(f"{_library}_NUM_THREADS", "1")

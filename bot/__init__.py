"""RC Pulse."""

import os

# Our arrays are small: linear algebra on many threads costs more than it saves (measured: 109 s against 5 s for a large
# process on a busy two-core machine), and it takes the cores from people's clicks. It must be said before numpy loads.
for _library in ("OPENBLAS", "OMP", "MKL"):
    os.environ.setdefault(f"{_library}_NUM_THREADS", "1")

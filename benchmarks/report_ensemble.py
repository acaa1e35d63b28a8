"""The ensemble benchmarks as a Markdown table, from the JSON that pytest-benchmark wrote.

python benchmarks/report_ensemble.py benchmarks/ensemble.json
"""

import json
import sys
from pathlib import Path

from saddlecheck.verification.site.benchmarks import ensemble

if __name__ == "__main__":
    print(ensemble(json.loads(Path(sys.argv[1]).read_text())), end="")

"""Every combination of model, dispatch and workload that is not declared impossible, each with real clients."""

import sys
import tempfile
import time
from pathlib import Path

from explorer.catalog import Catalog
from tests.combinations import possible
from tests.full.outcome import Failed
from tests.matrix import ENDINGS, try_out


def run() -> str:
    """Try them all, each once and with another ending; name all that failed."""
    catalog = Catalog()
    triples = possible(catalog)
    failed = []
    began = time.monotonic()
    for place, triple in enumerate(triples):
        ending = ENDINGS[place % len(ENDINGS)]
        with tempfile.TemporaryDirectory() as folder:
            try:
                try_out(catalog, triple, ending, Path(folder))
            except Exception as error:
                failed.append(f"{' × '.join(triple)} ({ending}): {type(error).__name__}: {error}")
                print(f"  {failed[-1]}", file=sys.stderr, flush=True)
    if failed:
        raise Failed(f"{len(failed)} of {len(triples)} combinations failed: {'; '.join(failed)}")
    seconds = (time.monotonic() - began) / len(triples)
    return f"{len(triples)} combinations, {seconds:.1f} s each; ended by {', '.join(ENDINGS)} in turn"

"""The figures of a run: fed with every batch, asked for the JSON of the whole, for its findings and for its charts."""

from collections.abc import Mapping
from typing import Any

from explorer.analysis import report
from explorer.analysis.run_findings import RunFindings
from explorer.analysis.run_log import RunLog
from explorer.analysis.schema import Figures
from explorer.collect.source import Batch


class RunStatistics(RunLog):
    """What is known of a run and what is found in it. `feed` and the questions belong to one thread at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.findings = RunFindings(self)

    def feed(self, batch: Batch) -> None:
        """Take in what is new."""
        super().feed(batch)
        self.findings.feed(batch)

    def figures(
        self, scenario: Mapping[str, Any], versions: Mapping[str, str] | None = None, failure: str = ""
    ) -> Figures:
        """The JSON of the run so far (`schema`); `scenario` as plain data, `versions` for the record.

        `failure` is the sentence that says why the run failed (its server died, say): then the figures are not valid.
        """
        return report.figures(self, self.findings, scenario, versions or {}, failure)

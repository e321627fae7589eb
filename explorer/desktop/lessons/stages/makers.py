"""For each kind of run what makes its stage; a stage is imported when the first lesson of its kind is opened."""

from collections.abc import Callable, Mapping

from explorer.desktop.control import Control
from explorer.desktop.lessons.stages.stage import Stage
from explorer.desktop.theme import Theme

StageMaker = Callable[[], Stage]


def stage_makers(theme: Theme, control: Control) -> Mapping[str, StageMaker]:
    """The makers of all stages, by kind of run."""

    def server() -> Stage:
        from explorer.desktop.lessons.stages.server import ServerStage

        return ServerStage(theme, control)

    def locks() -> Stage:
        from explorer.desktop.lessons.stages.locks import LocksStage

        return LocksStage(theme, control)

    def isolation() -> Stage:
        from explorer.desktop.lessons.stages.isolation import IsolationStage

        return IsolationStage(theme, control)

    def parallelism() -> Stage:
        from explorer.desktop.lessons.stages.parallelism import ParallelismStage

        return ParallelismStage(theme, control)

    return {"server": server, "locks": locks, "isolation": isolation, "parallelism": parallelism}

"""Opens the dialogs that answer with a scene or with nothing. Each is imported when first asked for: start-up time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bptt_viz.formatting import full, significant

if TYPE_CHECKING:
    from pathlib import Path

    from bptt_viz.ui.app import BpttApp


def edit_parameter(app: BpttApp) -> None:
    """Ask for another value of a parameter's entry."""
    from bptt_viz.ui.screens.edit import EditScreen, written  # noqa: PLC0415  # start-up time
    from bptt_viz.views.training_moves import edit, entry_to_edit  # noqa: PLC0415  # start-up time

    def put(name: str, entry: tuple[int, ...], value: float) -> None:
        scene, before = app.scene, float(app.scene.trace.parameters[name][entry])
        said = "edit.same" if value == before else "edit.done"
        told = scene.say(said, entry=written(scene, name, entry), value=full(value), before=significant(before))
        # What is there already is no edit: there would be nothing to see and nothing to undo.
        app.show(replace(scene if value == before else edit(scene, name, entry, value), notice=told))

    _stand_still(app)
    app.push_screen(EditScreen(app.scene, *entry_to_edit(app.scene), put))


def save_scenario(app: BpttApp) -> None:
    """Ask where to save the network as it is now."""
    from bptt_viz.ui.screens.dialog import shown  # noqa: PLC0415  # start-up time
    from bptt_viz.ui.screens.save import SaveScreen  # noqa: PLC0415  # start-up time

    def told(path: Path | None) -> None:
        if path is not None:
            app.show(replace(app.scene, notice=app.scene.say("save.saved", name=path.name, folder=shown(path.parent))))

    _stand_still(app)
    app.push_screen(SaveScreen(app.scene, app.folder), told)


def open_scenario(app: BpttApp) -> None:
    """Ask for another scenario."""
    from bptt_viz.ui.screens.open import OpenScreen  # noqa: PLC0415  # start-up time

    app.push_screen(OpenScreen(app.scene), app.opened)


def sample_symbol(app: BpttApp) -> None:
    """Go on with a sampled symbol; how it is sampled is asked the first time, and stays."""
    from bptt_viz.views.generation_moves import go_on, sample_again  # noqa: PLC0415  # start-up time

    if app.scene.sampling is not None:
        app.show(sample_again(app.scene))
        return
    from bptt_viz.ui.screens.sample import SampleScreen  # noqa: PLC0415  # start-up time

    app.push_screen(SampleScreen(app.scene, lambda sampling: app.show(go_on(app.scene, sampling))))


def time_step(app: BpttApp) -> None:
    """Ask for a time step to go to."""
    from bptt_viz.ui.screens.go_to import GoToScreen  # noqa: PLC0415  # start-up time

    # What came while the dialog was open stays: only the position is its answer.
    app.push_screen(GoToScreen(app.scene, lambda there: app.show(app.scene.at(there.position))))


def blank(app: BpttApp) -> None:
    """Show nothing until a key is pressed."""
    from bptt_viz.ui.screens.blank import BlankScreen  # noqa: PLC0415  # start-up time

    app.push_screen(BlankScreen())


def keys(app: BpttApp) -> None:
    """Show all keys."""
    from bptt_viz.ui.screens.help import HelpScreen  # noqa: PLC0415  # start-up time

    app.push_screen(HelpScreen(app.scene))


def _stand_still(app: BpttApp) -> None:
    """What is edited or saved does not change meanwhile; nor does training go on after it, so that is told."""
    if app.scene.trains:
        from bptt_viz.views.training_moves import stop  # noqa: PLC0415  # start-up time

        updates = app.scene.course.moment.updates
        app.show(replace(stop(app.scene), notice=app.scene.say("training.stopped", updates=updates)))

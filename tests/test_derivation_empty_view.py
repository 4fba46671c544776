"""The derivation's panel where the steps at the cursor have no terms: it says why, in one sentence."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from derivation_scenes import COMPACT, LARGE, derivation_of, drawn, with_derivation
from test_views import check_size, scene_of

from bptt_viz import engine
from bptt_viz.messages import LANGUAGES
from bptt_viz.scenario import InitialTable, NetworkTable, Scenario, SequenceTable
from bptt_viz.timeline import Phase
from bptt_viz.views import derivation_view
from bptt_viz.views.scene import Lesson

if TYPE_CHECKING:
    from bptt_viz.views.scene import Page, Scene

#: Targets of steps 1..7, the decoder's first step, parameter, the cursor's step; why, or None where there are terms.
WHY = [
    ("...IJKL", 4, "W", 5, ("W is not used in steps 5–7", "第 5–7 步没有用到 W")),
    ("...IJKL", 4, "b", 7, ("b is not used in steps 5–7", "第 5–7 步没有用到 b")),
    ("...IJKL", 4, "W_dec", 1, ("Wᵈᵉᶜ is not used in steps 1–3", "第 1–3 步没有用到 Wᵈᵉᶜ")),
    ("...IJKL", 4, "W", 2, None),
    ("...IJKL", 4, "W_dec", 3, None),
    ("...IJKL", 4, "W", 1, ("there is no loss in steps 1–3", "第 1–3 步没有损失")),
    ("......L", 0, "V", 4, ("there is no loss in steps 2–4", "第 2–4 步没有损失")),
    (".I....L", 3, "W_dec", 4, ("no loss comes after a use of Wᵈᵉᶜ", "用到 Wᵈᵉᶜ 之后没有损失")),
]


def at(targets: str, decoder_from: int, parameter: str, t: int, language: Any) -> Scene:
    """The end of forward step ``t``, with the derivation that belongs to it."""
    sequence = SequenceTable(
        inputs=((1.0,),) * 7,
        targets=tuple(() if one == "." else (0.5,) for one in targets),
        decoder_from=decoder_from or None,
    )
    table = NetworkTable(2, initial=InitialTable("uniform", 0.9))
    taught = Lesson(engine.trace(Scenario(sequence, table)), "silent.toml")
    return with_derivation(scene_of(taught, taught.timeline.end_of(Phase.FORWARD, t), language, parameter=parameter))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("targets", "decoder_from", "parameter", "t", "why"), WHY)
def test_a_window_without_terms_says_why(
    targets: str, decoder_from: int, parameter: str, t: int, why: tuple[str, str] | None, language: Any
) -> None:
    scene = at(targets, decoder_from, parameter, t, language)
    assert (why is None) == bool(derivation_of(scene).terms)
    pages: list[tuple[Page, list[tuple[int, int]]]] = [("", COMPACT), ("derivation", LARGE)]
    for page, sizes in pages:
        for width, height in sizes:
            shown = replace(scene, page=page)
            check_size(derivation_view, shown, width, height)
            text = (" " if language == "en" else "").join(line.strip() for line in drawn(shown, width, height))
            if why is None:
                assert "No term" not in text
                assert "没有可推导的项" not in text
            else:
                assert why[LANGUAGES.index(language)] in text, (width, height)


def test_losses_that_are_left_out_are_named_there_too() -> None:
    scene = at("......L", 0, "V", 4, "en")
    assert drawn(scene, 78, 9)[-1].strip() == "No term of V: there is no loss in steps 2–4. L₇ left out."
    page = replace(scene, page="derivation")
    assert derivation_view.title(page).endswith("L₇ left out")
    assert "left out" not in "".join(drawn(page, 78, 12))

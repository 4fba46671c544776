"""What the flow page says of cells with gates: an LSTM is judged by s and h together, as plain NumPy has them."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from notations import each_notation
from test_flow_view import LAPTOP, WALL, settled
from test_views import lesson, scene_of, text_of

from bptt_viz.flow import norms
from bptt_viz.flow.curves import beside, curves
from bptt_viz.flow.verdict import verdict
from bptt_viz.messages import LANGUAGES, say
from bptt_viz.views import flow_curves, flow_view, flow_words
from bptt_viz.views.flow_parts import norm_from

if TYPE_CHECKING:
    from bptt_viz.messages import Language
    from bptt_viz.notation import Notation
    from bptt_viz.tracing import Trace
    from bptt_viz.views.scene import Scene

LSTMS = ("lstm-gates", "memory-lstm")


def product(trace: Trace, t: int, k: int) -> Any:
    """∂(s_t, h_t)/∂(s_k, h_k) of an LSTM, its Jacobians written out: [[s by s, s by h], [h by s, h by h]]."""
    value, p = trace.layers[0].values, trace.parameters
    size = value["h"].shape[1]
    found = np.eye(2 * size)
    for j in range(k + 1, t + 1):
        i, f, g, before = value["i"][j], value["f"][j], value["g"][j], value["s"][j - 1]
        # The output gate as the definition has it: its letter is the file's affair.
        o = 1 / (1 + np.exp(-(p["U_o"] @ trace.x[j - 1] + p["W_o"] @ value["h"][j - 1] + p["b_o"])))
        squashed = np.tanh(value["s"][j])
        s_by_s = np.diag(f)
        s_by_h = (
            np.diag(before * f * (1 - f)) @ p["W_f"]
            + np.diag(g * i * (1 - i)) @ p["W_i"]
            + np.diag(i * (1 - g**2)) @ p["W_g"]
        )
        along = np.diag(o * (1 - squashed**2))
        h_by_h = along @ s_by_h + np.diag(squashed * o * (1 - o)) @ p["W_o"]
        found = np.block([[s_by_s, s_by_h], [along @ s_by_s, h_by_h]]) @ found
    return found


@pytest.mark.parametrize("name", LSTMS)
def test_an_lstm_is_judged_by_all_that_it_carries(name: str) -> None:
    """And not by the block ∂h_t/∂h_k, whose norm is a good deal smaller."""
    trace = lesson(name).trace
    size = trace.layers[0].h.shape[1]
    for t in range(1, trace.T + 1):
        products = [product(trace, t, k) for k in range(t, -1, -1)]
        whole = [float(np.linalg.norm(one, 2)) for one in products]
        hidden = [float(np.linalg.norm(one[size:, size:], 2)) for one in products]
        found = curves(trace, t)
        assert found.states is not None
        np.testing.assert_allclose(10**found.states, whole, rtol=1e-9)
        np.testing.assert_allclose(10**found.norms, hidden, rtol=1e-9)
        assert found.verdict == verdict(found.states)
    assert whole[-1] > 4 * hidden[-1]


def test_a_cell_that_carries_h_alone_is_judged_by_it() -> None:
    trace = lesson("memory-gru").trace
    found = curves(trace, trace.T)
    assert found.states is None
    assert found.verdict == verdict(found.norms)
    np.testing.assert_array_equal(norms.curve_of_states(trace, trace.T), found.norms)


@pytest.mark.parametrize("language", LANGUAGES)
@each_notation
def test_the_verdict_names_what_it_judges(notation: Notation, language: Language) -> None:
    """As the line above writes the product, in every notation; h alone is told beside it, and both are curves."""
    trace = lesson("lstm-gates").trace
    scene = replace(scene_of(lesson("lstm-gates"), 0, language, page="flow"), notation=notation)
    whole, hidden = (norm_from(float(log)) for log in (curves(trace, 3).verdict.final, curves(trace, 3).norms[-1]))
    assert (whole, hidden) == ("0.824", "0.185")
    page = settled(scene, *WALL)
    head, *lines = map(text_of, flow_view.draw(scene, *WALL))
    product_of = head.split(" = ")[0].strip()
    told = "".join(lines[:2])
    assert told.strip().startswith(f"‖{product_of}‖")
    assert told.index(whole) < told.index(hidden)
    assert re.search(rf"[x#+@*]⠒? ‖{re.escape(product_of)}‖", page)


def test_networks_are_compared_by_all_that_they_carry() -> None:
    found = beside("memory-lstm")
    assert found is not None
    trace = lesson("memory-lstm").trace
    assert float(found.norms[-1]) == pytest.approx(np.log10(np.linalg.norm(product(trace, trace.T, 0), 2)))
    for language in LANGUAGES:
        scene = scene_of(lesson("memory-tanh"), 0, language, page="flow")
        assert say("flow.beside", language) in settled(scene, *LAPTOP)


GATED = ("lstm-gates", "memory-lstm", "gru-before", "gru-after")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", GATED)
def test_powers_of_a_gates_matrix_are_not_told(name: str, language: Language) -> None:
    """They bound nothing there, as the page says; of the plain cell they are told."""
    scene = scene_of(lesson(name), 0, language, page="flow")
    told = said_of_matrices(scene)
    assert say("flow.no_bound", language).replace(" ", "") in told
    assert "ᵏ" not in told
    assert "ᵏ" in said_of_matrices(scene_of(lesson("non-normal"), 0, language, page="flow"))


def said_of_matrices(scene: Scene) -> str:
    """The part about eigenvalues and singular values, without its blanks."""
    settled(scene, *WALL)
    return "".join(map(text_of, flow_words.draw_spectrum(scene, 60, 30))).replace(" ", "")


def test_nothing_stands_for_a_path_that_cannot_be() -> None:
    """No path leaves s and comes back to it in fewer than two steps: its norm is 0 there, and not drawn."""
    for name in LSTMS:
        trace = lesson(name).trace
        found = norms.routes(trace, trace.T)
        assert found is not None
        assert np.isneginf(found.through_hidden).tolist() == [True, True, *[False] * (trace.T - 1)]
        scene = scene_of(lesson(name), page="flow")
        settled(scene, *WALL)
        plot = [text_of(line) for line in flow_curves.draw_curves(scene, 60, 20)]
        inside = [line.partition("│")[2] or line.partition("┤")[2] for line in plot]
        assert "0" not in "".join(inside)

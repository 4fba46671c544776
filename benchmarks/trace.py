"""The measurement of a full trace: runs ``against_torch`` in an interpreter that has torch."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from benchmarks.report import Pairs, Row, skipped, times_faster

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_GATED_SIZES: Final = "T = 200, H = D = K = 64"
_THREADS: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass
class TraceRows:
    """The rows; after them, the version of torch that was compared with."""

    python: str
    around: Mapping[str, str]
    torch_version: str | None = None

    def rows(self, rounds: int) -> Iterator[Row]:
        """Against a loop that keeps what we keep, and against the fused network; with one thread, and by default."""
        what = "trace of T = 1,000, H = D = K = 128, float64"
        probe = [self.python, "-c", "import torch, numpy, msgspec"]
        tried = subprocess.run(probe, env=dict(self.around), capture_output=True, text=True, check=False)
        if tried.returncode:
            reason = (tried.stderr.strip().splitlines() or ["the interpreter failed"])[-1]
            print(f"PyTorch rows skipped: {reason}")
            yield skipped(f"{what}, against PyTorch", "≥ 5", reason)
            return
        for threads in (1, 0):
            result = self._measure(rounds, threads)
            self.torch_version = str(result["torch"])
            seconds: Mapping[str, list[float]] = result["seconds"]
            said = "1 thread" if threads else f"threads by default ({result['threads']})"
            loop, fused = Pairs(seconds["ours"], seconds["loop"]), Pairs(seconds["ours"], seconds["fused"])
            yield times_faster(f"{what}: times faster than a PyTorch loop that retains ∂a, ∂h, ∂o; {said}", loop, 5)
            yield times_faster(f"{what}: times faster than `torch.nn.RNN` forward and backward; {said}", fused, 1)
            gated: Mapping[str, Mapping[str, list[float]]] = result.get("gated", {})
            for cell, taken in gated.items():
                told = (
                    f"trace of {cell}, {_GATED_SIZES}: times faster than a PyTorch loop that retains the same; {said}"
                )
                yield times_faster(told, Pairs(taken["ours"], taken["loop"]), 3)
            if "triangle" in result:
                told = (
                    f"norms of all terms (t, k), lstm, {_GATED_SIZES}: times faster than PyTorch loss by loss; {said}"
                )
                yield times_faster(told, Pairs(result["triangle"]["ours"], result["triangle"]["loop"]), 10)

    def _measure(self, rounds: int, threads: int) -> dict[str, Any]:
        asked_for = {"BENCHMARK": json.dumps({"rounds": rounds, "threads": threads})}
        limits = dict.fromkeys(_THREADS, str(threads)) if threads else {}
        command = [self.python, "-m", "benchmarks.against_torch"]
        done = subprocess.run(
            command, env={**self.around, **limits, **asked_for}, stdout=subprocess.PIPE, text=True, check=True
        )
        result: dict[str, Any] = json.loads(done.stdout)
        return result

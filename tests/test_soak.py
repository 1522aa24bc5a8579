"""The soak's rule of what has grown."""

import pytest

from benchmarks.soak import ENTRY, Grown, Sample


def samples(memory: list[float], descriptors: int = 20, entries: int = 0) -> list[Sample]:
    return [Sample(kib, descriptors, entries * number) for number, kib in enumerate(memory)]


def test_what_grows_on_and_on_is_seen() -> None:
    grown = Grown.between(samples([100_000.0 + 200 * n for n in range(120)]))
    assert grown.memory == pytest.approx(0.11, abs=0.01)


def test_warming_up_and_a_moments_peak_are_no_growth() -> None:
    warm = [60_000.0 + 2_000 * n for n in range(20)] + [100_000.0] * 100
    warm[110] = 150_000.0
    assert Grown.between(samples(warm)).memory == 0


def test_what_was_written_is_kept_on_purpose() -> None:
    grown = Grown.between(samples([100_000.0 + 2 * ENTRY * n for n in range(120)], entries=2))
    assert grown == Grown(0.0, 0.0)


def test_descriptors_are_counted_apart() -> None:
    leaking = [Sample(100_000.0, 20 + n // 2, 0) for n in range(120)]
    assert Grown.between(leaking).descriptors == 30

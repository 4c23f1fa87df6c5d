"""What ``bench enumeration`` makes of samples: a difference is found, and none is not."""

import math
import random
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from machines.bench import enumeration, samples
from machines.bench.devices import made
from machines.failures import Failure
from machines.stack import Stack


def noise(seed: int, mean: float, count: int = 2000) -> list[float]:
    """Return times as a busy machine takes them: mostly alike, now and then very long."""
    numbers = random.Random(seed)  # noqa: S311 - the same in every run
    return [
        mean + numbers.gauss(0, 40) + (10_000 if numbers.random() < 0.01 else 0)
        for _ in range(count)
    ]


def test_what_does_not_differ_is_not_told_apart() -> None:
    assert samples.worst_t(noise(1, 1000), noise(2, 1000)) < samples.TELLING_T


def test_a_hundredth_of_the_time_is_told_apart_under_outliers_a_thousand_times_larger() -> None:
    assert samples.worst_t(noise(1, 1000), noise(2, 1010)) > samples.TELLING_T


def test_welchs_t_is_his() -> None:
    """By the example of his own formula: means 3 and 6, variances 2.5 and 10, five of each."""
    left, right = [1.0, 2.0, 3.0, 4.0, 5.0], [2.0, 4.0, 6.0, 8.0, 10.0]

    assert samples.welch_t(left, right) == pytest.approx(-3 / math.sqrt(2.5 / 5 + 10 / 5))
    assert samples.welch_t(left, left) == 0
    assert samples.welch_t([1.0, 1.0], [2.0, 2.0]) == math.inf


def test_classes_take_turns_and_what_was_tried_is_forgotten_in_time() -> None:
    asked: list[str] = []

    def ask(name: str, us: float) -> float:
        asked.append(name)
        return us

    taken = samples.take(
        [lambda _: ask("a", 1.0), lambda _: ask("b", 2.0)], 30, lambda: asked.append("-")
    )

    turns = "".join(asked).split("-")
    assert taken == [[1.0] * 30, [2.0] * 30]
    assert {each.count(name) for each in turns[1:-1] for name in "ab"} == {samples.CLEAR_EVERY}
    assert {each[:2] for each in turns[1:]} == {"ab", "ba"}


def test_a_running_service_is_sampled_as_everybody_sees_it(stack: Stack) -> None:
    _, registration, _ = made(uuid4())
    enumeration.sign_up(stack, [registration])
    route = enumeration.routes(registration, mail=False)[1]

    taken = enumeration.sampled(stack, route, [str(registration["email"])], 30)

    assert [len(each) for each in taken] == [30, 30, 30]
    assert all(us > 100 for each in taken for us in each)


def test_an_answer_that_is_not_everybodys_is_no_sample(stack: Stack) -> None:
    port = urlsplit(stack.service_urls["auth"]).port or 0
    with samples.Asker(port, urlsplit(stack.url).netloc) as asker:
        status, _ = asker.post("/auth/prelogin", {"email": "nobody"})
    broken = enumeration.Route("broken", "/auth/prelogin", 200, lambda _: {"email": "nobody"})

    with pytest.raises(Failure, match="was answered with 422, not 200"):
        enumeration.sampled(stack, broken, ["a@example.com"], 1)

    assert status == 422

"""The catalogue of problems."""

from falcon import App, Request, Response
from falcon.testing import TestClient

from shared import problem_documents, problems
from shared.problems import CATALOGUE


def test_the_catalogue_is_in_order_and_each_slug_is_one_problem() -> None:
    slugs = [problem.slug for problem in CATALOGUE]

    assert slugs == sorted(set(slugs))


def test_a_stranger_sees_these_very_bytes() -> None:
    assert problems.NotFound().document == {
        "type": "/problems/not-found",
        "title": "Not Found",
        "status": 404,
    }


def test_a_problem_carries_what_helps_to_go_on() -> None:
    head = problems.StaleHead(2**53 + 1, b"\xff" * 32).document["head"]
    current = problems.StaleRevision(3, b"KA").document["current"]

    assert head == {"seq": "9007199254740993", "hash": "_" * 42 + "8"}
    assert current == {"revision": "3", "blob": "S0E"}
    assert problems.TooManyRequests(60).headers == {"Retry-After": "60"}


def test_a_detail_stands_where_rfc_9457_has_it() -> None:
    problem = problems.Malformed("Why it is.", headers={"X-A": "b"})

    assert problem.document["detail"] == "Why it is."
    assert problem.headers == {"X-A": "b"}


class Fails:
    """Raises what it is told."""

    def __init__(self, ex: Exception) -> None:
        self.ex = ex

    def on_get(self, _req: Request, _resp: Response) -> None:
        raise self.ex


def test_every_problem_of_the_catalogue_is_sent_as_what_it_is() -> None:
    app = App[Request, Response]()
    app.set_error_serializer(problem_documents.serialize)
    made = [
        problems.Invalid({"a": ["b"]}),
        problems.RecoveryWaiting(1),
        problems.StaleHead(1, bytes(32)),
        problems.StaleKeyset(1),
        problems.StaleRevision(1, b""),
        problems.TooManyRequests(1),
        problems.VaultsShared([]),
    ]
    made += [one() for one in CATALOGUE if not any(isinstance(other, one) for other in made)]
    for problem in made:
        app.add_route(f"/{problem.slug}", Fails(problem))

    for problem in made:
        response = TestClient(app).get(f"/{problem.slug}")

        assert response.status_code == response.json["status"] == problem.number
        assert response.json["type"] == f"/problems/{problem.slug}"
        assert response.headers["Content-Type"] == "application/problem+json"

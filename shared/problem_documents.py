"""How a problem is sent, and which one an error of falcon's own becomes."""

import json

import falcon

from shared import problems

MEDIA_TYPE = "application/problem+json"

# What falcon itself raises, by status; whatever is not listed is the client's malformed request.
_BY_STATUS: dict[int, problems.Problem] = {
    404: problems.NotFound(),
    405: problems.MethodNotAllowed(),
    413: problems.TooLarge(),
    415: problems.UnsupportedMediaType(),
    500: problems.Internal(),
}


def serialize(req: falcon.Request, resp: falcon.Response, ex: falcon.HTTPError) -> None:
    """Write *ex*, ours or falcon's, as a problem document."""
    problem = (
        ex
        if isinstance(ex, problems.Problem)
        else _BY_STATUS.get(ex.status_code, problems.Malformed())
    )
    req.context.problem = problem.slug
    resp.status = problem.status
    resp.content_type = MEDIA_TYPE
    resp.data = json.dumps(problem.document, ensure_ascii=False).encode()

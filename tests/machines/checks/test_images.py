"""Each rule for the Dockerfile refuses what it is there for, and names the line."""

import re

import pytest

from tests.machines.checks.breaking import Breaking

FILE = "machines/Dockerfile"
COMPILED = (
    "RUN python -m compileall -q --invalidation-mode unchecked-hash handlers shared machines\n"
)
KEYS = "handlers.keys.app:from_env()"


@pytest.mark.parametrize(
    ("rule", "old", "new"),
    [
        ("the image's targets are the apps and the jobs", " AS keys\n", " AS key\n"),
        ("base images are pinned", "node:24-slim@sha256:cd", "node:24-slim@sha1:cd"),
        ("commands are in exec form", 'CMD ["nginx"', 'CMD nginx # ["nginx"'),
        ("nobody runs as root", "USER 65534:65534", "USER root"),
        ("nobody runs as root", "USER 65534:65534", "USER 0"),
        ("nobody runs as root", "USER 65534:65534", "USER nobody"),
        ("nobody runs as root", "USER 65534:65534\n", ""),
        ("what is installed is locked", " --require-hashes", ""),
        ("what is installed is locked", " --only-binary=:all:", ""),
        ("what is installed is locked", " --no-deps", ""),
        ("what is installed is locked", "npm ci", "npm install"),
        ("bytecode is in the image", COMPILED, ""),
        ("bytecode is in the image", "unchecked-hash /app/packages", "unchecked-hash /app"),
        ("bytecode is in the image", " --invalidation-mode unchecked-hash /app", " /app"),
        ("bytecode is in the image", "/usr/local/lib/python3.14\n", "/usr/local/lib/python3.13\n"),
        ("bytecode is in the image", "ENV PYTHONDONTWRITEBYTECODE=1\n", ""),
        ("bytecode is in the image", "USER 65534", "COPY shared/db.py shared/\nUSER 65534"),
        ("gunicorn serves what the target is called", KEYS, "handlers.auth.app:from_env()"),
        ("gunicorn serves what the target is called", '"machines/gunicorn.conf.py"', '"other.py"'),
    ],
)
def test_an_image_that_would_start_in_another_way_is_refused(
    breaking: Breaking, rule: str, old: str, new: str
) -> None:
    broken = breaking.by(rule, FILE, old, new)

    assert broken
    assert all(sentence.startswith(FILE) for sentence in broken)


@pytest.mark.parametrize(
    ("rule", "old", "new"),
    [
        (
            "no image holds what opens a secret",
            *(
                "shared/keyarc/encoding.py shared",
                "shared/keyarc/encoding.py shared/keyarc/seal.py shared",
            ),
        ),
        (
            "no image holds what opens a secret",
            *(
                "COPY shared/keyarc/commits shared/keyarc/commits",
                "COPY shared/keyarc shared/keyarc",
            ),
        ),
        (
            "no image holds what opens a secret",
            *("COPY handlers/keys handlers/keys", "COPY handlers handlers"),
        ),
        (
            "no image holds what opens a secret",
            *("COPY machines/gunicorn.conf.py machines/", "COPY machines machines"),
        ),
        ("an image holds what it imports", " shared/problems.py", ""),
        (
            "an image holds what it imports",
            "COPY shared/keyarc/commits shared/keyarc/commits\n",
            "",
        ),
        (
            "what an image holds deploys it",
            *("COPY shared/access_tokens.py", "COPY shared/db.py shared/access_tokens.py"),
        ),
        ("what an image holds deploys it", "COPY web ./", "COPY web ./\nCOPY handlers ./"),
    ],
)
def test_an_image_holds_what_it_needs_and_no_more(
    breaking: Breaking, rule: str, old: str, new: str
) -> None:
    broken = breaking.by(rule, FILE, old, new)

    assert broken
    assert all(re.match(rf"{FILE}:\d+: ", sentence) for sentence in broken)


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        (FILE, "EXPOSE 8080", "EXPOSE 8000"),
        ("machines/auth.toml", "internal_port = 8080", "internal_port = 8081"),
        ("machines/keys.toml", 'PORT = "8080"', 'PORT = "8000"'),
        ("machines/nginx.py", "[::]:8080", "[::]:80"),
    ],
)
def test_the_port_that_fly_asks_is_exposed_and_listened_on(
    breaking: Breaking, path: str, old: str, new: str
) -> None:
    assert breaking.by("ports agree", path, old, new)

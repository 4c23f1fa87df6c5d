"""The image of the page: what was built from its lock, and nginx's configuration for it."""

import re
import stat

from machines import dockerfile, image, nginx
from machines.apps import APPS
from tests.machines.images.replays import Images

SITE = "usr/share/keyarc/site"
CONFIGURATION = "etc/nginx/nginx.conf"


def test_the_image_of_the_page_holds_what_the_build_made_and_nothing_that_built_it(
    images: Images,
) -> None:
    files = image.files_of(images.build("frontend"))

    of_page = {path.removeprefix(f"{SITE}/") for path in files if path.startswith(SITE)}
    others = set(files) - {f"{SITE}/{path}" for path in of_page}
    assert others == {CONFIGURATION}
    assert {"index.html", "index.html.br"} <= of_page
    assert [path for path in of_page if path.endswith((".map", ".ts", ".svelte", ".json"))] == []


def test_the_web_server_of_the_image_knows_the_apps_by_what_the_toml_says(images: Images) -> None:
    """Whoever gives the apps other names changes the tomls and nothing else."""
    told = APPS["frontend"].settings["build"]["args"]

    configuration = (images.build("frontend") / CONFIGURATION).read_text()

    assert set(re.findall(r"[\w-]+\.flycast", configuration)) == {
        told["AUTH_URL"].removeprefix("http://"),
        told["GATEWAY_URL"].removeprefix("http://"),
    }
    assert told["PUBLIC_ORIGIN"].removeprefix("https://") in configuration
    assert re.findall(r"@\w+@", configuration) == []


def test_everybody_may_read_the_page_and_only_its_owner_may_write(images: Images) -> None:
    root = images.build("frontend")

    modes = {stat.S_IMODE(path.stat().st_mode) for path in root.rglob("*") if path.is_file()}

    assert {mode & (stat.S_IWGRP | stat.S_IWOTH) for mode in modes} == {0}
    assert {mode & stat.S_IROTH for mode in modes} == {stat.S_IROTH}


def test_the_image_of_the_page_has_the_web_server_that_is_tested_here() -> None:
    steps = dockerfile.read().stages["frontend"].steps

    installed = {word for step in steps if step.name == "RUN" for word in step.words}

    assert set(nginx.PACKAGES) <= installed

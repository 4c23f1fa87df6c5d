"""What an app's ``fly.toml`` says about sleeping and waking."""

from dataclasses import dataclass
from typing import Any, Literal

from machines.sleepy import durations

By = Literal["stop", "suspend"]


@dataclass(frozen=True, slots=True)
class Rules:
    """How a machine of *app* falls asleep, ends, and returns after a crash."""

    app: str
    falls_asleep: bool
    by: By
    kill_timeout_s: float
    most_requests: int
    restarts: bool

    @classmethod
    def of(cls, settings: dict[str, Any], by: By | None = None) -> "Rules":
        """Read the toml of an app; *by* wins over what it says."""
        service = settings["http_service"]
        told = service["auto_stop_machines"]
        return cls(
            app=settings["app"],
            falls_asleep=told in {"stop", "suspend"},
            by=by or ("suspend" if told == "suspend" else "stop"),
            kill_timeout_s=durations.seconds(settings["kill_timeout"]),
            most_requests=service["concurrency"]["hard_limit"],
            restarts=any(each["policy"] != "never" for each in settings["restart"]),
        )

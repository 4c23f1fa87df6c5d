"""``python3 machines cost``: what a month costs, from the toml files and the time awake."""

import argparse
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from machines.apps import APPS
from machines.failures import Failure
from machines.fly import awake

# In US dollars. Fly: region iad, 2026-09, 30 days. Neon: plan Launch, 2026-11.
PRICES_OF = "Fly in iad 2026-09, Neon Launch 2026-11"
MACHINE = {("shared-cpu-1x", 256): 2.02, ("shared-cpu-1x", 512): 3.32}
ASLEEP_GB = 0.15  # of a stopped or suspended machine's root file system
EGRESS_GB = 0.02
MANAGED = 40.80
VOLUME_GB = 0.15
NEON_CU_HOUR, NEON_CU, NEON_STORAGE_GB = 0.106, 0.25, 0.35
NEON_GB = 0.5
HOURS = 720
# The deployment document: five machines that are always on, 23, and a PostgreSQL, 15.
ALWAYS_ON = 38.0


@dataclass(frozen=True)
class Machine:
    """The machine of one app, as its toml has it."""

    app: str
    size: str
    memory_mb: int
    sleeps: bool

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> "Machine":
        (vm,) = settings["vm"]
        service = settings["http_service"]
        stops = service.get("auto_stop_machines", "off") in {"stop", "suspend"}
        always = service.get("min_machines_running", 0) > 0
        memory_mb = _megabytes(str(vm["memory"]))
        return cls(str(settings["app"]), str(vm["size"]), memory_mb, stops and not always)

    def usd(self, share: float, rootfs_gb: float) -> float:
        """Return the price of a month in which it is awake for *share* of the time."""
        price = MACHINE.get((self.size, self.memory_mb))
        if price is None:
            raise Failure(f"{self.app}: the price of {self.kind} is not known here.")
        if not self.sleeps:
            share = 1
        return share * price + (1 - share) * ASLEEP_GB * rootfs_gb

    @property
    def kind(self) -> str:
        """Size and memory."""
        return f"{self.size} {self.memory_mb} MB"


def run(options: argparse.Namespace) -> int:
    """Print a table, or the same as JSON."""
    duty = (
        awake.logged(options.access_log, APPS)
        if options.access_log
        else awake.estimated(options.duty or (), APPS)
    )
    if not 0 <= options.rootfs < math.inf:
        raise Failure("--rootfs is a size in GB.")
    machines = {name: Machine.of(app.settings) for name, app in APPS.items()}
    apps = {name: machine.usd(duty[name], options.rootfs) for name, machine in machines.items()}
    database, why = _database(options.database, duty[awake.DATABASE])
    total = sum(apps.values()) + database
    if options.json:
        told = [{"app": machines[name].app, "usd": round(usd, 4)} for name, usd in apps.items()]
        sums = {"database_usd": round(database, 4), "total_usd": round(total, 4)}
        print(json.dumps({"apps": told} | sums))
        return 0
    print(f"{'app':18} {'machine':22} {'awake':>8} {'$ a month':>10}")
    for name, machine in machines.items():
        share = duty[name] if machine.sleeps else 1
        print(f"{machine.app:18} {machine.kind:22} {share:8.2%} {apps[name]:10.2f}")
    print(f"{'all apps':50} {sum(apps.values()):10.2f}")
    print(f"{'database: ' + why:50} {database:10.2f}")
    print(f"{'total':50} {total:10.2f}")
    print(f"{'always on, by the deployment document':50} {ALWAYS_ON:10.2f}")
    print(f"Prices: {PRICES_OF}. Traffic out is not in it: ${EGRESS_GB} a GB.")
    return 0


def _database(choice: str, share: float) -> tuple[float, str]:
    """Return the price of a month, and what it is for."""
    single = MACHINE["shared-cpu-1x", 256] + VOLUME_GB
    neon = HOURS * share * NEON_CU * NEON_CU_HOUR + NEON_GB * NEON_STORAGE_GB
    return {
        "neon": (neon, f"Neon, {NEON_CU} CU for {share:.2%}, {NEON_GB} GB"),
        "mpg": (MANAGED, "Fly Managed Postgres, never asleep"),
        "single": (single, "one unmanaged machine, 1 GB"),
        "none": (0.0, "none counted"),
    }[choice]


def _megabytes(text: str) -> int:
    """Read ``256mb``, ``1gb`` or a bare number of megabytes."""
    number = text.lower().removesuffix("b")
    factor = 1024 if number.endswith("g") else 1
    return int(float(number.rstrip("mg")) * factor)

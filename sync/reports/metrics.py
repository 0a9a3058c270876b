"""The state of things as a text file for Prometheus (node_exporter's textfile collector)."""

from __future__ import annotations

from pathlib import Path

from prometheus_client import CollectorRegistry, Gauge, write_to_textfile

from ledger.files import NotWritten
from sync.reports.status import Status


def write_metrics(status: Status, path: Path) -> None:
    """Writes the file in one step: who reads meanwhile finds the former or the new one.

    Raises ``NotWritten``.
    """
    try:
        write_to_textfile(str(path), _registry(status))
    except OSError as problem:
        raise NotWritten(f"{path} cannot be written: {problem.strerror or problem}") from problem


def _registry(status: Status) -> CollectorRegistry:
    registry = CollectorRegistry()

    def gauge(name: str, meaning: str, *labels: str) -> Gauge:
        return Gauge(f"admsync_{name}", meaning, labels, registry=registry)

    synced = gauge(
        "last_sync_timestamp_seconds", "When an entity was last synced to its end.", "entity"
    )
    waiting = gauge("open_discrepancies", "Discrepancies that people decide about.", "entity")
    for fresh in status.entities:
        if fresh.synced_at is not None:
            synced.labels(fresh.entity.name).set(fresh.synced_at.timestamp())
        waiting.labels(fresh.entity.name).set(0)
    for one in status.waiting.discrepancies:
        waiting.labels(one.entity.name).set(one.count)
    gauge("fields_to_decide", "Fields out of step that people decide about.").set(
        status.waiting.to_decide
    )
    gauge("fields_to_push", "Fields that wait to be sent.").set(status.waiting.to_push)
    gauge("unfinished_runs", "Runs that stopped and can go on.").set(len(status.unfinished))
    gauge("last_sync_ok", "1 where the last sync was done, 0 where it failed or stopped.").set(
        status.last_sync is not None and status.last_sync.state in ("done", "undone")
    )
    gauge("ledger_position", "The position of the ledger's last event.").set(status.position)
    gauge("ledger_anchored", "1 where the newest head noted outside is on the chain.").set(
        status.anchoring.ok
    )
    gauge("status_timestamp_seconds", "When this was written.").set_to_current_time()
    return registry

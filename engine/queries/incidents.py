"""What the machine could not do: every open incident that an actor may look after."""

from __future__ import annotations

from sqlalchemy import Connection

from engine.model import Actor
from engine.queries.cases import CaseRow, IncidentInfo, case_query, case_row
from engine.queries.visibility import visible_to
from engine.store import tables as t


def open_incidents(connection: Connection, actor: Actor) -> tuple[tuple[CaseRow, IncidentInfo], ...]:
    """Every open incident of the cases the actor may see, oldest first, at most 200."""
    rows = connection.execute(
        case_query()
        .add_columns(*[c.label(f"incident_{c.name}") for c in t.incident.c])
        .join(t.incident, t.incident.c.instance_id == t.instance.c.id)
        .where(t.incident.c.status == "open", visible_to(actor))
        .order_by(t.incident.c.created_at)
        .limit(200)
    ).mappings()
    return tuple(
        (
            case_row(row, ()),
            IncidentInfo(
                row["incident_id"],
                row["incident_element"],
                row["incident_name"],
                row["incident_template"],
                row["incident_params"],
                row["incident_created_at"],
            ),
        )
        for row in rows
    )

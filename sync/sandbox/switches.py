"""What nobody outside knows about the real service, as switches a test can set either way."""

from __future__ import annotations

from typing import Literal

from attrs import frozen


@frozen
class Switches:
    """Each field is one unknown; the default is the likelier answer, not the known one."""

    #: An empty ``errors`` list beside ``data`` on success: on every third call, always or never.
    empty_errors: Literal["sometimes", "always", "never"] = "sometimes"
    #: The HTTP status of a request that does not validate.
    invalid_status: Literal[200, 400] = 200
    #: Whether a client-credentials reply carries a refresh token.
    refresh_token: bool = True
    token_seconds: int = 3600
    #: The order of records where a request states none.
    default_order: Literal["id", "reversed", "shuffled"] = "id"
    #: Whether ``eq`` and its kin compare text without regard to case.
    ignore_case: bool = False
    #: What each word of a ``wordlike`` value must be in the field: a word, or the start of one.
    wordlike: Literal["words", "prefixes"] = "words"
    #: The time zone's missing and doubled hours: read as one of two, or refused.
    clock_changes: Literal["read", "refuse"] = "read"
    #: Whether a custom field that is required must come with the entity.
    enforce_required: bool = True
    #: Whether an instructor who is not approved for the course template is refused.
    approved_only: bool = True
    #: Whether an event starts with its template's public prices in its region.
    copy_prices: bool = True
    #: What a new event's sessions get from ``venueId``.
    copy_venue: bool = True
    #: What an event's venue is once its sessions have several.
    mixed_venues: Literal["first", "none"] = "first"
    unique_template_codes: bool = False
    unique_location_names: bool = False
    #: Whether an event may go back from published to draft, or from cancelled to published.
    step_back: bool = False
    cancel_sessions: bool = False
    #: Whether an edit of a session, or of its staff, is an update of its event, too.
    session_updates_event: bool = True
    staff_updates_event: bool = False
    #: Schema members that may not be there (see ``schema.DISPUTED``).
    updated_at_filter: bool = True
    session_delete: bool = False
    currency_is_active: bool = False
    session_event: bool = False

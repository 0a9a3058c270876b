"""One request of every kind of change, with every field it may carry."""

from __future__ import annotations

from datetime import datetime

from sync.administrate.writes import changes, inputs

START, END = datetime(2026, 1, 5, 9), datetime(2026, 1, 5, 17)  # noqa: DTZ001 - local times
FIELDS: inputs.CustomFields = {"D1": "Y", "D2": None}
REQUESTS = [
    changes.create_blended_event(
        inputs.NewBlendedEvent(
            time_zone_name="Europe/London",
            title="CB1",
            code="CB1",
            course_template_id="T1",
            location_id="L1",
            venue_id="V1",
            tax_type_id="X1",
            lms_start_date_time=START,
            lms_end_date_time=END,
            classroom_start_date_time=START,
            classroom_end_date_time=END,
            registration_deadline=START,
            min_places=1,
            max_places=20,
            custom_field_values=FIELDS,
            internal_notes="",
        )
    ),
    changes.create_lms_event(inputs.NewLmsEvent(time_zone_name="Europe/London", title="CB1")),
    changes.update_event(
        "E1",
        inputs.EventChange(
            title="CB1",
            code="CB1",
            location_id="L1",
            tax_type_id="X1",
            time_zone_name="Europe/London",
            lifecycle_state="published",
            lms_start_date_time=START,
            lms_end_date_time=END,
            registration_deadline=START,
            min_places=1,
            max_places=2,
            is_sold_out=False,
            custom_field_values=FIELDS,
            internal_notes="",
        ),
    ),
    changes.delete_event("E1"),
    changes.add_event_staff("E1", "P1", "administrator"),
    changes.remove_event_staff("S1"),
    changes.create_session(
        inputs.NewSession(
            parent_event_id="E1",
            code="",
            title="Day 2",
            start=START,
            end=END,
            time_zone_name="Europe/London",
            location_id="L1",
            venue_id="V1",
            min_places=1,
            max_places=2,
        )
    ),
    changes.update_session(
        "S1",
        inputs.SessionChange(
            code="",
            title="Day 1",
            start=START,
            end=END,
            time_zone_name="Europe/London",
            location_id="L1",
            venue_id="V1",
            lifecycle_state="published",
            min_places=1,
            max_places=2,
            notes="",
            custom_field_values=FIELDS,
        ),
    ),
    changes.add_session_staff("S1", "P1", "instructor"),
    changes.remove_session_staff("S1"),
    changes.create_course_template(
        inputs.NewCourseTemplate(
            title="CB1",
            code="CB1",
            learning_mode="blended",
            lifecycle_state="published",
            approved_instructors=("P1",),
            custom_field_values=FIELDS,
        )
    ),
    changes.update_course_template(
        "T1",
        inputs.CourseTemplateChange(
            title="CB1",
            code="CB1",
            learning_mode="blended",
            lifecycle_state="published",
            approved_instructors=("P1", "P2"),
            custom_field_values=FIELDS,
        ),
    ),
    changes.create_location(
        inputs.NewLocation(
            region_id="R1",
            name="London",
            code="LO",
            description="",
            time_zone="Europe/London",
            tax_type_id="X1",
        )
    ),
    changes.create_contact(
        inputs.NewContact(
            account_id="A1",
            personal_name=inputs.NewPersonalName(
                first_name="Mary", last_name="Holloway", middle_name="Grant"
            ),
            is_instructor=True,
            is_staff=True,
            is_admin=False,
            time_zone_name="Europe/London",
        )
    ),
    changes.store_external_id("E1", "admsync", "1"),
]

"""The form of a workbook of decisions: its sheets, their columns, what may be decided."""

from __future__ import annotations

RECORDS, PRODUCTS, CHOICES, ABOUT = "Records", "Products", "Choices", "About"

DECISION, REASON, KEY = "Decision", "Reason", "Key (leave as it is)"

RECORD_COLUMNS = (
    DECISION,
    REASON,
    "What",
    "Record",
    "Of",
    "Why it is open",
    "Could be",
    "Likeness",
    "Evidence",
    KEY,
)
PRODUCT_COLUMNS = (
    DECISION,
    REASON,
    "Course template",
    "Location",
    "Sitting",
    "Events waiting",
    "Why it is open",
    "Products",
    KEY,
)
WIDTHS = {
    DECISION: 24,
    REASON: 32,
    "Record": 36,
    "Could be": 36,
    "Why it is open": 40,
    "Evidence": 48,
    "Products": 60,
    KEY: 14,
}

HOW_TO = (
    ("How to decide",),
    ("In Records: accept, reject or ignore, and a reason.",),
    ("  accept links the record with the one that it could be, whatever they are called.",),
    ("  reject never links the two; it is asked again should their names change.",),
    ("  ignore says no more of the record alone: it has no counterpart and needs none.",),
    ("In Products: the code of the product that such events are sold as, and a reason.",),
    ("A row without a decision stays open. Rows may be sorted, filtered and deleted,",),
    ("columns moved and added; the column Key says which row is which.",),
    ("Then: admsync discrepancies import FILE.xlsx",),
)
"""The sheet that says what to do."""

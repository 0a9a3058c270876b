"""The web application's database in its two deployed shapes, February's and May's of 2026.

``deploy(connection, shape)`` makes one in an empty database: the tables of ``"february"`` or
``"may"`` with rows in every one; without ``adm`` where ``adm=False``, empty where ``rows=False``.
``become_may(connection)`` runs the web application's own migrations on a database of February's
shape, filled or not, under a ledger or not: values are carried over, and ``purchasables.id`` is the
old product's. ``generate_ids_always`` and ``misplace`` vary what was made. ``facts_of(connection)``
describes the tables that stand, as the deployed ones were described.

The rows are the sandbox's company (``sync.sandbox``), so that syncs and imports against the sandbox
find their records; 30 events of two days beside its past ones, ids from 3 on; and bridge rows as
the older tool left them, ids from 101 on, their Administrate ids those of the sandbox. Of what is
equal on both sides all but every seventh row is linked.

All take a psycopg connection and leave the commit to the caller. ``deployed_template`` makes a
database once, say for a session of tests, and gives its name, to copy for each test::

    with deployed_template(databases, "february") as name:
        with databases.fresh(name) as url, opened(url) as database:
            migrate(database, actor="tests")
"""

from tests.deployed.company import deploy, deployed_template
from tests.deployed.facts import facts_of
from tests.deployed.tables import SHAPES, Shape, become_may, generate_ids_always, misplace

__all__ = [
    "SHAPES",
    "Shape",
    "become_may",
    "deploy",
    "deployed_template",
    "facts_of",
    "generate_ids_always",
    "misplace",
]

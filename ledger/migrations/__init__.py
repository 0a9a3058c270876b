"""The schema's history, run by ``admsync migrate``."""

from importlib import resources


def sql_script(name: str) -> str:
    """The text of a file of ``sql/``."""
    return resources.files(__name__).joinpath("sql", name).read_text()

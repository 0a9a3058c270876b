"""Text of which nobody sees anything."""

# Letters, by Unicode's account, that show nothing.
FILLERS = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"


def is_blank(text: str) -> bool:
    """Whether nobody sees anything of it: a name or a reason has to say something."""
    return all(one.isspace() or one in FILLERS or not one.isprintable() for one in text)

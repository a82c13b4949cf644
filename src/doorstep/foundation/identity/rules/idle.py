"""Who is signed out for doing nothing: the counter's screen stays on when its clerk goes to lunch."""


def is_held_to_idle_minutes(*, by_password: bool, works: bool) -> bool:
    """Whoever works a body's matters today or configures the town, however they signed in, and whoever came by password."""
    return by_password or works


def is_over(*, until: float | None, now: float) -> bool:
    """Whether nothing was done for too long (seconds of the epoch); never before the first step was taken."""
    return until is not None and now > until

"""一核多元 as a drawing: the core, the sides around it, and how each hangs on the core. Positions only; the template draws."""

from dataclasses import dataclass

from doorstep.foundation.places.models import Place
from doorstep.organisations.models import Body, Post
from doorstep.organisations.permissions import PARTY
from doorstep.organisations.queries.bodies import bodies_at, holding_today

ROW, BOX = 56, 44


@dataclass(frozen=True, slots=True)
class Side:
    """A body beside the core. `shared`: how many of its people also hold a post in the core. `led`: the core convenes it."""

    body: Body
    people: int
    shared: int
    led: bool
    y: int

    @property
    def tied(self) -> bool:
        return self.led or self.shared > 0

    @property
    def top(self) -> int:
        return self.y - BOX // 2

    @property
    def text_y(self) -> int:
        return self.y + 5

    @property
    def label_y(self) -> int:
        return self.y - 6

    @property
    def narrow_y(self) -> int:
        """In the narrow drawing the core stands above the sides."""
        return self.y + ROW

    @property
    def narrow_top(self) -> int:
        return self.top + ROW

    @property
    def narrow_text_y(self) -> int:
        return self.text_y + ROW


@dataclass(frozen=True, slots=True)
class Graph:
    """`core` None: the place has no party organisation of its own yet."""

    core: Body | None
    people: int
    sides: tuple[Side, ...]

    @property
    def height(self) -> int:
        return max(1, len(self.sides)) * ROW

    @property
    def middle(self) -> int:
        return self.height // 2

    @property
    def core_top(self) -> int:
        return self.middle - BOX // 2

    @property
    def core_text(self) -> int:
        return self.middle + 5

    @property
    def narrow_height(self) -> int:
        return (len(self.sides) + 1) * ROW

    @property
    def tied(self) -> int:
        return sum(side.tied for side in self.sides)


def of_place(place: Place) -> Graph:
    """The bodies at a place, the first party organisation being the core. Two queries."""
    bodies = list(bodies_at(place))
    core = next((body for body in bodies if body.kind in PARTY), None)
    people: dict[int, set[int]] = {}
    for body_id, person_id in Post.objects.filter(holding_today(), body__in=bodies).values_list("body_id", "person_id"):
        people.setdefault(body_id, set()).add(person_id)
    middle = people.get(core.pk, set()) if core else set()
    others = [body for body in bodies if core is None or body.pk != core.pk]
    return Graph(
        core,
        len(middle),
        tuple(
            Side(
                body=body,
                people=len(people.get(body.pk, set())),
                shared=len(people.get(body.pk, set()) & middle),
                led=core is not None and body.led_by_id == core.pk,
                y=index * ROW + ROW // 2,
            )
            for index, body in enumerate(others)
        ),
    )

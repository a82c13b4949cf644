"""Who is looking. Built once per request; every restricted read asks it and nothing else."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class HeldPost:
    """A post held today. Rights hang on posts, not on persons."""

    id: int
    title: str
    title_en: str
    body_id: int
    body_code: str
    body_name: str
    body_name_en: str
    body_kind: str
    place_code: str
    lineage: str


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one mechanism knows of a person that decides what they may see."""

    posts: tuple[HeldPost, ...] = ()
    bodies: frozenset[int] = frozenset()
    keys: frozenset[str] = frozenset()
    former_ids: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Read:
    """Restricted data of somebody else that this request showed."""

    kind: str
    subject: str
    about_person_id: int | None
    why: str


@dataclass(frozen=True)
class Viewer:
    """Who looks, with the posts they hold and the bodies whose matters they work.

    `keys` are audience keys (`person:5`, `body:3`, `estate:ruikang`); a restricted row carries some and shows where they meet. Many pages
    and most writes ask for none, so that what only they need is read when they are first asked for: `is_whole` says that it may be. A viewer
    for one purpose, such as somebody with a slip in hand, has no more keys than they were given.
    """

    person_id: int | None = None
    account_id: int | None = None
    name: str = ""
    posts: tuple[HeldPost, ...] = ()
    acting_post: HeldPost | None = None
    bodies: frozenset[int] = frozenset()
    is_town_admin: bool = False
    more_keys: frozenset[str] = frozenset()
    is_whole: bool = False
    reads: list[Read] = field(default_factory=list, compare=False, repr=False)

    @property
    def signed_in(self) -> bool:
        return self.person_id is not None

    @cached_property
    def _later(self) -> Contribution:
        """What the mechanisms know of the person beside the posts."""
        if self.person_id is None or not self.is_whole:
            return Contribution()
        return _joined([provider(self.person_id) for provider in _later_providers])

    @cached_property
    def keys(self) -> frozenset[str]:
        """Every audience key of the viewer's."""
        own = {f"person:{self.person_id}"} if self.person_id is not None else set()
        return frozenset({PUBLIC, *own, *(f"body:{body_id}" for body_id in self.bodies)}) | self.more_keys | self._later.keys

    @property
    def former_ids(self) -> frozenset[int]:
        """Persons found to be this same human and merged into this one; what is append-only still names them."""
        return self._later.former_ids

    @property
    def own_id(self) -> int:
        """The person's id for a query; 0, which no row has, for nobody."""
        return self.person_id or 0

    def is_me(self, person_id: int | None) -> bool:
        """Whether this id names the viewer, today or before a merge."""
        return person_id is not None and (person_id == self.person_id or person_id in self.former_ids)

    @property
    def is_staff(self) -> bool:
        """Holds any post: sees a workbench."""
        return bool(self.posts)

    def post_in(self, body_id: int | None) -> HeldPost | None:
        """The post this viewer acts by when they act for that body; None when they hold none there."""
        if self.acting_post is not None and self.acting_post.body_id == body_id:
            return self.acting_post
        return next((post for post in self.posts if post.body_id == body_id), None)

    def note_read(self, *, kind: str, subject: str, about_person_id: int | None, why: str) -> None:
        """Remember that restricted data was shown; one's own is not noted. The middleware writes it after the response."""
        # Asked for at the first read whoever it is about: a page costs the same with one row and with many.
        own = {self.person_id, *self.former_ids}
        if about_person_id is not None and about_person_id in own:
            return
        read = Read(kind, subject, about_person_id, why)
        if read not in self.reads:
            self.reads.append(read)


ViewerProvider = Callable[[int], Contribution]
KeyResolver = Callable[[Viewer, str], bool]

_providers: list[ViewerProvider] = []
_later_providers: list[ViewerProvider] = []
_resolvers: dict[str, KeyResolver] = {}


NOBODY = Viewer()


def register_viewer_provider(provider: ViewerProvider, *, later: bool = False) -> None:
    """A mechanism adds what it knows of a person (at most one query); called in its AppConfig.ready. `later`: keys and former ids alone,
    asked for when one of them is."""
    providers = _later_providers if later else _providers
    if provider not in providers:
        providers.append(provider)


def register_key_resolver(prefix: str, resolver: KeyResolver) -> None:
    """For audience keys too many to hold (`matter:HL-…`): the mechanism that issued them answers whether a viewer is meant."""
    _resolvers[prefix] = resolver


def build_viewer(
    *, person_id: int, account_id: int | None = None, name: str = "", is_town_admin: bool = False, acting_post_id: int | None = None
) -> Viewer:
    known = _joined([provider(person_id) for provider in _providers])
    acting = next((post for post in known.posts if post.id == acting_post_id), known.posts[0] if known.posts else None)
    return Viewer(
        person_id=person_id,
        account_id=account_id,
        name=name,
        posts=known.posts,
        acting_post=acting,
        bodies=known.bodies,
        is_town_admin=is_town_admin,
        more_keys=known.keys,
        is_whole=True,
    )


def _joined(contributions: Sequence[Contribution]) -> Contribution:
    return Contribution(
        posts=tuple(post for each in contributions for post in each.posts),
        bodies=frozenset().union(*(each.bodies for each in contributions)),
        keys=frozenset().union(*(each.keys for each in contributions)),
        former_ids=frozenset().union(*(each.former_ids for each in contributions)),
    )


def may_see(viewer: Viewer, key: str) -> bool:
    """Whether a row with this audience key is meant for this viewer. An unknown kind of key is meant for nobody."""
    if key in viewer.keys:
        return True
    resolver = _resolvers.get(key.partition(":")[0])
    return resolver is not None and resolver(viewer, key)

"""Who is looking. Built once per request; every restricted read asks it and nothing else."""

from collections.abc import Callable
from dataclasses import dataclass, field

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
    keys: frozenset[str] = frozenset()
    former_ids: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Read:
    """Restricted data of somebody else that this request showed."""

    kind: str
    subject: str
    about_person_id: int | None
    why: str


@dataclass(frozen=True, slots=True)
class Viewer:
    """`keys` are audience keys (`person:5`, `body:3`, `estate:ruikang`); a restricted row carries some and shows where they meet.

    `former_ids`: persons found to be this same human and merged into this one; what is append-only still names them."""

    person_id: int | None = None
    account_id: int | None = None
    name: str = ""
    posts: tuple[HeldPost, ...] = ()
    acting_post: HeldPost | None = None
    keys: frozenset[str] = frozenset({PUBLIC})
    is_town_admin: bool = False
    former_ids: frozenset[int] = frozenset()
    reads: list[Read] = field(default_factory=list, compare=False, repr=False)

    @property
    def signed_in(self) -> bool:
        return self.person_id is not None

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
        if self.is_me(about_person_id):
            return
        read = Read(kind, subject, about_person_id, why)
        if read not in self.reads:
            self.reads.append(read)


NOBODY = Viewer()

ViewerProvider = Callable[[int], Contribution]
KeyResolver = Callable[[Viewer, str], bool]

_providers: list[ViewerProvider] = []
_resolvers: dict[str, KeyResolver] = {}


def register_viewer_provider(provider: ViewerProvider) -> None:
    """A mechanism adds what it knows of a person (at most one query); called in its AppConfig.ready."""
    if provider not in _providers:
        _providers.append(provider)


def register_key_resolver(prefix: str, resolver: KeyResolver) -> None:
    """For audience keys too many to hold (`matter:HL-…`): the mechanism that issued them answers whether a viewer is meant."""
    _resolvers[prefix] = resolver


def build_viewer(
    *, person_id: int, account_id: int | None = None, name: str = "", is_town_admin: bool = False, acting_post_id: int | None = None
) -> Viewer:
    posts: list[HeldPost] = []
    keys = {PUBLIC, f"person:{person_id}"}
    former: set[int] = set()
    for provider in _providers:
        contribution = provider(person_id)
        posts.extend(contribution.posts)
        keys |= contribution.keys
        former |= contribution.former_ids
    acting = next((post for post in posts if post.id == acting_post_id), posts[0] if posts else None)
    return Viewer(
        person_id=person_id,
        account_id=account_id,
        name=name,
        posts=tuple(posts),
        acting_post=acting,
        keys=frozenset(keys),
        is_town_admin=is_town_admin,
        former_ids=frozenset(former),
    )


def may_see(viewer: Viewer, key: str) -> bool:
    """Whether a row with this audience key is meant for this viewer. An unknown kind of key is meant for nobody."""
    if key in viewer.keys:
        return True
    resolver = _resolvers.get(key.partition(":")[0])
    return resolver is not None and resolver(viewer, key)

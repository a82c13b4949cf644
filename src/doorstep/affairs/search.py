"""How matters are found: by number, title, spot and everything said in the open; never by who said it or by a note inside."""

from collections.abc import Iterator

from doorstep.affairs.models import Matter, MatterAudience, MatterText, Question
from doorstep.affairs.queries import visible
from doorstep.affairs.queries.lists import question_url
from doorstep.affairs.queries.votes import visible_votes
from doorstep.foundation.access.viewer import PUBLIC, Viewer
from doorstep.foundation.search.actions import Text, index_document
from doorstep.foundation.search.queries import Hit, having, named


def index_matter(matter: Matter, *, is_new: bool = False) -> None:
    """Bring a matter's document up to date, in the transaction that changed it. Of a new one nothing later was said yet."""
    said: list[str] = []
    if not is_new:
        texts = MatterText.objects.filter(matter=matter).exclude(kind=MatterText.Kind.NOTE).order_by("id")
        said = list(texts.values_list("text", flat=True))
    keys = [PUBLIC] if matter.is_public else list(MatterAudience.objects.filter(matter=matter).values_list("key", flat=True))
    index_document(kind="matter", text=_document(matter, said, keys), is_new=is_new)


def _document(matter: Matter, said: list[str], keys: list[str]) -> Text:
    return Text(subject=matter.number, texts=(matter.number, matter.title, matter.spot, matter.text, *said), audience=keys)


def documents(*, size: int = 1000) -> Iterator[Text]:
    """Every matter's document, oldest first, in three queries for each thousand."""
    last = 0
    while matters := list(Matter.objects.filter(id__gt=last).order_by("id")[:size]):
        last = matters[-1].pk
        said: dict[int, list[str]] = {}
        texts = MatterText.objects.filter(matter__in=matters).exclude(kind=MatterText.Kind.NOTE)
        for matter_id, text in texts.order_by("id").values_list("matter_id", "text"):
            said.setdefault(matter_id, []).append(text)
        keys: dict[int, list[str]] = {}
        for matter_id, key in MatterAudience.objects.filter(matter__in=matters).order_by("id").values_list("matter_id", "key"):
            keys.setdefault(matter_id, []).append(key)
        for matter in matters:
            yield _document(matter, said.get(matter.pk, []), [PUBLIC] if matter.is_public else keys.get(matter.pk, []))


def find_questions(viewer: Viewer, query: str, size: int) -> list[Hit]:
    """Published questions that have every word of the query, in the question or its answer, the newest first. One query."""
    chosen = Question.objects.filter(having(query, "question", "answer"), withdrawn_at=None).select_related("scope")
    return [Hit(each.question, question_url(each), named(each.scope.name, each.scope.name_en)) for each in chosen.order_by("-id")[:size]]


def find_votes(viewer: Viewer, query: str, size: int) -> list[Hit]:
    """Votes the viewer may know of, by number, title and reason, the newest first. One query."""
    chosen = visible_votes(viewer).filter(having(query, "number", "title", "why"))
    return [
        Hit(
            vote.title,
            f"/votes/{vote.number}",
            f"{vote.number} · {named(vote.place.name, vote.place.name_en)} · {vote.get_state_display()}",
        )
        for vote in chosen.order_by("-id")[:size]
    ]


def describe(subjects: list[str], viewer: Viewer) -> dict[str, Hit]:
    """Matters among these that the viewer may know of. One query."""
    found = visible(viewer).filter(number__in=subjects).select_related("scope")
    return {
        matter.number: Hit(
            matter.title,
            f"/m/{matter.number}",
            f"{named(matter.scope.name, matter.scope.name_en)} · {matter.get_state_display()}",
            matter.number,
        )
        for matter in found
    }

from django.db import migrations


def move_licences(apps, schema_editor):
    """Carry what was seen of licences over to the talents' table, where it has the columns.

    Of each person and kind the one that ends last, unless a licence of that kind is checked there already. The table names the body that answers
    for a check: whoever offers a service that needs the licence, the first of them. A licence that no service asks for, or seen by nobody we
    know, stays behind: it would have to be shown again. The number of the paper was never kept; a correction there writes it down.
    """
    Seen = apps.get_model("services", "SeenLicence")
    Service = apps.get_model("services", "Service")
    Licence = apps.get_model("talents", "Licence")
    bodies = {}
    for service in Service.objects.order_by("id"):
        for kind in service.licences.values():
            bodies.setdefault(kind, service.body_id)
    known = set(Licence.objects.filter(withdrawn_on=None).values_list("person_id", "kind"))
    for seen in Seen.objects.filter(seen_by__isnull=False).order_by("-expires_on", "-id"):
        if seen.kind not in bodies or (seen.person_id, seen.kind) in known:
            continue
        known.add((seen.person_id, seen.kind))
        Licence.objects.create(
            person_id=seen.person_id,
            kind=seen.kind,
            number="",
            number_salt="",
            expires_on=seen.expires_on,
            checked_by_id=seen.seen_by_id,
            checked_for_id=bodies[seen.kind],
            checked_on=seen.seen_at.date(),
        )


class Migration(migrations.Migration):
    dependencies = [
        ("foundation", "0006_lives"),
        ("services", "0001_initial"),
        ("talents", "0001_initial"),
    ]

    operations = [
        migrations.RunPython(move_licences, migrations.RunPython.noop, elidable=True),
        migrations.DeleteModel(name="SeenLicence"),
    ]

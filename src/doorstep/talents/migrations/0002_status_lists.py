import secrets
import uuid

from django.db import migrations, models

LENGTH = 131_072


def draw_places(apps, schema_editor):
    """Give certificates of before a random place in their issuer's status lists, and a random id for the badges still to come."""
    Certificate = apps.get_model("talents", "Certificate")
    taken = set()
    for certificate in Certificate.objects.all():
        while (place := (certificate.issuer_id, secrets.randbelow(LENGTH))) in taken:
            pass
        taken.add(place)
        certificate.status_index, certificate.subject = place[1], uuid.uuid4()
        certificate.save(update_fields=["status_index", "subject"])


class Migration(migrations.Migration):
    dependencies = [
        ("foundation", "0006_lives"),
        ("organisations", "0003_residence"),
        ("talents", "0001_initial"),
    ]

    operations = [
        migrations.AddField(model_name="certificate", name="status_index", field=models.PositiveIntegerField(null=True)),
        migrations.AddField(model_name="certificate", name="subject", field=models.UUIDField(null=True)),
        migrations.RunPython(draw_places, migrations.RunPython.noop, elidable=True),
        migrations.AlterField(
            model_name="certificate",
            name="status_index",
            field=models.PositiveIntegerField(
                help_text="its place in the issuer's status lists: random, tells nothing of when it was given"
            ),
        ),
        migrations.AlterField(
            model_name="certificate",
            name="subject",
            field=models.UUIDField(
                default=uuid.uuid4, help_text="what its badges call the holder: random, tells nothing of the person", unique=True
            ),
        ),
        migrations.AddConstraint(
            model_name="certificate",
            constraint=models.UniqueConstraint(fields=("issuer", "status_index"), name="certificate_status_index"),
        ),
    ]

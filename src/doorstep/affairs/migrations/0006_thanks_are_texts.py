import secrets

from django.db import migrations, models


def move_thanks(apps, schema_editor):
    """Words of thanks become public texts of their matter, where moderation reaches them."""
    MatterText = apps.get_model("affairs", "MatterText")
    for offer in apps.get_model("affairs", "HelpOffer").objects.exclude(thanks="").select_related("matter"):
        MatterText.objects.create(
            matter=offer.matter,
            kind="thanks",
            text=offer.thanks,
            salt=secrets.token_hex(16),
            author_id=offer.matter.reporter_id,
            written_at=offer.thanked_at or offer.offered_at,
        )


class Migration(migrations.Migration):

    dependencies = [
        ("affairs", "0005_matters_whole"),
    ]

    operations = [
        migrations.RunPython(move_thanks, migrations.RunPython.noop),
        migrations.RemoveIndex(model_name="helpoffer", name="help_offer_thanked"),
        migrations.RemoveField(model_name="helpoffer", name="thanks"),
        migrations.AddIndex(
            model_name="mattertext",
            index=models.Index(condition=models.Q(("kind", "thanks")), fields=["-id"], name="matter_text_thanks"),
        ),
    ]

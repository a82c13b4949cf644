import django.db.models.deletion
import secrets

from django.db import migrations, models


def move_thanks(apps, schema_editor):
    """Words of thanks become public texts of their matter, where moderation reaches them."""
    MatterText = apps.get_model("affairs", "MatterText")
    for offer in apps.get_model("affairs", "HelpOffer").objects.exclude(words="").select_related("matter"):
        offer.thanks = MatterText.objects.create(
            matter=offer.matter,
            kind="thanks",
            text=offer.words,
            salt=secrets.token_hex(16),
            author_id=offer.matter.reporter_id,
            written_at=offer.thanked_at or offer.offered_at,
        )
        offer.save(update_fields=["thanks"])


class Migration(migrations.Migration):
    # The rows are moved before the table changes again: two transactions on PostgreSQL.
    atomic = False

    dependencies = [
        ("affairs", "0005_matters_whole"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="helpoffer", name="help_offer_thanked"),
        migrations.RenameField(model_name="helpoffer", old_name="thanks", new_name="words"),
        migrations.AddField(
            model_name="helpoffer",
            name="thanks",
            field=models.OneToOneField(
                help_text="the words of thanks: a public text of the matter",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="affairs.mattertext",
            ),
        ),
        migrations.RunPython(move_thanks, migrations.RunPython.noop, atomic=True),
        migrations.RemoveField(model_name="helpoffer", name="words"),
        migrations.AddIndex(
            model_name="mattertext",
            index=models.Index(condition=models.Q(("kind", "thanks")), fields=["-id"], name="matter_text_thanks"),
        ),
    ]

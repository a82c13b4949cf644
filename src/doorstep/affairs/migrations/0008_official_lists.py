import django.db.models.deletion
from django.db import migrations, models


def keep_received_lists(apps, schema_editor):
    """A list that was taken over before lists had rows of their own gets one: its ballots and its digest are known, who took it over stands in the journal."""
    vote_model, ballots, lists, entries = (
        apps.get_model(*name.split(".")) for name in ("affairs.Vote", "affairs.Ballot", "affairs.OfficialList", "foundation.Entry")
    )
    held, parties = apps.get_model("affairs", "BallotParty"), apps.get_model("affairs", "RollParty")
    for vote in vote_model.objects.exclude(official_sha256="").iterator():
        entry = entries.objects.filter(kind="vote", subject=vote.number, verb="official_list_received").order_by("id").first()
        mine = ballots.objects.filter(vote=vote, official=True)
        if entry is None or entry.actor_id is None:
            continue
        theirs = set(held.objects.filter(ballot__in=mine.values("pk")).values_list("party_id", flat=True))
        area = sum(parties.objects.filter(pk__in=theirs).values_list("area_hundredths", flat=True))
        made = lists.objects.create(
            vote=vote,
            url=vote.official_url,
            sha256=vote.official_sha256,
            report={"rows": entry.detail["rows"], "ballots": mine.count(), "parties": len(theirs), "area": area, "changed": 0, "errors": []},
            uploaded_by_id=entry.actor_id,
            uploaded_at=entry.happened_at,
            received_at=entry.happened_at,
        )
        mine.update(official_list=made)


class Migration(migrations.Migration):

    dependencies = [
        ('affairs', '0007_fewer_indexes'),
        ('foundation', '0006_lives'),
    ]

    operations = [
        migrations.CreateModel(
            name='OfficialList',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('url', models.CharField(help_text='where the official system shows its result', max_length=300)),
                ('file_name', models.CharField(blank=True, max_length=120)),
                ('sha256', models.CharField(help_text='of what its rows say', max_length=64)),
                ('rows', models.JSONField(default=list, help_text='[person id, time, choices] until it is taken over; then empty: its ballots say it')),
                ('report', models.JSONField(help_text='figures, or what is wrong in which row and column; never a choice')),
                ('uploaded_at', models.DateTimeField()),
                ('received_at', models.DateTimeField(null=True)),
                ('reason', models.CharField(blank=True, help_text='why it took the place of the one before', max_length=200)),
                ('replaced_at', models.DateTimeField(null=True)),
            ],
            options={
                'ordering': ('id',),
            },
        ),
        migrations.RemoveConstraint(
            model_name='ballot',
            name='ballot_electronic_once',
        ),
        migrations.AddField(
            model_name='vote',
            name='reminded_at',
            field=models.DateTimeField(help_text='when those who had not voted were reminded of this end; none after an extension', null=True),
        ),
        migrations.AddField(
            model_name='officiallist',
            name='uploaded_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='foundation.person'),
        ),
        migrations.AddField(
            model_name='officiallist',
            name='vote',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='affairs.vote'),
        ),
        migrations.AddField(
            model_name='ballot',
            name='official_list',
            field=models.ForeignKey(help_text='counts no more once that is replaced', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='affairs.officiallist'),
        ),
        migrations.AddConstraint(
            model_name='ballot',
            constraint=models.UniqueConstraint(condition=models.Q(('channel', 'electronic'), ('official', False), ('proxy_for', None)), fields=('vote', 'by'), name='ballot_electronic_once'),
        ),
        migrations.AddConstraint(
            model_name='officiallist',
            constraint=models.UniqueConstraint(condition=models.Q(('received_at__isnull', False), ('replaced_at', None)), fields=('vote',), name='official_list_one_in_force'),
        ),
        migrations.AddConstraint(
            model_name='officiallist',
            constraint=models.CheckConstraint(condition=models.Q(('replaced_at', None), ('received_at__isnull', False), _connector='OR'), name='official_list_replaced_was_received'),
        ),
        # Last: on PostgreSQL no table is altered after rows were written in the same transaction.
        migrations.RunPython(keep_received_lists, migrations.RunPython.noop),
    ]

"""Search, moderation, mail, limits, scans and voices; the full-text index is each database's own."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


# The tokens are made by search/tokens.py; the databases only keep them. `ascii` leaves every other character as it is; positions are not asked for.
SQLITE = [
    """
    CREATE VIRTUAL TABLE foundation_searchindex USING fts5(
        tokens, content='foundation_searchdocument', content_rowid='id', tokenize='ascii', detail=none, columnsize=0
    )
    """,
    """
    CREATE TRIGGER searchdocument_inserted AFTER INSERT ON foundation_searchdocument
    BEGIN INSERT INTO foundation_searchindex (rowid, tokens) VALUES (NEW.id, NEW.tokens); END
    """,
    """
    CREATE TRIGGER searchdocument_deleted AFTER DELETE ON foundation_searchdocument
    BEGIN INSERT INTO foundation_searchindex (foundation_searchindex, rowid, tokens) VALUES ('delete', OLD.id, OLD.tokens); END
    """,
    """
    CREATE TRIGGER searchdocument_updated AFTER UPDATE OF tokens ON foundation_searchdocument WHEN OLD.tokens <> NEW.tokens
    BEGIN
        INSERT INTO foundation_searchindex (foundation_searchindex, rowid, tokens) VALUES ('delete', OLD.id, OLD.tokens);
        INSERT INTO foundation_searchindex (rowid, tokens) VALUES (NEW.id, NEW.tokens);
    END
    """,
]
POSTGRESQL = [
    """
    ALTER TABLE foundation_searchdocument ADD COLUMN vector tsvector
    GENERATED ALWAYS AS (array_to_tsvector(string_to_array(tokens, ' '))) STORED
    """,
    "CREATE INDEX search_vector ON foundation_searchdocument USING gin (vector)",
]


def index(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE:
        schema_editor.execute(statement)


class Migration(migrations.Migration):

    dependencies = [
        ('foundation', '0004_occasions'),
    ]

    operations = [
        migrations.AddField(
            model_name='outboxevent',
            name='given_up_at',
            field=models.DateTimeField(help_text='tried too often: waits for the administrator', null=True),
        ),
        migrations.AddField(
            model_name='outboxevent',
            name='not_before',
            field=models.DateTimeField(help_text='after a failure: when it is tried again', null=True),
        ),
        migrations.AddField(
            model_name='outboxevent',
            name='problem',
            field=models.CharField(blank=True, help_text='the kind of the last error; no text of it', max_length=80),
        ),
        migrations.CreateModel(
            name='Case',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=20)),
                ('subject', models.CharField(max_length=60)),
                ('item', models.CharField(help_text='which text of the subject', max_length=40)),
                ('place', models.CharField(max_length=60)),
                ('state', models.CharField(choices=[('open', '等人看'), ('held', '先不公开，等人看'), ('hidden', '隐藏了'), ('appealed', '作者不同意，等人再看'), ('kept', '没有问题'), ('restored', '又放出来了')], max_length=10)),
                ('reason', models.CharField(help_text='a code of data/reasons.toml', max_length=20)),
                ('original', models.JSONField(default=dict, help_text='what the text said, while it is hidden')),
                ('opened_at', models.DateTimeField()),
                ('decided_at', models.DateTimeField(null=True)),
                ('appeal', models.TextField(blank=True, help_text='why the author does not agree')),
                ('appealed_at', models.DateTimeField(null=True)),
                ('author', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='foundation.person')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='foundation.person')),
            ],
        ),
        migrations.CreateModel(
            name='Complaint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(max_length=20)),
                ('note', models.CharField(blank=True, max_length=500)),
                ('made_at', models.DateTimeField()),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='complaints', to='foundation.case')),
                ('person', models.ForeignKey(help_text='none: not signed in', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='foundation.person')),
            ],
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.CharField(max_length=10)),
                ('state', models.CharField(choices=[('waiting', '等着发'), ('sent', '发出了'), ('withheld', '没有发：已经看不到或不要了'), ('given_up', '没发成')], default='waiting', max_length=10)),
                ('not_before', models.DateTimeField()),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('problem', models.CharField(blank=True, help_text='the kind of the last error; no text of it, no address', max_length=80)),
                ('done_at', models.DateTimeField(null=True)),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='foundation.inboxitem')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='foundation.person')),
            ],
            options={
                'verbose_name_plural': 'deliveries',
            },
        ),
        migrations.CreateModel(
            name='Follow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=20)),
                ('subject', models.CharField(max_length=60)),
                ('since', models.DateTimeField()),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='foundation.person')),
            ],
        ),
        migrations.CreateModel(
            name='MailAddress',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('address', models.EmailField(max_length=200)),
                ('confirmed_at', models.DateTimeField(null=True)),
                ('person', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='foundation.person')),
            ],
            options={
                'verbose_name_plural': 'mail addresses',
            },
        ),
        migrations.CreateModel(
            name='Preference',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=20)),
                ('channel', models.CharField(max_length=10)),
                ('mode', models.CharField(choices=[('digest', '每天一封'), ('at_once', '马上告诉我'), ('off', '不发')], max_length=10)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='foundation.person')),
            ],
        ),
        migrations.CreateModel(
            name='RateCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=120)),
                ('window', models.BigIntegerField()),
                ('n', models.PositiveIntegerField()),
                ('ends_at', models.DateTimeField(db_index=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('key', 'window'), name='rate_count_once')],
            },
        ),
        migrations.CreateModel(
            name='SearchDocument',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=20)),
                ('subject', models.CharField(max_length=60)),
                ('is_public', models.BooleanField()),
                ('tokens', models.TextField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('kind', 'subject'), name='search_document_once')],
            },
        ),
        migrations.CreateModel(
            name='SearchAudience',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=80)),
                ('document', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='foundation.searchdocument')),
            ],
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(fields=['state', 'opened_at'], name='moderation_queue'),
        ),
        migrations.AddConstraint(
            model_name='case',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['open', 'held', 'hidden', 'appealed'])), fields=('kind', 'subject', 'item'), name='moderation_case_once'),
        ),
        migrations.AddConstraint(
            model_name='complaint',
            constraint=models.UniqueConstraint(fields=('case', 'person'), name='complaint_once'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(fields=['state', 'not_before'], name='delivery_due'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.UniqueConstraint(fields=('item', 'channel'), name='delivery_once'),
        ),
        migrations.AddIndex(
            model_name='follow',
            index=models.Index(fields=['kind', 'subject'], name='followers'),
        ),
        migrations.AddConstraint(
            model_name='follow',
            constraint=models.UniqueConstraint(fields=('person', 'kind', 'subject'), name='follow_once'),
        ),
        migrations.AddConstraint(
            model_name='preference',
            constraint=models.UniqueConstraint(fields=('person', 'kind', 'channel'), name='preference_once'),
        ),
        migrations.AddIndex(
            model_name='searchaudience',
            index=models.Index(fields=['key', 'document'], name='search_audience_key'),
        ),
        migrations.AddConstraint(
            model_name='searchaudience',
            constraint=models.UniqueConstraint(fields=('document', 'key'), name='search_audience_once'),
        ),
        migrations.AddField(
            model_name='storedfile',
            name='pages',
            field=models.PositiveIntegerField(default=0, help_text='of a scan'),
        ),
        migrations.AddField(
            model_name='storedfile',
            name='seconds',
            field=models.PositiveIntegerField(default=0, help_text='of a voice message'),
        ),
        migrations.AlterField(
            model_name='storedfile',
            name='height',
            field=models.PositiveIntegerField(default=0, help_text='of a photo'),
        ),
        migrations.AlterField(
            model_name='storedfile',
            name='thumbnail_path',
            field=models.CharField(blank=True, max_length=120),
        ),
        migrations.AlterField(
            model_name='storedfile',
            name='width',
            field=models.PositiveIntegerField(default=0, help_text='of a photo'),
        ),
        migrations.RunPython(index, migrations.RunPython.noop),
    ]

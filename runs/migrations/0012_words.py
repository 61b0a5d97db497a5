import django.db.models.deletion
from django.db import migrations, models


def fill(apps, schema_editor):
    """The words of ads and pictures from before, each once."""
    Keyword, Word = apps.get_model('runs', 'Keyword'), apps.get_model('runs', 'Word')
    plain = Keyword.objects.exclude(word__contains=':').order_by()
    pairs = plain.values_list('workspace_id', 'word').distinct()
    Word.objects.bulk_create(
        (Word(workspace_id=place, word=word) for place, word in pairs.iterator(2000)), batch_size=500
    )


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_sessions_ended'),
        ('runs', '0011_pauses'),
    ]

    operations = [
        migrations.CreateModel(
            name='Word',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('word', models.CharField(max_length=60)),
                ('workspace', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.workspace')),
            ],
        ),
        migrations.AddConstraint(
            model_name='word',
            constraint=models.UniqueConstraint(fields=('workspace', 'word'), name='one_word_a_workspace'),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
    ]

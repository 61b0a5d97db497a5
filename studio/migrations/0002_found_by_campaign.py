from django.db import migrations

from runs.words import words_in


def label(apps, schema_editor):
    """Runs from before are found by their campaign too."""
    Brief = apps.get_model('studio', 'Brief')
    Run = apps.get_model('runs', 'Run')
    for brief in Brief.objects.select_related('campaign').order_by('pk').iterator(500):
        group, name = brief.campaign.uid, brief.campaign.name
        runs = Run.objects.filter(workspace=brief.workspace_id, origin=brief.uid, group=None)
        for run in runs:
            words = [f'c:{group}', *words_in([name])]
            _add(apps, 'Creative', 'ad', words, run=run)
            _add(apps, 'Picture', 'picture', words, generation__run=run)
            Run.objects.filter(pk=run.pk).update(group=group, group_name=name)


def _add(apps, model, kind, words, **which):
    Keyword = apps.get_model('runs', 'Keyword')
    for row in apps.get_model('runs', model).objects.filter(**which).order_by('pk').iterator(500):
        rows = [Keyword(workspace_id=row.workspace_id, word=word, **{kind: row}) for word in words]
        Keyword.objects.bulk_create(rows, ignore_conflicts=True)


class Migration(migrations.Migration):

    dependencies = [
        ('studio', '0001_initial'),
        ('runs', '0009_library'),
    ]

    operations = [
        migrations.RunPython(label, migrations.RunPython.noop, elidable=True),
    ]

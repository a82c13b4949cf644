"""What comes in from the pages of talents."""

from django import forms

from doorstep.talents import codes
from doorstep.talents.actions.certificates import STOP_REASONS
from doorstep.talents.actions.hours import LONGEST_WORDS, REVERSAL_REASONS
from doorstep.talents.actions.register import WHEN
from doorstep.talents.actions.review import RECUSAL_REASONS
from doorstep.talents.models import Mark, Profile, Review, VolunteerRecord


class MarkForm(forms.Form):
    part = forms.ChoiceField(choices=[(each, each) for each in Mark.Part.values])
    score = forms.IntegerField(min_value=0, max_value=100, required=False)
    passed = forms.ChoiceField(choices=[("yes", "yes"), ("no", "no")], required=False)


class PracticeForm(forms.Form):
    base = forms.SlugField(max_length=60)
    on = forms.DateField()
    hours = forms.DecimalField(min_value=0, max_value=24, max_digits=4, decimal_places=2)


class ReviewersForm(forms.Form):
    """Names or phones, one a line."""

    who = forms.CharField(max_length=400)


class ReviewForm(forms.Form):
    standing = forms.ChoiceField(choices=[(each, each) for each in Review.Standing.values if each != Review.Standing.ASKED])
    reason = forms.ChoiceField(choices=[(each, each) for each in RECUSAL_REASONS], required=False)
    words = forms.CharField(max_length=300, required=False)


class ReasonForm(forms.Form):
    reason = forms.ChoiceField(choices=[(each, each) for each in STOP_REASONS])


class ReversalForm(forms.Form):
    line = forms.IntegerField(min_value=1)
    reason = forms.ChoiceField(choices=[(each, each) for each in REVERSAL_REASONS])


class ApproveForm(forms.Form):
    line = forms.IntegerField(min_value=1)
    minutes = forms.IntegerField(min_value=1, max_value=1440)


class PaperHoursForm(forms.Form):
    """Hours from a paper, as they stand on it."""

    who = forms.CharField(max_length=80)
    body = forms.SlugField(max_length=60)
    place = forms.SlugField(max_length=60)
    on = forms.DateField()
    hours = forms.DecimalField(min_value=0, max_value=24, max_digits=4, decimal_places=2)
    title = forms.CharField(max_length=120)
    served = forms.IntegerField(min_value=0, max_value=100_000, required=False)


class RecordForm(forms.Form):
    body = forms.SlugField(max_length=60)
    kind = forms.ChoiceField(choices=[(each, each) for each in VolunteerRecord.Kind.values])
    on = forms.DateField()
    words = forms.CharField(max_length=LONGEST_WORDS)


class PaperCertificateForm(forms.Form):
    who = forms.CharField(max_length=80)
    issuer = forms.SlugField(max_length=60)
    since = forms.DateField()


class ProofForm(forms.Form):
    since = forms.DateField()
    until = forms.DateField()


class ProfileForm(forms.Form):
    place = forms.SlugField(max_length=60)
    skills = forms.MultipleChoiceField(choices=lambda: [(code, code) for code in codes.skills()], required=False)
    availability = forms.MultipleChoiceField(choices=[(each, each) for each in WHEN], required=False)
    about = forms.CharField(max_length=300, required=False)
    visibility = forms.ChoiceField(choices=[(each, each) for each in Profile.Visibility.values])
    may_be_asked = forms.BooleanField(required=False)


class LicenceForm(forms.Form):
    who = forms.CharField(max_length=80)
    kind = forms.ChoiceField(choices=lambda: [(code, code) for code in codes.licences()])
    number = forms.CharField(max_length=60)
    expires_on = forms.DateField()


class ListForm(forms.Form):
    profile = forms.IntegerField(min_value=1)
    category = forms.ChoiceField(choices=lambda: [(code, code) for code in codes.categories()])


class CourseForm(forms.Form):
    """A course of one session a week at one place."""

    code = forms.SlugField(max_length=40)
    title = forms.CharField(max_length=120)
    title_en = forms.CharField(max_length=160, required=False)
    about = forms.CharField(max_length=2000, required=False)
    issuer = forms.SlugField(max_length=60)
    place = forms.SlugField(max_length=60)
    first = forms.DateField()
    start = forms.TimeField()
    minutes = forms.IntegerField(min_value=15, max_value=600)
    weeks = forms.IntegerField(min_value=1, max_value=52)
    hours = forms.IntegerField(min_value=1, max_value=12)
    places = forms.IntegerField(min_value=1, max_value=500, required=False)

"""Who may come upon what, and where: (secrets, who, addresses, why). What is one's own is always allowed and not listed.

`*` in a name stands for anything. Roles are those of the role table, `herself`, who has left a word in every table, and `another`: whoever else
is told something. An address is written as urls.py does, and messages count as places of their own: `mail`, `text message`, and the inbox's lines as
`inbox/`. Whatever is on no line may be found nowhere.
"""

from dataclasses import dataclass
from fnmatch import fnmatchcase

ALL = "stranger resident reporter handler staff keeper admin herself"


@dataclass(frozen=True)
class Allowed:
    secrets: str
    who: str
    routes: str
    because: str

    def holds(self, secret: str, who: str, route: str) -> bool:
        return (
            who in self.who.split()
            and any(fnmatchcase(secret, each) for each in self.secrets.split("|"))
            and any(fnmatchcase(route, each) for each in self.routes.split(" "))
        )


THREAD = "m/<str:number> work/ work/<str:number> work/export.<slug:kind> m/<str:number>/*"
ALLOWED = [
    # Matters
    Allowed("affairs.Matter.*(hidden)|affairs.MatterText.*(of hidden matters)", "handler", f"{THREAD} api/v1/matters/<number> inbox/ journal/ my/data my/journal organisations/<slug:code>/posts/<int:post_id> my/reads my/data/* search/", "works for the body that has it"),
    Allowed("affairs.MatterText.text (of hidden matters)", "reporter herself", f"{THREAD} search/", "what the body answered to oneself"),
    Allowed("affairs.MatterText.text (inside notes)", "handler", f"{THREAD} api/v1/matters/<number>", "colleagues of who wrote it"),
    Allowed("affairs.Matter.root_cause", "handler staff keeper", THREAD, "who works it, or may take what no rule has routed"),
    Allowed("affairs.Transfer.number", "handler", THREAD, "the body that handed it on"),
    Allowed("foundation.Person.name (without office)|foundation.Person.phone", "handler staff keeper", THREAD, "who works a matter calls its reporter; what no rule has routed is for all bodies of the estate"),
    Allowed("foundation.Person.name (shielded)|foundation.Person.phone", "staff", THREAD, "the overseeing body, from whom nothing is withheld"),
    Allowed("foundation.Person.name (without office)|foundation.Person.phone|affairs.HelpOffer.text", "reporter", f"{THREAD} offers/*", "who asked for help learns who offers it, in their words, and once they accept, the number"),
    Allowed("affairs.ReplyTemplate.*", "handler", f"{THREAD} work/replies/*", "the body's own ready answers"),
    Allowed("affairs.CounterNote.*", "handler staff", "counter/*", "the counter's body wrote it down"),
    Allowed("foundation.Person.name (without office)|the slip's PIN", "handler staff keeper", "counter/slip/*", "printed for the person at the counter by who wrote it down, or gives a new one"),
    Allowed("affairs.TakingPart.*", ALL, "taking-part/<str:token>", "a sheet its person hands out to be checked"),
    Allowed("foundation.Entry.salt (restricted entries)", "reporter resident handler staff keeper", "journal/proof.json", "opens the digest of what they may read anyway"),
    Allowed("affairs.Matter.number (hidden)", "handler", "mail", "the link a mail leads to; what it is about stands behind it, for those who sign in"),
    # Votes
    Allowed("affairs.Vote.* (draft)|affairs.Motion.text (draft)", "staff keeper", "votes/* p/<slug:code>/votes/ api/v1/votes* inbox/ my/journal", "convenor and tellers prepare it"),
    Allowed("affairs.Vote.title (draft)", "another", "inbox/", "two more tellers"),
    Allowed("affairs.Objection.text", "staff keeper", "votes/*", "convenor and tellers answer it"),
    Allowed("affairs.RollCorrection.words", "staff keeper", "votes/*", "convenor and tellers know why the roll was corrected"),
    Allowed("affairs.OfficialList.file_name", "staff", "votes/*", "who counts looks at it before it is taken over"),
    Allowed("affairs.OfficialList.reason", "staff keeper", "votes/*", "convenor and tellers know why a list was replaced"),
    Allowed("affairs.RollParty.first_unit|affairs.RollUnit.name", "resident staff keeper", "votes/*", "owners inspect the roll, convenor and tellers work with it"),
    Allowed("affairs.RollParty.first_unit", "resident", "my/data my/data/*", "which paper was one's own"),
    Allowed("affairs.VoteRecord.full_file", "staff", "votes/<str:number>/full.json", "tellers, and each reading is logged"),
    Allowed("foundation.Person.name (without office)", "staff keeper resident", "votes/*", "the roll names the owners to the owners, convenor and tellers"),
    Allowed("foundation.Person.name (teller)", ALL, "votes/* p/<slug:code>/votes/", "who counts is announced"),
    # The roll and homes
    Allowed("foundation.Person.*|organisations.ResidenceClaim.*|organisations.RollImport.*", "handler keeper admin", "p/<slug:code>/residents/* p/<slug:code>/merges/* p/<slug:code>/units/* p/<slug:code>/roll/* my/home/<int:residence_id>/death", "who keeps the roll"),
    Allowed("foundation.Person.name (without office)", "reporter herself", "my/data my/data/*", "who agreed to help or be helped is told the other's name"),
    # Bodies and members
    Allowed("organisations.PartyMember.*|organisations.PartnerUnit.*|organisations.ContactPerson.*|foundation.Person.name (without office)", "staff", "organisations/<slug:code>/members/*", "who works for the branch"),
    Allowed("organisations.BodyApplication.*|foundation.Person.name (without office)", "staff", "organisations/applications/* inbox/", "who registers bodies there"),
    Allowed("organisations.HandOver.note", "keeper admin", "organisations/handovers/<int:handover_id>", "who works for the body"),
    # Talents
    Allowed("talents.HoursLine.title (hers)|talents.VolunteerNumber.number|foundation.Person.name (without office)", "handler", "talents/hours.csv talents/hours/approve* talents/hours/enter talents/volunteers/*", "the body one has helped approves and reports the hours"),
    Allowed("talents.VolunteerRecord.words", "handler", "talents/volunteers/<slug:number>", "the body that wrote it"),
    Allowed("talents.HoursProof.*", ALL, "talents/proofs/<str:code> talents/proofs/<slug:code>.pdf", "a sheet its person hands out to be checked"),
    Allowed("talents.Profile.about (for bodies)|foundation.Person.name (without office)", "handler staff keeper", "talents/register/", "shown to bodies by the person's own choice"),
    Allowed("foundation.Person.name (without office)", "herself", "talents/reviews/*", "who reviews a student knows whom"),
    # Services
    Allowed("services.Reading.*|foundation.Person.name (without office)", "handler", "my/readings", "the mentor who took it"),
    Allowed("services.Feedback.words|foundation.SignUp.alias|foundation.Attendance.alias|foundation.Person.name (without office)", "handler", "sessions/* rota/<int:rota_id> rota/<int:rota_id>/again", "who runs the session"),
    Allowed("foundation.Person.name (without office)", "handler", "services/<slug:code>/keep services/<slug:code>/words services/<slug:code>/status services/<slug:code>/series/*", "who keeps the service knows who stands there"),
    Allowed("foundation.Person.name (without office)", "handler", "my/rota my/rota/*", "who stands in one published rota knows who else does"),
]  # fmt: skip


def is_allowed(secret: str, who: str, route: str) -> bool:
    return any(line.holds(secret, who, route) for line in ALLOWED)

"""Who gets what: every address and method of the house, and what each role is answered.

Add an address: add its rows. A row is an address as urls.py writes it, a method, a path to try it on, seven outcomes in the order of ROLES, and for
a form what is sent. `{names}` in a path are things of the scene (scene.py). One address may have several rows: one on what everyone may
know of, one on what is hidden.

Outcomes: a status; `login`: sent to sign in, with what was typed kept. A 404 is compared, byte for byte, with that of a thing that is not there.
"""

from dataclasses import dataclass, field
from typing import Any

#        not signed in; lives here, not concerned; raised it; works for the body that has it; works for another body of the estate;
#        of the owners' committee, which keeps the roll; configures the town
ROLES = ("stranger", "resident", "reporter", "handler", "staff", "keeper", "admin")

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

EVERYONE = "200 200 200 200 200 200 200"
GOES_ON = "303 303 303 303 303 303 303"
NOBODY = "404 404 404 404 404 404 404"
OWN = "login 200 200 200 200 200 200"
HANDLES = "login 403 403 303 403 403 403"
HANDLES_HIDDEN = "login 404 403 303 404 404 404"


@dataclass(frozen=True)
class Row:
    route: str
    method: str
    path: str
    outcomes: str
    sent: dict[str, Any] = field(default_factory=dict)

    @property
    def expected(self) -> dict[str, str]:
        return dict(zip(ROLES, self.outcomes.split(), strict=True))

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


SAY = {"text": "说一句"}
# Of a vote: the resident is an owner, the keeper of the roll convenes, the staff of another body is a teller.
RUNS = "login 403 403 403 200 200 403"
CONVENES = "login 403 403 403 403 303 403"
COUNTS = "login 403 403 403 200 403 403"
NUMBER = "<str:number>"

ROWS = [
    # Pages for everyone
    #                                                                               stranger resident reporter handler staff keeper admin
    Row("", "GET", "/", EVERYONE),
    Row("p/<slug:code>/", "GET", "/p/ruikang/", EVERYONE),
    Row("p/<slug:code>/", "GET", "/p/nowhere/", NOBODY),
    Row("matters/", "GET", "/matters/", EVERYONE),
    Row("p/<slug:code>/matters/", "GET", "/p/ruikang/matters/", EVERYONE),
    Row("p/<slug:code>/matters/", "GET", "/p/nowhere/matters/", NOBODY),
    Row("organisations/", "GET", "/organisations/", EVERYONE),
    Row("organisations/<slug:code>", "GET", "/organisations/hengan", EVERYONE),
    Row("organisations/<slug:code>", "GET", "/organisations/nobody", NOBODY),
    Row("p/<slug:code>/organisations/", "GET", "/p/ruikang/organisations/", EVERYONE),
    Row("p/<slug:code>/organisations/", "GET", "/p/nowhere/organisations/", NOBODY),
    Row("regulations/", "GET", "/regulations/", EVERYONE),
    Row("regulations/own", "GET", "/regulations/own", "login 403 403 403 403 403 200"),
    Row("regulations/own", "POST", "/regulations/own", "login 403 403 403 403 403 422"),
    Row("regulations/workdays", "GET", "/regulations/workdays", "login 403 403 403 403 403 200"),
    Row("regulations/workdays", "POST", "/regulations/workdays", "login 403 403 403 403 403 422"),
    Row("calendar/<slug:code>.ics", "GET", "/calendar/ruikang.ics", EVERYONE),
    Row("calendar/<slug:code>.ics", "GET", "/calendar/nowhere.ics", NOBODY),
    # The journal: every sealed entry's place is public, a hidden entry's proof is not
    Row("journal/", "GET", "/journal/?subject={open}", EVERYONE),
    Row("journal/heads.json", "GET", "/journal/heads.json", EVERYONE),
    Row("journal/heads/latest.json", "GET", "/journal/heads/latest.json", EVERYONE),
    Row("journal/keys.json", "GET", "/journal/keys.json", EVERYONE),
    Row("journal/proof.json", "GET", "/journal/proof.json?entry={leaf}", EVERYONE),
    Row("journal/proof.json", "GET", "/journal/proof.json?entry={hidden_leaf}", "404 404 200 200 404 404 404"),
    Row("journal/proof.json", "GET", "/journal/proof.json", "400 400 400 400 400 400 400"),
    Row("journal/consistency.json", "GET", "/journal/consistency.json?from=1&to=2", EVERYONE),
    Row("journal/consistency.json", "GET", "/journal/consistency.json?from=9&to=2", "400 400 400 400 400 400 400"),
    Row("healthz", "GET", "/healthz", EVERYONE),
    Row("readyz", "GET", "/readyz", "503 503 503 503 503 503 503"),
    Row("metrics", "GET", "/metrics", EVERYONE),
    Row("ui/language", "POST", "/ui/language", GOES_ON, {"language": "en"}),
    Row("ui/mode", "POST", "/ui/mode", GOES_ON, {"mode": "elder"}),
    Row("ui/components", "GET", "/ui/components", NOBODY),
    # Signing in
    Row("login/", "GET", "/login/", "200 302 302 302 302 302 302"),
    Row("login/code", "POST", "/login/code", EVERYONE, {"phone": "13800138000", "go": "code"}),
    Row("login/password", "GET", "/login/password", EVERYONE),
    Row("login/password", "POST", "/login/password", "422 422 422 422 422 422 422", {"login": "liu", "password": "wrong"}),
    Row("logout", "POST", "/logout", "302 302 302 302 302 302 302"),
    Row("account/security", "GET", "/account/security", OWN),
    Row("account/security", "POST", "/account/security", "login 422 422 422 422 422 422", {"go": "password", "old": "wrong", "new": "a-new-password"}),
    # What one was told, and who read one's data
    Row("my/reads", "GET", "/my/reads", OWN),
    Row("inbox/", "GET", "/inbox/", OWN),
    Row("inbox/read", "POST", "/inbox/read", "login 303 303 303 303 303 303"),
    Row("inbox/<int:item_id>", "POST", "/inbox/{told}", "login 404 303 404 404 404 404"),
    # Searching is for everyone; what is found is a matter of its own test
    Row("search/", "GET", "/search/?q=灯", EVERYONE),
    # How one is told outside the platform, and what one follows
    Row("notices/", "GET", "/notices/", OWN),
    Row("notices/", "POST", "/notices/", "login 303 303 303 303 303 303", {"go": "modes", "mode-matter": "off"}),
    Row("notices/confirm/<str:token>", "GET", "/notices/confirm/{confirm_token}", EVERYONE),
    Row("notices/confirm/<str:token>", "POST", "/notices/confirm/{confirm_token}", EVERYONE),
    Row("notices/confirm/<str:token>", "GET", "/notices/confirm/nothing", NOBODY),
    Row("notices/stop/<str:token>", "GET", "/notices/stop/{stop_token}", EVERYONE),
    Row("notices/stop/<str:token>", "POST", "/notices/stop/{stop_token}", EVERYONE),
    Row("notices/stop/<str:token>", "POST", "/notices/stop/nothing", NOBODY),
    Row("notices/undelivered", "GET", "/notices/undelivered", "login 403 403 403 403 403 200"),
    Row("notices/again", "POST", "/notices/again", "login 403 403 403 403 403 303", {"what": "event", "id": "{given_up}"}),
    Row("follow", "POST", "/follow", "login 303 303 303 303 303 303", {"kind": "matter", "subject": "{open}"}),
    Row("follow", "POST", "/follow", "login 404 303 303 404 404 404", {"kind": "matter", "subject": "{hidden}"}),
    # What is not all right: anybody may say so of what is public; moderators look (here nobody is one but by a test of their own)
    Row("complain", "GET", "/complain?kind=matter&subject={open}&item=0", EVERYONE),
    Row("complain", "GET", "/complain?kind=matter&subject={hidden}&item=0", NOBODY),
    Row("complain", "POST", "/complain", GOES_ON, {"kind": "matter", "subject": "{open}", "item": "0", "reason": "abuse"}),
    Row("complain", "POST", "/complain", NOBODY, {"kind": "matter", "subject": "{hidden}", "item": "0", "reason": "abuse"}),
    Row("complain/done", "GET", "/complain/done", EVERYONE),
    Row("moderation/rules", "GET", "/moderation/rules", EVERYONE),
    Row("moderation/", "GET", "/moderation/", "login 403 403 403 403 403 403"),
    Row("moderation/<int:case_id>", "GET", "/moderation/{case}", "login 404 200 404 404 404 404"),
    Row("moderation/<int:case_id>/decide", "POST", "/moderation/{case}/decide", "login 404 403 404 404 404 404", {"go": "show"}),
    Row("moderation/<int:case_id>/appeal", "POST", "/moderation/{case}/appeal", "login 404 409 404 404 404 404", SAY),
    # A matter: open is with the company; asked waits for the resident; closed is confirmed; hidden and hidden_asked are for parties and handlers
    Row(f"m/{NUMBER}", "GET", "/m/{open}", EVERYONE),
    Row(f"m/{NUMBER}", "GET", "/m/{hidden}", "404 404 200 200 404 404 404"),
    Row(f"m/{NUMBER}/answer", "POST", "/m/{open}/answer", "login 403 403 303 403 403 403", SAY),
    Row(f"m/{NUMBER}/answer", "POST", "/m/{hidden}/answer", "login 404 403 303 404 404 404", SAY),
    Row(f"m/{NUMBER}/done", "POST", "/m/{open}/done", "login 403 403 303 403 403 403", SAY),
    Row(f"m/{NUMBER}/done", "POST", "/m/{hidden}/done", "login 404 403 303 404 404 404", SAY),
    Row(f"m/{NUMBER}/cannot", "POST", "/m/{open}/cannot", "login 403 403 303 403 403 403", SAY),
    Row(f"m/{NUMBER}/cannot", "POST", "/m/{hidden}/cannot", "login 404 403 303 404 404 404", SAY),
    Row(f"m/{NUMBER}/note", "POST", "/m/{open}/note", "login 403 403 303 403 403 403", SAY),
    Row(f"m/{NUMBER}/note", "POST", "/m/{hidden}/note", "login 404 403 303 404 404 404", SAY),
    Row(f"m/{NUMBER}/assign", "POST", "/m/{open}/assign", "login 403 403 303 403 403 403", {"body": "branch"}),
    Row(f"m/{NUMBER}/assign", "POST", "/m/{hidden}/assign", "login 404 403 303 404 404 404", {"body": "branch"}),
    Row(f"m/{NUMBER}/confirm", "POST", "/m/{asked}/confirm", "login 403 303 403 403 403 403", {"text": "好了"}),
    Row(f"m/{NUMBER}/confirm", "POST", "/m/{hidden_asked}/confirm", "login 404 303 403 404 404 404"),
    Row(f"m/{NUMBER}/dispute", "POST", "/m/{asked}/dispute", "login 403 303 403 403 403 403", SAY),
    Row(f"m/{NUMBER}/dispute", "POST", "/m/{hidden_asked}/dispute", "login 404 303 403 404 404 404", SAY),
    Row(f"m/{NUMBER}/reopen", "POST", "/m/{closed}/reopen", "login 403 303 303 403 403 403", SAY),
    Row(f"m/{NUMBER}/reopen", "POST", "/m/{hidden}/reopen", "login 404 409 409 404 404 404", SAY),
    Row(f"m/{NUMBER}/add", "POST", "/m/{open}/add", "login 403 303 403 403 403 403", SAY),
    Row(f"m/{NUMBER}/add", "POST", "/m/{hidden}/add", "login 404 303 403 404 404 404", SAY),
    Row(f"m/{NUMBER}/withdraw", "POST", "/m/{open}/withdraw", "login 403 303 403 403 403 403"),
    Row(f"m/{NUMBER}/withdraw", "POST", "/m/{hidden}/withdraw", "login 404 303 403 404 404 404"),
    # Votes
    Row("q/<str:token>", "GET", "/q/{vote_link}", "302 302 302 302 302 302 302"),
    Row("q/<str:token>", "GET", "/q/nowhere", NOBODY),
    Row("votes/", "GET", "/votes/", EVERYONE),
    Row("p/<slug:code>/votes/", "GET", "/p/ruikang/votes/", EVERYONE),
    Row("p/<slug:code>/votes/", "GET", "/p/nowhere/votes/", NOBODY),
    Row("votes/new/<slug:code>", "GET", "/votes/new/committee", "login 403 403 403 403 200 403"),
    Row("votes/new/<slug:code>", "POST", "/votes/new/committee", "login 403 403 403 403 422 403"),
    Row(f"votes/{NUMBER}", "GET", "/votes/{vote_open}", EVERYONE),
    Row(f"votes/{NUMBER}", "GET", "/votes/{vote_draft}", "404 404 404 404 200 200 404"),
    Row(f"votes/{NUMBER}/file.json", "GET", "/votes/{vote_done}/file.json", EVERYONE),
    Row(f"votes/{NUMBER}/file.json", "GET", "/votes/{vote_open}/file.json", NOBODY),
    Row(f"votes/{NUMBER}/result.json", "GET", "/votes/{vote_done}/result.json", EVERYONE),
    Row(f"votes/{NUMBER}/result.json", "GET", "/votes/{vote_open}/result.json", NOBODY),
    Row(f"votes/{NUMBER}/full.json", "GET", "/votes/{vote_done}/full.json", "404 403 403 403 200 403 403"),
    Row(f"votes/{NUMBER}/full.json", "GET", "/votes/{vote_open}/full.json", NOBODY),
    Row(f"votes/{NUMBER}/roll", "GET", "/votes/{vote_open}/roll", "login 200 403 403 200 200 403"),
    Row(f"votes/{NUMBER}/roll", "GET", "/votes/{vote_draft}/roll", NOBODY),
    Row(f"votes/{NUMBER}/notice", "GET", "/votes/{vote_open}/notice", EVERYONE),
    Row(f"votes/{NUMBER}/notice", "GET", "/votes/{vote_draft}/notice", NOBODY),
    Row(f"votes/{NUMBER}/filing", "GET", "/votes/{vote_done}/filing", EVERYONE),
    Row(f"votes/{NUMBER}/filing", "GET", "/votes/{vote_open}/filing", NOBODY),
    Row(f"votes/{NUMBER}/object", "POST", "/votes/{vote_shown}/object", "login 303 403 403 403 403 403", SAY),
    Row(f"votes/{NUMBER}/cast", "GET", "/votes/{vote_open}/cast", "login 200 403 403 403 403 403"),
    Row(f"votes/{NUMBER}/cast", "POST", "/votes/{vote_open}/cast", "login 303 403 403 403 403 403", {"M1": "agree"}),
    Row(f"votes/{NUMBER}/receipts/<str:label>.json", "GET", "/votes/{vote_open}/receipts/K0001.json", NOBODY),
    Row(f"votes/{NUMBER}/paper/<str:token>", "GET", "/votes/{vote_open}/paper/{vote_link}", EVERYONE),
    Row(f"votes/{NUMBER}/paper/<str:token>", "POST", "/votes/{vote_open}/paper/{vote_link}", "422 422 422 422 422 422 422", {"code": "00000000"}),
    Row(f"votes/{NUMBER}/run", "GET", "/votes/{vote_open}/run", RUNS),
    Row(f"votes/{NUMBER}/run", "GET", "/votes/{vote_draft}/run", "404 404 404 404 200 200 404"),
    Row(f"votes/{NUMBER}/run/<slug:step>", "POST", "/votes/{vote_open}/run/extend", CONVENES, {"closes_at": "2099-01-01T18:00"}),
    Row(f"votes/{NUMBER}/run/<slug:step>", "POST", "/votes/{vote_draft}/run/freeze", "404 404 404 404 403 303 404"),
    Row(f"votes/{NUMBER}/reconvene", "POST", "/votes/{vote_done}/reconvene", CONVENES),
    Row(f"votes/{NUMBER}/objections/<int:objection_id>", "POST", "/votes/{vote_shown}/objections/{vote_objection}", CONVENES, {**SAY, "upheld": "no"}),
    Row(f"votes/{NUMBER}/deliver", "GET", "/votes/{vote_open}/deliver", RUNS),
    Row(f"votes/{NUMBER}/deliver", "POST", "/votes/{vote_open}/deliver", "login 403 403 403 422 422 403"),
    Row(f"votes/{NUMBER}/print", "POST", "/votes/{vote_open}/print", COUNTS, {"building": "瑞金阁"}),
    Row(f"votes/{NUMBER}/replace/<str:label>", "POST", "/votes/{vote_open}/replace/K0001", "login 403 403 403 303 403 403"),
    Row(f"votes/{NUMBER}/enter", "GET", "/votes/{vote_open}/enter?paper=1", COUNTS),
    Row(f"votes/{NUMBER}/enter", "POST", "/votes/{vote_open}/enter", "login 403 403 403 422 403 403", {"paper": "1"}),
    Row(f"votes/{NUMBER}/inspect", "POST", "/votes/{vote_done}/inspect", COUNTS, {"unit": "瑞金阁-1-101", "ground": "court"}),
    # Polls: the branch asks
    Row("p/<slug:code>/polls/", "GET", "/p/ruikang/polls/", EVERYONE),
    Row("p/<slug:code>/polls/", "GET", "/p/nowhere/polls/", NOBODY),
    Row("p/<slug:code>/polls/new/<slug:body_code>", "GET", "/p/ruikang/polls/new/branch", COUNTS),
    Row("p/<slug:code>/polls/new/<slug:body_code>", "POST", "/p/ruikang/polls/new/branch", "login 403 403 403 422 403 403"),
    Row("polls/<int:poll_id>", "GET", "/polls/{vote_poll}", EVERYONE),
    Row("polls/<int:poll_id>/answer", "POST", "/polls/{vote_poll}/answer", "login 303 303 303 303 303 303", {"option": "0"}),
    Row("polls/<int:poll_id>/close", "POST", "/polls/{vote_poll}/close", COUNTS),
    # Beside the thread: merging, sorting, asking back, moving, handing outside
    Row(f"m/{NUMBER}/urge", "POST", "/m/{open}/urge", "login 403 303 403 403 403 403"),
    Row(f"m/{NUMBER}/urge", "POST", "/m/{hidden}/urge", "login 404 303 403 404 404 404"),
    Row(f"m/{NUMBER}/merge", "POST", "/m/{open}/merge", "login 403 409 409 403 403 403", {"into": "HL-2026-999999"}),
    Row(f"m/{NUMBER}/merge", "POST", "/m/{hidden}/merge", "login 404 409 409 404 404 404", {"into": "HL-2026-999999"}),
    Row(f"m/{NUMBER}/unmerge", "POST", "/m/{merged}/unmerge", HANDLES),
    Row(f"m/{NUMBER}/triage", "POST", "/m/{open}/triage", HANDLES, {"severity": "serious"}),
    Row(f"m/{NUMBER}/triage", "POST", "/m/{hidden}/triage", HANDLES_HIDDEN, {"severity": "serious"}),
    Row(f"m/{NUMBER}/take", "POST", "/m/{open}/take", HANDLES),
    Row(f"m/{NUMBER}/take", "POST", "/m/{hidden}/take", HANDLES_HIDDEN),
    Row(f"m/{NUMBER}/release", "POST", "/m/{open}/release", HANDLES),
    Row(f"m/{NUMBER}/return", "POST", "/m/{open}/return", HANDLES, SAY),
    Row(f"m/{NUMBER}/return", "POST", "/m/{hidden}/return", HANDLES_HIDDEN, SAY),
    Row(f"m/{NUMBER}/move", "POST", "/m/{open}/move", HANDLES, {"place": "gekeng"}),
    Row(f"m/{NUMBER}/transfer", "POST", "/m/{open}/transfer", HANDLES, {**SAY, "to": "hotline"}),
    Row(f"m/{NUMBER}/transfer", "POST", "/m/{hidden}/transfer", HANDLES_HIDDEN, {**SAY, "to": "hotline"}),
    Row(f"m/{NUMBER}/outside-number", "POST", "/m/{transferred}/outside-number", "login 403 303 303 403 403 403", {"number": "XF-1"}),
    Row(f"m/{NUMBER}/outside-answer", "POST", "/m/{transferred}/outside-answer", HANDLES, SAY),
    Row(f"m/{NUMBER}/question", "POST", "/m/{open}/question", HANDLES, {"question": "灯坏了找谁", "answer": "打前台"}),
    # Neighbours' help: the resident has offered
    Row(f"m/{NUMBER}/offer", "POST", "/m/{help}/offer", "login 409 403 303 303 303 303", SAY),
    Row(f"m/{NUMBER}/offer", "POST", "/m/{open}/offer", "login 403 403 403 403 403 403", SAY),
    Row("offers/<int:offer_id>/accept", "POST", "/offers/{offer}/accept", "login 403 303 404 404 404 404"),
    Row("offers/<int:offer_id>/back", "POST", "/offers/{offer}/back", "login 303 403 404 404 404 404"),
    Row("offers/<int:offer_id>/thank", "POST", "/offers/{offer}/thank", "login 403 409 404 404 404 404", {"thanks": "谢谢"}),
    Row("my/taking-part", "GET", "/my/taking-part", OWN),
    Row("my/taking-part", "POST", "/my/taking-part", "login 303 303 303 303 303 303"),
    Row("taking-part/<str:token>", "GET", "/taking-part/{statement}", EVERYONE),
    Row("thanks/", "GET", "/thanks/", EVERYONE),
    Row("p/<slug:code>/thanks/", "GET", "/p/ruikang/thanks/", EVERYONE),
    Row("p/<slug:code>/thanks/", "GET", "/p/nowhere/thanks/", NOBODY),
    # Lists beside the matters
    Row("matters/stubborn/", "GET", "/matters/stubborn/", EVERYONE),
    Row("p/<slug:code>/stubborn/", "GET", "/p/ruikang/stubborn/", EVERYONE),
    Row("p/<slug:code>/stubborn/", "GET", "/p/nowhere/stubborn/", NOBODY),
    Row("p/<slug:code>/pain-points/", "GET", "/p/ruikang/pain-points/", EVERYONE),
    Row("p/<slug:code>/pain-points/", "GET", "/p/nowhere/pain-points/", NOBODY),
    Row("p/<slug:code>/pain-points/", "POST", "/p/ruikang/pain-points/", "login 403 403 422 422 422 403"),
    Row("p/<slug:code>/pain-points/<int:pain_point_id>/end", "POST", "/p/ruikang/pain-points/{pain_point}/end", "login 404 404 303 303 303 404", {"result": "办了"}),
    Row("questions/", "GET", "/questions/", EVERYONE),
    Row("p/<slug:code>/questions/", "GET", "/p/ruikang/questions/", EVERYONE),
    Row("p/<slug:code>/questions/", "GET", "/p/nowhere/questions/", NOBODY),
    Row("questions/<int:question_id>/withdraw", "POST", "/questions/{question}/withdraw", HANDLES),
    Row("work/replies/", "GET", "/work/replies/", "login 403 403 200 200 200 403"),
    Row("work/replies/", "POST", "/work/replies/", "login 403 403 422 422 422 403"),
    Row("work/replies/<int:reply_id>/drop", "POST", "/work/replies/{reply}/drop", "login 404 404 303 404 404 404"),
    # The counter: who works for another body of the estate took down `counted` and the note
    Row("counter/", "GET", "/counter/", "login 403 403 200 200 200 403"),
    Row("counter/", "POST", "/counter/", "login 403 403 303 303 303 403", {"go": "note", "note": "路灯"}),
    Row("counter/notes/<int:note_id>", "GET", "/counter/notes/{note}", "login 403 403 404 200 404 403"),
    Row("counter/notes/<int:note_id>", "POST", "/counter/notes/{note}", "login 403 403 404 422 404 403"),
    Row("counter/notes/<int:note_id>/aside", "POST", "/counter/notes/{note}/aside", "login 403 403 404 303 404 403", {"why": "答了"}),
    Row(f"counter/slip/{NUMBER}", "GET", "/counter/slip/{counted}", "login 404 404 404 200 404 404"),
    Row(f"counter/slip/{NUMBER}/renew", "POST", "/counter/slip/{counted}/renew", "login 403 403 303 303 303 403"),
    Row(f"counter/slip/{NUMBER}/renew", "POST", "/counter/slip/{open}/renew", "login 403 403 403 403 403 403"),
    Row(f"m/{NUMBER}/pin", "GET", "/m/{counted}/pin", EVERYONE),
    Row(f"m/{NUMBER}/pin", "POST", "/m/{counted}/pin", "422 422 422 422 422 422 422", {"pin": "no pin"}),
    Row(f"m/{NUMBER}/pin/<slug:what>", "POST", "/m/{counted}/pin/confirm", GOES_ON),
    # Open311: for every program, of public matters only; writing by key
    Row(r"^open311/v2/discovery\.(?P<kind>xml|json)$", "GET", "/open311/v2/discovery.xml", EVERYONE),
    Row(r"^open311/v2/services\.(?P<kind>xml|json)$", "GET", "/open311/v2/services.json", EVERYONE),
    Row(r"^open311/v2/services/(?P<code>[\w-]{1,40})\.(?P<kind>xml|json)$", "GET", "/open311/v2/services/lighting.xml", EVERYONE),
    Row(r"^open311/v2/requests\.(?P<kind>xml|json)$", "GET", "/open311/v2/requests.json", EVERYONE),
    Row(r"^open311/v2/requests\.(?P<kind>xml|json)$", "POST", "/open311/v2/requests.json", "403 403 403 403 403 403 403", {"service_code": "lighting"}),
    Row(r"^open311/v2/requests/(?P<number>[\w-]{1,40})\.(?P<kind>xml|json)$", "GET", "/open311/v2/requests/{open}.json", EVERYONE),
    Row(r"^open311/v2/requests/(?P<number>[\w-]{1,40})\.(?P<kind>xml|json)$", "GET", "/open311/v2/requests/{hidden}.json", NOBODY),
    Row(r"^open311/v2/tokens/(?P<token>[\w-]{1,40})\.(?P<kind>xml|json)$", "GET", "/open311/v2/tokens/{open}.xml", EVERYONE),
    Row(r"^open311/v2/tokens/(?P<token>[\w-]{1,40})\.(?P<kind>xml|json)$", "GET", "/open311/v2/tokens/{hidden}.xml", NOBODY),
    Row("my/", "GET", "/my/", OWN),
    Row("work/", "GET", "/work/", "login 403 403 200 200 200 403"),
    Row(f"work/{NUMBER}", "GET", "/work/{open}", "login 403 403 200 200 200 403"),
    Row(f"work/{NUMBER}", "GET", "/work/{hidden}", "login 403 403 200 404 404 403"),
    # Raising, before there is a draft
    Row("raise/", "GET", "/raise/?place=ruijin", GOES_ON),
    Row("raise/what", "GET", "/raise/what", EVERYONE),
    Row("raise/what", "POST", "/raise/what", GOES_ON, SAY),
    Row("raise/where", "GET", "/raise/where", GOES_ON),
    Row("raise/where", "POST", "/raise/where", GOES_ON),
    Row("raise/send", "GET", "/raise/send", GOES_ON),
    Row("raise/send", "POST", "/raise/send", GOES_ON),
    Row("raise/alike", "POST", "/raise/alike", EVERYONE, SAY),
    Row("raise/saved", "GET", "/raise/saved", EVERYONE),
    Row("raise/drop", "POST", "/raise/drop", GOES_ON),
    Row(f"raise/done/{NUMBER}", "GET", "/raise/done/{open}", "404 404 200 404 404 404 404"),
    Row(f"raise/done/{NUMBER}", "GET", "/raise/done/{hidden}", "404 404 200 404 404 404 404"),
    Row("raise/photo/<int:photo_id>", "GET", "/raise/photo/{draft_photo}", NOBODY),
    # Photos
    Row(r"files/^(?P<token>[\w-]{10,40})/(?P<size>full|small)\.jpg$", "GET", "/files/{photo}/full.jpg", EVERYONE),
    Row(r"files/^(?P<token>[\w-]{10,40})/(?P<size>full|small)\.jpg$", "GET", "/files/{hidden_photo}/small.jpg", "404 404 200 200 404 404 404"),
    Row(r"files/^(?P<token>[\w-]{10,40})/(?P<size>full|small)\.jpg$", "GET", "/files/{draft_file}/full.jpg", NOBODY),
    Row(r"files/^(?P<token>[\w-]{10,40})/scan\.pdf$", "GET", "/files/{scan}/scan.pdf", EVERYONE),
    Row(r"files/^(?P<token>[\w-]{10,40})/scan\.pdf$", "GET", "/files/{hidden_scan}/scan.pdf", "404 404 200 200 404 404 404"),
    Row(r"files/^(?P<token>[\w-]{10,40})/voice$", "GET", "/files/{voice}/voice", EVERYONE),
    Row(r"files/^(?P<token>[\w-]{10,40})/voice$", "GET", "/files/{scan}/voice", NOBODY),
    # The roll: the company and the committee of the estate keep it (the handler here works for the company)
    Row("p/<slug:code>/roll/", "GET", "/p/ruikang/roll/", "login 404 404 200 404 200 200"),
    Row("p/<slug:code>/roll/", "POST", "/p/ruikang/roll/", "login 404 404 422 404 422 422"),
    Row("p/<slug:code>/roll/<int:import_id>", "GET", "/p/ruikang/roll/{upload}", "login 404 404 200 404 200 200"),
    Row("p/<slug:code>/roll/<int:import_id>/write", "POST", "/p/ruikang/roll/{upload}/write", "login 404 404 303 404 303 303"),
    Row("p/<slug:code>/roll/<int:import_id>/drop", "POST", "/p/ruikang/roll/{upload}/drop", "login 404 404 303 404 303 303"),
    # The API: by token
    *[Row("api/v1/", method, "/api/v1/", NOBODY) for method in METHODS],
    *[Row("api/v1/openapi.json", method, "/api/v1/openapi.json", EVERYONE) for method in METHODS],
    *[Row("api/v1/docs", method, "/api/v1/docs", EVERYONE) for method in METHODS],
    Row("api/v1/codes", "GET", "/api/v1/codes", EVERYONE),
    Row("api/v1/tokens", "POST", "/api/v1/tokens", "401 401 401 401 401 401 401", {"login": "liu", "password": "wrong"}),
    Row("api/v1/matters", "GET", "/api/v1/matters", EVERYONE),
    Row("api/v1/matters", "POST", "/api/v1/matters", "401 201 201 201 201 201 201", {"place": "ruijin", "category": "lighting", "text": "灯"}),
    Row("api/v1/matters/<number>", "GET", "/api/v1/matters/{open}", EVERYONE),
    Row("api/v1/matters/<number>", "GET", "/api/v1/matters/{hidden}", "404 404 200 200 404 404 404"),
    Row("api/v1/votes", "GET", "/api/v1/votes", EVERYONE),
    Row("api/v1/votes/<number>", "GET", "/api/v1/votes/{vote_open}", EVERYONE),
    Row("api/v1/votes/<number>", "GET", "/api/v1/votes/{vote_draft}", "404 404 404 404 200 200 404"),
]  # fmt: skip

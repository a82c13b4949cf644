"""The six mechanisms in the town's own order, and whether each stands yet."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Mechanism:
    """`url` is empty while the mechanism is not built; the page then says so plainly."""

    module: str
    name: Promise
    says: Promise
    url: str = ""


MECHANISMS = (
    Mechanism("organisations", _("组织共建"), _("支部、业委会、物业"), "/organisations/"),
    Mechanism("affairs", _("事务共商"), _("说一件事，看到办好"), "/matters/"),
    Mechanism("resources", _("资源共联"), _("心愿、物资、场地")),
    Mechanism("talents", _("人才共育"), _("课程、考核、公益导师"), "/talents/"),
    Mechanism("projects", _("项目共推"), _("立项、验收、公共收益账")),
    Mechanism("services", _("服务共享"), _("这周有什么，报个名"), "/services/"),
)

"""The tables of 组织共建."""

from doorstep.organisations.models.bodies import (
    Body,
    BodyApplication,
    BodyFact,
    BodySeal,
    BodyText,
    FormerIncumbent,
    HandOver,
    LawWarning,
    Post,
    SealUse,
    Term,
)
from doorstep.organisations.models.members import ContactPerson, PartnerUnit, PartyMember
from doorstep.organisations.models.residence import HomeCode, Residence, ResidenceClaim
from doorstep.organisations.models.units import FormerHolder, Holder, RollImport, Unit

__all__ = [
    "Body",
    "BodyApplication",
    "BodyFact",
    "BodySeal",
    "BodyText",
    "ContactPerson",
    "FormerHolder",
    "FormerIncumbent",
    "HandOver",
    "Holder",
    "HomeCode",
    "LawWarning",
    "PartnerUnit",
    "PartyMember",
    "Post",
    "Residence",
    "ResidenceClaim",
    "RollImport",
    "SealUse",
    "Term",
    "Unit",
]

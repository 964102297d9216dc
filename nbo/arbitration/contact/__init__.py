"""Whether a customer may be contacted now: caps, rest, quiet hours, open cases, one voice."""

from nbo.arbitration.contact.contact_limit import ContactLimit
from nbo.arbitration.contact.contact_log import ContactLog
from nbo.arbitration.contact.contradictions import contradictions
from nbo.arbitration.contact.offer_cap import OfferCap
from nbo.arbitration.contact.one_per import OnePer
from nbo.arbitration.contact.one_voice import OneVoice
from nbo.arbitration.contact.open_case import OpenCase
from nbo.arbitration.contact.past_contacts import past_contacts
from nbo.arbitration.contact.quiet_hours import QuietHours
from nbo.arbitration.contact.rest_after import RestAfter
from nbo.arbitration.contact.scope import Scope
from nbo.arbitration.contact.service_referral import ServiceReferral
from nbo.arbitration.contact.solves import solves

__all__ = [
    "ContactLimit",
    "ContactLog",
    "OfferCap",
    "OnePer",
    "OneVoice",
    "OpenCase",
    "QuietHours",
    "RestAfter",
    "Scope",
    "ServiceReferral",
    "contradictions",
    "past_contacts",
    "solves",
]

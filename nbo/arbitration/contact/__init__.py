"""Whether a customer may be contacted now: caps, rest, quiet hours, open cases, one voice."""

from nbo.arbitration.contact.contact_limit import ContactLimit
from nbo.arbitration.contact.contact_log import ContactLog
from nbo.arbitration.contact.past_contacts import past_contacts
from nbo.arbitration.contact.quiet_hours import QuietHours
from nbo.arbitration.contact.rest_after import RestAfter
from nbo.arbitration.contact.scope import Scope

__all__ = ["ContactLimit", "ContactLog", "QuietHours", "RestAfter", "Scope", "past_contacts"]

"""Every column name, once.

Tables, features, models, policies, ledger and views import the names from here, so a
name is never typed twice. The contracts that say which table has which column, with its
type and meaning, are in :mod:`nbo.tables.contracts`.
"""

# Keys
CUSTOMER_ID = "customer_id"
ANONYMOUS_ID = "anonymous_id"
HOUSEHOLD_ID = "household_id"
ACCOUNT_ID = "account_id"
TRANSACTION_ID = "transaction_id"
CASE_ID = "case_id"
REFERRED_ID = "referred_id"
RELATED_ID = "related_id"
PRODUCT_ID = "product_id"
SESSION_ID = "session_id"
OFFER_ID = "offer_id"
DECISION_ID = "decision_id"
RUN_ID = "run_id"
POSTCODE = "postcode"

# Times (UTC, without a zone)
AS_OF = "as_of"
EVENT_TIME = "event_time"
KNOWN_AT = "known_at"
VALID_FROM = "valid_from"
VALID_UNTIL = "valid_until"
OPENED_AT = "opened_at"
CLOSED_AT = "closed_at"
CONVERTED_AT = "converted_at"
SIGNED_UP_AT = "signed_up_at"
BIRTH_DATE = "birth_date"
DECIDED_AT = "decided_at"
OUTCOME_AT = "outcome_at"

# Demographic
CUSTOMER_TYPE = "customer_type"
AGE = "age"
GENDER = "gender"
MARITAL_STATUS = "marital_status"
CHILDREN = "children"
JOB = "job"
COUNTRY = "country"
REGION = "region"
CITY = "city"
COMPANY_SIZE = "company_size"
REVENUE = "revenue"
TECHNOLOGIES = "technologies"
BUYING_ROLE = "buying_role"
CONSENT_PREFIX = "consent_"

# Transactions, cases, referrals
AMOUNT = "amount"
MARGIN = "margin"
COST = "cost"
QUANTITY = "quantity"
DISCOUNT = "discount"
CATEGORY = "category"
CHANNEL = "channel"
KIND = "kind"
STATUS = "status"
TOPIC = "topic"
SEVERITY = "severity"
SATISFACTION = "satisfaction"
COST_TO_SERVE = "cost_to_serve"
CONVERTED_VALUE = "converted_value"

# Behavioral, social, attitude
EVENT_TYPE = "event_type"
DURATION = "duration"
DEVICE = "device"
SENTIMENT = "sentiment"
REACH = "reach"
SURVEY = "survey"
SCORE = "score"
WEIGHT = "weight"
MATCH_CONFIDENCE = "match_confidence"

# Economic series
SERIES = "series"

# Offers, decisions, outcomes
NAME = "name"
VALUE = "value"
CHANNELS = "channels"
CAPACITY = "capacity"
ACTION_PROBABILITY = "action_probability"
CANDIDATES = "candidates"
SEGMENT = "segment"
PROPENSITY = "propensity"
UPLIFT = "uplift"
PRIORITY = "priority"
POLICY = "policy"
MODEL_VERSION = "model_version"
REASON = "reason"
OUTCOME = "outcome"
REWARD = "reward"
SEGMENT_SCHEME = "segment_scheme"
CHURN_PROBABILITY = "churn_probability"
CLV = "clv"

# The action of making no offer. It is a value of `offer_id`, never a row of the catalog.
NO_OFFER = "no_offer"

# Values of `kind` in transactions, of `status`, and of `outcome`; a decision that waits for its answer is pending, too.
SALE = "sale"
RETURN = "return"
COMPLETED = "completed"
PENDING = "pending"
ACCEPT = "accept"
REJECT = "reject"
NO_ANSWER = "no_answer"

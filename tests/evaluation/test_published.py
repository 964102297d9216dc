"""What another library printed for the same logs, to the digits printed."""

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

from nbo.evaluation import evaluate

OFFERS = ["a", "b", "c"]
LOGGING = np.tile([[0.5, 0.3, 0.2], [0.2, 0.2, 0.6]], (6, 1))
TARGET = np.tile([[0.1, 0.3, 0.6], [0.7, 0.2, 0.1]], (6, 1))
MADE = np.array([0, 2, 1, 2, 0, 1, 2, 0, 1, 2, 0, 2])
REWARD = np.array([1, 0, 1, 1, 0, 0, 1, 1, 0, 1, 1, 0], dtype=float)
PREDICTED = np.round(np.tile([[0.6, 0.5, 0.4], [0.3, 0.2, 0.7]], (6, 1)) + 0.01 * np.arange(12)[:, np.newaxis], 2)


@pytest.mark.parametrize(
    ("estimator", "parameter", "printed"),
    # Open Bandit Pipeline 0.5.7 on these twelve rows; its lambda_ is our parameter.
    [
        ("ips", None, 0.6861111111111109),
        ("clipped", 1.5, 0.39444444444444454),
        ("snips", None, 0.7647058823529412),
        ("dm", None, 0.44),
        ("dr", None, 0.716138888888889),
        ("sndr", None, 0.7477708978328174),
        ("switch", 1.5, 0.39738888888888896),
        ("dros", 2.0, 0.4576243005996176),
        ("dros", 10.0, 0.5537133335300082),
    ],
)
def test_all_shared_estimators_agree_on_a_small_log(estimator, parameter, printed):
    feedback = pd.DataFrame(
        {
            "offer_id": np.array(OFFERS)[MADE],
            "action_probability": LOGGING[np.arange(12), MADE],
            "reward": REWARD,
        }
    )
    modeled = estimator in ("dm", "dr", "sndr", "switch", "dros")
    given = {"predicted_rewards": PREDICTED} if modeled else {}
    # Some weights of this little log are large.
    found = evaluate(TARGET, feedback, estimator, offers=OFFERS, parameter=parameter, on_no_support="report", **given)
    assert found.value == pytest.approx(printed, rel=1e-14)


@pytest.mark.filterwarnings("ignore:lbfgs failed to converge")
def test_digits_as_decisions_as_published():
    # From the page of Open Bandit Pipeline: true value 0.9634340222575517, relative error of IPS 0.01827255896321327.
    images, labels = load_digits(return_X_y=True)
    known, later, known_labels, label = train_test_split(images, labels, test_size=0.7, random_state=12345)
    own = LogisticRegression(random_state=12345).fit(known, known_labels).predict(later)
    other = RandomForestClassifier(random_state=12345).fit(known, known_labels).predict(later)
    n = len(later)
    logging, target = np.full((n, 10), 0.02), np.zeros((n, 10))
    logging[np.arange(n), own] = 0.82
    target[np.arange(n), other] = 1.0
    uniform = np.random.RandomState(12345).uniform(size=n)
    made = (logging.cumsum(axis=1) > uniform[:, np.newaxis]).argmax(axis=1)
    feedback = pd.DataFrame(
        {"offer_id": made, "action_probability": logging[np.arange(n), made], "reward": (made == label).astype(float)}
    )
    truth = (other == label).mean()
    assert truth == pytest.approx(0.9634340222575517, rel=1e-15)
    offers = [str(digit) for digit in range(10)]
    error = {name: evaluate(target, feedback, name, offers=offers).value / truth - 1 for name in ("ips", "snips")}
    assert error["ips"] == pytest.approx(0.01827255896321327, abs=1e-14)
    assert -error["snips"] == pytest.approx(0.012773269808183886, abs=1e-14)

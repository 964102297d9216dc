from __future__ import annotations

import pickle
import zipfile
from io import BytesIO

import pandas as pd
import pytest

from nbo.batch.sent_model import SentModel
from nbo.errors import BundleError


def test_a_model_comes_back_from_its_bytes_once_in_a_process(model, X):
    sent = SentModel.of(model)
    again = pickle.loads(pickle.dumps(sent))
    pd.testing.assert_frame_equal(again.load().score_features(X), model.score_features(X))
    assert again.load() is sent.load()
    # The bytes of the files, and no object of nbo but the envelope.
    assert b"NextBestOffer" not in pickle.dumps(sent).replace(sent.files, b"")


def test_altered_files_are_refused(model):
    held = BytesIO()
    with zipfile.ZipFile(BytesIO(SentModel.of(model).files)) as old, zipfile.ZipFile(held, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name) + b" " * (name == "policy.json"))
    with pytest.raises(BundleError, match=r"1 files of .* are missing, altered or not its own, first policy.json"):
        SentModel(held.getvalue()).load()

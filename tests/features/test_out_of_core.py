"""An out-of-core build gives the bits of the build in memory, whatever happens on the way."""

import inspect

import pandas as pd
import pytest

import nbo.features
from nbo.features import FeatureBuilder, FeatureSet

KINDS = {
    name: kind
    for name in nbo.features.__all__
    if inspect.isclass(kind := getattr(nbo.features, name))
    and issubclass(kind, FeatureBuilder)
    and not inspect.isabstract(kind)
}
# Switches that make rows of other customers matter.
SWITCHES = ("household_size", "both_ends")


def _builders(name: str) -> list[FeatureBuilder]:
    """A builder as it is, and with each of its switches on."""
    kind = KINDS[name]
    switches = [switch for switch in SWITCHES if switch in inspect.signature(kind).parameters]
    return [kind(), *(kind(**{switch: True}) for switch in switches)]


def _same(left: pd.DataFrame, right: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(left, right, check_exact=True)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("partitions", [1, 3, 7])
@pytest.mark.parametrize("name", list(KINDS))
def test_all_builders_give_the_bits_of_memory(name, partitions, seed, tables_of, spine_of, tmp_path):
    tables, spine = tables_of(seed), spine_of(seed)
    tables.write(tmp_path / "tables")
    for number, builder in enumerate(_builders(name)):
        features = FeatureSet([builder])
        X = features.build(tables, spine)
        for how, source in (("held", tables), ("stored", tmp_path / "tables")):
            files = features.build(source, spine, tmp_path / f"{how}{number}", partitions=partitions)
            _same(files.read(), X)

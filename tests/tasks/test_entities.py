from __future__ import annotations

import random
import warnings
from pathlib import Path

import pytest
import seqeval.metrics
from hypothesis import given
from hypothesis import strategies as st
from seqeval.metrics.sequence_labeling import get_entities
from seqeval.scheme import BILOU

from ftkit.tasks.entities import entities, entity_metrics

SCHEMES = {
    "BIO": "BI",
    "IOB1": "BI",
    "IOE": "IE",
    "IOBES": "BIES",
}
TYPES = ("PER", "LOC", "a-b", "组织")


def tags_of(prefixes: str) -> st.SearchStrategy[list[str]]:
    one = st.one_of(
        st.just("O"), st.tuples(st.sampled_from(prefixes), st.sampled_from(TYPES)).map(lambda t: f"{t[0]}-{t[1]}")
    )
    return st.lists(one, max_size=14)


def seqeval_scores(predictions: list[list[str]], targets: list[list[str]]) -> dict[str, float]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of nothing found at all: it says that the score is set to 0
        return {
            "f1": seqeval.metrics.f1_score(targets, predictions, zero_division=0),
            "precision": seqeval.metrics.precision_score(targets, predictions, zero_division=0),
            "recall": seqeval.metrics.recall_score(targets, predictions, zero_division=0),
            "accuracy": seqeval.metrics.accuracy_score(targets, predictions),
        }


@pytest.mark.parametrize("scheme", SCHEMES)
@given(data=st.data())
def test_entities_of_any_sequence_are_those_of_seqeval(scheme: str, data: st.DataObject) -> None:
    tags = data.draw(tags_of(SCHEMES[scheme]))
    assert entities(tags) == set(get_entities(tags))


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("seed", range(5))
def test_entity_metrics_are_those_of_seqeval(scheme: str, seed: int) -> None:
    rng = random.Random(seed)
    known = ["O", *(f"{prefix}-{kind}" for prefix in SCHEMES[scheme] for kind in TYPES[:2])]
    targets = [rng.choices(known, k=rng.randrange(1, 12)) for _ in range(40)]
    predictions = [[tag if rng.random() < 0.8 else rng.choice(known) for tag in row] for row in targets]
    assert entity_metrics(predictions, targets) == pytest.approx(seqeval_scores(predictions, targets))


def test_the_conll_evaluation_file_scores_what_its_script_says(shared_data: Path) -> None:
    predictions: list[list[str]] = [[]]
    targets: list[list[str]] = [[]]
    for line in (shared_data / "conlleval" / "ground_truth.txt").read_text(encoding="utf-8").splitlines():
        cells = line.split()
        if cells:
            targets[-1].append(cells[-2])
            predictions[-1].append(cells[-1])
        elif targets[-1]:
            targets.append([])
            predictions.append([])
    found = entity_metrics(predictions, targets)
    assert {name: round(100 * found[name], 2) for name in ("precision", "recall", "f1")} == {
        "precision": 68.83,
        "recall": 80.83,
        "f1": 74.35,
    }


def spell(length: int, kind: str, single: str, begin: str, inside: str, end: str) -> list[str]:
    if length == 1:
        return [f"{single}-{kind}"]
    return [f"{begin}-{kind}", *[f"{inside}-{kind}"] * (length - 2), f"{end}-{kind}"]


LETTERS = {
    "BIO": "BBII",
    "BIOES": "SBIE",
    "BILOU": "UBIL",
    "BMES": "SBME",
    "BMESO": "SBME",
}


@pytest.mark.parametrize("scheme", LETTERS)
@pytest.mark.parametrize("seed", range(5))
def test_every_scheme_spells_the_same_entities(scheme: str, seed: int) -> None:
    rng = random.Random(seed)
    tags: list[str] = []
    expected = set()
    for _ in range(12):
        length, kind = rng.randrange(1, 5), rng.choice(TYPES)
        expected.add((kind, len(tags), len(tags) + length - 1))
        tags += spell(length, kind, *LETTERS[scheme])
        tags += ["O"] * rng.randrange(0, 2)
    assert entities(tags) == expected


@pytest.mark.parametrize("seed", range(5))
def test_bilou_is_read_as_seqeval_reads_it_in_its_strict_mode(seed: int) -> None:
    rng = random.Random(seed)
    tags: list[str] = []
    for _ in range(8):
        tags += spell(rng.randrange(1, 4), rng.choice(("PER", "LOC")), *LETTERS["BILOU"])
        tags += ["O"] * rng.randrange(0, 2)
    from seqeval.scheme import Entities

    found = {(e.tag, e.start, e.end - 1) for e in Entities([tags], BILOU).entities[0]}
    assert entities(tags) == found


def test_word_segmentation_tags_without_types_are_words() -> None:
    assert entities(["B", "E", "S", "B", "M", "E"]) == {("_", 0, 1), ("_", 2, 2), ("_", 3, 5)}


def test_no_sentence_at_all_scores_zero() -> None:
    assert entity_metrics([], []) == {"f1": 0.0, "precision": 0.0, "recall": 0.0, "accuracy": 0.0}

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

from ftkit.data.tokenise import IGNORED, Encoded
from ftkit.models.tiny import train_tokenizer
from ftkit.tasks import Measured, build_task
from ftkit.tasks.entities import entity_metrics
from ftkit.tasks.tagging import Tagging, split_sentence, splitting

LABELS = ("B-LOC", "B-PER", "I-PER", "O")
SENTENCES = [
    (("Marie", "Curie", "lives", "in", "Warsaw"), ("B-PER", "I-PER", "O", "O", "B-LOC")),
    (("Warsaw", "is", "unbelievable", "!"), ("B-LOC", "O", "O", "O")),
    (("李", "白", "在", "北", "京"), ("B-PER", "I-PER", "O", "B-LOC", "O")),
]
TEXT = [" ".join(tokens) for tokens, _ in SENTENCES]  # most words come once only, so that they are torn


def word_piece() -> Any:
    return train_tokenizer(token for line in TEXT for token in line.split())


def byte_level() -> Any:
    """A byte-level BPE as RoBERTa has, made to be given words: each begins with a space."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    tokenizer.decoder = decoders.ByteLevel()
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=300, special_tokens=special, initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator(TEXT, trainer)
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), add_prefix_space=True)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<s>",
        eos_token="</s>",
        pad_token="<pad>",
        unk_token="<unk>",
        cls_token="<s>",
        sep_token="</s>",
        add_prefix_space=True,
        clean_up_tokenization_spaces=False,
    )


EITHER = pytest.mark.parametrize("make", [word_piece, byte_level])


def task(metrics: Any = None) -> Tagging:
    return build_task("tagging", LABELS, metrics)  # type: ignore[return-value]


@EITHER
def test_each_token_is_labelled_once_at_its_first_sub_word(make: Callable[[], Any]) -> None:
    tokenizer = make()
    encoded = task().encode([t for t, _ in SENTENCES], [g for _, g in SENTENCES], tokenizer, 64)
    assert encoded.labels is not None
    assert encoded.words is not None
    longer = 0
    for (tokens, tags), ids, labels, words in zip(
        SENTENCES, encoded.input_ids, encoded.labels, encoded.words, strict=True
    ):
        # what each token becomes when the tokenizer is given it alone, without special tokens
        alone = tokenizer([[token] for token in tokens], is_split_into_words=True, add_special_tokens=False)
        pieces = alone["input_ids"]
        assert ids.tolist()[1:-1] == [i for piece in pieces for i in piece]
        starts = np.cumsum([1, *map(len, pieces)])[:-1]
        longer += sum(len(piece) > 1 for piece in pieces)
        assert np.flatnonzero(labels != IGNORED).tolist() == starts.tolist()
        assert [LABELS[labels[i]] for i in starts] == list(tags)
        assert words[starts].tolist() == list(range(len(tokens)))
        assert (np.delete(words, starts) == -1).all()
    assert longer > 3, "these sentences have no sub-words to test with"


@EITHER
def test_tokens_that_vanish_in_the_tokenizer_shift_no_label(make: Callable[[], Any]) -> None:
    tokens = ("Marie", "\u200b", " ", "\x00", "Warsaw", "")
    tags = ("B-PER", "O", "I-PER", "O", "B-LOC", "O")
    encoded = task().encode([tokens], [tags], make(), 64)
    assert encoded.labels is not None
    assert encoded.words is not None
    by_word = {int(w): LABELS[c] for w, c in zip(encoded.words[0], encoded.labels[0], strict=True) if w >= 0}
    assert by_word[0] == "B-PER"
    assert by_word[4] == "B-LOC"
    assert 5 not in by_word
    assert all(by_word[w] == tags[w] for w in by_word)


def logits_for(encoded: Any, tags: tuple[str, ...]) -> np.ndarray:
    """Logits that say these tags, at the positions where the tokens begin."""
    words = encoded.words[0]
    logits = np.zeros((len(words), len(LABELS)), np.float32)
    for position in np.flatnonzero(words >= 0):
        logits[position, LABELS.index(tags[words[position]])] = 5.0
    return logits


@EITHER
def test_a_sentence_over_the_limit_loses_its_end_which_counts_as_predicted_o(make: Callable[[], Any]) -> None:
    tokens, tags = SENTENCES[0]
    tokenizer = make()
    encoded = task().encode([tokens], [tags], tokenizer, 4)
    assert encoded.n_truncated == 1
    assert len(encoded.input_ids[0]) == 4
    logits = logits_for(encoded, tags)
    seen = sorted({int(w) for w in encoded.words[0] if w >= 0})
    shown = tuple(tag if i in seen else "O" for i, tag in enumerate(tags))
    assert len(seen) < len(tags)
    assert task().metrics(Measured(0.0, 1, [logits.argmax(-1)]), encoded) == entity_metrics([shown], [tags])
    found = task().decode(logits, encoded, 0, tokens)
    assert found.tags == shown
    assert [c == 0.0 for c in found.confidences] == [i not in seen for i in range(len(tags))]


@EITHER
def test_right_answers_everywhere_score_one(make: Callable[[], Any]) -> None:
    encoded = task().encode([t for t, _ in SENTENCES], [g for _, g in SENTENCES], make(), 64)
    assert encoded.labels is not None
    predicted = [np.maximum(labels, 0) for labels in encoded.labels]
    assert task().metrics(Measured(0.0, 1, predicted), encoded) == {
        "f1": 1.0,
        "precision": 1.0,
        "recall": 1.0,
        "accuracy": 1.0,
    }


def test_a_metric_of_the_user_is_given_lists_of_tags() -> None:
    seen: list[Any] = []
    encoded = task().encode([SENTENCES[0][0]], [SENTENCES[0][1]], word_piece(), 64)
    mine = task({"mine": lambda p, t: float(not seen.append((p, t)))})
    found = mine.metrics(Measured(0.0, 1, [np.maximum(encoded.labels[0], 0)]), encoded)  # type: ignore[index]
    assert seen == [([list(SENTENCES[0][1])], [list(SENTENCES[0][1])])]
    assert list(found) == ["f1", "precision", "recall", "accuracy", "mine"]


def test_the_baseline_gives_every_token_the_commonest_training_tag() -> None:
    targets = [g for _, g in SENTENCES]
    validation = [("O", "O", "B-PER")]
    found = task().baseline(Encoded([], None, 0, targets=targets), Encoded([], None, 0, targets=validation))
    assert found == entity_metrics([("O", "O", "O")], validation)


def test_the_loss_is_summed_over_labelled_positions_alone() -> None:
    logits = torch.randn(2, 3, 4, generator=torch.Generator().manual_seed(0))
    labels = torch.tensor([[1, IGNORED, 3], [IGNORED, IGNORED, 0]])
    logs = logits.log_softmax(-1)
    expected = -(logs[0, 0, 1] + logs[0, 2, 3] + logs[1, 2, 0])
    assert task().loss(logits, labels, 0.0).item() == pytest.approx(expected.item(), rel=1e-6)
    assert task().count(labels) == 3


def test_label_smoothing_spreads_over_labelled_positions_alone() -> None:
    logits = torch.randn(1, 3, 4, generator=torch.Generator().manual_seed(0))
    labels = torch.tensor([[1, IGNORED, 3]])
    kept, of = logits[0, [0, 2]], labels[0, [0, 2]]
    expected = torch.nn.functional.cross_entropy(kept, of, label_smoothing=0.2, reduction="sum")
    assert task().loss(logits, labels, 0.2).item() == pytest.approx(expected.item(), rel=1e-6)


def test_a_sentence_without_tokens_is_encoded_and_decoded_to_none() -> None:
    encoded = task().encode([()], [()], word_piece(), 64)
    assert encoded.labels is not None
    assert (encoded.labels[0] == IGNORED).all()
    found = task().decode(np.zeros((2, 4), np.float32), encoded, 0, ())
    assert (found.tags, found.entities) == ((), [])


def test_entities_of_a_prediction_come_in_order() -> None:
    encoded = task().encode([SENTENCES[0][0]], None, word_piece(), 64)
    found = task().decode(logits_for(encoded, SENTENCES[0][1]), encoded, 0, SENTENCES[0][0])
    assert found.entities == [("PER", 0, 1), ("LOC", 4, 4)]


@pytest.mark.parametrize(
    ("sentence", "tokens"),
    [
        ("李白去北京。", ("李", "白", "去", "北", "京", "。")),
        ("I can't, 2023年!", ("I", "can't", ",", "2023", "年", "!")),
        ("  a\tb\n", ("a", "b")),
        ("𠮷野家", ("𠮷", "野", "家")),
        ("", ()),
        ("café naïve", ("café", "naïve")),
    ],
)
def test_a_plain_sentence_is_split_as_tagged_files_are(sentence: str, tokens: tuple[str, ...]) -> None:
    assert split_sentence(sentence) == tokens


def test_sentences_for_a_model_of_characters_are_split_into_characters() -> None:
    how = splitting([("李", "白", "1", "2", "日"), ("去", "北", "京")])
    assert how == "characters"
    assert split_sentence("12日 去NY", how) == ("1", "2", "日", "去", "N", "Y")
    assert splitting([("看似", "简单", "，")]) == "words"
    assert splitting([("I", "a", "b")]) == "words"

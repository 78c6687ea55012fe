"""Small tokenizers of many kinds, built without a download: what characters.py must agree with."""

from __future__ import annotations

from collections.abc import Callable

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast

from ftkit.models import tiny, tiny_writer

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
CHINESE = (
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过，。！？、：；《》“”"
)
LATIN = ["the", "cat", "##s", "##a", "a", "b", "##b", "e", "##e", "1", "##1", "2", "!", ",", ".", "'", "ab", "é", "İ"]
TEXTS = ["我爱北京 the cat sat, on the mat.", "他们在中国，说：“你好！” 12 cats"] * 3


def wrapped(backend: Tokenizer, marks: bool = True) -> PreTrainedTokenizerFast:
    """A transformers tokenizer around one of the library's, with BERT's marks before and after a text."""
    if marks:
        ids = [(token, backend.token_to_id(token)) for token in ("[CLS]", "[SEP]")]
        backend.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=ids)
    pad, unknown, cls, sep, mask = SPECIAL
    return PreTrainedTokenizerFast(
        tokenizer_object=backend, pad_token=pad, unk_token=unknown, cls_token=cls, sep_token=sep, mask_token=mask
    )


def bert(lowercase: bool = True, strip_accents: bool | None = None) -> PreTrainedTokenizerFast:
    """A WordPiece of Chinese characters and a few English pieces, as bert-base-chinese is."""
    words = dict.fromkeys([*SPECIAL, *LATIN, *CHINESE, *(f"##{c}" for c in CHINESE[:9]), "A", "É", "豈", "𠀀"])
    backend = Tokenizer(models.WordPiece({word: i for i, word in enumerate(words)}, unk_token="[UNK]"))
    backend.normalizer = normalizers.BertNormalizer(lowercase=lowercase, strip_accents=strip_accents)
    backend.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return wrapped(backend)


def by_character(pattern: object = "", normalizer: object = None, marks: bool = True) -> PreTrainedTokenizerFast:
    """A word-level tokenizer whose words are single characters."""
    words = dict.fromkeys([*SPECIAL, *CHINESE, *"abcAé12 \n!,.', ﬁ", "\n\n"])
    backend = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, unk_token="[UNK]"))
    backend.pre_tokenizer = pre_tokenizers.Split(pattern, "isolated")
    if normalizer is not None:
        backend.normalizer = normalizer
    return wrapped(backend, marks)


def bpe_by_character() -> PreTrainedTokenizerFast:
    """A BPE without merges behind a pre-tokenizer that isolates characters."""
    words = {word: i for i, word in enumerate(dict.fromkeys([*SPECIAL, *CHINESE, *"abc12 !"]))}
    backend = Tokenizer(models.BPE(words, [], unk_token="[UNK]", fuse_unk=True))
    backend.pre_tokenizer = pre_tokenizers.Split(Regex("."), "isolated")
    return wrapped(backend)


def by_word(cutter: object) -> PreTrainedTokenizerFast:
    """A word-level tokenizer of whole words."""
    words = dict.fromkeys([*SPECIAL, *["the", "cat", "sat", "a", "b", "1", "!", "的", "我"]])
    backend = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, unk_token="[UNK]"))
    backend.normalizer = normalizers.Sequence([normalizers.NFD(), normalizers.StripAccents(), normalizers.Lowercase()])
    backend.pre_tokenizer = cutter
    return wrapped(backend)


def with_words_added() -> PreTrainedTokenizerFast:
    """BERT's with tokens that were added: one is looked for in the normalised text, one strips what stands beside."""
    from tokenizers import AddedToken

    tokenizer = bert()
    tokenizer.add_tokens([AddedToken("Ça-va", normalized=True), AddedToken("<的>", lstrip=True, rstrip=True)])
    tokenizer.add_tokens([AddedToken("中国", single_word=True)])
    return tokenizer


KNOWN: dict[str, Callable[[], PreTrainedTokenizerFast]] = {
    "bert": bert,
    "bert cased": lambda: bert(lowercase=False),
    "bert with accents": lambda: bert(lowercase=True, strip_accents=False),
    "bert cased without accents": lambda: bert(lowercase=False, strip_accents=True),
    "bert with added words": with_words_added,
    "tiny": lambda: tiny.train_tokenizer(TEXTS),
    "tiny writer": lambda: tiny_writer.train_tokenizer(TEXTS),
    "characters": by_character,
    "characters by regex": lambda: by_character(Regex("")),
    "characters by dot": lambda: by_character(Regex(".")),
    "characters without marks": lambda: by_character(marks=False),
    "characters in lower case": lambda: by_character(normalizer=normalizers.Lowercase()),
    "characters, NFD": lambda: by_character(normalizer=normalizers.NFD()),
    "characters, NFKC": lambda: by_character(normalizer=normalizers.NFKC()),
    "characters, NFC and lower case": lambda: by_character(
        normalizer=normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
    ),
    "characters, replaced": lambda: by_character(normalizer=normalizers.Replace("。", ".!")),
    "BPE by character": bpe_by_character,
    "words between spaces": lambda: by_word(pre_tokenizers.WhitespaceSplit()),
    "words and marks": lambda: by_word(pre_tokenizers.Whitespace()),
    "words, marks, digits": lambda: by_word(
        pre_tokenizers.Sequence(
            [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Punctuation(), pre_tokenizers.Digits(True)]
        )
    ),
}

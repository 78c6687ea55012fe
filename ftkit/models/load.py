"""From a name to a model and its tokenizer: `"tiny"`, a folder or a hub name. Safetensors only, no remote code."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ftkit.errors import FtkitError, ModelError, did_you_mean
from ftkit.i18n import text
from ftkit.models.tokens import complete_tokenizer as complete_tokenizer
from ftkit.models.tokens import end_was_added, tell_ends

if TYPE_CHECKING:
    from torch import nn
    from transformers import PreTrainedTokenizerBase

EMBEDDED = ("tiny",)
WRITING_HEADS = ("AutoModelForCausalLM", "AutoModelForSeq2SeqLM")
_HUB_NAME = re.compile(r"[\w.-]+(/[\w.-]+)?", re.ASCII)
# Position embeddings that begin after the padding id hold two tokens fewer than they have rows.
_OFFSET_POSITIONS = (
    *("camembert", "data2vec-text", "longformer", "mpnet", "roberta", "roberta-prelayernorm"),
    *("xlm-roberta", "xlm-roberta-xl", "xmod"),
)
# LED has two limits of its own
_READ = ("max_encoder_position_embeddings", "max_position_embeddings")
_WRITTEN = ("max_decoder_position_embeddings", "max_position_embeddings")
_UNSAID = 1_000_000  # a tokenizer that knows no limit gives a number beyond this


@dataclass(frozen=True)
class Source:
    """Where a model comes from: ``kind`` is ``"tiny"``, ``"folder"`` or ``"hub"``, ``name`` a path or hub name."""

    kind: Literal["tiny", "folder", "hub"]
    name: str


def find_model(name: str | os.PathLike[str], *, pretrained: bool = True) -> Source:
    """Returns where the model of that name comes from. Loads nothing and asks no network.

    Args:
        name: ``"tiny"``, a folder that `save_pretrained` wrote, or a hub name such as ``"org/model"``.
        pretrained: False if a folder's weights will not be used, so that they need not be there.

    Raises:
        ModelError: If it is a folder without a model, a folder that does not exist, or no possible name.
    """
    named: object = os.fspath(name) if isinstance(name, os.PathLike) else name
    if not isinstance(named, str) or not named:
        raise ModelError(text("runs.model_no_folder", name=named, cwd=Path.cwd()))
    if named in EMBEDDED:
        return Source("tiny", named)
    try:
        folder = Path(named).expanduser()
    except RuntimeError:  # ~nobody
        folder = Path(named)
    if folder.is_dir():
        _check_folder(folder, pretrained)
        return Source("folder", str(folder.resolve()))
    looks_like_path = named.startswith((".", "~", os.sep)) or "\\" in named or folder.is_absolute() or folder.exists()
    if looks_like_path or not _HUB_NAME.fullmatch(named):
        raise ModelError(text("runs.model_no_folder", name=named, cwd=Path.cwd()))
    close = did_you_mean(named, EMBEDDED) if "/" not in named else ""
    if close or named == "mini":
        raise ModelError(text("runs.model_unknown", name=named, close=close or "tiny"))
    return Source("hub", named)


def _check_folder(folder: Path, pretrained: bool) -> None:
    if not (folder / "config.json").is_file():
        if (folder / "adapter_config.json").is_file():
            raise ModelError(text("models.adapter_folder", folder=folder, base=_base_of(folder)))
        raise ModelError(text("runs.model_no_config", folder=folder))
    if pretrained and not any(folder.glob("*.safetensors")):
        pickles = sorted(p.name for p in folder.glob("*.bin")) + sorted(p.name for p in folder.glob("*.pt"))
        key = "runs.model_pickle" if pickles else "runs.model_no_weights"
        raise ModelError(text(key, folder=folder, found=", ".join(pickles)))


def _base_of(folder: Path) -> str:
    """Returns the name of the model that an adapter folder belongs to, as far as it can be read."""
    try:
        named = json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))["base_model_name_or_path"]
    except (OSError, ValueError, KeyError, TypeError):
        named = None
    return str(named or "?")


def load_tokenizer(
    source: Source,
    texts: Iterable[str],
    pretokenised: bool = False,
    *,
    head: str = "AutoModelForSequenceClassification",
) -> PreTrainedTokenizerBase:
    """Returns the tokenizer of a model, or one trained on `texts` for ``"tiny"``.

    Args:
        source: From `find_model`.
        texts: What a new tokenizer is trained on; not touched otherwise.
        pretokenised: Whether it will be given lists of words: byte-level BPE needs to know.
        head: The name of the transformers Auto class that it is for. A model that writes needs a tokenizer that loses
            nothing; `complete_tokenizer` sets what its tokenizer lacks, and says so.

    Raises:
        ModelError: If there is no fast tokenizer to load.
    """
    if source.kind == "tiny":
        from ftkit.models import tiny, tiny_writer

        return tiny_writer.train_tokenizer(texts) if head in WRITING_HEADS else tiny.train_tokenizer(texts)
    from tokenizers.pre_tokenizers import ByteLevel
    from transformers import AutoTokenizer

    local = source.kind == "folder"
    extra = {"add_prefix_space": True} if pretokenised else {}  # byte-level BPE: a word as within a sentence
    try:
        tokenizer = AutoTokenizer.from_pretrained(source.name, local_files_only=local, trust_remote_code=False, **extra)
    except Exception as error:  # the library's many: OSError, ValueError, KeyError, …
        key = "runs.model_tokenizer" if local else "runs.model_load"
        raise ModelError(text(key, name=source.name, error=_first_line(error))) from error
    if len(tokenizer) <= len(tokenizer.all_special_ids):  # without files the library makes up an empty one
        raise ModelError(text("runs.model_empty_tokenizer", name=source.name))
    if not tokenizer.is_fast:
        raise ModelError(text("runs.model_slow_tokenizer", name=source.name))
    if tokenizer.pad_token_id is None and head not in WRITING_HEADS:
        tokenizer.pad_token = tokenizer.eos_token or tokenizer.unk_token
    step = tokenizer.backend_tokenizer.pre_tokenizer
    if pretokenised and isinstance(step, ByteLevel):
        step.add_prefix_space = True  # the library's plain class takes it and does nothing with it
    return tokenizer


def is_encoder_decoder(source: Source) -> bool:
    """Returns whether a model reads one text and writes another, so that ``AutoModelForSeq2SeqLM`` is its head."""
    if source.kind == "tiny":
        return False
    try:
        return bool(getattr(_config(source), "is_encoder_decoder", False))
    except Exception:  # build_model meets the same fault and says what it is
        return False


def _config(source: Source, **names: Any) -> Any:
    import transformers

    local = source.kind == "folder"
    return transformers.AutoConfig.from_pretrained(
        source.name, local_files_only=local, trust_remote_code=False, **names
    )


def head_order(source: Source, labels: Sequence[str]) -> tuple[str, ...]:
    """Returns the labels in the order of the model's own head, if it has one for just these; else as they are.

    A head that knows ``("pos", "neg")`` would start with every answer swapped if it were read as ``("neg", "pos")``.
    """
    if source.kind == "tiny":
        return tuple(labels)
    try:
        config = _config(source)
        own = tuple(config.id2label[i] for i in range(config.num_labels))
    except Exception:  # build_model meets the same fault and says what it is
        return tuple(labels)
    return own if sorted(own) == sorted(labels) else tuple(labels)


def build_model(
    source: Source,
    tokenizer: PreTrainedTokenizerBase,
    head: str,
    labels: Sequence[str],
    *,
    pretrained: bool = True,
    dropout: float | None = None,
    settings: Mapping[str, Any] | None = None,
) -> nn.Module:
    """Returns a model with the task's head, its labels in its config. Draws from torch's global generator.

    A model that writes knows where texts end (``eos_token_id``), and an encoder-decoder where its answers start
    (``decoder_start_token_id``), from the tokenizer where its config does not say.

    Args:
        source: From `find_model`.
        tokenizer: From `load_tokenizer`, completed.
        head: The name of a transformers Auto class, such as ``"AutoModelForTokenClassification"``.
        labels: The classes, in the order of the model's outputs; none for language models.
        pretrained: False keeps the architecture and starts from random weights.
        dropout: Sets every dropout rate of the architecture; None leaves them.
        settings: What the task puts into the model's config besides, such as ``problem_type``.

    Raises:
        ModelError: If the weights cannot be loaded, the architecture has no such head, or sees the words it should
            predict.
        SettingError: If `dropout` is given and the architecture has none.
    """
    import transformers

    from ftkit.models.checks import check_class, check_looks_back
    from ftkit.models.dropout import set_dropout

    ids = {label: i for i, label in enumerate(labels)}
    names: dict[str, Any] = {"id2label": dict(enumerate(labels)), "label2id": ids} if labels else {}
    names |= settings or {}
    auto = getattr(transformers, head)
    try:
        config: Any = _tiny_config(tokenizer, head, names) if source.kind == "tiny" else _config(source, **names)
        check_class(source.name, config, head)
        pad = tokenizer.pad_token_id
        tell_pad = config.pad_token_id is None and not (
            head in WRITING_HEADS and pad == tokenizer.eos_token_id
        )  # an embedding that fills up is not learnt, and the end token's should be
        if tell_pad and pad is not None and pad < getattr(config, "vocab_size", pad):
            config.pad_token_id = pad
        if dropout is not None:
            set_dropout(config, dropout)
        with quiet_transformers():
            if source.kind == "tiny" or not pretrained:
                model: Any = auto.from_config(config, dtype="float32")  # else in the config's own, such as bf16
            else:
                model, info = auto.from_pretrained(
                    source.name,
                    config=config,
                    local_files_only=source.kind == "folder",
                    trust_remote_code=False,
                    use_safetensors=True,
                    ignore_mismatched_sizes=True,  # another number of labels: a new head
                    dtype="float32",
                    output_loading_info=True,
                )
                model.new_weights = tuple(sorted(info["missing_keys"]))  # drawn at random: adapters train them whole
                _let_go(model)
            _make_room(model, tokenizer, source)
        if tell_pad:
            model.config.pad_token_id = pad
        if head in WRITING_HEADS:
            tell_ends(model, tokenizer)
        if head == "AutoModelForCausalLM":
            check_looks_back(source.name, model, config, len(tokenizer))
    except (FtkitError, MemoryError):
        raise
    except Exception as error:  # the library's many, and safetensors' own
        raise ModelError(text("runs.model_load", name=source.name, error=_first_line(error))) from error
    built: nn.Module = model
    return built


def _let_go(model: Any) -> None:
    """Copies weights out of the file that they are mapped from: whatever becomes of it, they stay as they are."""
    for tensor in [*model.parameters(), *model.buffers()]:
        tensor.data = tensor.data.clone()


def _tiny_config(tokenizer: Any, head: str, names: dict[str, Any]) -> Any:
    from ftkit.models import tiny, tiny_writer

    return tiny_writer.writer_config(tokenizer) if head in WRITING_HEADS else tiny.tiny_config(tokenizer, **names)


def _make_room(model: Any, tokenizer: PreTrainedTokenizerBase, source: Source) -> None:
    """Adds embeddings for tokens that were added to the tokenizer; a tokenizer of another model is an error."""
    rows = model.get_input_embeddings().weight.shape[0]
    if tokenizer.vocab_size > rows:
        raise ModelError(text("runs.model_vocabulary", name=source.name, tokens=len(tokenizer), rows=rows))
    if len(tokenizer) > rows:
        model.resize_token_embeddings(len(tokenizer))
    if end_was_added(tokenizer):
        model.new_token_ids = (tokenizer.eos_token_id,)  # nothing pretrained: adapters must train these rows


@contextmanager
def quiet_transformers() -> Iterator[None]:
    """Keeps transformers from printing into the user's cell: bars, and the table of new head weights, as expected."""
    from transformers.utils import logging

    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()  # type: ignore[no-untyped-call]


def model_limit(tokenizer: PreTrainedTokenizerBase, config: Any) -> int:
    """Returns the most tokens, special ones included, that the model can take; at most 8192 are ever used.

    Encoder-decoders without positions of their own (T5) take what the tokenizer says, else the 512 they were made with.
    """
    limit = min(tokenizer.model_max_length, 8192)
    positions = [n for n in (position_limit(config, _READ), position_limit(config)) if n is not None]
    if positions:
        limit = min(limit, *positions)
    elif getattr(config, "is_encoder_decoder", False) and tokenizer.model_max_length > _UNSAID:
        limit = 512
    return int(limit)


def position_limit(config: Any, names: Sequence[str] = _WRITTEN) -> int | None:
    """Returns how many tokens a model has positions for, a decoder's prompt included; None if it counts none (T5).

    Args:
        config: Of the model.
        names: The fields that say so, the first that is there counts: of what is written, unless others are named.
    """
    found = [getattr(config, name, None) for name in names]
    limits = [n for n in found if isinstance(n, int) and n > 0]
    offset = 2 if getattr(config, "model_type", "") in _OFFSET_POSITIONS else 0
    return limits[0] - offset if limits else None


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
